"""What columns come to: counts, sums, averages, least and most, and how many are filled; of all rows or of each group.

Amounts in several currencies are never added up: there is one figure for each currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, F, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils.translation import gettext_lazy as _

from ..kinds import Number
from ..kinds.money import Money
from ..objects import Field
from ..workspaces.actors import Actor
from .grouping import LISTS, NONE, Grouping, key_text

#: The words of totals, and what they are called.
TOTALS = {
    "sum": _("Sum"),
    "avg": _("Average"),
    "min": _("Least"),
    "max": _("Most"),
    "count": _("Count"),
    "filled": _("Filled"),
}
ADDED = ("number", "percent", "money")
DATED = ("date", "datetime")
_FUNCTIONS = {"sum": Sum, "avg": Avg, "min": Min, "max": Max}
#: Digits an average has at least.
AVERAGE_DIGITS = 2


def offered(field: Field) -> list[str]:
    """Which totals a column can have."""
    if field.kind.name in ADDED:
        return list(TOTALS)
    return ["min", "max", "count", "filled"] if field.kind.name in DATED else ["count", "filled"]


def kept(fields: Mapping[str, Field], wanted: Mapping[str, str]) -> dict[str, str]:
    """The wanted totals that there are."""
    return {name: word for name, word in wanted.items() if name in fields and word in offered(fields[name])}


def of(
    actor: Actor,
    rows: QuerySet,
    fields: Mapping[str, Field],
    wanted: Mapping[str, str],
    *,
    by: Grouping | None = None,
    keys: Iterable[str] | None = None,
) -> dict[str, dict[str, list[Any]]]:
    """The totals of ``rows`` as {key of the group: {column: values}} (one group, called "", without ``by``). With
    ``keys`` of no other groups, as far as the database can tell them apart.

    A total is a list: one value, of money one for each currency, the largest first; empty where there is nothing to
    add up. Sums and averages are as exact as the values; ``filled`` is a number from 0 to 100.
    """
    wanted = kept(fields, wanted)
    found: dict[str, dict[str, list[Any]]] = {}
    if not wanted:
        return found
    if by is not None and by.kind in LISTS:  # who has no items is in no row of theirs
        found = of(actor, by.only(actor, rows, NONE), fields, wanted)
        found = {key: group for key, group in found.items() if any(group.values())}
    grouped = rows.order_by().annotate(in_group=by.key(actor) if by else Value(1))
    if by is not None and keys is not None and by.kind not in LISTS:
        stored = [by.stored(key) for key in keys]
        without = Q(in_group__isnull=True) if None in stored else Q(pk__in=[])
        grouped = grouped.filter(Q(in_group__in=[key for key in stored if key is not None]) | without)
    money = {name for name, word in wanted.items() if fields[name].kind.name == "money" and word in _FUNCTIONS}
    plain = {name: word for name, word in wanted.items() if name not in money}
    if plain:
        asked = {f"t{n}_": _aggregate(fields[name], word) for n, (name, word) in enumerate(plain.items())}
        for row in grouped.values("in_group").annotate(all_=Count("*"), **asked).order_by():
            group = found.setdefault(key_text(row["in_group"]) if by else "", {})
            for n, (name, word) in enumerate(plain.items()):
                value = _value(word, row[f"t{n}_"], row["all_"])
                group[name] = [] if value is None else [value]
    for name in money:
        for key, values in _of_money(grouped, fields[name], wanted[name]):
            found.setdefault(key_text(key) if by else "", {})[name] = values
    return found


def _aggregate(field: Field, word: str) -> Any:
    value = _amount(field)
    if word in _FUNCTIONS:
        return _FUNCTIONS[word](value)
    return Count("id", filter=~field.kind.is_blank(value))


def _amount(field: Field) -> Combinable:
    """The value as it is kept, not the copy that lists are ordered by."""
    return field.kind.custom(field.key) if field.custom else F(field.columns[0])


def _value(word: str, value: Any, rows: int) -> Any:
    if word == "filled":
        return Decimal(value * 100) / rows if rows else None
    return value


def _of_money(grouped: QuerySet, field: Field, word: str) -> Iterable[tuple[Any, list[Money]]]:
    """Amounts for each group and currency, those of a group together."""
    amount = _amount(field)
    if field.custom:
        currency: Combinable = KeyTextTransform("currency", KeyTransform(field.key, F("custom")))
    else:
        currency = F(field.columns[1])
    rows = (
        grouped.annotate(currency_=currency).values("in_group", "currency_").annotate(total_=_FUNCTIONS[word](amount))
    )
    found: dict[Any, list[Money]] = {}
    for key, code, total in rows.order_by().values_list("in_group", "currency_", "total_"):
        if total is not None and code:
            found.setdefault(key, []).append(Money(total, code))
    for values in found.values():
        values.sort(key=lambda each: (-abs(each.amount), each.currency))
    return found.items()


def kind_of(field: Field, word: str) -> Any:
    """The kind that shows a total: averages with some digits more, counts as whole numbers."""
    if word == "count":
        return Number()
    if word == "filled":
        return Number(digits=0)
    if word == "avg" and field.kind.name != "money":
        return Number(digits=max(getattr(field.kind, "digits", 0), AVERAGE_DIGITS))
    return field.kind
