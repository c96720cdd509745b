"""Writes of offers: finding them at night, and answering them."""

from .answering import accept, dismiss
from .finding import find

__all__ = ["accept", "dismiss", "find"]
