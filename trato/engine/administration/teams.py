"""Teams, who is in them, and which stands above which."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from .. import access
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.models import Team, TeamMember
from .base import name_in, record, require, taken


def teams() -> list[tuple[Team, list[str], int]]:
    """Every team with its members' names and how many teams stand above it, each followed by those below it."""
    names: dict[UUID, list[str]] = {}
    for row in TeamMember.objects.select_related("user").order_by("user__name"):
        names.setdefault(row.team_id, []).append(str(row.user))
    below: dict[UUID | None, list[Team]] = {}
    for one in Team.objects.order_by("name"):
        below.setdefault(one.parent_id, []).append(one)
    found: list[tuple[Team, list[str], int]] = []
    waiting = [(one, 0) for one in reversed(below.get(None, []))]
    while waiting:
        one, depth = waiting.pop()
        found.append((one, names.get(one.id, []), depth))
        waiting.extend((each, depth + 1) for each in reversed(below.get(one.id, [])))
    return found


def team(team_id: Any) -> tuple[Team, set[UUID]]:
    """One team and the ids of its members; raises Absent."""
    found = Team.objects.filter(id=access.as_uuid(team_id)).first()
    if found is None:
        raise access.Absent(str(team_id))
    return found, set(TeamMember.objects.filter(team=found).values_list("user_id", flat=True))


def _above(team_id: UUID | None, parent_id: Any) -> Team | None:
    """The team that shall stand above; raises Refused where it is not there, or stands below itself.

    All teams are locked, so that two changes together make no circle either.
    """
    if not parent_id:
        return None
    known = {one.id: one for one in Team.objects.select_for_update(of=("self",)).order_by("id")}
    try:
        wanted = known.get(access.as_uuid(parent_id))
    except access.Absent:
        wanted = None
    if wanted is None:
        raise Refused([Problem("parent", "choice", _("Choose one of the list."))])
    higher: Team | None = wanted
    while higher is not None:
        if higher.id == team_id:
            words = _("%(name)s is this team or one below it: that would be a circle.")
            raise Refused([Problem("parent", "circle", words % {"name": wanted.name})])
        higher = known.get(higher.parent_id) if higher.parent_id else None
    return wanted


def save_team(actor: Actor, team_id: Any, name: Any, user_ids: Iterable[Any], parent_id: Any = None) -> Team:
    """Make a team (``team_id`` None) or change one, with exactly these active members, below another team or none.

    Raises Absent, Refused.
    """
    require(actor)
    found = team(team_id)[0] if team_id else Team()
    before = {"name": found.name or None, "parent": str(found.parent) if found.parent_id else None}
    found.name = name_in({"name": name}, "name", 80)
    found.parent = _above(found.id if team_id else None, parent_id)
    chosen = set(
        access.members(actor).filter(id__in=[access.as_uuid(one) for one in user_ids]).values_list("id", flat=True)
    )
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise taken("name") from None
    members = set(TeamMember.objects.filter(team=found).values_list("user_id", flat=True))
    TeamMember.objects.filter(team=found, user_id__in=members - chosen).delete()
    TeamMember.objects.bulk_create(TeamMember(team=found, user_id=user_id) for user_id in sorted(chosen - members))
    after = {"name": found.name, "parent": found.parent.name if found.parent else None}
    changed: dict[str, tuple[Any, Any]] = {k: (before[k], after[k]) for k in after if before[k] != after[k]}
    if members != chosen:
        changed["members"] = (sorted(map(str, members)), sorted(map(str, chosen)))
    record(actor, "teams", found.id, "updated" if team_id else "created", changed)
    return found


def delete_team(actor: Actor, team_id: Any) -> None:
    """Take a team away; its members stay, what was shared with it is no longer, and the teams below it stand below the
    one above it. Raises Absent.
    """
    require(actor)
    found = team(team_id)[0]
    Team.objects.filter(parent=found).update(parent=found.parent_id)
    record(actor, "teams", found.id, "deleted", {"name": (found.name, None)})
    found.delete()
