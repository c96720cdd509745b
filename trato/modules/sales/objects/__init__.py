"""What leads, deals and what they need are called, and how they are laid out."""

from . import deals, leads, ways

__all__ = ["deals", "leads", "ways"]
