"""What administrators decide: who is in the workspace, which roles and teams there are, and the workspace itself.

Every function raises NotAdministrator for anyone else, and writes an entry of the history of the thing it changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from . import access, objects
from .decisions import record, require
from .values import Problem, Refused
from .workspaces.actors import SCOPES, VERBS, Actor
from .workspaces.models import Membership, Role, Team, TeamMember, Token, Workspace

LEVELS = ("write", "read", "hidden")


def _text(given: Mapping[str, Any], name: str, longest: int) -> str:
    text = " ".join(str(given.get(name) or "").split())
    if not text:
        raise Refused([Problem(name, "required", _("Fill in this field."))])
    if len(text) > longest or "\0" in text:
        raise Refused([Problem(name, "too_long", _("At most %(n)s characters.") % {"n": longest})])
    return text


def _taken(name: str) -> Refused:
    return Refused([Problem(name, "unique", _("There is one of that name already."))])


# -- the workspace --------------------------------------------------------------------------------------------------


def change_workspace(actor: Actor, given: Mapping[str, Any]) -> None:
    """Set name, language, country, time_zone and currency; raises Refused."""
    require(actor)
    workspace = Workspace.objects.select_for_update().get(id=actor.workspace.id)
    values = {"name": _text(given, "name", 100)}
    for name, allowed in (("language", dict(settings.LANGUAGES)), ("time_zone", available_timezones())):
        if given.get(name) not in allowed:
            raise Refused([Problem(name, "choice", _("Choose one of the list."))])
        values[name] = given[name]
    values |= {"country": given.get("country") or "", "currency": given.get("currency") or workspace.currency}
    changed = {name: (getattr(workspace, name), new) for name, new in values.items() if getattr(workspace, name) != new}
    Workspace.objects.filter(id=workspace.id).update(**values)
    if changed:
        record(actor, "workspace", workspace.id, "updated", changed)


# -- members --------------------------------------------------------------------------------------------------------


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
    """Take a person out of the workspace, its teams and its tokens; their records stay. Raises Absent, Refused."""
    require(actor)
    found = _membership(membership_id)
    _keep_one_administrator(found)
    Membership.objects.filter(id=found.id).update(is_active=False)
    TeamMember.objects.filter(user_id=found.user_id).delete()
    Token.objects.filter(user_id=found.user_id, revoked_at=None).update(revoked_at=timezone.now())
    record(actor, "members", found.id, "deleted", {"name": (str(found.user), None)})
    return found


# -- roles ----------------------------------------------------------------------------------------------------------


def roles() -> list[Role]:
    """Every role, administrators first, each with ``holders``: how many active members have it."""
    holders = dict(
        Membership.objects.filter(is_active=True)
        .values_list("role_id")
        .annotate(n=Count("id"))
        .values_list("role_id", "n")
    )
    found = list(Role.objects.order_by("-is_admin", "name"))
    for role in found:
        role.holders = holders.get(role.id, 0)  # type: ignore[attr-defined]
    return found


def role(role_id: Any) -> Role:
    """One role; raises Absent."""
    found = Role.objects.filter(id=access.as_uuid(role_id)).first()
    if found is None:
        raise access.Absent(str(role_id))
    return found


def clean_permissions(given: Mapping[str, Mapping[str, Any]], workspace: Workspace) -> dict[str, Any]:
    """``permissions`` of a role from what was chosen for each object; what is not said is not allowed."""
    permissions: dict[str, Any] = {}
    for obj in objects.all_objects():
        said = given.get(obj.plural, {})
        rules: dict[str, Any] = {
            verb: said.get(verb) if said.get(verb) in SCOPES else "none" for verb in ("see", "change")
        }
        rules |= {verb: bool(said.get(verb)) for verb in VERBS}
        levels = said.get("fields", {})
        known = obj.fields(workspace)
        limited = {name: level for name, level in levels.items() if name in known and level in LEVELS[1:]}
        permissions[obj.plural] = rules | ({"fields": limited} if limited else {})
    return {"objects": permissions}


def save_role(actor: Actor, role_id: Any, name: Any, given: Mapping[str, Mapping[str, Any]]) -> Role:
    """Make a role (``role_id`` None) or change one; an administrator role keeps its rights. Raises Absent, Refused."""
    require(actor)
    found = role(role_id) if role_id else Role()
    before = {"name": found.name or None, "permissions": found.permissions if role_id else None}
    given_name = _text({"name": name}, "name", 80)
    if given_name != str(found):  # a built-in role, shown in the reader's language, keeps its own name
        found.name = given_name
    if not found.is_admin:
        found.permissions = clean_permissions(given, actor.workspace)
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise _taken("name") from None
    after = {"name": found.name, "permissions": found.permissions}
    changed = {key: (before[key], after[key]) for key in after if before[key] != after[key]}
    record(actor, "roles", found.id, "updated" if role_id else "created", changed)
    return found


def delete_role(actor: Actor, role_id: Any) -> None:
    """Take a role away that no active member has; raises Absent, Refused."""
    require(actor)
    found = role(role_id)
    if found.is_admin or Membership.objects.filter(role=found).exists():
        raise Refused([Problem("", "used", _("Somebody has, or had, this role; give them another one first."))])
    record(actor, "roles", found.id, "deleted", {"name": (found.name, None)})
    found.delete()


# -- teams ----------------------------------------------------------------------------------------------------------


def teams() -> list[tuple[Team, list[str]]]:
    """Every team with its members' names."""
    names: dict[UUID, list[str]] = {}
    for row in TeamMember.objects.select_related("user").order_by("user__name"):
        names.setdefault(row.team_id, []).append(str(row.user))
    return [(team, names.get(team.id, [])) for team in Team.objects.order_by("name")]


def team(team_id: Any) -> tuple[Team, set[UUID]]:
    """One team and the ids of its members; raises Absent."""
    found = Team.objects.filter(id=access.as_uuid(team_id)).first()
    if found is None:
        raise access.Absent(str(team_id))
    return found, set(TeamMember.objects.filter(team=found).values_list("user_id", flat=True))


def save_team(actor: Actor, team_id: Any, name: Any, user_ids: list[Any]) -> Team:
    """Make a team (``team_id`` None) or change one, with exactly these active members; raises Absent, Refused."""
    require(actor)
    found = team(team_id)[0] if team_id else Team()
    found.name = _text({"name": name}, "name", 80)
    chosen = set(
        access.members(actor).filter(id__in=[access.as_uuid(one) for one in user_ids]).values_list("id", flat=True)
    )
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise _taken("name") from None
    before = set(TeamMember.objects.filter(team=found).values_list("user_id", flat=True))
    TeamMember.objects.filter(team=found, user_id__in=before - chosen).delete()
    TeamMember.objects.bulk_create(TeamMember(team=found, user_id=user_id) for user_id in sorted(chosen - before))
    changed = {"name": (None, found.name), "members": (sorted(map(str, before)), sorted(map(str, chosen)))}
    record(actor, "teams", found.id, "updated" if team_id else "created", changed)
    return found


def delete_team(actor: Actor, team_id: Any) -> None:
    """Take a team away; its members stay, what was shared with it is no longer. Raises Absent."""
    require(actor)
    found = team(team_id)[0]
    record(actor, "teams", found.id, "deleted", {"name": (found.name, None)})
    found.delete()
