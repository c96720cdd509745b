"""The sections of what hangs on objects: layouts, gates, rules of duplicates, views that everybody sees."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import access, custom, duplicates, gatekeeping, numbers, objects, views
from ..decisions import record
from ..duplicates.models import DuplicateRules
from ..gates import Gate
from ..objects import Object
from ..values import Problem, Refused
from ..views.models import SavedView
from ..workspaces.actors import Actor
from ..workspaces.models import Role
from .sections import Item, section

COMPARISON = ("how", "fields", "same", "different", "shared")
VIEW = ("name", "icon", "kind", "settings", "position")


def known_object(item: Item) -> Object:
    """The object an item is about; raises Refused."""
    try:
        return objects.get(str(item.get("object")))
    except objects.UnknownObject as unknown:
        words = _("There is no object “%(name)s”.") % {"name": str(unknown.args[0])[:80]}
        raise Refused([Problem("object", "object", words)]) from None


def _layouts(actor: Actor) -> list[Item]:
    return custom.layouts_said(actor)


@section("layouts", gettext_lazy("Layouts"), key=("object", "role"), read=_layouts)
def put_layout(actor: Actor, item: Item, before: Item | None) -> None:
    """Say how the pages of an object look, to a role or to everybody."""
    role = Role.objects.filter(name=item["role"]).first() if item["role"] else None
    if item["role"] and role is None:
        words = _("There is no role “%(name)s”.") % {"name": item["role"][:80]}
        raise Refused([Problem("role", "role", words)])
    said = {name: value for name, value in item.items() if name not in ("object", "role")}
    custom.set_layout(actor, known_object(item), role.id if role else None, said)


def _gates(actor: Actor) -> list[Item]:
    rows = Gate.objects.order_by("object", "field", "value")
    return [
        {name: getattr(row, name) for name in ("object", "field", "value", "required", "stale_days")} for row in rows
    ]


@section("gates", gettext_lazy("Gates"), key=("object", "field", "value"), read=_gates)
def put_gate(actor: Actor, item: Item, before: Item | None) -> None:
    """Say what a record needs before a field takes a value."""
    needed, days = item.get("required") or [], item.get("stale_days")
    if not isinstance(needed, list) or not all(isinstance(name, str) for name in needed):
        raise Refused([Problem("required", "list", _("Give a list."))])
    if days is not None and type(days) is not int:
        raise Refused([Problem("stale_days", "number", _("Write a whole number."))])
    obj = known_object(item)
    gatekeeping.set_gate(actor, obj, item["field"], item["value"], needed=needed, stale_days=days)


def _numbers(actor: Actor) -> list[Item]:
    return [{"series": one.name, "pattern": numbers.pattern_of(one.name)} for one in numbers.all_series()]


@section("numbers", gettext_lazy("Numbers"), key=("series",), read=_numbers)
def put_numbers(actor: Actor, item: Item, before: Item | None) -> None:
    """Say how the numbers of a series are written; how far they are counted is each workspace's own."""
    if before is None:
        words = _("There is no series “%(name)s”.") % {"name": str(item.get("series"))[:80]}
        raise Refused([Problem("series", "unknown", words)])
    numbers.change(actor, item["series"], {"pattern": item.get("pattern")}, timezone.localdate())


def _rules(actor: Actor) -> list[Item]:
    rows = DuplicateRules.objects.order_by("object")
    return [{"object": row.object, "comparisons": row.comparisons, "threshold": row.threshold} for row in rows]


@section("duplicates", gettext_lazy("Duplicates"), key=("object",), read=_rules)
def put_rules(actor: Actor, item: Item, before: Item | None) -> None:
    """Say by what two records of an object are held to be the same."""
    obj = known_object(item)
    offered = {(one.how, one.fields): one for one in duplicates.weighing.offered(actor, obj)}
    given = item.get("comparisons")
    if not isinstance(given, list) or not all(_is_comparison(one) for one in given):
        raise Refused([Problem("comparisons", "list", _("Give a list of comparisons with their points."))])
    for one in given:
        if (one["how"], tuple(one["fields"])) not in offered:
            words = _("Nothing is compared by “%(name)s” here.") % {"name": ", ".join(one["fields"])[:80]}
            raise Refused([Problem("comparisons", "unknown", words)])
    if isinstance(item.get("threshold"), bool) or not isinstance(item.get("threshold"), int | float):
        raise Refused([Problem("threshold", "number", _("Write a number."))])
    points = {one["fields"][0]: (one["same"], one["different"]) for one in given}
    duplicates.weighing.change(actor, obj, points, item["threshold"])
    changes: dict[str, Any] = {"comparisons": ((before or {}).get("comparisons"), given)}
    record(actor, "duplicate-rules", actor.workspace.id, "updated", changes)


def _is_comparison(said: Any) -> bool:
    if not isinstance(said, dict) or said.keys() != set(COMPARISON):
        return False
    numbers = all(isinstance(said[name], int | float) for name in ("same", "different"))
    names = isinstance(said["fields"], list) and all(isinstance(name, str) for name in said["fields"])
    return isinstance(said["how"], str) and numbers and names and bool(said["fields"])


def _views(actor: Actor) -> list[Item]:
    """The views everybody sees; of two with one name the first."""
    rows = SavedView.objects.filter(visibility="everyone", deleted_at=None).order_by("object", "position", "id")
    found = {
        (row.object, row.name): {"object": row.object} | {name: getattr(row, name) for name in VIEW} for row in rows
    }
    return [item for item in found.values() if objects.is_known(item["object"])]


@section("views", gettext_lazy("Views"), key=("object", "name"), read=_views)
def put_view(actor: Actor, item: Item, before: Item | None) -> None:
    """Add or change a view that everybody sees."""
    obj = known_object(item)
    given = {name: item[name] for name in VIEW if name in item} | {"visibility": "everyone"}
    rows = SavedView.objects.filter(object=obj.plural, name=item["name"], visibility="everyone", deleted_at=None)
    row = rows.order_by("position", "id").first()
    try:
        if row is None:
            views.create(actor, obj, given)
        else:
            views.change(actor, row.id, given)
    except access.Forbidden:
        words = _("You may not show views of these records to others.")
        raise Refused([Problem("name", "forbidden", words)]) from None
