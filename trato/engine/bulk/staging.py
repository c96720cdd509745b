"""Many records written at once: a temporary table filled by COPY, then one statement a table (docs/adr/0006).

COPY straight into a table under row-level security is refused by PostgreSQL; into a temporary one it is not. Everything
below runs in the caller's transaction, and every statement names the workspace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, models
from django.utils import timezone

from .. import derived
from ..kinds import Kind
from ..models import HistoryEntry, Key, Moment, Record
from ..objects import Field, Object, split_ref
from ..workspaces.actors import Actor
from ..workspaces.ids import uuid7s

STAGED = "trato_staged"
#: Columns a record has beside those of its fields.
ROW_COLUMNS = ("id", "title", "version", "history_id", "action", "changes")


@dataclass(slots=True)
class Draft:
    """A record on its way to the database. ``values`` are all stored values by field name; ``old`` what they were, None for a new record.

    ``custom`` is the record's whole custom column as it will be, ``changes`` what differs as JSON: name -> (old, new).
    """

    id: UUID
    values: dict[str, Any]
    old: Mapping[str, Any] | None = None
    title: str = ""
    version: int = 1
    created_at: datetime | None = None
    custom: dict[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)


class Staging:
    """Writes drafts of one object: rows, history, look-up keys and moments, each set-wise, as one batch of history."""

    def __init__(self, actor: Actor, obj: Object, batch_id: UUID, fields: Mapping[str, Field]) -> None:
        self.actor, self.obj, self.batch_id, self.fields = actor, obj, batch_id, fields
        self.workspace = f"'{actor.workspace.id}'::uuid"
        self.model = obj.model
        self.table = _quote(obj.model._meta.db_table)
        self._keyed = [f for f in fields.values() if f.unique or type(f.kind).keys is not Kind.keys]

    def write(self, drafts: Sequence[Draft], names: Iterable[str], defaults: Mapping[str, Any]) -> None:
        """Insert new drafts and update the others; only the fields ``names`` may differ from ``defaults`` in new drafts, or from the
        old values in others. Raises django.db.IntegrityError or DataError where a rule of the database is broken.
        """
        if not drafts:
            return
        columns = self._columns(names)
        at = timezone.now()
        with connection.cursor() as cursor:
            self._stage(cursor, drafts, columns)
            if any(draft.old is None for draft in drafts):
                self._insert(cursor, columns, defaults, at)
            if any(draft.old is not None for draft in drafts):
                self._update(cursor, columns, at)
            self._history(cursor, at)
            cursor.execute(f"DROP TABLE {STAGED}")
            self._write_keys(cursor, drafts)
            if self.obj.moment:
                self._write_moments(cursor, drafts, at)

    def _columns(self, names: Iterable[str]) -> dict[str, Callable[[Draft], Any]]:
        """How each column of the given fields is read from a draft, as COPY takes it."""
        readers: dict[str, Callable[[Draft], Any]] = {}
        for name in names:
            known = self.fields[name]
            if known.custom:
                readers["custom"] = lambda draft: orjson.dumps(draft.custom).decode()
                continue
            for place, column in enumerate(known.columns):
                is_json = isinstance(self.model._meta.get_field(name), models.JSONField)
                readers[column] = _reader(name, place, len(known.columns), known.kind, is_json)
        return readers

    def _stage(self, cursor: Any, drafts: Sequence[Draft], columns: Mapping[str, Callable[[Draft], Any]]) -> None:
        """The drafts as rows of a temporary table that ends with the transaction at the latest."""
        own = "".join(f", t.{_quote(column)}" for column in columns)
        cursor.execute(
            f"CREATE TEMP TABLE {STAGED} ON COMMIT DROP AS SELECT t.id, t.title, t.version, NULL::uuid AS history_id, "
            f"NULL::text AS action, NULL::jsonb AS changes{own} FROM {self.table} t WITH NO DATA"
        )
        readers = tuple(columns.values())
        dumps = orjson.dumps
        rows = (
            (
                draft.id,
                draft.title,
                draft.version,
                history_id,
                "created" if draft.old is None else "updated",
                dumps(draft.changes).decode(),
                *[read(draft) for read in readers],
            )
            for draft, history_id in zip(drafts, uuid7s(len(drafts)), strict=True)
        )
        copy_rows(cursor, STAGED, (*ROW_COLUMNS, *columns), rows)

    def _insert(self, cursor: Any, columns: Iterable[str], defaults: Mapping[str, Any], at: datetime) -> None:
        """New records: staged columns, and the same default for all rows in the others."""
        staged = list(columns)
        values = {"created_at": at, "updated_at": at} | self._constants(defaults)
        constant = {name: value for name, value in values.items() if name not in staged}
        names = ["workspace_id", "id", "title", "version", *staged, *constant]
        chosen = [self.workspace, "s.id", "s.title", "s.version", *(f"s.{_quote(name)}" for name in staged)]
        chosen += ["%s"] * len(constant)
        cursor.execute(
            f"INSERT INTO {self.table} ({', '.join(map(_quote, names))}) SELECT {', '.join(chosen)} "
            f"FROM {STAGED} s WHERE s.action = 'created'",
            list(constant.values()),
        )

    def _constants(self, defaults: Mapping[str, Any]) -> dict[str, Any]:
        """What every column of a new record holds unless its row says otherwise, as the driver takes it."""
        given: dict[str, Any] = {}
        for name, value in defaults.items():
            known = self.fields[name]
            if not known.custom:
                given |= dict(zip(known.columns, known.kind.split(value), strict=True))
        given["custom"] = {
            self.fields[name].key: self.fields[name].kind.dump(value)
            for name, value in defaults.items()
            if self.fields[name].custom and not self.fields[name].kind.is_empty(value)
        }
        constants = {}
        for column in concrete_columns(self.model):
            value = given[column.attname] if column.attname in given else column.get_default()
            constants[column.column] = column.get_db_prep_save(value, connection)
        return constants

    def _update(self, cursor: Any, columns: Iterable[str], at: datetime) -> None:
        own = "".join(f", {_quote(column)} = s.{_quote(column)}" for column in columns)
        cursor.execute(
            f"UPDATE {self.table} t SET title = s.title, version = s.version, updated_at = %s{own} FROM {STAGED} s "
            f"WHERE t.workspace_id = {self.workspace} AND t.id = s.id AND s.action = 'updated'",
            [at],
        )

    def _history(self, cursor: Any, at: datetime) -> None:
        """One history row a draft, in the shape of ``history.write``."""
        actor = self.actor
        cursor.execute(
            f"INSERT INTO {_quote(HistoryEntry._meta.db_table)} (workspace_id, id, object, record_id, action, at, actor_kind, "
            "actor_id, actor_name, face, source, changes, version, batch_id) "
            f"SELECT {self.workspace}, s.history_id, %s, s.id, s.action, %s, %s, %s, %s, %s, %s, s.changes, s.version, %s "
            f"FROM {STAGED} s",
            [self.obj.plural, at, actor.kind, actor.user_id, actor.name, actor.face, actor.source, self.batch_id],
        )

    def keys_of(self, values: Mapping[str, Any]) -> set[str]:
        """The look-up keys of a record's values."""
        return derived.keys_of(self.obj, self._keyed, values)

    def _write_keys(self, cursor: Any, drafts: Sequence[Draft]) -> None:
        """Add the keys that came and drop those that went."""
        came: list[tuple[UUID, str]] = []
        went: list[tuple[UUID, str]] = []
        for draft in drafts:
            new = self.keys_of(draft.values)
            old = self.keys_of(draft.old) if draft.old is not None else set()
            came += [(draft.id, key) for key in sorted(new - old)]
            went += [(draft.id, key) for key in old - new]
        self.drop_keys(cursor, went)
        self.add_keys(cursor, came)

    def drop_keys(self, cursor: Any, went: Sequence[tuple[UUID, str]]) -> None:
        """Forget these keys of these records."""
        if went:
            cursor.execute(
                f"DELETE FROM {_quote(Key._meta.db_table)} WHERE workspace_id = {self.workspace} AND object = %s "
                "AND (record_id, key) IN (SELECT * FROM unnest(%s::uuid[], %s::text[]))",
                [self.obj.plural, [record_id for record_id, _key in went], [key for _record, key in went]],
            )

    def add_keys(self, cursor: Any, came: Sequence[tuple[UUID, str]]) -> None:
        """Remember these keys; raises IntegrityError where a unique one is another record's."""
        if not came:
            return
        table = _quote(Key._meta.db_table)
        cursor.execute(
            f"CREATE TEMP TABLE {STAGED} ON COMMIT DROP AS SELECT t.id, t.key, t.record_id FROM {table} t WITH NO DATA"
        )
        rows = ((key_id, key, record_id) for key_id, (record_id, key) in zip(uuid7s(len(came)), came, strict=True))
        copy_rows(cursor, STAGED, ("id", "key", "record_id"), rows)
        cursor.execute(
            f"INSERT INTO {table} (workspace_id, id, object, key, record_id) "
            f"SELECT {self.workspace}, s.id, %s, s.key, s.record_id FROM {STAGED} s "
            "ON CONFLICT ON CONSTRAINT key_of_record DO NOTHING",
            [self.obj.plural],
        )
        cursor.execute(f"DROP TABLE {STAGED}")

    def _write_moments(self, cursor: Any, drafts: Sequence[Draft], now: datetime) -> None:
        """Places on timelines, as ``derived.sync_moments`` keeps them for one record."""
        came: list[tuple[Any, ...]] = []
        went: list[tuple[UUID, str, str]] = []
        moved: list[tuple[UUID, Any, Any]] = []
        for draft in drafts:
            places, at, owner = self._moment_of(draft.values, draft.created_at or now)
            before, old_at, old_owner = self._moment_of(draft.old or {}, draft.created_at or now)
            came += [(draft.id, plural, target, at, owner) for plural, target in sorted(places - before)]
            went += [(draft.id, plural, target) for plural, target in before - places]
            if draft.old is not None and (at, owner) != (old_at, old_owner):
                moved.append((draft.id, at, owner))
        table, own = _quote(Moment._meta.db_table), f"workspace_id = {self.workspace} AND item_object = %s"
        if went:
            cursor.execute(
                f"DELETE FROM {table} WHERE {own} AND (item_id, object, record_id) IN "
                "(SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[]))",
                [self.obj.plural, *_turned(went)],
            )
        if moved:
            cursor.execute(
                f"UPDATE {table} m SET at = s.at, owner_id = s.owner FROM unnest(%s::uuid[], %s::timestamptz[], %s::uuid[]) "
                f"AS s(id, at, owner) WHERE {own} AND m.item_id = s.id",
                [*_turned(moved), self.obj.plural],
            )
        if came:
            cursor.execute(
                f"INSERT INTO {table} (workspace_id, id, object, record_id, at, item_object, item_id, owner_id, is_pinned) "
                f"SELECT {self.workspace}, s.id, s.object, s.target, s.at, %s, s.item, s.owner, false FROM "
                "unnest(%s::uuid[], %s::uuid[], %s::text[], %s::uuid[], %s::timestamptz[], %s::uuid[]) "
                "AS s(id, item, object, target, at, owner)",
                [self.obj.plural, uuid7s(len(came)), *_turned(came)],
            )

    def _moment_of(self, values: Mapping[str, Any], now: datetime) -> tuple[set[tuple[str, str]], Any, Any]:
        """The places an item stands at, when, and whose it is."""
        assert self.obj.moment is not None
        places = {split_ref(ref) for ref in values.get(self.obj.moment.about) or ()}
        return places, values.get(self.obj.moment.at) or now, values.get("owner")


def concrete_columns(model: type[Record]) -> Iterator[models.Field]:
    """The columns of a record that hold values of its own: neither generated nor part of its key or title."""
    for column in model._meta.local_concrete_fields:
        if not column.generated and column.column not in ("workspace_id", "id", "title", "version"):
            yield column


def copy_rows(cursor: Any, table: str, columns: Iterable[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a temporary table."""
    statement = f"COPY {table} ({', '.join(map(_quote, columns))}) FROM STDIN"
    with connection.wrap_database_errors, cursor.copy(statement) as copy:
        write = copy.write_row
        for row in rows:
            write(row)


def _reader(name: str, place: int, parts: int, kind: Kind, is_json: bool) -> Callable[[Draft], Any]:
    if is_json:
        return lambda draft: None if (value := draft.values[name]) is None else orjson.dumps(value).decode()
    if parts == 1:
        return lambda draft: draft.values[name]
    return lambda draft: kind.split(draft.values[name])[place]


def _turned(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """Rows as the columns that unnest() takes."""
    return [list(column) for column in zip(*rows, strict=True)]


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)
