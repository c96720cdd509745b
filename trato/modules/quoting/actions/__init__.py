"""Writes of quotes that have a name of their own."""

from . import answering, approving, keeping, sending, versions
from .keeping import change_settings, expire

__all__ = ["answering", "approving", "change_settings", "expire", "keeping", "sending", "versions"]
