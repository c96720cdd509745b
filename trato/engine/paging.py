"""Pages by key: every page costs the same, the first as the ten-thousandth.

An order is one field and then the id. Where the field is empty, rows come last in either direction, as a second
stretch of their own: so that both stretches are plain index ranges (``(value, id) > (…)``), which ``OR`` conditions
would not be.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Func, Q, QuerySet, UUIDField, Value
from django.db.models.lookups import Exact, GreaterThan, IsNull
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .objects import Field, Object

#: No number that is kept is larger.
LARGEST = 10**30
STALE = gettext_lazy("This page address is not valid any more; start again from the first page.")


class BadPage(ValueError):
    """An order or a cursor that does not exist; the message says what to do."""


@dataclass(frozen=True)
class Order:
    """How a list is ordered: by id (newest first or last), or by a field and then by id."""

    name: str
    descending: bool
    field: Field | None

    @property
    def text(self) -> str:
        """As it is written in addresses: ``-last_name``."""
        return ("-" if self.descending else "") + self.name


@dataclass(frozen=True)
class Page:
    """Rows as ``.values()`` mappings, and the cursors of the neighbours (None where there is none)."""

    rows: list[dict[str, Any]]
    next: str | None
    previous: str | None


class _After(Func):
    """``(value, id) > (…, …)``: a row comparison, which an index on both columns answers."""

    output_field = BooleanField()
    arity = 4

    def __init__(self, *expressions: Any, sign: str = ">") -> None:
        super().__init__(*expressions)
        self.template = f"(%(first)s, %(second)s) {sign} (%(third)s, %(fourth)s)"

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """The comparison and its parameters."""
        parts, params = [], []
        for expression in self.source_expressions:
            sql, values = compiler.compile(expression)
            parts.append(sql)
            params.extend(values)
        words = dict(zip(("first", "second", "third", "fourth"), parts, strict=True))
        return self.template % words, params


def order_of(fields: Mapping[str, Field], obj: Object, text: str) -> Order:
    """The order named by ``last_name`` or ``-last_name`` ("" for the object's own); raises BadPage."""
    text = text or obj.order
    name, descending = text.removeprefix("-"), text.startswith("-")
    if name == "id":
        return Order("id", descending, None)
    field = fields.get(name)
    if field is None or not field.sortable:
        raise BadPage(_("Lists can't be ordered by “%(name)s”.") % {"name": name[:80]})
    return Order(name, descending, field)


def encode(stretch: int, value: Any, record_id: Any, backwards: bool = False) -> str:
    """A cursor: where a page ends, in which stretch, and which way to read."""
    text = json.dumps([stretch, value, str(record_id), int(backwards)], separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[int, Any, str, bool]:
    """What ``encode`` put in; raises BadPage."""
    try:
        stretch, value, record_id, backwards = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if stretch not in (0, 1) or isinstance(value, dict | list) or not isinstance(record_id, str):
            raise ValueError
        return stretch, value, str(UUID(record_id)), bool(backwards)
    except (ValueError, TypeError, RecursionError):
        raise BadPage(STALE) from None


def page(rows: QuerySet, order: Order, columns: Sequence[str], limit: int, cursor: str = "") -> Page:
    """One page of ``rows`` as mappings of ``columns`` (with ``id``); raises BadPage on a cursor that does not fit."""
    stretch, value, record_id, backwards = decode(cursor) if cursor else (0, None, None, False)
    found: list[dict[str, Any]] = []
    for number in _stretches(order, stretch, backwards):
        start = (value, record_id) if cursor and number == stretch else None
        part = _stretch(rows, order, number, backwards, start)
        wanted = {*columns, "id"} | ({"sort_"} if order.field else set())
        found += [row | {"stretch_": number} for row in part.values(*wanted)[: limit + 1 - len(found)]]
        if len(found) > limit:
            break
    more = len(found) > limit
    found = found[:limit]
    if backwards:
        found.reverse()
    first, last = (found[0], found[-1]) if found else (None, None)
    before = _cursor(first, True) if first and (more if backwards else bool(cursor)) else None
    after = _cursor(last, False) if last and (True if backwards else more) else None
    return Page(found, after, before)


def stretches(rows: QuerySet, order: Order) -> list[QuerySet]:
    """All of ``rows`` as the pages would give them: what to read, one after the other."""
    return [_stretch(rows, order, number, False, None) for number in _stretches(order, 0, False)]


def _stretches(order: Order, start: int, backwards: bool) -> range:
    """Which stretches to read, and in which order: 0 holds the rows with a value, 1 those without."""
    if order.field is None:
        return range(1)
    return range(start, -1, -1) if backwards else range(start, 2)


def _cursor(row: Mapping[str, Any], backwards: bool) -> str:
    return encode(row["stretch_"], row.get("sort_"), row["id"], backwards)


def _stretch(rows: QuerySet, order: Order, number: int, backwards: bool, start: tuple[Any, Any] | None) -> QuerySet:
    """The rows of one stretch, from ``start`` on, in reading direction."""
    descending = order.descending != backwards
    by_id = "-id" if descending else "id"
    if order.field is None:
        if start:
            rows = rows.filter(**{"id__lt" if descending else "id__gt": start[1]})
        return rows.order_by(by_id)
    rows = rows.annotate(sort_=order.field.order())
    if number == 1:
        return _stretch(rows.filter(_empty(order.field)), Order("id", order.descending, None), 0, backwards, start)
    if not (start and _is_text(order.field) and not descending):
        # Of two lower bounds the index would begin at the weaker one.
        rows = rows.filter(_filled(order.field))
    if start:
        output, ids = rows.query.annotations["sort_"].output_field, UUIDField()
        value = _bound(output, start[0])
        sign = "<" if descending else ">"
        rows = rows.filter(_After(F("sort_"), F("id"), Value(value, output), Value(UUID(start[1]), ids), sign=sign))
    by_value = F("sort_").desc() if descending else F("sort_").asc()
    return rows.order_by(by_value, by_id)


def _bound(output: Any, given: Any) -> Any:
    """A cursor's value as the column holds it; raises BadPage on what no page ever ended with."""
    try:
        value: Any = output.get_prep_value(output.to_python(given))
        too_large = isinstance(value, Decimal | int) and not -LARGEST < Decimal(value) < LARGEST
        if too_large or (isinstance(value, str) and b"\0" in value.encode()):
            raise ValueError
    except (ValidationError, ValueError, TypeError, ArithmeticError):
        raise BadPage(STALE) from None
    return value


def _filled(field: Field) -> Q:
    """The rows with a value, as a range that the index of the order answers; an empty text is no value."""
    return Q(GreaterThan(F("sort_"), Value("")) if _is_text(field) else IsNull(F("sort_"), False))


def _empty(field: Field) -> Q:
    """The rows without a value."""
    return Q(Exact(F("sort_"), Value("")) if _is_text(field) else IsNull(F("sort_"), True))


def _is_text(field: Field) -> bool:
    """Whether nothing is kept as an empty text, not as NULL."""
    return not field.custom and field.kind.empty == ""
