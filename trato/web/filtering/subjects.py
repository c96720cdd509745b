"""What a condition can be about: fields, fields behind links, and related records, each with its label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from trato.engine import access, filters
from trato.engine.filters import Relation
from trato.engine.kinds import Kind, Text
from trato.engine.kinds.texts import fold
from trato.engine.objects import Object
from trato.engine.workspaces.actors import Actor

from ..names import labels

RELATED = "related:"
BEHIND = " › "
#: What a menu shows at once, and over how many links it reaches a field.
MOST, LINKS = 60, 3


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
    """What the menu offers for the letters typed: own fields, related records, then fields behind one link and more."""
    wanted = [fold(word) for word in words.split()]
    fitting = (each for each in _all(actor, obj) if all(word in fold(each.label) for word in wanted))
    return list(islice(fitting, MOST))


def _all(actor: Actor, obj: Object) -> Iterator[Subject]:
    known = access.fields(actor, obj)
    for name, field in known.items():
        if field.kind.operators:
            yield Subject(name, _label(actor, obj, name), str(obj.label), field.kind)
    relations = list(filters.related(actor, obj))
    for relation in relations:
        if not relation.single or relation.target:
            yield of_relation(obj, relation)
    behind = list(_links(actor, obj)) if obj is not filters.TIMELINE else []
    for link in behind:
        yield from link.fields(actor)
        yield of_relation(obj, link.relation)
    for _hop in range(LINKS - 1):
        behind = [farther for link in behind for farther in _links(actor, link.relation.object, link)]
        for link in behind:
            yield from link.fields(actor)


@dataclass(frozen=True)
class _Link:
    """A link to one record, maybe behind others: its path, what the way is called, and where it leads."""

    path: str
    label: str
    relation: Relation

    def fields(self, actor: Actor) -> Iterator[Subject]:
        """What can be asked of the record there."""
        other = self.relation.object
        for name, field in access.fields(actor, other).items():
            if field.kind.operators:
                label = f"{self.label}{BEHIND}{_label(actor, other, name)}"
                yield Subject(f"{self.path}.{name}", label, self.label, field.kind)


def _links(actor: Actor, obj: Object, before: _Link | None = None) -> Iterator[_Link]:
    """The links of an object to one record of one sort, those behind another link with the way there."""
    for name, field in access.fields(actor, obj).items():
        try:
            relation = filters.forwards(actor, obj, field, "", "")
        except filters.BadFilter:
            continue
        if relation.single:
            label = _label(actor, obj, name)
            yield (
                _Link(f"{before.path}.{name}", f"{before.label}{BEHIND}{label}", relation)
                if before
                else _Link(name, label, relation)
            )


def _label(actor: Actor, obj: Object, name: str) -> str:
    known = {**labels(actor, obj)} if obj is not filters.TIMELINE else {}
    return known.get(name) or str(access.fields(actor, obj)[name].label)
