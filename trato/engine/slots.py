"""Typed copies of custom values beside the JSON they live in, so that lists are ordered and filtered by index.

The truth is the record's ``custom`` column; a slot is one place of one typed array of the row (``slot_numbers[3]``).
Reading a place of an array is leakproof, as reading a member of JSON is not: only so an index can answer under
row-level security on any PostgreSQL (docs/adr/0008).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import GreaterThanOrEqual, In, IsNull, LessThan

from .kinds import Kind, Reader, lookups
from .kinds.texts import readable

#: Of a text, what it is ordered by, in small letters; an index row takes 2,700 bytes.
LONGEST = 200
#: The arrays by what a kind's values are in SQL, and the type of their places.
ARRAYS: tuple[tuple[type[models.Field], str, type[models.Field]], ...] = (
    (models.TextField, "slot_texts", models.TextField),
    (models.BigIntegerField, "slot_numbers", models.FloatField),
    (models.DecimalField, "slot_numbers", models.FloatField),
    (models.DateTimeField, "slot_times", models.DateTimeField),
    (models.DateField, "slot_dates", models.DateField),
    (models.BooleanField, "slot_flags", models.BooleanField),
)
#: The type of the places of each array, by its column.
PLACES = {column: place for _value, column, place in ARRAYS}
TYPES = {
    models.TextField: 'text[] COLLATE "C"',
    models.FloatField: "double precision[]",
    models.DateTimeField: "timestamptz[]",
    models.DateField: "date[]",
    models.BooleanField: "boolean[]",
}


#: The last character there is: no text that begins so comes after what ends in it.
LAST = chr(0x10FFFF)
OPPOSITES = {"is_not": "is", "not_in": "in"}
#: Ordered as Python orders texts, and as the folded title is.
COLLATION = "C"


def array_of(column: str) -> ArrayField:
    """The model field of an array of copies."""
    place = PLACES[column]
    return ArrayField(
        place(db_collation=COLLATION) if place is models.TextField else place(), null=True, editable=False
    )


def columns_of(app: str, model: str) -> migrations.SeparateDatabaseAndState:
    """A migration's operation that gives a table of records its arrays, in one statement."""
    fields = {column: array_of(column) for column in PLACES}
    added = ", ".join(f"ADD COLUMN {column} {TYPES[place]}" for column, place in PLACES.items())
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL(f"ALTER TABLE {app}_{model} {added}", migrations.RunSQL.noop)],
        [migrations.AddField(model, column, field) for column, field in fields.items()],
    )


class Slot(NamedTuple):
    """Where the copies of one field's values are: a place, counted from 1, of an array column."""

    column: str
    place: int

    def __str__(self) -> str:
        return f"{self.column}.{self.place}"

    @classmethod
    def of(cls, text: str | None) -> Slot | None:
        """The slot that ``str`` has written."""
        column, _dot, place = (text or "").partition(".")
        return cls(column, int(place)) if place else None

    def expression(self) -> Any:
        """The SQL expression of the copies."""
        return _Place(F(self.column), place=self.place, output_field=PLACES[self.column]())

    def put(self, array: list[Any] | None, value: Any) -> list[Any] | None:
        """The array with this copy in its place; None where nothing is left in it."""
        places = [*(array or []), *[None] * self.place][: max(len(array or []), self.place)]
        places[self.place - 1] = value
        while places and places[-1] is None:
            places.pop()
        return places or None


class _Place(Func):
    """``array[3]``."""

    template = "%(expressions)s[%(place)d]"
    arity = 1


def column_for(kind: Kind) -> str:
    """The array that holds copies of this kind's values; "" for those that are neither ordered nor compared."""
    if kind.many or not kind.sortable:
        return ""
    output = kind.model_field()
    return next((column for value, column, _place in ARRAYS if isinstance(output, value)), "")


def free(kind: Kind, taken: Iterable[str | None]) -> Slot | None:
    """The first slot for this kind that no other field of its object has."""
    column = column_for(kind)
    if not column:
        return None
    used = {slot.place for text in taken if (slot := Slot.of(text)) and slot.column == column}
    return Slot(column, next(place for place in range(1, len(used) + 2) if place not in used))


def copy(kind: Kind, value: Any) -> Any:
    """What is put into the slot for a stored value."""
    if kind.is_empty(value):
        return None
    column = column_for(kind)
    if column == "slot_numbers":  # what is kept has at most 15 digits, which this holds exactly
        return float(getattr(value, "amount", value))
    if column == "slot_texts":
        return _folded(value) if is_text(kind) else str(kind.dump(value))[:LONGEST]
    return value


def _folded(text: str) -> str:
    """What a text is ordered by and compared as."""
    return text.lower()[:LONGEST]


def is_text(kind: Kind) -> bool:
    """Whether the copies hold the beginnings of texts, folded, and not the values themselves."""
    return kind.operators is lookups.TEXT


def text_condition(slot: Slot, kind: Kind, op: str, value: Any, reader: Reader) -> Q | None:
    """The SQL condition of an operator on the copies of a text, None where these can't answer it. Raises Invalid."""
    copies = slot.expression()
    if op in OPPOSITES:
        found = text_condition(slot, kind, OPPOSITES[op], value, reader)
        return None if found is None else Q(lookups.NotTrue(found))
    if op in ("empty", "filled"):
        return Q(IsNull(copies, op == "empty"))
    if op == "starts" and isinstance(value, str) and 0 < len(value) < LONGEST:
        first = _folded(readable(value))
        return Q(GreaterThanOrEqual(copies, Value(first))) & Q(LessThan(copies, Value(first + LAST)))
    if op not in ("is", "in"):
        return None
    texts = [_folded(kind.operand(item, reader)) for item in (lookups.several(value) if op == "in" else [value])]
    return None if any(len(text) == LONGEST for text in texts) else Q(In(copies, texts))
