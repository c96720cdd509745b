"""Keeping views: who may see one, make, change, share, pin and delete it. Every write leaves its line of history and
can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access, events, history, objects
from ..kinds import Invalid
from ..kinds.texts import readable
from ..models import HistoryEntry
from ..objects import Object
from ..undo import takes_back
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.models import Role, Team
from .models import SavedView, ViewDefault, ViewPin
from .settings import KINDS, clean

#: What views are called in the history and in events.
NAME = "views"


class _Views(Object):
    """Views as the history knows them; registered nowhere."""

    plural = NAME


VISIBILITIES = ("private", "team", "everyone")
LONGEST_NAME, LONGEST_ICON = 100, 40
#: Views of one object that one person may have.
MOST = 200
_VIEWS = _Views()
CHANGEABLE = ("name", "icon", "visibility", "team", "kind", "settings", "position")


# -- reading --------------------------------------------------------------------------------------------------------


def _visible(actor: Actor) -> QuerySet:
    """The views the actor may see: their own, those of their teams (administrators: of all teams), everybody's."""
    mine = Q(owner_id=actor.private_id) if actor.private_id else Q(pk__in=[])
    teams = Q(visibility="team", team__isnull=False)
    if not actor.rights.admin:
        teams &= Q(team_id__in=actor.team_ids)
    return SavedView.objects.filter(mine | teams | Q(visibility="everyone"), deleted_at=None)


@dataclass(frozen=True)
class Shelf:
    """The views of one object, those the actor pinned first; what they pinned of all objects; and the view that the
    object's list opens with: the person's choice, else what is chosen for their role.
    """

    views: list[SavedView]
    pinned: list[SavedView]
    opens: SavedView | None

    def is_pinned(self, view: SavedView) -> bool:
        """Whether the actor pinned it."""
        return any(view.id == other.id for other in self.pinned)


def shelf(actor: Actor, obj: Object | None = None) -> Shelf:
    """What the actor has at hand, by one query: their pins, and of one object every view they may see."""
    asked = {
        "workspace": actor.workspace.id,
        "user": actor.user_id,
        "owner": actor.private_id,
        "all_teams": actor.rights.admin,
        "teams": list(actor.team_ids),
        "object": obj.plural if obj else None,
    }
    found = [
        view
        for view in SavedView.objects.raw(_SHELF, asked)
        if objects.is_known(view.object) and access.may_see_any(actor, objects.get(view.object))
    ]
    here = [view for view in found if obj and view.object == obj.plural]
    opens = [view for word in ("is_mine", "is_of_role") for view in here if getattr(view, word)]
    pins = [view for view in found if getattr(view, "pin_place", None) is not None]
    return Shelf(here, pins, opens[0] if opens else None)


#: Of every page, so it is written out: Django takes 1.7 ms to put it together. The condition is that of ``_visible``.
_SHELF = """
    SELECT v.*, p.position AS pin_place,
      EXISTS (SELECT 1 FROM engine_viewdefault d WHERE d.workspace_id = v.workspace_id AND d.view_id = v.id
              AND d.user_id = %(user)s) AS is_mine,
      EXISTS (SELECT 1 FROM engine_viewdefault d JOIN workspaces_membership m
              ON m.workspace_id = d.workspace_id AND m.role_id = d.role_id AND m.user_id = %(user)s
              WHERE d.workspace_id = v.workspace_id AND d.view_id = v.id) AS is_of_role
    FROM engine_savedview v LEFT JOIN engine_viewpin p
      ON p.workspace_id = v.workspace_id AND p.view_id = v.id AND p.user_id = %(user)s
    WHERE v.workspace_id = %(workspace)s AND v.deleted_at IS NULL AND (v.object = %(object)s OR p.id IS NOT NULL)
      AND (v.owner_id = %(owner)s OR v.visibility = 'everyone'
           OR (v.visibility = 'team' AND v.team_id IS NOT NULL AND (%(all_teams)s OR v.team_id = ANY(%(teams)s))))
    ORDER BY p.position, v.position, v.id
"""


def get(actor: Actor, view_id: Any, obj: Object | None = None) -> SavedView:
    """One view the actor may see (of one object, where it is named); raises Absent."""
    found = _visible(actor).filter(id=access.as_uuid(view_id)).first()
    if found is None or not objects.is_known(found.object) or not access.may_see_any(actor, objects.get(found.object)):
        raise access.Absent(str(view_id)[:80])
    if obj is not None and found.object != obj.plural:
        raise access.Absent(str(view_id)[:80])
    return found


