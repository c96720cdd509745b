"""The sections of the engine itself: objects, fields, roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import custom, objects
from ..decisions import record
from ..models import CustomField
from ..values import Problem, Refused
from ..workspaces.actors import SCOPES, VERBS, Actor
from ..workspaces.models import Role
from .sections import Item, section

OBJECT = ("plural", "label", "label_plural", "labels", "help", "icon", "name_label", "position")
FIELD = ("object", "name", "label", "help", "kind", "options", "required", "unique", "default", "position")
FIXED = ("kind",)
LINKS = ("link", "links", "user", "file")


def _objects(actor: Actor) -> list[Item]:
    return [{name: getattr(row, name) for name in OBJECT} for row in custom.listed_objects(actor)]


@section("objects", gettext_lazy("Objects"), key=("plural",), read=_objects)
def put_object(actor: Actor, item: Item, before: Item | None) -> None:
    """Add or change an object; how its pages look comes after its fields."""
    _only(item, OBJECT)
    if before is None:
        custom.add_object(actor, item)
    else:
        custom.change_object(actor, item["plural"], {name: value for name, value in item.items() if name != "plural"})


def _fields(actor: Actor) -> list[Item]:
    rows = CustomField.objects.filter(object__in=[obj.plural for obj in objects.all_objects()])
    return [_field(row) for row in rows.order_by("object", "position", "id")]


def _field(row: CustomField) -> Item:
    """A field as JSON; a default that names a record or a person means nothing elsewhere."""
    item = {name: getattr(row, name) for name in FIELD} | {"archived": row.archived_at is not None}
    named = row.kind in LINKS and not isinstance(row.default, dict)
    return item | ({"default": None} if named else {})


@section("fields", gettext_lazy("Fields"), key=("object", "name"), read=_fields)
def put_field(actor: Actor, item: Item, before: Item | None) -> None:
    """Add, change, archive or bring back a field."""
    _only(item, (*FIELD, "archived"))
    try:
        obj = objects.get(item["object"])
    except objects.UnknownObject:
        words = _("There is no object “%(name)s”.") % {"name": item["object"][:80]}
        raise Refused([Problem("object", "object", words)]) from None
    left = {"object", "archived"} | ({"default"} if item.get("kind") in LINKS else set())
    settings = {name: value for name, value in item.items() if name not in left}
    if before is None:
        custom.add(actor, obj, settings)
    elif changed := [name for name in FIXED if item[name] != before[name]]:
        words = _("What kind of value a field holds can't be changed any more.")
        raise Refused([Problem(changed[0], "fixed", words)])
    else:
        custom.change(actor, obj, item["name"], settings)
    if bool(item.get("archived")) != bool(before and before["archived"]):
        custom.archive(actor, obj, item["name"], archived=bool(item.get("archived")))


def _overlays(actor: Actor) -> list[Item]:
    return custom.overlays(actor)


@section("overlays", gettext_lazy("Field settings"), key=("object", "field"), read=_overlays)
def put_overlay(actor: Actor, item: Item, before: Item | None) -> None:
    """Say of a field what another workspace says."""
    try:
        obj = objects.get(item["object"])
        known = obj.fields(actor.workspace)[item["field"]]
    except KeyError:
        words = _("There is no field “%(name)s”.") % {"name": f"{item['object']}.{item['field']}"[:80]}
        raise Refused([Problem("field", "unknown", words)]) from None
    said = {name: value for name, value in item.items() if name not in ("object", "field")}
    if known.own:
        said = {name: value for name, value in said.items() if name in ("visible_when", "required_when")}
    custom.set_overlay(actor, obj, known.name, said)


def _roles(actor: Actor) -> list[Item]:
    rows = Role.objects.order_by("name")
    return [{"name": row.name, "is_admin": row.is_admin, "permissions": row.permissions} for row in rows]


@section("roles", gettext_lazy("Roles"), key=("name",), read=_roles)
def put_role(actor: Actor, item: Item, before: Item | None) -> None:
    """Add a role, or change what one allows; whether it administers stays as it is."""
    _only(item, ("name", "is_admin", "permissions"))
    if before is not None and bool(item.get("is_admin")) != before["is_admin"]:
        words = _("A role that is there can't become one of administrators, or stop being one.")
        raise Refused([Problem("is_admin", "fixed", words)])
    name = " ".join(item["name"].split())
    if not name or len(name) > 80 or "\0" in name:
        raise Refused([Problem("name", "name", _("A name has 1 to %(n)s characters.") % {"n": 80})])
    permissions = _permissions(item.get("permissions") or {})
    row = Role.objects.filter(name=name).first() or Role(name=name, is_admin=bool(item.get("is_admin")))
    old, row.permissions = row.permissions, permissions
    row.save()
    record(actor, "roles", row.id, "updated" if before else "created", {"permissions": (old, permissions)})


def _permissions(given: Any) -> dict[str, Any]:
    """Permissions whose every member means something; raises Refused."""
    rules = given.get("objects", {}) if isinstance(given, Mapping) else None
    if not isinstance(rules, Mapping):
        raise _wrong("permissions")
    for plural, said in rules.items():
        if plural != "*" and not objects.is_known(plural):
            words = _("There is no object “%(name)s”.") % {"name": str(plural)[:80]}
            raise Refused([Problem("permissions", "object", words)])
        if not isinstance(said, Mapping) or not all(_is_rule(verb, value) for verb, value in said.items()):
            raise _wrong(f"permissions.{plural}")
    return dict(given)


def _is_rule(verb: str, value: Any) -> bool:
    if verb in ("see", "change"):
        return value in SCOPES
    if verb == "fields":
        return isinstance(value, Mapping) and all(level in ("write", "read", "hidden") for level in value.values())
    return verb not in VERBS or isinstance(value, bool)


def _wrong(place: str) -> Refused:
    words = _("Permissions are objects of verbs: see and change a scope, the others true or false.")
    return Refused([Problem(place, "permissions", words)])


def _only(item: Item, known: tuple[str, ...]) -> None:
    """Raise Refused where an item has members that mean nothing."""
    unknown = [Problem(str(name)[:80], "unknown", _("There is no such field.")) for name in item if name not in known]
    if unknown:
        raise Refused(unknown)
