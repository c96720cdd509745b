"""What the ``trato`` command asks about workspaces and people; it acts for the operator, who may see them all."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator

from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.models import Role, Workspace


def any_workspace() -> bool:
    """Whether there is a workspace at all."""
    return Workspace.objects.exists()


def workspace_slugs(most: int = 20) -> list[str]:
    """The addresses of the workspaces, in order."""
    return list(Workspace.objects.order_by("slug").values_list("slug", flat=True)[:most])


def role_names(workspace: Workspace) -> list[str]:
    """The roles of a workspace, in order."""
    with in_workspace(workspace.id):
        return list(Role.objects.order_by("name").values_list("name", flat=True))


def factors_of(user_id: Any, kind: str) -> int:
    """How many second factors of a kind a person has."""
    return Authenticator.objects.filter(user_id=user_id, type=kind).count()