def may_share(actor: Actor, obj: Object) -> bool:
    """Whether the actor may show views of this object to others."""
    return actor.rights.may(obj.plural, "share")


def may_change(actor: Actor, view: SavedView) -> bool:
    """Whether the actor may change or delete a view: it is theirs, or it is shared and they administer."""
    mine = actor.user_id is not None and view.owner_id == actor.user_id
    return mine or (actor.rights.admin and view.visibility != "private") or actor.kind == "system"


# -- writing --------------------------------------------------------------------------------------------------------


def create(actor: Actor, obj: Object, given: Mapping[str, Any]) -> SavedView:
    """Keep a view from CHANGEABLE, of which the name is needed; raises Forbidden, Refused."""
    if not access.may_see_any(actor, obj):
        raise access.Forbidden(obj.plural, "see")
    if SavedView.objects.filter(owner_id=actor.user_id, object=obj.plural, deleted_at=None).count() >= MOST:
        words = _("You have %(n)s views of these records already; delete one you no longer need.")
        raise Refused([Problem("", "too_many", words % {"n": MOST})])
    last = SavedView.objects.filter(object=obj.plural).aggregate(last=Max("position"))["last"] or 0
    view = SavedView(object=obj.plural, owner_id=actor.user_id, position=last + 1)
    _assign(actor, obj, view, {"kind": "table", "visibility": "private", "settings": {}, "name": ""} | dict(given))
    view.save(force_insert=True)
    _tell(actor, view, "created", {name: (None, value) for name, value in _values(view).items() if value})
    return view


def change(actor: Actor, view_id: Any, given: Mapping[str, Any], *, version: int | None = None) -> SavedView:
    """Change some of CHANGEABLE; raises Absent, Forbidden, Refused, also where ``version`` is not the current one."""
    view = _locked(actor, view_id)
    if version is not None and version != view.version:
        words = _("Somebody changed this view meanwhile. Nothing was saved: reload the page.")
        raise Refused([Problem("version", "conflict", words)])
    before = _values(view)
    _assign(actor, objects.get(view.object), view, given)
    changed = {name: (before[name], value) for name, value in _values(view).items() if before[name] != value}
    if changed:
        _write(actor, view, "updated", changed)
    return view


def delete(actor: Actor, view_id: Any) -> SavedView:
    """Take a view away from everybody; raises Absent, Forbidden. Undo brings it back."""
    view = _locked(actor, view_id)
    view.deleted_at = timezone.now()
    _write(actor, view, "deleted", {"name": (view.name, None)})
    return view


def pin(actor: Actor, view_id: Any, *, pinned: bool = True) -> SavedView:
    """Keep a view at hand, for the actor alone, or no longer; raises Absent."""
    view = get(actor, view_id)
    if actor.user_id is None:
        return view
    if not pinned:
        ViewPin.objects.filter(view=view, user_id=actor.user_id).delete()
    else:
        last = ViewPin.objects.filter(user_id=actor.user_id).aggregate(last=Max("position"))["last"] or 0
        ViewPin.objects.get_or_create(view=view, user_id=actor.user_id, defaults={"position": last + 1})
    return view


def open_with(actor: Actor, obj: Object, view_id: Any, *, role_id: Any = None) -> None:
    """Say with which view the list of an object opens (None: with all records): for the actor, or for a role.

    Raises Absent, Forbidden for a role unless the actor administers, and Refused for a view that the role can't see.
    """
    view = get(actor, view_id, obj) if view_id else None
    whose: dict[str, Any] = {"user_id": actor.user_id}
    if role_id is not None:
        if not actor.rights.admin:
            raise access.Forbidden(obj.plural, "share")
        role = Role.objects.filter(id=access.as_uuid(role_id)).first()
        if role is None:
            raise access.Absent(str(role_id)[:80])
        if view is not None and view.visibility != "everyone":
            raise Refused([Problem("view", "private", _("Share the view with everyone first."))])
        whose = {"role_id": role.id}
    if view is None:
        ViewDefault.objects.filter(object=obj.plural, **whose).delete()
    else:
        ViewDefault.objects.update_or_create(object=obj.plural, **whose, defaults={"view": view})


def roles(actor: Actor) -> list[Role]:
    """The roles for which the actor may say what a list opens with: all for administrators, else none."""
    return list(Role.objects.order_by("-is_admin", "name")) if actor.rights.admin else []


def _locked(actor: Actor, view_id: Any) -> SavedView:
    """A view to be written; raises Absent, Forbidden."""
    view = get(actor, view_id)
    if not may_change(actor, view):
        raise access.Forbidden(view.object, "change")
    return SavedView.objects.select_for_update(of=("self",)).get(id=view.id)


