"""Filters as people see them: a condition in words, and the small form that makes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup

from trato.engine import access, values
from trato.engine.kinds import Choice, Date, Invalid, Kind, Link, Links, Reader, Text, Typed
from trato.engine.kinds.html import fieldset
from trato.engine.objects import Field, Object
from trato.engine.workspaces.actors import Actor

from .words import PERIODS, named, operator

WITHOUT_VALUE = ("empty", "filled")
#: Operators that are offered in the form; the others are for addresses and the API.
CHOOSERS = ("choice", "user", "link", "country", "language", "currency", "timezone")
LISTS = ("in", "not_in", "has_any")
#: For those who hear the form; both a single control and a group are named by it.
LABEL = Markup('<label class="visually-hidden" id="filter-{}-label" for="filter-{}">{}</label>')


def offered(field: Field) -> list[str]:
    """The operators the form offers for a field."""
    return [op for op in field.kind.operators if op not in LISTS or (op == "in" and isinstance(field.kind, Choice))]


def control(field: Field, op: str, reader: Reader, value: Any = None) -> Markup:
    """The inputs of a condition's value; empty for operators that take none."""
    if op in WITHOUT_VALUE:
        return Markup("")
    kinds = _inputs(field.kind, op)
    names = ("value", "value-to")
    labels = (_("Value"), _("up to"))
    shown = [
        LABEL.format(name, name, label)
        + kind.input(name, value if value is not None else [] if kind.many else kind.empty, reader, id=f"filter-{name}")
        for name, label, kind in zip(names, labels, kinds, strict=False)
    ]
    return Markup(" ").join(shown)


def _inputs(kind: Kind, op: str) -> tuple[Kind, ...]:
    """The kinds that ask for a condition's value: mostly the field's own, else a simpler one."""
    if op == "within":
        return (Choice(required=True, choices=named(PERIODS)),)
    if op == "in":
        return (Several(choices=kind.choices),)
    if op in ("has", "has_any", "has_none"):
        return (Link(to=kind.to),) if isinstance(kind, Links) else (Text(max_length=300),)
    if op in ("contains", "not_contains", "starts", "ends"):
        return (Text(max_length=300),)
    plain = Date() if kind.name == "datetime" else _optional(kind)
    return (plain, plain) if op == "between" else (plain,)


def _optional(kind: Kind) -> Kind:
    """The same kind, not required: a filter's control carries no mark."""
    copy = object.__new__(type(kind))
    copy.__dict__.update(kind.__dict__, required=False)
    return copy


class Several(Choice):
    """Several of a choice's values, given one beside the other, for ``in``."""

    def input(self, name: str, value: Any, reader: Reader, **extra: Any) -> Markup:
        """A checkbox each."""
        box = Markup(
            '<label class="form-check"><input class="form-check-input" type="checkbox" name="{}" value="{}">'
            '<span class="form-check-label">{}</span></label>'
        )
        boxes = [box.format(name, offered, label) for offered, label in self.offer.pairs()]
        return fieldset(Markup("").join(boxes), id=extra["id"])

    def from_form(self, data: Any, name: str, reader: Reader) -> list[str]:
        """The values ticked; raises Invalid where none is."""
        ticked = [self.clean(text, reader) for text in data.getlist(name)]
        if not ticked:
            raise Invalid("no_value", _("Say what to compare with."))
        return ticked

    def dump(self, value: Any) -> Any:
        """As it is."""
        return value


def read(actor: Actor, field: Field, op: str, data: Any, reader: Reader) -> dict[str, Any]:
    """The condition a person made in the form; raises Invalid."""
    if op not in field.kind.operators:
        raise Invalid("operator", _("Choose how to compare."))
    tree = {"field": field.name, "op": op}
    if op in WITHOUT_VALUE:
        return tree
    given = []
    for name, kind in zip(("value", "value-to"), _inputs(field.kind, op), strict=False):
        stored = kind.from_form(data, name, reader)
        if isinstance(kind, Link | Links):
            stored = values.by_title(actor, kind, stored)
        if kind.is_empty(stored):
            raise Invalid("no_value", _("Say what to compare with."))
        given.append(kind.dump(stored))
    return tree | {"value": given if op == "between" else given[0]}


def typed(data: Mapping[str, str]) -> Typed:
    """What was typed, to show it again."""
    return Typed(data)


def parts(tree: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The conditions that hold together: each is a chip."""
    if not tree:
        return []
    return list(tree["and"]) if set(tree) == {"and"} and isinstance(tree["and"], list) else [tree]


def whole(conditions: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The filter of some chips."""
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return {"and": conditions}


def refs(fields: Mapping[str, Field], tree: Any, reader: Reader) -> Iterable[str]:
    """The addresses of records a filter names, so that their titles are asked for together."""
    if not isinstance(tree, Mapping):
        return
    for word in ("and", "or"):
        for part in tree.get(word) if isinstance(tree.get(word), list) else ():
            yield from refs(fields, part, reader)
    yield from refs(fields, tree.get("not"), reader)
    field = fields.get(tree.get("field", "")) if isinstance(tree.get("field"), str) else None
    if field is not None and isinstance(field.kind, Link | Links):
        for value in tree["value"] if isinstance(tree.get("value"), list) else [tree.get("value")]:
            yield from _refs(field.kind, value, reader)


def _refs(kind: Kind, value: Any, reader: Reader) -> list[str]:
    try:
        return kind.refs(kind.clean([value] if kind.many else value, reader))
    except Invalid:
        return []


def describe(actor: Actor, obj: Object, tree: Mapping[str, Any], reader: Reader) -> str:
    """A condition in words: ``Lifecycle is Customer``."""
    for word, joined in (("and", _("and")), ("or", _("or"))):
        if isinstance(tree.get(word), list):
            return f" {joined} ".join(describe(actor, obj, part, reader) for part in tree[word])
    if isinstance(tree.get("not"), Mapping):
        return _("not (%(condition)s)") % {"condition": describe(actor, obj, tree["not"], reader)}
    if "related" in tree:
        return _("%(what)s: %(value)s") % {"what": tree["related"], "value": tree.get("value", 1)}
    name, op = str(tree.get("field", "")), str(tree.get("op", "is"))
    field = access.fields(actor, obj).get(name)
    if field is None:
        return f"{name} {op} {tree.get('value', '')}".strip()
    said = "" if op in WITHOUT_VALUE else _value(field.kind, op, tree.get("value"), reader)
    return f"{field.label} {operator(field.kind.name, op)} {said}".strip()


def _value(kind: Any, op: str, value: Any, reader: Reader) -> str:
    """A condition's value in words; what can't be read is said as it was given."""
    if op == "within":
        return str(PERIODS.get(value, value)) if isinstance(value, str) else str(value)
    if isinstance(value, list):
        return (_(" and ") if op == "between" else ", ").join(_value(kind, "is", item, reader) for item in value)
    if value == "me" and kind.name == "user":
        return _("me")
    if isinstance(kind, Link | Links):
        return ", ".join(reader.titles.get(ref, "…") for ref in _refs(kind, value, reader))
    try:
        plain = not kind.many and op in ("is", "is_not", "lt", "lte", "gt", "gte")
        return kind.plain(kind.clean(value, reader), reader) if plain else str(value)
    except Invalid:
        return str(value)
