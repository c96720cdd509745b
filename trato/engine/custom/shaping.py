"""How everybody learns that a workspace was shaped anew."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ..decisions import record, require
from ..postgres.scope import note
from ..workspaces.actors import VERSION, Actor
from ..workspaces.models import Workspace

#: What the history calls fields of a workspace's own.
FIELDS = "custom-fields"


def alone(actor: Actor) -> None:
    """Wait until nobody else shapes the workspace, and keep others waiting until the transaction ends.

    Raises NotAdministrator.
    """
    require(actor)
    Workspace.objects.select_for_update(no_key=True).get(id=actor.workspace.id)


def changed(actor: Actor) -> None:
    """Make every process read fields, objects and what hangs on them anew.

    The version is drawn, not counted: one that was rolled back never comes again.
    """
    Workspace.objects.filter(id=actor.workspace.id).update(fields_version=secrets.randbelow(2**31 - 1) + 1)
    settled(actor)


def decided(
    actor: Actor, what: str, row_id: UUID, action: str, changes: Mapping[str, tuple[Any, Any]] | None = None
) -> None:
    """Write down what was decided of a field or an object, and let everybody know."""
    record(actor, what, row_id, action, changes or {})
    changed(actor)


def settled(actor: Actor) -> None:
    """Know fields and objects as the database has them now: after a change, and after one that was taken back."""
    actor.workspace.refresh_from_db(fields=["fields_version"])
    note(VERSION, actor.workspace.fields_version)


def differing(before: Mapping[str, Any], row: Any) -> dict[str, tuple[Any, Any]]:
    """What a row says otherwise than before."""
    return {name: (old, getattr(row, name)) for name, old in before.items() if old != getattr(row, name)}
