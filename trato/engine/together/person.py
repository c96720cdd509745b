"""Whose notifications, follows and reminders these are."""

from __future__ import annotations

from uuid import UUID

from .. import access
from ..workspaces.actors import Actor


def person(actor: Actor) -> UUID:
    """The person who acts; raises Forbidden for Trato itself, which follows nothing and is told nothing."""
    if actor.user_id is None:
        raise access.Forbidden("notifications", "change")
    return actor.user_id
