"""How a comparison is asked: its operator with the sort of value it takes, and the controls that ask for that value.

A key is an operator, or an operator and a shape: ``lt:ago`` is *more than … ago*, ``within:named`` *this week* and the
like, ``is:me`` whoever reads. ``raw`` is JSON, for whatever has no control of its own.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup

from trato.engine import access, values
from trato.engine.filters import MY_TEAM
from trato.engine.kinds import (
    Choice,
    Choices,
    Date,
    DateTime,
    Invalid,
    Kind,
    Link,
    Links,
    LongText,
    Number,
    Reader,
    Text,
    Typed,
    locales,
)
from trato.engine.kinds.date import iso_day
from trato.engine.kinds.periods import COUNTED, LONGEST, NAMED, read_period
from trato.engine.workspaces.actors import Actor

from ..words import PERIODS, SHAPES, UNITS, named, operator

WITHOUT_VALUE = ("empty", "filled")
SEVERAL = ("in", "not_in", "has_any", "has_none")
PERSONS = ("me", MY_TEAM)
DATES = (
    *("within:named", "within:last", "within:next", "lt:ago", "gt:ago", "lt:ahead", "gt:ahead"),
    *("is", "lt", "gt", "lte", "gte", "between", "is_not", "empty", "filled"),
)
#: What is compared with the number of related records.
COUNT = Number()
#: For those who hear the form; both a single control and a group are named by it.
LABEL = Markup('<label class="visually-hidden" id="{0}-label" for="{0}">{1}</label>')


class Figure(Number):
    """A sum or an average: as many digits as it needs."""

    def __init__(self) -> None:
        super().__init__(digits=6)

    def plain(self, value: Any, reader: Reader) -> str:
        """Without zeros at the end."""
        return (
            ""
            if value is None
            else locales.number(value, max(0, -int(value.normalize().as_tuple().exponent)), reader.language)
        )

    def text(self, value: Any, reader: Reader) -> str:
        """The same, as it is typed."""
        return "" if value is None else f"{value.normalize():f}".replace(".", locales.marks(reader.language).decimal)


class Several(Text):
    """Values of another kind, separated by semicolons."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(max_length=10_000)
        self.kind = kind

    def _clean(self, value: Any, reader: Reader) -> Any:
        return value if isinstance(value, list) else super()._clean(value, reader)

    def parse(self, text: str, reader: Reader) -> list[Any]:  # type: ignore[override]
        """Each piece as the kind reads it; raises Invalid."""
        pieces = filter(None, (piece.strip() for piece in text.split(";")))
        return [self.kind.dump(self.kind.parse(piece, reader)) for piece in pieces]

    def text(self, value: Any, reader: Reader) -> str:
        return "; ".join(self.kind.text(self.kind.clean(each, reader), reader) for each in value or [])


class Raw(LongText):
    """A value as JSON."""

    def _clean(self, value: Any, reader: Reader) -> Any:
        return value if isinstance(value, Given) else super()._clean(value, reader)

    def parse(self, text: str, reader: Reader) -> Any:
        """Whatever the JSON says; raises Invalid."""
        try:
            return Given(json.loads(text))
        except (ValueError, RecursionError):
            raise Invalid("json", _("Write JSON here, such as [1, 2].")) from None

    def text(self, value: Any, reader: Reader) -> str:
        return json.dumps(value.value, ensure_ascii=False) if isinstance(value, Given) else ""

    def dump(self, value: Any) -> Any:
        return value.value


class Given:
    """What JSON said, so that an empty list is no empty field."""

    def __init__(self, value: Any) -> None:
        self.value = value


def keys_of(kind: Kind) -> list[str]:
    """The ways a field of this kind is asked about, as the builder offers them."""
    if kind.name in ("date", "datetime"):
        return [key for key in DATES if key.partition(":")[0] in kind.operators]
    own = [f"{op}:{person}" for person in PERSONS for op in ("is", "is_not") if kind.name == "user"]
    return [*own, *kind.operators]


def key_of(kind: Kind, op: str, value: Any, reader: Reader) -> str:
    """The way a condition of a tree is asked."""
    if op in WITHOUT_VALUE:
        return op
    shape = _shape(kind, op, value)
    key = f"{op}:{shape}" if shape else op
    try:
        loaded(kind, key, value, reader)
    except (Invalid, KeyError, TypeError, ValueError):
        return f"{op}:raw"
    return key


def _shape(kind: Kind, op: str, value: Any) -> str:
    if kind.name == "user" and value in PERSONS and op in ("is", "is_not"):
        return str(value)
    if kind.name not in ("date", "datetime"):
        return ""
    period = read_period(value)
    if isinstance(period, dict):
        return next((word for word in COUNTED if word in period), "raw")
    if isinstance(value, str) and value in NAMED:
        return "named"
    exact = kind.name == "datetime" and op != "between" and isinstance(value, str) and not iso_day(value)
    return "moment" if exact else ""


