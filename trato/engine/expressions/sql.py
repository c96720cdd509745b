"""The pieces of SQL that formulas are made of. What comes from a formula's text is always a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Func, Value
from django.db.models.expressions import Combinable

#: The types of values as PostgreSQL has them. Numbers are exact and as long as they get.
NUMBER = models.DecimalField(max_digits=1_000, decimal_places=500)
TEXT, BOOL, DATE, DATETIME = models.TextField(), models.BooleanField(), models.DateField(), models.DateTimeField()


class Sql(Func):
    """A template with ``{0}``, ``{1}``, ... for its expressions, each as often and wherever it says."""

    def __init__(self, template: str, *expressions: Any, output: models.Field) -> None:
        super().__init__(*expressions, output_field=output)
        self.written = template

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **extra: Any
    ) -> tuple[str, list[Any]]:
        """The template with its expressions' SQL, and their parameters in the order of their places."""
        made = [compiler.compile(each) for each in self.source_expressions]
        parts, params = [], []
        for text, place, _spec, _conversion in Formatter().parse(self.written):
            parts.append(text)
            if place is not None:
                parts.append(made[int(place)][0])
                params += made[int(place)][1]
        return "".join(parts), params


class Scalar(Func):
    """One value out of pairs (see ``filters.groups``): of those whose ``near`` is the outer row."""

    def __init__(self, value: str, pairs: Combinable, outer: Combinable, nothing: str, output: models.Field) -> None:
        super().__init__(pairs, outer, output_field=output)
        self.taken, self.nothing = value, nothing

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **extra: Any
    ) -> tuple[str, list[Any]]:
        """A query of one value; where Django knows that there are no pairs, what nothing comes to."""
        try:
            (pairs, first), (outer, second) = (compiler.compile(each) for each in self.source_expressions)
        except EmptyResultSet:
            return self.nothing, []
        sql = f"(SELECT {self.taken} FROM {pairs} AS g (near, value) WHERE g.near = {outer} LIMIT 1)"
        return sql, [*first, *second]


@dataclass(frozen=True)
class Amount:
    """Money in SQL: what it is, and its currency; both are empty or none."""

    amount: Any
    currency: Any


def number(expression: Any) -> Sql:
    """An exact number."""
    return Sql("({0})::numeric", expression, output=NUMBER)


def text(expression: Any) -> Sql:
    """A text; nothing is an empty one."""
    return Sql("coalesce(({0})::text, '')", expression, output=TEXT)


def literal(value: Any, output: models.Field, cast: str) -> Sql:
    """A value that stands in the formula."""
    return Sql(f"{{0}}::{cast}", Value(value, output_field=output), output=output)
