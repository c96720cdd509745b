"""Which record a row is about: found through look-up keys, columns or its id, for many rows with one query each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from .. import derived
from ..kinds import Kind
from ..models import Key
from ..objects import Field, Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .columns import Columns

#: What the id of a record is called among match fields.
ID = "id"
Token = tuple[str, ...]


class Matcher:
    """Finds records by the match fields. All of them have to agree; of a field with several values, any one. Who asks
    more than once calls ``close`` at the end.

    Texts are compared without regard to case. Raises Refused for a field nothing can be matched by.
    """

    def __init__(self, actor: Actor, obj: Object, names: Sequence[str], known: Mapping[str, Field]) -> None:
        self.actor, self.obj = actor, obj
        self.by_id = ID in names
        self.fields = [self._field(name, known) for name in names if name != ID]
        self._columns: Columns | None = None

    def _field(self, name: str, known: Mapping[str, Field]) -> Field:
        """The field called so, or in the singular: ``email`` for ``emails``."""
        found = known.get(name) or known.get(f"{name}s") or known.get(f"custom.{name}")
        if found is None:
            raise Refused([Problem(name[:80], "unknown", _("There is no such field."))])
        if found.custom and not _keyed(found):
            words = _("Records can be matched by it only when it is unique.")
            raise Refused([Problem(found.name, "match", words)])
        return found

    def tokens(self, values: Mapping[str, Any]) -> list[Token]:
        """Everything these values can be matched by; nothing where a match field is empty."""
        choices = []
        for field in self.fields:
            value = values.get(field.name)
            if field.kind.is_empty(value):
                return []
            choices.append(_texts(field, value))
        return list(product(*choices)) if choices else []

    def find(self, rows: Sequence[list[Token]]) -> list[set[UUID]]:
        """For the tokens of each row the ids of records that agree, seen by the actor or not."""
        found: list[set[UUID] | None] = [None] * len(rows)
        columns = [(place, field) for place, field in enumerate(self.fields) if not _keyed(field)]
        with connection.cursor() as cursor:
            for place, field in enumerate(self.fields):
                if _keyed(field):
                    self._narrow(found, self._by_keys(cursor, rows, place))
            if columns:
                self._narrow(found, self._by_columns(cursor, rows, columns))
        return [ids or set() for ids in found]

    @staticmethod
    def _narrow(found: list[set[UUID] | None], agreeing: Mapping[int, set[UUID]]) -> None:
        for number, ids in enumerate(found):
            also = agreeing.get(number, set())
            found[number] = also if ids is None else ids & also

    def _by_keys(self, cursor: Any, rows: Sequence[list[Token]], place: int) -> dict[int, set[UUID]]:
        wanted: dict[str, list[int]] = defaultdict(list)
        for number, tokens in enumerate(rows):
            for key in {token[place] for token in tokens}:
                wanted[key].append(number)
        cursor.execute(
            f"SELECT key, record_id FROM {connection.ops.quote_name(Key._meta.db_table)} "
            f"WHERE workspace_id = '{self.actor.workspace.id}'::uuid AND object = %s AND key = ANY(%s)",
            [self.obj.plural, list(wanted)],
        )
        agreeing: dict[int, set[UUID]] = defaultdict(set)
        for key, record_id in cursor.fetchall():
            for number in wanted[key]:
                agreeing[number].add(record_id)
        return agreeing

    def _by_columns(
        self, cursor: Any, rows: Sequence[list[Token]], columns: Sequence[tuple[int, Field]]
    ) -> dict[int, set[UUID]]:
        """The records that agree in columns of their own: at first by reading the table once, which is the quickest for
        one chunk; when more are asked for, through an index made for the purpose.
        """
        if self._columns is None:
            self._columns = Columns(self.actor, self.obj, [field for _place, field in columns])
            table = self._columns.table
        else:
            table = self._columns.indexed(cursor)
        lists = [[number for number, tokens in enumerate(rows) if tokens]]
        lists += [[tokens[0][place] for tokens in rows if tokens] for place, _field in columns]  # type: ignore[misc]
        cursor.execute(self._columns.question(table), lists)
        agreeing: dict[int, set[UUID]] = defaultdict(set)
        for number, record_id in cursor.fetchall():
            agreeing[number].add(record_id)
        return agreeing

    def close(self) -> None:
        """Let go of what was made to find records by (inside ``in_workspace``)."""
        if self._columns is not None:
            self._columns.drop()


def _keyed(field: Field) -> bool:
    """Whether the field's values have look-up keys of their own (links are matched by their column)."""
    return field.unique or (type(field.kind).keys is not Kind.keys and type(field.kind).refs is Kind.refs)


def _texts(field: Field, value: Any) -> list[str]:
    """A value as what it is compared by: keys, or the text of its column."""
    if field.unique:
        return [derived.unique_key(field, value)]
    if _keyed(field):
        return derived.stored_keys(field, field.kind.keys(value))
    dumped = field.kind.dump(value)
    return [dumped.lower() if isinstance(value, str) else str(dumped)]
