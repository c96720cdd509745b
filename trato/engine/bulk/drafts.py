"""Records on their way to the database, as the bulk writers hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from ..objects import Field
from ..slots import copy


@dataclass(slots=True)
class Draft:
    """A record on its way to the database. ``values`` are all stored values by field name; ``old`` what they were, None
    for a new record.

    ``custom`` is the record's whole custom column as it will be, ``slots`` its arrays of copies, ``changes`` what
    differs as JSON: name -> (old, new). ``steps`` are the lines of history of a new record that more than one write was
    made of, an action with its changes each: the first is version 1.
    """

    id: UUID
    values: dict[str, Any]
    old: Mapping[str, Any] | None = None
    title: str = ""
    version: int = 1
    created_at: datetime | None = None
    custom: dict[str, Any] = field(default_factory=dict)
    slots: dict[str, list[Any] | None] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    steps: Sequence[tuple[str, Mapping[str, Any]]] = ()

    def set_custom(self, fields: Iterable[Field]) -> None:
        """Make the custom column, and the copies beside it, say what ``values`` hold of these fields."""
        custom = dict(self.custom or {})
        for known in fields:
            if known.custom:
                value = self.values[known.name]
                custom.pop(known.key, None)
                if not known.kind.is_empty(value):
                    custom[known.key] = known.kind.dump(value)
                if slot := known.slot:
                    self.slots[slot.column] = slot.put(self.slots.get(slot.column), copy(known.kind, value))
        self.custom = custom
