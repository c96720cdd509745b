"""Values of formulas after they were checked: what type they have, and how their SQL is made for whoever reads."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..objects import Field
from ..workspaces.actors import Actor
from .sql import BOOL, DATE, DATETIME, NUMBER, TEXT, Amount, Sql, number, text

#: What the types are called where a formula is wrong.
TYPES = {
    "number": _("a number"),
    "money": _("an amount of money"),
    "text": _("a text"),
    "bool": _("yes or no"),
    "date": _("a date"),
    "datetime": _("a moment"),
    "empty": _("nothing"),
}
OUTPUTS: dict[str, models.Field] = {
    "number": NUMBER,
    "text": TEXT,
    "bool": BOOL,
    "date": DATE,
    "datetime": DATETIME,
    "money": NUMBER,
}
NOTHING = {"number": "NULL::numeric", "text": "''::text", "bool": "false", "date": "NULL::date"}
NOTHING |= {"datetime": "NULL::timestamptz", "money": "NULL::numeric"}
#: The types of the kinds a formula can work with.
KINDS = {
    **dict.fromkeys(("number", "percent"), "number"),
    **dict.fromkeys(("text", "longtext", "choice", "email", "phone", "url", "person_name"), "text"),
    **dict.fromkeys(("country", "language", "timezone", "currency"), "text"),
    "money": "money",
    "bool": "bool",
    "date": "date",
    "datetime": "datetime",
}


@dataclass(frozen=True)
class Context:
    """Who reads, and when: one moment for all rows of a page."""

    actor: Actor
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def today(self) -> date:
        """The reader's day."""
        return self.now.astimezone(ZoneInfo(self.actor.time_zone)).date()


@dataclass(frozen=True)
class Checked:
    """A value: its type and its SQL for a reader (of money an ``Amount``). ``said`` is the text that a literal is,
    ``choices`` are the values a choice may have, and of ``whole`` numbers it is known that they are. ``size``
    is how many pieces of SQL it is made of, and ``pair`` the number and the currency of money.
    """

    type: str
    make: Callable[[Context], Any]
    at: int = 0
    said: str | None = None
    choices: tuple[str, ...] = ()
    whole: bool = False
    size: int = 1
    pair: tuple[Checked, Checked] | None = None

    def moved(self, at: int) -> Checked:
        """The same, as what stands at another place."""
        return replace(self, at=at)


def built(kind: str, template: str, *arguments: Checked) -> Checked:
    """A value made by a template over others."""
    output = OUTPUTS[kind]
    size = 1 + sum(template.count(f"{{{n}}}") * each.size for n, each in enumerate(arguments))
    return Checked(
        kind, lambda context: Sql(template, *(each.make(context) for each in arguments), output=output), size=size
    )


def paired(number: Checked, code: Checked) -> Checked:
    """A number and a currency as money."""
    size = number.size + code.size
    make = lambda context: Amount(number.make(context), code.make(context))  # noqa: E731
    return Checked("money", make, number.at, size=size, pair=(number, code))


def amount(value: Checked) -> Checked:
    """The number of an amount of money."""
    assert value.pair
    return value.pair[0].moved(value.at)


def currency(value: Checked) -> Checked:
    """The currency of an amount of money."""
    assert value.pair
    return value.pair[1].moved(value.at)


def nothing(kind: str) -> Any:
    """The SQL of an empty value."""
    if kind == "money":
        return Amount(nothing("number"), nothing("text"))
    return Sql(NOTHING[kind], output=OUTPUTS[kind])


def of_field(known: Field) -> Checked | None:
    """The value of a stored field; None where its kind is none that formulas can work with."""
    kind = KINDS.get(known.kind.name)
    if kind is None or known.kind.many:
        return None
    held = known.kind.custom(known.key) if known.custom else F(known.columns[0])
    if kind == "money":
        code = Checked("text", lambda _context: _currency(known))
        return paired(Checked("number", lambda _context: number(held)), code)
    offer = getattr(known.kind, "offer", None)
    if kind == "text" and not known.custom and known.kind.empty == "":
        plain = Sql("{0}", held, output=TEXT)  # such a column is never NULL
        return Checked(kind, lambda _context: plain, choices=tuple(offer.labels) if offer else ())
    make = {"number": number, "text": text}.get(kind)
    if make is not None:
        return Checked(kind, lambda _context: make(held), choices=tuple(offer.labels) if offer else ())
    template = {"bool": "coalesce({0}, false)"}.get(kind, "{0}")
    return Checked(kind, lambda _context: Sql(template, held, output=OUTPUTS[kind]))


def _currency(known: Field) -> Any:
    """The currency of an amount, "" where there is none."""
    if not known.custom:
        return Sql("CASE WHEN {0} IS NULL THEN '' ELSE {1} END", *map(F, known.columns), output=TEXT)
    return text(KeyTextTransform("currency", KeyTransform(known.key, F("custom"))))


def unknown(words: str, name: str, known: Iterable[str], *, every: bool = False, **said: Any) -> str:
    """That there is nothing of a name, with what is nearest to it (or, with ``every``, what there is)."""
    called = {each.removeprefix("custom."): each for each in known}
    alike = difflib.get_close_matches(name.lower().removeprefix("custom."), called, 3, 0.6)
    near = list(called.values())[:20] if every else [called[each] for each in alike]
    told = words % {"name": name[:60], **said}
    return f"{told} {gettext('Did you mean: %(names)s?') % {'names': ', '.join(near)}}" if near else told
