"""What every kind of value is: one class that answers form, list, filter, API, file, history and search.

A value has three forms. *Stored*: the Python value the ORM gives and takes. *JSON*: what the API, the history and
custom fields hold. *Text*: what a person types and a CSV file carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup, escape

from . import html, locales, lookups, rates
from .options import Option
from .texts import Invalid, Words, clip, readable, shorten

if TYPE_CHECKING:
    from ..workspaces.actors import Actor


@dataclass(frozen=True)
class Reader:
    """Who reads: how values are shown and how text is understood.

    `titles` holds the titles of visible link targets only ("contacts/<uuid>" -> title, "users/<uuid>" -> name): a link
    whose ref is not in it is shown as nothing. `base` is the workspace's address, such as "/w/demo".
    `numbers` (a key of `locales.WRITTEN`) and `dates` ("dmy", "mdy" or "ymd") say how text is written that isn't
    written as the language does. `actor` is for kinds that ask those above them (see `above`), and `beside` holds the
    values of the record that is shown, for kinds that depend on another field.
    """

    language: str = "en"
    time_zone: str = "UTC"
    country: str = ""
    currency: str = "EUR"
    user_id: UUID | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    numbers: str = ""
    dates: str = ""
    actor: Actor | None = None
    beside: Mapping[str, Any] = field(default_factory=dict)

    @property
    def marks(self) -> locales.Marks:
        """What parts the digits of the numbers this reader writes."""
        return locales.WRITTEN.get(self.numbers) or locales.marks(self.language)

    @cached_property
    def rates(self) -> Mapping[str, Decimal]:
        """What one unit of the workspace's currency is worth in others by now; asked for once."""
        return rates.latest(self.actor)

    @property
    def order(self) -> str:
        """What comes first in the dates this reader writes in figures."""
        return self.dates or ("mdy" if locales.month_first(self.language, self.country) else "dmy")


@dataclass(frozen=True)
class Typed:
    """What a person typed into a form, given to `Kind.input` in place of a value to show a refused form again."""

    data: Mapping[str, str]

    def get(self, name: str) -> str:
        return clip(self.data.get(name, "") or "")