def _values(view: SavedView) -> dict[str, Any]:
    """What of a view is written into its history."""
    named = {name: getattr(view, name) for name in CHANGEABLE if name != "team"}
    return named | {"team": str(view.team_id) if view.team_id else None}


def _write(actor: Actor, view: SavedView, verb: str, changed: Mapping[str, tuple[Any, Any]]) -> None:
    view.version += 1
    view.updated_at = timezone.now()
    view.save()
    _tell(actor, view, verb, changed)


def _tell(actor: Actor, view: SavedView, verb: str, changed: Mapping[str, tuple[Any, Any]]) -> None:
    """One line of history and one event."""
    history.write(actor, _VIEWS, verb, [history.Written(view.id, changed, view.version)])
    events.emit(actor, f"{NAME}.{verb}", object=NAME, id=view.id, of=view.object)


def _assign(actor: Actor, obj: Object, view: SavedView, given: Mapping[str, Any]) -> None:
    """Put checked values into the view; raises Refused with every problem, Forbidden for sharing without the right."""
    problems = [
        Problem(str(name)[:80], "unknown", _("There is no such field.")) for name in given.keys() - {*CHANGEABLE}
    ]
    shared = view.visibility, view.team_id
    for name, read in _READERS.items():
        if name not in given:
            continue
        try:
            setattr(view, name, read(given[name]))
        except Invalid as problem:
            problems.append(Problem(name, problem.code, str(problem)))
    problems += _team_of(actor, view, given)
    if "settings" in given:
        try:
            view.settings = clean(actor, obj, given["settings"])
        except Refused as refused:
            problems += refused.problems
    if problems:
        raise Refused(problems)
    if (view.visibility, view.team_id) != shared and view.visibility != "private" and not may_share(actor, obj):
        raise access.Forbidden(obj.plural, "share")


def _team_of(actor: Actor, view: SavedView, given: Mapping[str, Any]) -> list[Problem]:
    """The team of a view for one: any for administrators, else one of the person's own."""
    if view.visibility != "team":
        view.team_id = None
        return []
    if "team" in given:
        try:
            wanted = access.as_uuid(given["team"])
            mine = actor.rights.admin or wanted in actor.team_ids
            view.team_id = wanted if mine and Team.objects.filter(id=wanted).exists() else None
        except access.Absent:
            view.team_id = None
    return [] if view.team_id else [Problem("team", "required", _("Choose one of your teams."))]


def _name(given: Any) -> str:
    text = " ".join(readable(given).split())
    if not text:
        raise Invalid("required", _("Fill in this field."))
    if len(text) > LONGEST_NAME:
        raise Invalid("too_long", _("At most %(n)s characters."), n=LONGEST_NAME)
    return text


def _icon(given: Any) -> str:
    if not isinstance(given, str) or len(given) > LONGEST_ICON or not given.replace("-", "a").isalnum() | (given == ""):
        raise Invalid("icon", _("Choose one of the icons."))
    return given


def _one_of(words: tuple[str, ...]) -> Callable[[Any], str]:
    def read(given: Any) -> str:
        if given not in words:
            raise Invalid("choice", _("Choose one of: %(offered)s."), offered=", ".join(words))
        return str(given)

    return read


def _position(given: Any) -> int:
    if type(given) is not int or not 0 <= given < 2**31:
        raise Invalid("number", _("A position is a whole number."))
    return given


_READERS: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "icon": _icon,
    "visibility": _one_of(VISIBILITIES),
    "kind": _one_of(KINDS),
    "position": _position,
}


# -- undo -----------------------------------------------------------------------------------------------------------


@takes_back(NAME)
def _take_back(actor: Actor, row: HistoryEntry) -> None:
    """The opposite of one write of a view; raises Absent, Forbidden, Refused."""
    view = SavedView.objects.select_for_update(of=("self",)).filter(id=row.record_id).first()
    if view is None or not may_change(actor, view):
        raise access.Forbidden(NAME, "change")
    if row.action in ("created", "deleted", "restored"):
        back = row.action == "deleted"
        view.deleted_at = None if back else timezone.now()
        _write(actor, view, "restored" if back else "deleted", {})
        return
    old = {name: pair[0] for name, pair in row.changes.items()}
    if "settings" in old:
        # They made sense once; what of it is gone is left out when the view is read.
        view.settings = old.pop("settings") or {}
    _assign(actor, objects.get(view.object), view, old)
    _write(actor, view, "updated", {name: (pair[1], pair[0]) for name, pair in row.changes.items()})
