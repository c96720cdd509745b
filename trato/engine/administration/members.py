"""Who is in the workspace, with which role."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.models import Identity, Membership, Role, TeamMember, Token
from .base import record, require


def members(actor: Actor) -> list[Membership]:
    """Everybody who is in the workspace, with ``user`` and ``role``, by name."""
    rows = Membership.objects.filter(is_active=True).select_related("user", "role")
    return list(rows.order_by("user__name", "user__email"))


def teams_of_members() -> dict[UUID, list[str]]:
    """The names of the teams by person."""
    found: dict[UUID, list[str]] = {}
    for user_id, name in TeamMember.objects.order_by("team__name").values_list("user_id", "team__name"):
        found.setdefault(user_id, []).append(name)
    return found


def _membership(membership_id: Any) -> Membership:
    rows = Membership.objects.select_for_update(of=("self",)).filter(id=access.as_uuid(membership_id), is_active=True)
    found = rows.select_related("user", "role").first()
    if found is None:
        raise access.Absent(str(membership_id))
    return found


def _keep_one_administrator(leaving: Membership) -> None:
    """A workspace is never left without an administrator; their rows are locked, so that two can't leave at once."""
    admins = Membership.objects.select_for_update(of=("self",)).filter(is_active=True, role__is_admin=True)
    if leaving.role.is_admin and not [one for one in admins if one.id != leaving.id]:
        raise Refused([Problem("role", "last", _("A workspace needs at least one administrator."))])


def change_role(actor: Actor, membership_id: Any, role_id: Any) -> Membership:
    """Give a member another role; raises Absent, Refused for the last administrator."""
    require(actor)
    found = _membership(membership_id)
    role = Role.objects.filter(id=access.as_uuid(role_id)).first()
    if role is None:
        raise access.Absent(str(role_id))
    if not role.is_admin:
        _keep_one_administrator(found)
    if role.id != found.role_id:
        Membership.objects.filter(id=found.id).update(role=role)
        record(actor, "members", found.id, "updated", {"role": (found.role.name, role.name)})
    return found


def remove_member(actor: Actor, membership_id: Any) -> Membership:
    """Take a person out of the workspace, its teams, sign-in and tokens; their records stay. Raises Absent, Refused."""
    require(actor)
    found = _membership(membership_id)
    _keep_one_administrator(found)
    Membership.objects.filter(id=found.id).update(is_active=False)
    TeamMember.objects.filter(user_id=found.user_id).delete()
    Identity.objects.filter(user_id=found.user_id).delete()
    Token.objects.filter(user_id=found.user_id, revoked_at=None).update(revoked_at=timezone.now())
    record(actor, "members", found.id, "deleted", {"name": (str(found.user), None)})
    return found
