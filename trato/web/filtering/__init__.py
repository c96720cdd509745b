"""Filters as people see them: in words, and as a builder that shows and changes any tree the language knows."""

from .asked import Asked, in_form
from .builder import Builder, builder
from .trees import parts, whole
from .words import describe, refs

__all__ = ["Asked", "Builder", "builder", "describe", "in_form", "parts", "refs", "whole"]
