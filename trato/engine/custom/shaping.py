"""Who shapes a workspace, and how everybody learns of it."""

from __future__ import annotations

import secrets

from ..postgres.scope import note
from ..workspaces.actors import VERSION, Actor
from ..workspaces.models import Workspace


class NotAdministrator(PermissionError):
    """Only administrators shape the workspace."""


def administrator(actor: Actor) -> None:
    """Raise NotAdministrator unless the actor is one."""
    if not actor.rights.admin:
        raise NotAdministrator


def changed(actor: Actor) -> None:
    """Make every process read fields and objects anew.

    The version is drawn, not counted: one that was rolled back never comes again.
    """
    Workspace.objects.filter(id=actor.workspace.id).update(fields_version=secrets.randbelow(2**31 - 1) + 1)
    settled(actor)


def settled(actor: Actor) -> None:
    """Know fields and objects as the database has them now: after a change, and after one that was taken back."""
    actor.workspace.refresh_from_db(fields=["fields_version"])
    note(VERSION, actor.workspace.fields_version)
