"""How wide and how dense a table is to one person: kept in the view where it is theirs to change, else beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import access
from ..objects import Object
from ..values import Refused
from ..workspaces.actors import Actor
from . import keeping
from .models import SavedView, ViewLook
from .settings import Settings, read


@dataclass(frozen=True)
class Look:
    """Widths in pixels by column, and how close rows stand ("" for as usual)."""

    widths: Mapping[str, int] = field(default_factory=dict)
    density: str = ""


def look_of(actor: Actor, obj: Object, view: SavedView | None, settings: Settings) -> Look:
    """How the actor sees the table: what they made of it goes before what the view says."""
    if actor.user_id is None:
        return Look(settings.widths, settings.density)
    rows = ViewLook.objects.filter(user_id=actor.user_id, object=obj.plural, view=view)
    own = next(iter(rows.values("widths", "density")), None)
    if own is None:
        return Look(settings.widths, settings.density)
    return Look({**settings.widths, **own["widths"]}, own["density"] or settings.density)


def remember(actor: Actor, obj: Object, view: SavedView | None, given: Mapping[str, Any]) -> None:
    """Keep ``widths`` of some columns or the ``density``; raises Refused."""
    said, problems = read(actor, obj, {name: given[name] for name in ("widths", "density") if name in given})
    if problems:
        raise Refused(problems)
    if view is not None and keeping.may_change(actor, view):
        kept = dict(view.settings)
        if said.widths:
            kept["widths"] = {**kept.get("widths", {}), **said.widths}
        if said.density:
            kept["density"] = said.density
        keeping.change(actor, view.id, {"settings": read(actor, obj, kept)[0].dump()})
        return
    if actor.user_id is None:
        raise access.Forbidden(obj.plural, "see")
    own, _made = ViewLook.objects.get_or_create(user_id=actor.user_id, object=obj.plural, view=view)
    own.widths, own.density = {**own.widths, **said.widths}, said.density or own.density
    own.save()
