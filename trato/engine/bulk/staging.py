"""Many records written at once: a temporary table filled by COPY, then one statement a table (docs/adr/0006).

COPY straight into a table under row-level security is refused by PostgreSQL; into a temporary one it is not. Everything
below runs in the caller's transaction, and every statement names the workspace.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, models
from django.utils import timezone

from .. import access, derived, wholes
from ..kinds import Kind
from ..models import HistoryEntry, Key, Moment, Record
from ..objects import Field, Object, split_ref
from ..slots import copy
from ..workspaces.actors import Actor
from ..workspaces.ids import uuid7_texts, uuid7s
from .drafts import Draft

STAGED = "trato_staged"
#: Columns a record has beside those of its fields.
ROW_COLUMNS = ("id", "title", "version", "history_id", "action", "changes")


class Staging:
    """Writes drafts of one object: rows, history, look-up keys and moments, each set-wise, as one batch of history."""

    def __init__(self, actor: Actor, obj: Object, batch_id: UUID, fields: Mapping[str, Field]) -> None:
        self.actor, self.obj, self.batch_id, self.fields = actor, obj, batch_id, fields
        self.workspace = f"'{actor.workspace.id}'::uuid"
        self.model = obj.model
        self.table = _quote(obj.model._meta.db_table)
        self._arrays = {known.slot.column for known in fields.values() if known.slot}
        #: Called when the database has work for a while.
        self.meanwhile: Callable[[], None] = lambda: None
        self._columns_read = sorted(
            {"id", "version", "created_at", "custom"}.union(*(f.written for f in fields.values()))
        )
        self._keyed = [
            f for f in fields.values() if f.unique or type(f.kind).keys is not Kind.keys or derived.has_likeness(obj, f)
        ]

    def load(self, ids: Iterable[UUID], *, deleted: bool = False) -> dict[UUID, Draft]:
        """The records the actor may see among these, locked by id after what they are part of, as unchanged drafts."""
        ids = list(ids)
        wholes.hold(self.actor, self.obj, wholes.ids_of(self.obj, ids))
        self.obj.guard(ids)
        rows = access.visible(self.actor, self.obj, deleted=deleted).filter(id__in=ids).order_by("id")
        drafts = {}
        for row in rows.select_for_update(of=("self",)).values(*self._columns_read):
            old = {name: field.read(row) for name, field in self.fields.items()}
            title = old.get("title", "")
            copies = {column: row[column] for column in self._arrays}
            stood = (title, row["version"], row["created_at"], row["custom"], copies)
            drafts[row["id"]] = Draft(row["id"], old, old, *stood)
        return drafts

    def changeable(self, ids: Iterable[UUID], *, deleted: bool = False) -> set[UUID]:
        """Which of these records the actor may change."""
        rows = access.visible(self.actor, self.obj, "change", deleted=deleted).filter(id__in=list(ids))
        everybodys = self.actor.rights.scope(self.obj.plural, "change") == "all"
        return set(ids) if everybodys else set(rows.values_list("id", flat=True))

    def write(self, drafts: Sequence[Draft], names: Iterable[str], defaults: Mapping[str, Any]) -> None:
        """Insert new drafts and update the others; only the fields ``names`` may differ from ``defaults`` in new
        drafts, or from the old values in others. Raises django.db.IntegrityError or DataError where a rule of the
        database is broken.
        """
        if not drafts:
            return
        columns = self._columns(names)
        at = timezone.now()
        with connection.cursor() as cursor:
            self._stage(cursor, drafts, columns)
            self.meanwhile()
            if any(draft.old is None for draft in drafts):
                self._insert(cursor, columns, defaults, at)
            if any(draft.old is not None for draft in drafts):
                self._update(cursor, columns, at)
            self._history(cursor, at)
            cursor.execute(f"DROP TABLE {STAGED}")
            self._steps(cursor, drafts, at)
            self._write_keys(cursor, drafts)
            if self.obj.moment:
                self._write_moments(cursor, drafts, at)
        self._touch(drafts)

    def bury(self, drafts: Sequence[Draft]) -> None:
        """Put records into the recycle bin with their parts; their keys and moments go."""
        ids, at = [draft.id for draft in drafts], timezone.now()
        if self.obj.moment:
            derived.bin_pins(self.obj, ids)
        mine = f"workspace_id = {self.workspace}"
        with connection.cursor() as cursor:
            self._mark(cursor, drafts, at, "deleted")
            self.drop_keys(cursor, [(draft.id, key) for draft in drafts for key in self.keys_of(draft.values)])
            moments = _quote(Moment._meta.db_table)
            cursor.execute(
                f"DELETE FROM {moments} WHERE {mine} AND item_object = %s AND item_id = ANY(%s)", [self.obj.plural, ids]
            )
        wholes.go_along(self.actor, self.obj, ids, at)
        self._touch(drafts)

    def revive(self, drafts: Sequence[Draft]) -> None:
        """Bring records back from the bin, with keys, moments and parts; raises IntegrityError where a key is taken."""
        went = dict(self.obj.rows().filter(id__in=[draft.id for draft in drafts]).values_list("id", "deleted_at"))
        with connection.cursor() as cursor:
            self._mark(cursor, drafts, None, "restored")
            fresh = [Draft(draft.id, draft.values, None, created_at=draft.created_at) for draft in drafts]
            self._write_keys(cursor, fresh)
            if self.obj.moment:
                self._write_moments(cursor, fresh, timezone.now())
                derived.bring_pins_back(self.obj, [draft.id for draft in drafts])
        wholes.come_along(self.actor, self.obj, went)
        self._touch(drafts)

    def _touch(self, drafts: Sequence[Draft]) -> None:
        """Say what was written, and of what it is part, before and now."""
        wholes.touch_written(self.obj, drafts)

    def _mark(self, cursor: Any, drafts: Sequence[Draft], deleted_at: datetime | None, action: str) -> None:
        """Set or clear the day of deletion, and write that into the history."""
        ids, versions = [draft.id for draft in drafts], [draft.version + 1 for draft in drafts]
        cursor.execute(
            f"UPDATE {self.table} t SET deleted_at = %s, version = s.version "
            "FROM unnest(%s::uuid[], %s::int[]) AS s(id, version) "
            f"WHERE t.workspace_id = {self.workspace} AND t.id = s.id",
            [deleted_at, ids, versions],
        )
        chosen = "unnest(%s::uuid[], %s::uuid[], %s::int[]) AS s(history_id, id, version)"
        source = f"(SELECT *, %s AS action, '{{}}'::jsonb AS changes FROM {chosen})"
        self._history(cursor, timezone.now(), source, [action, uuid7s(len(ids)), ids, versions])

    def _columns(self, names: Iterable[str]) -> dict[str, Callable[[Draft], Any]]:
        """How each column of the given fields is read from a draft, as COPY takes it."""
        readers: dict[str, Callable[[Draft], Any]] = {}
        for name in names:
            known = self.fields[name]
            if known.custom:
                readers["custom"] = lambda draft: orjson.dumps(draft.custom).decode()
                if known.slot:
                    readers[known.slot.column] = partial(_copies, known.slot.column)
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
                None if draft.steps else history_id,
                "created" if draft.old is None else "updated",
                dumps(draft.changes).decode(),
                *[read(draft) for read in readers],
            )
            for draft, history_id in zip(drafts, uuid7_texts(len(drafts)), strict=True)
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
        given: dict[str, Any] = dict(self.obj.part)
        for name, value in defaults.items():
            known = self.fields[name]
            if not known.custom:
                given |= dict(zip(known.columns, known.kind.split(value), strict=True))
        given["custom"] = {
            self.fields[name].key: self.fields[name].kind.dump(value)
            for name, value in defaults.items()
            if self.fields[name].custom and not self.fields[name].kind.is_empty(value)
        }
        for known, value in ((self.fields[name], value) for name, value in defaults.items()):
            if slot := known.slot:
                given[slot.column] = slot.put(given.get(slot.column), copy(known.kind, value))
        constants = {}
        for column in concrete_columns(self.model):
            value = given[column.attname] if column.attname in given else column.get_default()
            constants[str(column.column)] = column.get_db_prep_save(value, connection)
        return constants

    def _update(self, cursor: Any, columns: Iterable[str], at: datetime) -> None:
        met = f"t.workspace_id = {self.workspace} AND t.id = s.id AND s.action = 'updated'"
        cursor.execute(f"SELECT EXISTS (SELECT FROM {self.table} t, {STAGED} s WHERE {met} AND t.title <> s.title)")
        # The text for searching is made anew of all that is set, and the title is part of it: half of an update's time.
        named = ["title"] if cursor.fetchone()[0] else []
        own = "".join(f", {_quote(column)} = s.{_quote(column)}" for column in [*named, *columns])
        cursor.execute(
            f"UPDATE {self.table} t SET version = s.version, updated_at = %s{own} FROM {STAGED} s WHERE {met}", [at]
        )

    def _history(self, cursor: Any, at: datetime, source: str = STAGED, params: Sequence[Any] = ()) -> None:
        """One history row for each row of ``source``, in the shape of ``history.write``."""
        actor = self.actor
        cursor.execute(
            f"INSERT INTO {_quote(HistoryEntry._meta.db_table)} (workspace_id, id, object, record_id, action, at, "
            "actor_kind, actor_id, actor_name, face, source, changes, version, batch_id) "
            f"SELECT {self.workspace}, s.history_id, %s, s.id, s.action, %s, %s, %s, %s, %s, %s, s.changes, s.version, "
            f"%s FROM {source} s WHERE s.history_id IS NOT NULL",
            [
                self.obj.plural,
                at,
                actor.kind,
                actor.user_id,
                actor.name,
                actor.face,
                actor.source,
                self.batch_id,
                *params,
            ],
        )

    def _steps(self, cursor: Any, drafts: Sequence[Draft], at: datetime) -> None:
        """The history of what more than one write was made of, line by line."""
        told = [
            (draft.id, action, version, orjson.dumps(changes).decode())
            for draft in drafts
            for version, (action, changes) in enumerate(draft.steps, start=1)
        ]
        if told:
            columns = ("history_id", "id", "action", "version", "changes")
            types = "history_id uuid, id uuid, action text, version integer, changes jsonb"
            cursor.execute(f"CREATE TEMP TABLE {STAGED} ({types}) ON COMMIT DROP")
            rows = ((history_id, *row) for history_id, row in zip(uuid7_texts(len(told)), told, strict=True))
            copy_rows(cursor, STAGED, columns, rows)
            self._history(cursor, at)
            cursor.execute(f"DROP TABLE {STAGED}")

    def keys_of(self, values: Mapping[str, Any], names: Container[str] | None = None) -> set[str]:
        """The look-up keys of a record's values, or of those of its fields called so."""
        keyed = self._keyed if names is None else [known for known in self._keyed if known.name in names]
        return derived.keys_of(self.obj, keyed, values) if keyed else set()

    def _write_keys(self, cursor: Any, drafts: Sequence[Draft]) -> None:
        """Add the keys that came and drop those that went."""
        came: list[tuple[UUID, str]] = []
        went: list[tuple[UUID, str]] = []
        for draft in drafts:
            names = None if draft.old is None else draft.changes
            new = self.keys_of(draft.values, names)
            old = self.keys_of(draft.old, names) if draft.old is not None else set()
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
        rows = ((key_id, key, record_id) for key_id, (record_id, key) in zip(uuid7_texts(len(came)), came, strict=True))
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
                f"UPDATE {table} m SET at = s.at, owner_id = s.owner "
                "FROM unnest(%s::uuid[], %s::timestamptz[], %s::uuid[]) "
                f"AS s(id, at, owner) WHERE {own} AND m.item_id = s.id",
                [*_turned(moved), self.obj.plural],
            )
        if came:
            cursor.execute(
                f"INSERT INTO {table} "
                "(workspace_id, id, object, record_id, at, item_object, item_id, owner_id, is_pinned) "
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


def _copies(column: str, draft: Draft) -> list[Any] | None:
    return draft.slots.get(column)


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
