"""What stands behind a record's links, in both directions, as conditions see it.

Forwards: an own link, ``"account"``; where it may point at several objects ``"object"`` says which is meant. Backwards:
``"contacts.account"``, the contacts whose link points here. ``"timeline"``: everything that stands on the record's own
timeline, with when it was, whose it is and what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Case, F, QuerySet, UUIDField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Substr
from django.db.models.lookups import StartsWith
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import access, derived, objects, timeline
from ..kinds import Choice, DateTime, User
from ..models import Key, Moment
from ..objects import Field, Object
from ..workspaces.actors import Actor
from . import groups
from .tree import BadFilter

#: The kinds that can be added up, and those that have a least and a most.
SUMMED = ("number", "money", "percent")
RANGED = (*SUMMED, "date", "datetime")


class Timeline(Object):
    """The moments of a record's timeline as if they were an object; registered nowhere."""

    plural, icon = "timeline", "timeline"
    label, label_plural = gettext_lazy("Activity"), gettext_lazy("Activities of any sort")

    @property
    def builtin(self) -> dict[str, Field]:
        """When it was, whose it is, and what it is."""
        kinds = [(plural, objects.get(plural).label) for plural in timeline.kinds_of_items()]
        fields = (
            Field("at", gettext_lazy("When"), DateTime(), ("at",)),
            Field("owner", gettext_lazy("Owner"), User(), ("owner_id",)),
            Field("object", gettext_lazy("Type"), Choice(choices=kinds), ("item_object",)),
        )
        return {field.name: field for field in fields}


TIMELINE = Timeline()
ID = F("id")


@dataclass(frozen=True)
class Relation:
    """One way from a record to others. ``name`` and ``target`` are what a tree says as ``related`` and ``object``.

    ``outer`` is what the record is known by at the other end: in ``near`` of the other rows, or in the first column of
    ``links``, whose second column is ``item`` of the other rows.
    """

    name: str
    object: Object
    field: Field | None
    outer: Combinable
    near: Combinable = ID
    links: QuerySet | None = None
    item: Combinable = ID
    target: str = ""
    forwards: bool = False

    @property
    def single(self) -> bool:
        """Whether there is at most one record at the other end."""
        return self.forwards and self.field is not None and not self.field.kind.many

    def rows(self, actor: Actor, obj: Object) -> QuerySet:
        """The records at the other end that the actor may see."""
        if self.object is TIMELINE:
            seen = timeline.seen_condition(actor, timeline.kinds_of_items())
            return Moment.objects.filter(seen, object=obj.plural)
        return access.visible(actor, self.object)

    def pairs(self, rows: QuerySet, value: Combinable) -> Combinable:
        """What each of these rows is reached from, with a value of its own."""
        if self.links is None:
            return groups.pairs(rows, self.near, value)
        return groups.joined(groups.Rows(self.links), groups.pairs(rows, self.item, value))

    def everything(self, actor: Actor, rows: QuerySet) -> Combinable:
        """The pairs of all that the actor may see: where that is everybody's, the links alone tell."""
        if self.links is not None and access.owners_seen(actor, self.object) is None:
            return groups.Rows(self.links)
        return self.pairs(rows, ID)


def related(actor: Actor, obj: Object) -> Iterator[Relation]:
    """Every relation of an object that the actor may ask about; what stands on a timeline has none."""
    if obj is TIMELINE:
        return
    if any(access.may_see_any(actor, objects.get(plural)) for plural in timeline.kinds_of_items()):
        yield Relation("timeline", TIMELINE, None, ID, F("record_id"))
    seen = [other for other in objects.all_objects() if access.may_see_any(actor, other)]
    for other in seen:
        for field in access.fields(actor, other).values():
            if field.points_at(obj.plural):
                yield _backwards(obj, other, field)
    for field in access.fields(actor, obj).values():
        for other in seen:
            if field.points_at(other.plural):
                yield _forwards(obj, field, other)


