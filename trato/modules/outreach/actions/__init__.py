"""Writes of outreach that have a name of their own."""

from . import calling, promises, sequences

__all__ = ["calling", "promises", "sequences"]
