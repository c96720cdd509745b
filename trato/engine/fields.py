"""One field of an object, built in or added by an administrator: both travel the same code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q

from . import slots
from .kinds import Formula, Kind, MoneyKind, Reader, make
from .models import CustomField, Record
from .slots import Slot
from .workspaces.actors import Actor
from .workspaces.models import User


def _today(actor: Actor) -> Any:
    return datetime.now(ZoneInfo(actor.time_zone)).date()


#: Defaults that are not the same for everybody, ``{"relative": "today"}``, each with the kind it is for.
RELATIVE: dict[str, tuple[str, Callable[[Actor], Any]]] = {
    "today": ("date", _today),
    "now": ("datetime", lambda actor: datetime.now(UTC)),
    "me": ("user", lambda actor: actor.user_id),
}


@dataclass(frozen=True)
class Field:
    """What an object knows of one of its values.

    ``custom``: it is kept in the column of that name. ``formula``: it is kept nowhere, but worked out from others when
    it is read; its columns are names that ``access.visible`` gives to the SQL. ``hidden``: it is on no surface.
    ``visible_when`` and ``required_when``: see ``conditions``.
    """

    name: str
    label: Any
    kind: Kind
    columns: tuple[str, ...]
    help: Any = ""
    required: bool = False
    readonly: bool = False
    unique: bool = False
    custom: bool = False
    default: Any = None
    sort_column: str = ""
    slot: Slot | None = None
    formula: str = ""
    hidden: bool = False
    visible_when: Mapping[str, Any] | None = None
    required_when: Mapping[str, Any] | None = None

    @property
    def own(self) -> bool:
        """Whether an administrator added it."""
        return self.name.startswith("custom.")

    @property
    def written(self) -> tuple[str, ...]:
        """The columns a change of the value changes."""
        return (*self.columns, self.slot.column) if self.slot else self.columns

    @property
    def key(self) -> str:
        """The name without ``custom.``: what the value is called in the ``custom`` column."""
        return self.name.removeprefix("custom.")

    @property
    def sortable(self) -> bool:
        """Whether lists can be ordered by it: by links only where their targets' names can be reached."""
        linking = self.kind.name in ("link", "user")
        return bool(self.sort_column) or (self.kind.sortable and not self.kind.many and not linking)

    def points_at(self, plural: str) -> bool:
        """Whether it can link to records of this object. A link that names no objects links to any, unless it is kept
        as an id: then it points at rows that are no object's records.
        """
        if self.kind.name not in ("link", "links"):
            return False
        return plural in self.kind.to or not (self.kind.to or self.kind.by_id)

    def initial(self, actor: Actor) -> Any:
        """The stored value a new record of this actor's begins with."""
        if not self.custom:
            return self.default() if callable(self.default) else self.default
        if isinstance(self.default, Mapping) and "relative" in self.default:
            return RELATIVE[self.default["relative"]][1](actor)
        return None if self.default is None else self.kind.load(self.default)

    def read(self, row: Mapping[str, Any]) -> Any:
        """The stored value from a row of ``.values(*columns)`` (or any mapping of column to value)."""
        if self.custom:
            return self.kind.load((row["custom"] or {}).get(self.key, self.kind.empty))
        if len(self.columns) == 1:
            return row[self.columns[0]]  # a page reads hundreds of values, a change of many records millions
        return self.kind.join(tuple(row[column] for column in self.columns))

    def read_from(self, record: Record) -> Any:
        """The stored value from a model instance."""
        if len(self.columns) == 1 and not self.custom and not self.formula:
            return getattr(record, self.columns[0])
        if self.formula:  # a record that was just written has none yet
            return self.read({column: getattr(record, column, None) for column in self.columns})
        return self.read({column: getattr(record, column) for column in self.columns})

    def expression(self) -> Any:
        """The SQL expression of the value, for conditions."""
        if self.slot and not slots.is_text(self.kind):
            return self.slot.expression()
        return self.kind.custom(self.key) if self.custom else F(self.columns[0])

    def lookup(self, op: str, value: Any, reader: Reader) -> Q:
        """The SQL condition of a filter on the value; raises Invalid."""
        if self.slot and slots.is_text(self.kind) and op in self.kind.operators:
            found = slots.text_condition(self.slot, self.kind, op, value, reader)
            if found is not None:
                return found
        if isinstance(self.kind, MoneyKind):
            return self.kind.among(self.expression(), self.currency(), op, value, reader)
        return self.kind.lookup(self.expression(), op, value, reader)

    def currency(self) -> Any:
        """The SQL expression of the currency that an amount is in."""
        assert isinstance(self.kind, MoneyKind)
        return self.kind.custom_currency(self.key) if self.custom else F(self.columns[1])

    @property
    def path(self) -> str:
        """The ORM path lists are ordered by (built-in fields only)."""
        return self.sort_column or self.columns[0]

    def order(self) -> Any:
        """The SQL expression lists are ordered by."""
        if self.slot:
            return self.slot.expression()
        return self.expression() if self.custom else F(self.path)


def custom_field(row: CustomField) -> Field:
    """The field a row of ``CustomField`` describes."""
    if row.kind == "formula":
        return _formula_field(row)
    kind = make(row.kind, row.options | {"required": row.required})
    return Field(
        name=f"custom.{row.name}",
        label=row.label,
        help=row.help,
        kind=kind,
        columns=("custom",),
        required=row.required,
        unique=row.unique,
        custom=True,
        default=row.default,
        slot=Slot.of(row.slot),
    )


def _formula_field(row: CustomField) -> Field:
    """A field whose values are worked out: it is of the kind of what its formula comes to, and can't be written."""
    made = make(row.kind, row.options)
    assert isinstance(made, Formula)
    kind = made.held
    return Field(
        name=f"custom.{row.name}",
        label=row.label,
        help=row.help,
        kind=kind,
        columns=tuple(f"formula_{row.name}{suffix}" for suffix in kind.suffixes),
        readonly=True,
        formula=made.expression,
    )


def sort_path(field: models.Field) -> str:
    """What a list ordered by this model field is ordered by: names of link targets, not their ids; folded titles."""
    if field.name == "title":
        return "title_key"
    if not isinstance(field, models.ForeignKey):
        return ""
    target = field.remote_field.model
    if issubclass(target, Record):
        return f"{field.name}__title_key"
    return f"{field.name}__name" if target is User else ""
