"""What only administrators decide: who is one, and the line of history that every such decision leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from .models import HistoryEntry
from .postgres.notices import RIGHTS, notify
from .workspaces.actors import Actor
from .workspaces.ids import uuid7


class NotAdministrator(PermissionError):
    """Only administrators shape the workspace."""


def require(actor: Actor) -> None:
    """Raise NotAdministrator unless the actor is one."""
    if not actor.rights.admin:
        raise NotAdministrator


def record(actor: Actor, what: str, record_id: UUID, action: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
    """One line of history about something that is no record: a member, a role, a team, a token, a field, the workspace.

    It may change what somebody is allowed, so whoever has their rights in mind is told.
    """
    HistoryEntry.objects.create(
        object=what,
        record_id=record_id,
        action=action,
        actor_kind=actor.kind,
        actor_id=actor.user_id,
        actor_name=actor.name,
        face=actor.face,
        source=actor.source,
        changes={name: list(pair) for name, pair in changes.items()},
        batch_id=uuid7(),
    )
    notify(actor.workspace.id, RIGHTS)
