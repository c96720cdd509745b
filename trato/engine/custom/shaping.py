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
    workspace = actor.workspace
    Workspace.objects.filter(id=workspace.id).update(fields_version=secrets.randbelow(2**31 - 1) + 1)
    workspace.refresh_from_db(fields=["fields_version"])
    note(VERSION, workspace.fields_version)
