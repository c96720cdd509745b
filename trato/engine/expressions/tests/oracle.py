# ruff: noqa: PLR0911
"""Formulas worked out by Python alone, record by record: what the SQL has to agree with."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

from trato.engine.expressions.grammar import Call, Literal, Name, Node

FIRST, LAST = date.min, date.max


def worked_out(node: Node, row: dict[str, Any]) -> Any:
    """The value of a formula over one record: Decimal, str, bool, date or None for nothing."""
    with localcontext() as context:
        context.prec = 200
        return _value(node, row)


def _value(node: Node, row: dict[str, Any]) -> Any:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Name):
        return row[node.path]
    assert isinstance(node, Call)
    name = node.function
    if name == "if":
        *cases, otherwise = node.arguments
        for condition, then in zip(cases[::2], cases[1::2], strict=True):
            if _value(condition, row):
                return _value(then, row)
        return _value(otherwise, row)
    values = [_value(each, row) for each in node.arguments]
    if name == "concat":
        return "".join(_text(each) for each in values)
    if name in ("=", "<>", "<", "<=", ">", ">="):
        return _compared(name, *values)
    if name in ("and", "or", "not"):
        return {"and": all, "or": any}[name](values) if name != "not" else not values[0]
    if name == "is_empty":
        return values[0] in (None, "")
    if name == "if_empty":
        return next((each for each in values if each not in (None, "")), values[-1])
    if name in ("smallest", "largest"):
        filled = [each for each in values if each is not None]
        return {"smallest": min, "largest": max}[name](filled) if filled else None
    return None if None in values else _plain(name, values)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = format(value, "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text in ("-0", "") else text
    return value.isoformat() if isinstance(value, date) else value


def _compared(sign: str, left: Any, right: Any) -> bool:
    if None in (left, right):
        return sign == "<>"
    if isinstance(left, str):
        left, right = left.lower(), right.lower()
    return {
        "=": left == right,
        "<>": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[sign]


def _plain(name: str, values: list[Any]) -> Any:
    first, second = values[0], values[1] if len(values) > 1 else None
    if name == "/":
        return None if second == 0 else first / second
    if name == "mod":
        return None if second == 0 else first % second
    if name == "add_days":
        return _within(first.toordinal() + int(second))
    if name == "add_months":
        months = first.year * 12 + first.month - 1 + int(second)
        year, month = divmod(months, 12)
        if not 1 <= year <= 9999:
            return FIRST if year < 1 else LAST
        return date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))
    if name == "years_between":
        return _years(first, second)
    simple = {
        "date": lambda: date.fromisoformat(first) if isinstance(first, str) else first,
        "+": lambda: first + second,
        "-": lambda: first - second,
        "*": lambda: first * second,
        "negative": lambda: -first,
        "abs": lambda: abs(first),
        "floor": lambda: first.to_integral_value("ROUND_FLOOR"),
        "ceil": lambda: first.to_integral_value("ROUND_CEILING"),
        "round": lambda: first.quantize(Decimal(1).scaleb(-int(second or 0)), "ROUND_HALF_UP"),
        "upper": first.upper if isinstance(first, str) else None,
        "lower": first.lower if isinstance(first, str) else None,
        "trim": lambda: first.strip(" \t\n\r"),
        "length": lambda: Decimal(len(first)),
        "left": lambda: first[: max(0, int(second))],
        "right": lambda: first[-int(second) :] if second >= 1 else "",
        "contains": lambda: second.lower() in first.lower(),
        "starts_with": lambda: first.lower().startswith(second.lower()),
        "ends_with": lambda: first.lower().endswith(second.lower()),
        "days_between": lambda: Decimal((second - first).days),
        "year": lambda: Decimal(first.year),
        "month": lambda: Decimal(first.month),
        "day": lambda: Decimal(first.day),
        "weekday": lambda: Decimal(first.isoweekday()),
    }
    return simple[name]()


def _within(ordinal: int) -> date:
    if ordinal < 1:
        return FIRST
    return LAST if ordinal > LAST.toordinal() else FIRST + timedelta(days=ordinal - 1)


def _years(first: date, second: date) -> Decimal:
    """Birthdays that have come round from the one day to the other, below zero where it is the earlier."""
    if second < first:
        return -_years(second, first)
    return Decimal(second.year - first.year - ((second.month, second.day) < (first.month, first.day)))
