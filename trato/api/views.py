"""Saved views over the API: what a person may see, theirs to change, and pins."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from trato.engine import history, objects, views
from trato.engine.access import Forbidden
from trato.engine.objects import Object
from trato.engine.views import SavedView, Settings
from trato.engine.workspaces.actors import Actor

from .endpoint import Answer, Call, flag
from .problems import bad_request

SETTABLE = ("name", "icon", "visibility", "team", "kind", "settings", "position")


def _admitted(call: Call, verb: str) -> None:
    """A token with scopes needs one such as ``views:change``."""
    if not call.actor.rights.token_allows("views", verb):
        raise Forbidden("views", verb)


def listed(call: Call) -> Answer:
    """The views of one object (``?object=contacts``) that the caller may see, those they pinned first."""
    _admitted(call, "see")
    obj = objects.get(call.parameters("object").get("object", ""))
    shelf = views.shelf(call.actor, obj)
    return Answer({"data": [_json(call.actor, view, shelf.is_pinned(view)) for view in shelf.views], "next": None})


def create(call: Call) -> Answer:
    """A new view of ``object``; with ``pinned`` it is kept at hand."""
    _admitted(call, "create")
    call.parameters()
    given = call.only("object", "pinned", *SETTABLE)
    pinned, plural = flag(given, "pinned"), given.get("object")
    obj = objects.get(plural if isinstance(plural, str) else "")
    with history.batch():
        view = views.create(call.actor, obj, {name: given[name] for name in SETTABLE if name in given})
    if pinned:
        views.pin(call.actor, view.id)
    return Answer(_json(call.actor, view, pinned), 201, {"Location": f"/api/v1/views/{view.id}"})


def read(call: Call, view_id: str) -> Answer:
    """One view; ``left_out`` is how many parts of it are gone or hidden from the caller."""
    _admitted(call, "see")
    call.parameters()
    view = views.get(call.actor, view_id)
    return Answer(_json(call.actor, view, _is_pinned(call.actor, view)))


def change(call: Call, view_id: str) -> Answer:
    """Change a view that is the caller's to change; anybody may pin one they see. ``version`` guards against others'
    changes.
    """
    _admitted(call, "change")
    call.parameters()
    given = call.only("pinned", "version", *SETTABLE)
    version = given.pop("version", None)
    if version is not None and type(version) is not int:
        raise bad_request("version", "number", _("A version is a whole number."))
    view = views.get(call.actor, view_id)
    if "pinned" in given:
        views.pin(call.actor, view.id, pinned=flag(given, "pinned"))
    rest = {name: value for name, value in given.items() if name != "pinned"}
    if rest:
        with history.batch():
            view = views.change(call.actor, view.id, rest, version=version)
    return Answer(_json(call.actor, view, _is_pinned(call.actor, view)))


def delete(call: Call, view_id: str) -> Answer:
    """Take a view away; its records stay."""
    _admitted(call, "delete")
    call.parameters()
    views.delete(call.actor, view_id)
    return Answer(status=204)


def _is_pinned(actor: Actor, view: SavedView) -> bool:
    return views.shelf(actor).is_pinned(view)


def _json(actor: Actor, view: SavedView, pinned: bool) -> dict[str, Any]:
    settings, problems = views.read(actor, objects.get(view.object), view.settings)
    plain = ("id", "object", "name", "icon", "kind", "visibility", "position", "version", "created_at", "updated_at")
    return {name: getattr(view, name) for name in plain} | {
        "team": view.team_id,
        "owner": view.owner_id,
        "settings": settings.dump(),
        "left_out": len(problems),
        "pinned": pinned,
        "may_change": views.may_change(actor, view),
    }


def settings_of(actor: Actor, obj: Object, view_id: str) -> Settings:
    """What a view of this object says, as far as the caller may see it; raises Absent."""
    return views.read(actor, obj, views.get(actor, view_id, obj).settings)[0]
