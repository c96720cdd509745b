"""Filter operators as SQL conditions, from class-based lookups; each value is a parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db.models import BooleanField, Func, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
)
from django.utils.translation import gettext_lazy as _

from .texts import Invalid, readable

if TYPE_CHECKING:
    from .base import Kind, Reader

TEXT = ("is", "is_not", "in", "not_in", "contains", "not_contains", "starts", "ends", "empty", "filled")
ORDERED = ("is", "is_not", "lt", "lte", "gt", "gte", "between", "empty", "filled")
KEYED = ("has", "has_any", "has_none", "empty", "filled")
MOST = 1_000  # values in one filter

SPANNED = ("is", "is_not", "lt", "lte", "gt", "gte")

COMPARE = {"is": Exact, "lt": LessThan, "lte": LessThanOrEqual, "gt": GreaterThan, "gte": GreaterThanOrEqual}
PATTERNS = {"contains": "%{}%", "starts": "{}%", "ends": "%{}"}


class ILike(Func):
    """`lhs ILIKE pattern`: Django's icontains upper-cases both sides instead, which no trigram index serves."""

    template = "%(expressions)s"
    arg_joiner = " ILIKE "
    output_field = BooleanField()


class NotTrue(Func):
    """`(condition) IS NOT TRUE`: the opposite of a condition, where an unknown (NULL) counts as not fulfilled."""

    template = "(%(expressions)s) IS NOT TRUE"
    output_field = BooleanField()

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **extra: Any
    ) -> tuple[str, Any]:
        """The condition; where Django knows that nothing fulfils the inner one, everything fulfils this."""
        try:
            return super().as_sql(compiler, connection, **extra)
        except EmptyResultSet:
            raise FullResultSet from None


def escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def is_null(lhs: Combinable) -> Q:
    return Q(IsNull(lhs, True))


def is_blank_text(lhs: Combinable) -> Q:
    return Q(IsNull(lhs, True)) | Q(Exact(lhs, Value("")))


def several(value: Any) -> list[Any]:
    """The list of values of `in`, `has_any` and the like; never empty, never endless."""
    from_list = value if isinstance(value, list | tuple) else [value]
    if not from_list or len(from_list) > MOST:
        raise Invalid("values", _("Give between 1 and %(n)s values."), n=MOST)
    return list(from_list)


def condition(kind: Kind, lhs: Combinable, op: str, value: Any, reader: Reader) -> Q:
    """The condition of an ordinary operator on a single value."""
    if op in ("empty", "filled"):
        blank = kind.is_blank(lhs)
        return blank if op == "empty" else Q(NotTrue(blank))
    if op in ("is_not", "not_in", "not_contains"):
        positive = {"is_not": "is", "not_in": "in", "not_contains": "contains"}[op]
        return Q(NotTrue(condition(kind, lhs, positive, value, reader)))
    if op in PATTERNS:
        if not isinstance(value, str) or not value:
            raise Invalid("no_value", _("Say what to compare with."))
        pattern = PATTERNS[op].format(escape_like(readable(value)))
        return Q(ILike(lhs, Value(pattern)))
    if op == "in":
        literals = [literal(kind, kind.operand(item, reader)) for item in several(value)]
        return Q(In(side(kind, lhs), [side(kind, item) for item in literals]))
    if op == "between":
        return between(kind, lhs, value, reader)
    return Q(COMPARE[op](side(kind, lhs), side(kind, literal(kind, kind.operand(value, reader)))))


def between(kind: Kind, lhs: Combinable, value: Any, reader: Reader) -> Q:
    """From the first value on, until the second one."""
    low, high = bounds(value)
    return kind.lookup(lhs, "gte", low, reader) & kind.lookup(lhs, "lte", high, reader)


def on_span(lhs: Combinable, op: str, start: Value, end: Value) -> Q:
    """A stretch of time, its end excluded, in place of a moment means the whole of it: before it, after it, within."""
    if op == "is_not":
        return Q(NotTrue(on_span(lhs, "is", start, end)))
    if op in ("is", "within"):
        return Q(GreaterThanOrEqual(lhs, start)) & Q(LessThan(lhs, end))
    edge = start if op in ("lt", "gte") else end
    return Q(LessThan(lhs, edge)) if op in ("lt", "lte") else Q(GreaterThanOrEqual(lhs, edge))


def bounds(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise Invalid("bounds", _("Give two values: from and to."))
    return value[0], value[1]


def literal(kind: Kind, value: Any) -> Value:
    return Value(value, output_field=kind.model_field())


def side(kind: Kind, expression: Combinable) -> Combinable:
    """Text is compared without regard to upper and lower case."""
    return Lower(expression) if kind.operators is TEXT else expression
