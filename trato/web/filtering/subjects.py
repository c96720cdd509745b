"""What a condition can be about: fields, fields behind links, and related records, each with its label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from trato.engine import access, filters
from trato.engine.filters import Relation
from trato.engine.kinds import Kind, Text
from trato.engine.kinds.texts import fold
from trato.engine.objects import Field, Object
from trato.engine.workspaces.actors import Actor

from ..names import labels

RELATED = "related:"
BEHIND = " › "
MOST = 60


class Identity(Text):
    """A record's id."""

    operators = ("is", "in")  # type: ignore[assignment]


@dataclass(frozen=True)
class Subject:
    """A field or a relation. ``key`` is what the builder's form calls it, ``group`` where the menu lists it."""

    key: str
    label: str
    group: str
    kind: Kind | None = None
    relation: Relation | None = None


def of_condition(actor: Actor, obj: Object, tree: Mapping[str, Any]) -> Subject | None:
    """What a condition is about; None where that is no longer there, or hidden."""
    if "related" in tree:
        try:
            relation = filters.relation_of(actor, obj, tree, "")
        except filters.BadFilter:
            return None
        return of_relation(obj, relation)
    name = tree.get("field")
    return of_field(actor, obj, name) if isinstance(name, str) else None


def of_key(actor: Actor, obj: Object, key: str) -> Subject | None:
    """What a key of the builder's form names."""
    if not key.startswith(RELATED):
        return of_field(actor, obj, key)
    name, _colon, target = key.removeprefix(RELATED).partition(":")
    return of_condition(actor, obj, {"related": name} | ({"object": target} if target else {}))


def of_field(actor: Actor, obj: Object, name: str) -> Subject | None:
    """A field, maybe behind links."""
    if name == "id":
        return Subject(name, _("Record"), "", Identity())
    known = access.fields(actor, obj)
    if name in known:
        return Subject(name, _label(actor, obj, name), str(obj.label), known[name].kind)
    own, rest = filters.hop(name)
    if own not in known or not rest:
        return None
    try:
        relation = filters.forwards(actor, obj, known[own], "", "")
    except filters.BadFilter:
        return None
    behind = of_field(actor, relation.object, rest)
    if behind is None:
        return None
    said = _label(actor, obj, own)
    return Subject(name, f"{said}{BEHIND}{behind.label}", said, behind.kind)


def of_relation(obj: Object, relation: Relation) -> Subject:
    """Related records, called as the record's page calls them."""
    key = f"{RELATED}{relation.name}" + (f":{relation.target}" if relation.target else "")
    return Subject(key, relation_label(obj, relation), _("Related"), relation=relation)


def relation_label(obj: Object, relation: Relation) -> str:
    """What the records at the other end are called."""
    other, field = relation.object, relation.field
    if field is None:
        return str(other.label_plural)
    if relation.forwards:
        return f"{field.label}{BEHIND}{other.label_plural}" if relation.target else str(field.label)
    if field.name in other.backwards:
        return str(other.backwards[field.name])
    linking = [each for each in other.links_to(obj.plural) if not (other.moment and each.name == other.moment.about)]
    alone = (other.moment and field.name == other.moment.about) or (len(linking) < 2 and not field.custom)
    return str(other.label_plural) if alone else f"{other.label_plural} · {field.label}"


def measured(actor: Actor, relation: Relation, word: str) -> list[tuple[str, str]]:
    """The fields of related records that can be added up, or that have a least and a most: (name, label)."""
    kinds = filters.RANGED if word in ("min", "max") else filters.SUMMED
    known = access.fields(actor, relation.object)
    return [(name, str(field.label)) for name, field in known.items() if field.kind.name in kinds]


def offered(actor: Actor, obj: Object, words: str) -> list[Subject]:
    """What the menu offers for the letters typed: own fields, related records, then fields behind links."""
    wanted = [fold(word) for word in words.split()]
    every = [each for each in _all(actor, obj) if all(word in fold(each.label) for word in wanted)]
    return every[:MOST]


def _all(actor: Actor, obj: Object) -> Iterator[Subject]:
    known = access.fields(actor, obj)
    for name, field in known.items():
        if field.kind.operators:
            yield Subject(name, _label(actor, obj, name), str(obj.label), field.kind)
    relations = list(filters.related(actor, obj))
    for relation in relations:
        if not relation.single or relation.target:
            yield of_relation(obj, relation)
    for relation in relations:
        if relation.single and not relation.target and relation.field is not None:
            yield from _behind(actor, obj, relation.field, relation)
            yield of_relation(obj, relation)


def _behind(actor: Actor, obj: Object, link: Field, relation: Relation) -> Iterator[Subject]:
    said = _label(actor, obj, link.name)
    for name, field in access.fields(actor, relation.object).items():
        if field.kind.operators:
            label = f"{said}{BEHIND}{_label(actor, relation.object, name)}"
            yield Subject(f"{link.name}.{name}", label, said, field.kind)


def _label(actor: Actor, obj: Object, name: str) -> str:
    known = {**labels(actor, obj)} if obj is not filters.TIMELINE else {}
    return known.get(name) or str(access.fields(actor, obj)[name].label)
