"""Pages by key: every page costs the same, the first as the ten-thousandth.

An order is one field and then the id. Where the field is empty, rows come last in either direction, as a second
stretch of their own: so that both stretches are plain index ranges (``(value, id) > (…)``), which ``OR`` conditions
would not be. Further fields order what is equal so far; the index of the first still answers, and the rest is sorted
within its equals.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, UUIDField, Value
from django.db.models.functions import NullIf
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, IsNull, LessThan, LessThanOrEqual
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .objects import Field, Object

#: Fields of one order.
MOST_FIELDS = 4
#: No number that is kept is larger.
LARGEST = 10**30
STALE = gettext_lazy("This page address is not valid any more; start again from the first page.")


class BadPage(ValueError):
    """An order or a cursor that does not exist; the message says what to do."""


@dataclass(frozen=True)
class Order:
    """How a list is ordered: by id (newest first or last), or by a field, then by further ones, and then by id."""

    name: str
    descending: bool
    field: Field | None
    then: tuple[Order, ...] = ()

    @property
    def text(self) -> str:
        """As it is written in addresses: ``-last_name,city``."""
        return ",".join(("-" if one.descending else "") + one.name for one in (self, *self.then))

    @property
    def aliases(self) -> list[str]:
        """What the values rows are ordered by are read as."""
        return [] if self.field is None else ["sort_", *(f"sort{n}_" for n, _one in enumerate(self.then, 1))]


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
    """The order named by ``last_name``, ``-last_name`` or several (``stage,-amount``), "" for the object's own; raises
    BadPage.
    """
    texts = (text or obj.order).split(",", MOST_FIELDS)
    if len(texts) > MOST_FIELDS:
        raise BadPage(_("Lists are ordered by at most %(n)s fields.") % {"n": MOST_FIELDS})
    first, *then = [_one_order(fields, each) for each in texts]
    if then and any(one.field is None for one in (first, *then)):
        raise BadPage(_("Lists can't be ordered by “%(name)s”.") % {"name": "id"})
    return replace(first, then=tuple(then))


def _one_order(fields: Mapping[str, Field], text: str) -> Order:
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
        values = value if isinstance(value, list) else [value]
        if stretch not in (0, 1) or not isinstance(record_id, str) or not all(map(_is_scalar, values)):
            raise ValueError
        return stretch, value, str(UUID(record_id)), bool(backwards)
    except (ValueError, TypeError, RecursionError):
        raise BadPage(STALE) from None


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, dict | list)


def page(rows: QuerySet, order: Order, columns: Sequence[str], limit: int, cursor: str = "") -> Page:
    """One page of ``rows`` as mappings of ``columns`` (with ``id``); raises BadPage on a cursor that does not fit."""
    stretch, value, record_id, backwards = decode(cursor) if cursor else (0, None, None, False)
    found: list[dict[str, Any]] = []
    for number in _stretches(order, stretch, backwards):
        start = (value, record_id) if cursor and number == stretch else None
        part = _stretch(rows, order, number, backwards, start)
        wanted = {*columns, "id", *order.aliases}
        found += [row | {"stretch_": number} for row in part.values(*wanted)[: limit + 1 - len(found)]]
        if len(found) > limit:
            break
    more = len(found) > limit
    found = found[:limit]
    if backwards:
        found.reverse()
    first, last = (found[0], found[-1]) if found else (None, None)
    before = _cursor(order, first, True) if first and (more if backwards else bool(cursor)) else None
    after = _cursor(order, last, False) if last and (True if backwards else more) else None
    return Page(found, after, before)


def stretches(rows: QuerySet, order: Order) -> list[QuerySet]:
    """All of ``rows`` as the pages would give them: what to read, one after the other."""
    return [_stretch(rows, order, number, False, None) for number in _stretches(order, 0, False)]


def _stretches(order: Order, start: int, backwards: bool) -> range:
    """Which stretches to read, and in which order: 0 holds the rows with a value, 1 those without."""
    if order.field is None:
        return range(1)
    return range(start, -1, -1) if backwards else range(start, 2)


def _cursor(order: Order, row: Mapping[str, Any], backwards: bool) -> str:
    values = [row[alias] for alias in order.aliases]
    return encode(row["stretch_"], values if order.then else (values or [None])[0], row["id"], backwards)


def _stretch(rows: QuerySet, order: Order, number: int, backwards: bool, start: tuple[Any, Any] | None) -> QuerySet:
    """The rows of one stretch, from ``start`` on, in reading direction."""
    if start and isinstance(start[0], list) != bool(order.then):
        raise BadPage(STALE)
    if order.then:
        return _by_several(rows, order, number, backwards, start)
    descending = order.descending != backwards
    by_id = "-id" if descending else "id"
    if order.field is None:
        if start:
            rows = rows.filter(**{"id__lt" if descending else "id__gt": start[1]})
        return rows.order_by(by_id)
    rows = rows.annotate(sort_=order.field.order())
    if number == 1:
        rows = rows.filter(_empty(order.field))
        return _stretch(rows, Order("id", order.descending, None), 0, backwards, start)
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


def _by_several(rows: QuerySet, order: Order, number: int, backwards: bool, start: tuple[Any, Any] | None) -> QuerySet:
    """A stretch of an order by several fields. Among rows equal so far, those without the next value come last."""
    first, *others = (one.field for one in (order, *order.then) if one.field is not None)  # an id stands alone
    rows = rows.annotate(sort_=first.order())
    for alias, field in zip(order.aliases[1:], others, strict=True):
        value = field.order()
        filled = NullIf(value, Value(""), output_field=TextField()) if _is_text(field) else value
        rows = rows.annotate(**{alias: filled})
    rows = rows.filter(_empty(first) if number else _filled(first))
    keys = list(zip(order.aliases, (order, *order.then), strict=True))[1 if number else 0 :]
    ordered = [
        F(alias).desc(nulls_last=True) if one.descending else F(alias).asc(nulls_last=True) for alias, one in keys
    ]
    if not number:
        # It is filled: without a word about NULL, so that an index on the value is in this order.
        ordered[0] = F("sort_").desc() if order.descending else F("sort_").asc()
    by_id = F("id").desc() if order.descending else F("id").asc()
    if start:
        rows = rows.filter(_after_several(rows, order, keys, backwards, start))
    rows = rows.order_by(*ordered, by_id)
    return rows.reverse() if backwards else rows


def _after_several(
    rows: QuerySet, order: Order, keys: list[tuple[str, Order]], backwards: bool, start: tuple[Any, Any]
) -> Q:
    """What comes after ``start`` in reading direction: equal up to some key, and later by that one."""
    if len(start[0]) != len(order.aliases):
        raise BadPage(STALE)
    held = dict(zip(order.aliases, start[0], strict=True))
    equal, found = Q(), Q()
    for alias, one in keys:
        output = rows.query.annotations[alias].output_field
        given = held[alias]
        later = LessThan if one.descending != backwards else GreaterThan
        if given is None:
            after = Q(IsNull(F(alias), False)) if backwards else Q(pk__in=[])
            same = Q(IsNull(F(alias), True))
        else:
            value = Value(_bound(output, given), output)
            after = Q(later(F(alias), value))
            if not backwards:
                after |= Q(IsNull(F(alias), True))
            same = Q(Exact(F(alias), value))
        found |= equal & after
        equal &= same
    later = LessThan if order.descending != backwards else GreaterThan
    found |= equal & Q(later(F("id"), Value(UUID(start[1]), UUIDField())))
    first, given = keys[0][0], held[keys[0][0]]
    if first != "sort_" or given is None:
        return found
    # Said once more in one piece, for the index of the first field.
    output = rows.query.annotations["sort_"].output_field
    bound = LessThanOrEqual if order.descending != backwards else GreaterThanOrEqual
    return Q(bound(F("sort_"), Value(_bound(output, given), output))) & found


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
