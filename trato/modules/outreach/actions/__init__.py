"""Writes of outreach that have a name of their own."""

from . import calling, mailings, promises, sequences

__all__ = ["calling", "mailings", "promises", "sequences"]
