"""``trato secrets rotate``."""

from __future__ import annotations

import argparse

from django.conf import settings

from ..actions import change_keys
from .terminal import say


def rotate(arguments: argparse.Namespace) -> None:
    """Seals every secret in the database by a new key, while Trato runs or not, and forgets the old key."""
    say(f"Sealed by a new key: {change_keys(settings.DATA)}. Backups of the database from before need the old file.")
