"""Writes of outreach that have a name of their own."""

from . import answers, calling, mailings, promises, sequences

__all__ = ["answers", "calling", "mailings", "promises", "sequences"]
