"""Looking at a workspace with the rights of a role or of a person, to see what they see. It writes nothing but that it
was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import access
from ..workspaces.actors import Actor, as_person, as_role
from ..workspaces.models import Membership, Role
from .base import record, require

#: What one looks as: a role, or a member of the workspace.
WHAT = ("roles", "members")


def look(actor: Actor, what: str, chosen: Any) -> dict[str, str]:
    """What to keep in the session of an administrator who begins to look: as a role (``roles``) or as a member
    (``members``), named by id. Raises Absent.
    """
    require(actor)
    if what not in WHAT:
        raise access.Absent(what[:80])
    looking = {"workspace": str(actor.workspace.id), what: str(chosen)}
    seen = looked_at(actor, looking)
    if seen is None:
        raise access.Absent(str(chosen))
    record(actor, what, access.as_uuid(chosen), "looked as", {"name": (None, seen[1])})
    return looking


def looked_at(admin: Actor, looking: Mapping[str, str]) -> tuple[Actor, str] | None:
    """The actor to look as, and what to call them; None where this is another workspace, ``admin`` is no administrator
    (any more), or the role or member is gone.
    """
    if not admin.rights.admin or admin.looking or looking.get("workspace") != str(admin.workspace.id):
        return None
    if "roles" in looking:
        role = Role.objects.filter(id=_id(looking["roles"])).first()
        return (as_role(admin, role), str(role)) if role else None
    rows = Membership.objects.filter(id=_id(looking.get("members", "")), is_active=True).select_related("user")
    member = rows.first()
    actor = as_person(admin, member.user) if member else None
    return (actor, actor.name) if actor else None


def end(admin: Actor, looking: Mapping[str, str]) -> None:
    """Write into the history that an administrator looks no longer."""
    for what in WHAT:
        if what in looking:
            record(admin, what, access.as_uuid(looking[what]), "looked no longer as", {})


def _id(text: str) -> Any:
    try:
        return access.as_uuid(text)
    except access.Absent:
        return None