def relation_of(actor: Actor, obj: Object, tree: Mapping[str, Any], path: str) -> Relation:
    """The relation a condition names; raises BadFilter."""
    name, target = tree.get("related"), tree.get("object", "")
    if not isinstance(name, str) or not isinstance(target, str):
        raise BadFilter(path, _("“related” and “object” are words."))
    if obj is TIMELINE:
        raise BadFilter(path, _("There is no relation “%(name)s”.") % {"name": name[:80]})
    if name == TIMELINE.plural:
        return Relation("timeline", TIMELINE, None, ID, F("record_id"))
    own = access.fields(actor, obj).get(name)
    if own is not None:
        return forwards(actor, obj, own, target, path)
    plural, _dot, field_name = name.partition(".")
    try:
        other = objects.get(plural)
        field = access.fields(actor, other)[field_name]
    except KeyError:
        raise BadFilter(path, _("There is no relation “%(name)s”.") % {"name": name[:80]}) from None
    if not field.points_at(obj.plural) or not access.may_see_any(actor, other):
        raise BadFilter(path, _("“%(name)s” does not point at these records.") % {"name": name[:80]})
    return _backwards(obj, other, field)


def forwards(actor: Actor, obj: Object, field: Field, target: str, path: str) -> Relation:
    """The relation over an own link to one of the objects it may point at; raises BadFilter."""
    if field.kind.name not in ("link", "links"):
        raise BadFilter(path, _("“%(name)s” is no link to records.") % {"name": field.name})
    to = [target] if target else list(field.kind.to)
    if len(to) != 1:
        allowed = ", ".join(field.kind.to) or "…"
        raise BadFilter(path, _("Say with “object” which records are meant: %(allowed)s.") % {"allowed": allowed})
    if not field.points_at(to[0]) or not objects.is_known(to[0]):
        raise BadFilter(
            path, _("“%(name)s” does not point at “%(target)s”.") % {"name": field.name, "target": to[0][:80]}
        )
    other = objects.get(to[0])
    if not access.may_see_any(actor, other):
        raise BadFilter(path, _("There is no relation “%(name)s”.") % {"name": field.name})
    return _forwards(obj, field, other)


def _backwards(obj: Object, other: Object, field: Field) -> Relation:
    name = f"{other.plural}.{field.name}"
    if other.moment and field.name == other.moment.about:
        placed = Moment.objects.filter(object=obj.plural, item_object=other.plural).values_list("record_id", "item_id")
        return Relation(name, other, field, ID, links=placed)
    if field.custom or field.kind.many:
        before, keys = _keys(other, field, obj)
        outer = groups.refs_of(obj.plural, ID, before)
        return Relation(name, other, field, outer, links=keys.values_list("key", "record_id"))
    near = F(field.columns[0])
    return Relation(name, other, field, ID if field.kind.by_id else groups.refs_of(obj.plural, ID), near)


def _forwards(obj: Object, field: Field, other: Object) -> Relation:
    target = "" if len(field.kind.to) == 1 else other.plural
    plain = Relation(field.name, other, field, ID, target=target, forwards=True)
    if obj.moment and field.name == obj.moment.about:
        placed = Moment.objects.filter(object=other.plural, item_object=obj.plural)
        return replace(plain, links=placed.values_list("item_id", "record_id"))
    if field.kind.many:
        before, keys = _keys(obj, field, other)
        item = groups.refs_of(other.plural, ID, before)
        return replace(plain, links=keys.values_list("record_id", "key"), item=item)
    if field.kind.by_id and not field.custom:
        return replace(plain, outer=F(field.columns[0]))
    return replace(plain, outer=_id_in(field.expression(), other.plural))


def _keys(holder: Object, field: Field, pointed: Object) -> tuple[str, QuerySet]:
    """What the keys of a link that is kept as keys begin with, and those that point at an object."""
    [key] = derived.stored_keys(field, [f"link:{pointed.plural}/"])
    return key.removesuffix(f"{pointed.plural}/"), Key.objects.filter(object=holder.plural, key__startswith=key)


def _id_in(ref: Combinable, plural: str) -> Case:
    """The id in a ref of one object; NULL for another's, which is never cast."""
    before = f"{plural}/"
    identity = Cast(Substr(ref, len(before) + 1), UUIDField())
    return Case(When(StartsWith(ref, Value(before)), then=identity), default=None, output_field=UUIDField())