def asks(kind: Kind, key: str) -> tuple[Kind, ...]:
    """The kinds that ask for a value, mostly the field's own."""
    op, _colon, shape = key.partition(":")
    if op in WITHOUT_VALUE or shape in PERSONS:
        return ()
    if shape in COUNTED:
        return Number(minimum=1, maximum=LONGEST), Choice(required=True, choices=named(UNITS))
    if shape:
        periods = Choice(required=True, choices=named(PERIODS))
        return ({"raw": Raw(), "moment": DateTime()}.get(shape, periods),)
    if op in SEVERAL or op == "has":
        return (_of_several(kind, op),)
    if op in ("contains", "not_contains", "starts", "ends"):
        return (Text(max_length=300),)
    plain = Date() if kind.name == "datetime" else _optional(kind)
    return (plain, plain) if op == "between" else (plain,)


def _of_several(kind: Kind, op: str) -> Kind:
    if isinstance(kind, Link | Links):
        return Link(to=kind.to) if op == "has" else Links(to=kind.to)
    if isinstance(kind, Choice | Choices):
        return Choice(choices=kind.choices) if op == "has" else Choices(choices=kind.choices)
    plain = Text(max_length=300) if kind.many else _optional(kind)
    return plain if op == "has" else Several(plain)


def _optional(kind: Kind) -> Kind:
    """The same kind, not required: a filter's control carries no mark."""
    copy = object.__new__(type(kind))
    copy.__dict__.update(kind.__dict__, required=False)
    return copy


def loaded(kind: Kind, key: str, value: Any, reader: Reader) -> list[Any]:
    """What a tree's value puts into the controls; raises Invalid, KeyError, TypeError or ValueError."""
    asked, shape = asks(kind, key), key.partition(":")[2]
    if shape == "raw":
        return [Given(value)]
    if shape in COUNTED:
        period = read_period(value)
        given: list[Any] = [period[shape], period["unit"]]
    else:
        given = list(value) if key == "between" else [value]
    cleaned = [each.clean(one, reader) for each, one in zip(asked, given, strict=bool(asked))]
    for each, one in zip(asked, cleaned, strict=False):
        each.text(one, reader)
    return cleaned


def control(prefix: str, kind: Kind, key: str, reader: Reader, value: Any) -> Markup:
    """The controls of a condition's value, named ``<prefix>-value``; ``value`` from a tree, or Typed to show again, or
    None for nothing yet.
    """
    asked = asks(kind, key)
    shown = [value] * len(asked) if value is None or isinstance(value, Typed) else loaded(kind, key, value, reader)
    found = []
    for name, label, each, one in zip(names(prefix), (_("Value"), _("up to")), asked, shown, strict=False):
        if one is None:
            one = [] if each.many else each.empty  # noqa: PLW2901 - nothing yet, as the kind says it
        found.append(LABEL.format(name, label) + each.input(name, one, reader, id=name))
    return Markup(" ").join(found)


def names(prefix: str) -> tuple[str, str]:
    """What the controls of a condition's value are called."""
    return f"{prefix}-value", f"{prefix}-value-to"


def read(actor: Actor, prefix: str, kind: Kind, key: str, data: Any) -> dict[str, Any]:
    """``op`` and ``value`` as a person gave them in the form; raises Invalid."""
    reader = access.reader(actor)
    op, _colon, shape = key.partition(":")
    if op not in kind.operators:
        raise Invalid("operator", _("Choose how to compare."))
    if shape in PERSONS:
        return {"op": op, "value": shape}
    given = [
        _given(actor, each, name, data, reader) for name, each in zip(names(prefix), asks(kind, key), strict=False)
    ]
    if not given:
        return {"op": op}
    if shape in COUNTED:
        return {"op": op, "value": {shape: given[0], "unit": given[1]}}
    return {"op": op, "value": given if key == "between" else given[0]}


def _given(actor: Actor, kind: Kind, name: str, data: Any, reader: Reader) -> Any:
    stored = kind.from_form(data, name, reader)
    if isinstance(kind, Link | Links):
        stored = values.by_title(actor, kind, stored)
    if kind.is_empty(stored):
        raise Invalid("no_value", _("Say what to compare with."))
    return kind.dump(stored)


def key_words(kind: Kind, key: str) -> str:
    """What a way to ask is called in the menu."""
    op, _colon, shape = key.partition(":")
    special = SHAPES.get(key)
    if special:
        return str(special)
    said = operator(kind.name, op)
    return f"{said} …" if shape else said