class Kind:
    """One kind of value. A subclass overrides `_clean` and `_parse` and whatever else differs."""

    name: ClassVar[str]
    label: ClassVar[Words]
    operators: ClassVar[tuple[str, ...]] = ("is", "is_not", "in", "not_in", "empty", "filled")
    many: ClassVar[bool] = False
    sortable: ClassVar[bool] = True
    align: ClassVar[str] = "start"
    privacy: ClassVar[str] = "none"
    options: ClassVar[tuple[Option, ...]] = ()
    suffixes: ClassVar[tuple[str, ...]] = ("",)
    # Several controls in one fieldset: the form's template then gives its caption the id "<id>-label" (no `for`).
    grouped: ClassVar[bool] = False
    # Whether the control fits a cell of a table.
    in_cell: ClassVar[bool] = True
    # The SQL text a column is found by in text search; %s is the column.
    search_sql: ClassVar[str] = "coalesce(%s, '')"
    # The SQL of `text` for files, as far as SQL can say it; {0} is the column. What begins with chr(1) is the JSON that
    # `load` takes, for Python to say.
    file_sql: ClassVar[str] = "chr(1) || to_jsonb({0})::text"
    # The longest text `parse` looks at: longer text is refused before any pattern sees it.
    longest: ClassVar[int] = 1_000
    empty: Any = None
    # Of links: the objects that may be linked (() is any), and whether the column holds the id alone.
    to: tuple[str, ...] = ()
    by_id: bool = False

    def __init__(self, *, required: bool = False, **options: Any) -> None:
        self.required = required
        for option in self.options:
            setattr(self, option.name, options.pop(option.name, option.default))
        if options:
            raise TypeError(f"The kind {self.name} has no option {', '.join(sorted(options))}.")

    def __repr__(self) -> str:
        return f"<kind {self.name}>"

    # -- from outside to stored ---------------------------------------------------------------------------------

    def is_empty(self, value: Any) -> bool:
        return value is None or value in ("", [])

    def clean(self, value: Any, reader: Reader) -> Any:
        """The stored value of JSON or of a stored value. Idempotent. Raises Invalid; never anything else."""
        if value is None or value in ("", []) or self.is_empty(value := self._clean(value, reader)):
            return self._nothing()
        return value

    def parse(self, text: str, reader: Reader) -> Any:
        """The stored value of text; "" is empty. Raises Invalid; never anything else."""
        if not text or not text.strip():
            return self._nothing()
        if len(text) > self.longest:
            raise Invalid("too_long", _("At most %(n)s characters."), n=self.longest)
        value = self._parse(readable(text).strip(), reader)
        return self._nothing() if self.is_empty(value) else value

    def from_form(self, data: Mapping[str, str], name: str, reader: Reader) -> Any:
        """The stored value of what `input` posts under `name`."""
        return self.parse(data.get(name, ""), reader)

    def _nothing(self) -> Any:
        if self.required:
            raise Invalid("required", _("Fill in this field."))
        return self.empty

    def _clean(self, value: Any, reader: Reader) -> Any:
        if not isinstance(value, str):
            raise Invalid("text", _("Write text here."))
        return self.parse(value, reader)

    def _parse(self, text: str, reader: Reader) -> Any:
        return text

    # -- from stored to outside ---------------------------------------------------------------------------------

    def join(self, values: tuple[Any, ...]) -> Any:
        """The stored value of its columns' values (see `suffixes`)."""
        return values[0]

    def split(self, value: Any) -> tuple[Any, ...]:
        """The values of the columns of a stored value."""
        return (value,)

    def dump(self, value: Any) -> Any:
        """JSON of a stored value: what PostgreSQL's to_jsonb gives of the column."""
        return value

    def load(self, data: Any) -> Any:
        """The stored value of JSON that `dump` made."""
        return data

    def api(self, value: Any, reader: Reader) -> Any:
        """JSON for the API: as `dump`, but a link carries its title and hides what the reader may not see."""
        return self.dump(value)

    def text(self, value: Any, reader: Reader) -> str:
        return "" if self.is_empty(value) else str(value)

    def plain(self, value: Any, reader: Reader) -> str:
        return self.text(value, reader)

    def cell(self, value: Any, reader: Reader) -> Markup:
        return escape(self.plain(value, reader))

    def show(self, value: Any, reader: Reader) -> Markup:
        return self.cell(value, reader)

    def diff(self, old: Any, new: Any, reader: Reader) -> Markup:
        """What changed, as words struck out and words put in."""
        before, after = shorten(self.plain(old, reader), 400), shorten(self.plain(new, reader), 400)
        if before == after:
            return escape(after)
        parts = [Markup("<{0}>{1}</{0}>").format(tag, s) for tag, s in (("del", before), ("ins", after)) if s]
        return Markup(" ").join(parts)

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """The form control. `value` is a stored value, or Typed to show again what a person typed."""
        return html.control(self.typed(name, value, reader), self._attributes(name, id, invalid, described_by))

    def typed(self, name: str, value: Any, reader: Reader) -> str:
        return value.get(name) if isinstance(value, Typed) else self.text(value, reader)

    def _attributes(self, name: str, id: str, invalid: bool, described_by: str) -> dict[str, Any]:
        return html.attributes_of(name, id, invalid, described_by, self.required)

    def schema(self) -> dict[str, Any]:
        """JSON Schema 2020-12 of the JSON form, null included unless required."""
        return self.nullable({"type": "string"})

    def nullable(self, schema: dict[str, Any]) -> dict[str, Any]:
        return schema if self.required else {"anyOf": [schema, {"type": "null"}]}

    # -- finding and merging ------------------------------------------------------------------------------------

    def keys(self, value: Any) -> list[str]:
        """Normalised look-up keys, such as "email:ana@x.com"."""
        return []

    def query_keys(self, value: Any, reader: Reader) -> list[str]:
        """The look-up keys that a filter's value (one, or a list) asks for."""
        return self.keys(self.clean(value, reader))

    def refs(self, value: Any) -> list[str]:
        """The refs of the records this value links to: what a page must ask titles for."""
        return []

    def without(self, mine: Any, other: Any) -> Any:
        """My value, unless it is the other's too."""
        return self.empty if mine == other else mine

    def merge(self, mine: Any, other: Any) -> Any:
        return other if self.is_empty(mine) else mine

    def lookup(self, lhs: Combinable, op: str, value: Any, reader: Reader) -> Q:
        """The SQL condition of a filter on `lhs`, an expression of the stored value. Raises Invalid on nonsense."""
        if op not in self.operators:
            raise Invalid("operator", _("“%(op)s” can't be used with this field."), op=op)
        return lookups.condition(self, lhs, op, value, reader)

    def operand(self, value: Any, reader: Reader) -> Any:
        """A filter's value as a stored value; nothing is refused (use the operator `empty`)."""
        found = None if isinstance(value, str) and not value.strip() else self.clean(value, reader)
        if self.is_empty(found):
            raise Invalid("no_value", _("Say what to compare with."))
        return found

    def is_blank(self, lhs: Combinable) -> Q:
        """The SQL condition that nothing is stored."""
        return lookups.is_null(lhs)

    def custom(self, name: str) -> Combinable:
        """The typed SQL expression of a custom field's value."""
        return Cast(KeyTextTransform(name, F("custom")), output_field=self.model_field())

    def model_field(self) -> models.Field:
        """The output field of `custom`, and of a literal compared with the column."""
        return models.TextField()
