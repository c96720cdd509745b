"""The SQL of conditions on related records.

Pairs are a query of two columns: ``near``, what the outer row is known by there, and ``value``. Everything is asked
as ``EXISTS (SELECT 1 FROM pairs WHERE near = outer)``: the planner makes a semi-join or, denied, an anti-join of it,
hashes the groups once, and inside an OR still reaches one outer row by index. ``id IN (...)`` does neither when denied.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db.models import BooleanField, Field, Func, Q, QuerySet, Subquery, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

FOUND = "EXISTS (SELECT 1 FROM %(expressions)s)"


class Found(Func):
    """Whether the outer row is the ``near`` of some pair."""

    template = FOUND
    output_field = BooleanField()

    def __init__(self, pairs: Combinable, outer: Combinable, **extra: Any) -> None:
        super().__init__(pairs, outer, **{"arg_joiner": " AS g (near, value) WHERE g.near = "} | extra)

    @property
    def denied(self) -> NotFound:
        """The opposite."""
        return NotFound(*self.source_expressions)


class NotFound(Found):
    """Whether no pair names the outer row."""

    template = f"NOT {FOUND}"

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **extra: Any
    ) -> tuple[str, Any]:
        """The condition; where Django knows that there are no pairs at all, everything fulfils it."""
        try:
            return super().as_sql(compiler, connection, **extra)
        except EmptyResultSet:
            raise FullResultSet from None

    @property
    def denied(self) -> Found:  # type: ignore[override]
        """The opposite."""
        return Found(*self.source_expressions)


class Rows(Subquery):
    """A query as a table; where Django knows that it has no rows, whatever is asked of it knows too."""

    empty_result_set_value = NotImplemented


def pairs(rows: QuerySet, near: Combinable, value: Combinable) -> Rows:
    """The pairs of rows that hold what the outer row is known by."""
    held = rows.order_by().annotate(near_=near, value_=value).values_list("near_", "value_")
    return Rows(held)


def joined(links: Combinable, items: Combinable) -> Func:
    """The pairs of rows behind a table of links: ``links`` pairs the near end with an id, ``items`` ids with values."""
    return Func(
        links,
        items,
        template="(SELECT l.near, r.value FROM %(expressions)s AS r (id, value) ON r.id = l.far)",
        arg_joiner=" AS l (near, far) JOIN ",
    )


def groups(of: Combinable, having: Q) -> Func:
    """Pairs whose values together fulfil a condition on ``total`` expressions."""
    return Func(
        of,
        having,
        template="(SELECT p.near, 1 FROM %(expressions)s)",
        arg_joiner=" AS p (near, value) GROUP BY p.near HAVING ",
    )


def total(word: str, field: Field) -> Func:
    """The count, sum, least, most or average of a group's values; a sum of nothing is 0."""
    sql = {"count": "COUNT(*)", "sum": "COALESCE(SUM(p.value), 0)"}.get(word, f"{word.upper()}(p.value)")
    return Func(template=sql, output_field=field)


def refs_of(plural: str, ids: Combinable, before: str = "") -> Func:
    """Ids as refs of an object (``contacts/<uuid>``), so that a column or key that holds refs is found by its index."""
    return Func(
        Value(f"{before}{plural}/"),
        Cast(ids, TextField()),
        template="(%(expressions)s)",
        arg_joiner=" || ",
        output_field=TextField(),
    )
