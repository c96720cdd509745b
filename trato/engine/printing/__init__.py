"""Documents on paper: templates and data become PDFs on the workspace's letterhead, and are sealed (ADR 0022)."""

from .letters import pdf, speaks
from .seals import attach, seal

__all__ = ["attach", "pdf", "seal", "speaks"]
