"""Some records leave the database, with everything that was derived from them, stood beside them or pointed at them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from .. import access, events, files, history, merges, objects
from ..bulk.staging import Staging
from ..duplicates.models import DuplicatePair
from ..merging import beside, pointing
from ..merging.merge import everybodys
from ..models import BinnedPin, HistoryEntry, ImportRun, Key, Merge, MergedRow, Moment, StoredFile
from ..objects import Field, Object
from ..postgres.scope import current_workspace_id
from ..values import Problem, Refused
from ..workspaces.actors import Actor

#: What its lines of history are called; the fields and sources of all others of the record are emptied.
DESTROYED = history.DESTROYED
#: How the sources of a merge's lines begin, which name the merged.
NAMING = ("with:", "into:")


class Destroying:
    """Deletes records of one object for good, as one batch of history. ``step`` belongs into a transaction."""

    def __init__(self, actor: Actor, obj: Object, batch_id: UUID) -> None:
        access.require(actor, obj, "delete")
        self.actor, self.obj, self.batch_id = actor, obj, batch_id
        self.everybody = everybodys(actor)
        self.gone: set[UUID] = set()

    def step(self, ids: Collection[UUID]) -> int:
        """Delete those of these records that lie in the bin and the actor may change; how many they are.

        Raises Refused where records that are alive can't be without one of them, and nothing is changed then.
        """
        rows = access.visible(self.actor, self.obj, "change", deleted=True).filter(id__in=list(ids))
        locked = list(rows.order_by("id").select_for_update(of=("self",)).values_list("id", flat=True))
        if not locked:
            return 0
        with transaction.atomic(), history.batch(DESTROYED, self.batch_id):
            self._destroy(self.obj, set(locked))
        events.emit(self.actor, f"{self.obj.plural}.destroyed", object=self.obj.plural, batch=str(self.batch_id))
        return len(locked)

    def _destroy(self, obj: Object, ids: set[UUID]) -> None:
        """These, what became part of them, and what can't be without them."""
        for each in list(ids):
            ids.update(merges.losers(obj.plural, each))
        ids -= self.gone
        if not ids:
            return
        self.gone |= ids
        self._empty_links(obj, ids)
        held = _files_of(self.actor, obj, ids)
        self._forget(obj, ids)
        versions = dict(obj.rows().filter(id__in=ids).values_list("id", "version"))
        obj.rows().filter(id__in=ids).delete()
        written = [history.Written(each, {}, versions.get(each, 0) + 1) for each in sorted(ids)]
        history.write(self.actor, obj, DESTROYED, written)
        _drop_unused(self.actor, held)

    # -- links --------------------------------------------------------------------------------------------------

    def _empty_links(self, obj: Object, ids: set[UUID]) -> None:
        """Take these out of every link to them, of what is in the bin too; with history."""
        refs = {obj.ref(each) for each in ids}
        for other, fields in pointing.linking(self.everybody, obj.plural):
            alive: set[UUID] = set()
            for field in fields:
                alive.update(pointing.pointing_ids(self.everybody, other, field, obj.plural, ids))
            binned = _binned_pointing(self.everybody, other, fields, ids, refs)
            if other.plural == obj.plural:
                alive, binned = alive - ids, binned - ids
            needing = [field for field in fields if _needs(other, field)]
            if needing and (alive or binned):
                self._with_those(other, needing, alive | binned, refs)
            self._unlink(other, fields, alive - self.gone, refs, deleted=False)
            self._unlink(other, fields, binned - self.gone, refs, deleted=True)

    def _with_those(self, other: Object, needing: list[Field], ids: set[UUID], refs: set[str]) -> None:
        """What only tied them to others goes with them, and what is in the bin itself; what is alive holds them."""
        columns = {column for field in needing for column in field.columns}
        go = set()
        for row in other.rows().filter(id__in=ids).values("id", "deleted_at", *columns):
            ended = [field for field in needing if refs & set(field.kind.refs(field.read(row)))]
            if row["deleted_at"] is None and any(field.kind.by_id for field in ended):
                words = _("%(what)s that are not deleted can't be without these. Nothing was deleted for good.")
                raise Refused([Problem("", "needed", words % {"what": other.label_plural})])
            if ended:
                go.add(row["id"])
        self._destroy(other, go)

    def _unlink(self, other: Object, fields: list[Field], ids: set[UUID], refs: set[str], *, deleted: bool) -> None:
        staging = Staging(self.everybody, other, self.batch_id, other.stored(self.actor.workspace))
        changed = []
        for draft in staging.load(ids, deleted=deleted).values() if ids else ():
            new = {field.name: _without(field, draft.values[field.name], refs) for field in fields}
            draft.changes = {
                field.name: (field.kind.dump(draft.values[field.name]), field.kind.dump(new[field.name]))
                for field in fields
                if new[field.name] != draft.values[field.name]
            }
            if draft.changes:
                draft.values = draft.values | new
                draft.title = other.title(draft.values, self.actor.language)
                draft.version += 1
                draft.set_custom(fields)
                changed.append(draft)
        if not changed:
            return
        names = {name for draft in changed for name in draft.changes}
        staging.write(changed, names, {})
        if deleted:  # what is in the bin has neither keys nor a place on timelines
            gone = [draft.id for draft in changed]
            Key.objects.filter(object=other.plural, record_id__in=gone).delete()
            Moment.objects.filter(item_object=other.plural, item_id__in=gone).delete()

    # -- beside the record --------------------------------------------------------------------------------------

    def _forget(self, obj: Object, ids: set[UUID]) -> None:
        """Rows beside records, and what the history said of them."""
        for model, column in beside.tables(obj):
            which = {"object": obj.plural} if column == "record_id" else {}
            rows = model.objects.filter(**which, **{f"{column}__in": ids})
            # What stands beside a record and has a history of its own (a comment) leaves no words there either.
            HistoryEntry.objects.filter(record_id__in=list(rows.values_list("id", flat=True))).update(changes={})
            rows.delete()
        named: tuple[Any, ...] = (Key, Moment, BinnedPin, *beside.following())
        for model in named:
            model.objects.filter(object=obj.plural, record_id__in=ids).delete()
        for pins in (Moment, BinnedPin):
            pins.objects.filter(item_object=obj.plural, item_id__in=ids).delete()
        pairs = DuplicatePair.objects.filter(object=obj.plural)
        pairs.filter(Q(left_id__in=ids) | Q(right_id__in=ids)).delete()
        merged = Merge.objects.filter(Q(loser_id__in=ids) | Q(winner_id__in=ids), object=obj.plural)
        batches = set(merged.values_list("batch_id", flat=True))
        for prefix in NAMING:
            HistoryEntry.objects.filter(batch_id__in=batches, source__startswith=prefix).update(source="")
        MergedRow.objects.filter(batch_id__in=batches).delete()
        Merge.objects.filter(batch_id__in=batches).delete()
        HistoryEntry.objects.filter(object=obj.plural, record_id__in=ids).update(changes={})


def _without(field: Field, value: Any, refs: set[str]) -> Any:
    """A link's value without those targets."""
    held = field.kind.refs(value)
    if refs.isdisjoint(held):
        return value
    return [ref for ref in held if ref not in refs] if field.kind.many else field.kind.empty


def _needs(obj: Object, field: Field) -> bool:
    """Whether the database lets no record be without this link."""
    if field.custom:
        return False
    column: Any = obj.model._meta.get_field(field.name)
    empty_is_null = field.kind.by_id
    return (empty_is_null and not column.null) or field.name in obj.ties


def _binned_pointing(everybody: Actor, obj: Object, fields: list[Field], ids: set[UUID], refs: set[str]) -> set[UUID]:
    """The records in the bin that link to these. They have no keys, so the bin is looked through; what became part of
    others lies there too.
    """
    rows = access.bare(everybody, obj, deleted=True)
    found: set[UUID] = set()
    for field in fields:
        if field.kind.by_id and not field.custom:
            found.update(rows.filter(**{f"{field.columns[0]}__in": ids}).values_list("id", flat=True))
            continue
        for row in rows.values("id", *field.columns).iterator(2_000):
            if refs & set(field.kind.refs(field.read(row))):
                found.add(row["id"])
    return found


# -- files ----------------------------------------------------------------------------------------------------------


def _files_of(actor: Actor, obj: Object, ids: set[UUID]) -> set[str]:
    """The files these records hold."""
    fields = _file_fields(actor, obj)
    columns = {column for field in fields for column in field.columns}
    rows = obj.rows().filter(id__in=ids).values(*columns) if fields else ()
    return {value["id"] for row in rows for field in fields if (value := field.read(row))}


def _file_fields(actor: Actor, obj: Object) -> list[Field]:
    return [field for field in obj.stored(actor.workspace).values() if field.kind.name == "file"]


def _drop_unused(actor: Actor, held: set[str]) -> None:
    """Drop those of these files that no record and no import holds any more."""
    if not held:
        return
    for obj in objects.all_objects():
        fields = _file_fields(actor, obj)
        if not fields:
            continue
        columns = {column for field in fields for column in field.columns}
        for row in obj.rows().values(*columns).iterator(2_000):
            held -= {value["id"] for field in fields if (value := field.read(row))}
    held -= {
        str(each)
        for each in ImportRun.objects.filter(file_id__in=[UUID(each) for each in held]).values_list(
            "file_id", flat=True
        )
    }
    for stored in StoredFile.objects.filter(id__in=held):
        files.remove(stored)


# -- what was noted in JSON -----------------------------------------------------------------------------------------

UUID_PATTERN = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def scrub(tables: Collection[tuple[type[Any], str]], gone: Collection[UUID]) -> None:
    """Take the ids out of what rows of these tables keep as JSON: results of jobs, answers, settings of views."""
    texts = [str(each) for each in gone]
    for model, column in tables:
        table = connection.ops.quote_name(model._meta.db_table)
        name = connection.ops.quote_name(column)
        mentioning = f"SELECT t.id FROM {table} t WHERE t.workspace_id = %s AND EXISTS ("
        mentioning += f"SELECT FROM regexp_matches(t.{name}::text, %s, 'g') m WHERE m[1] = ANY(%s))"
        with connection.cursor() as cursor:
            cursor.execute(mentioning, [current_workspace_id(), f"({UUID_PATTERN})", texts])
            ids = [row[0] for row in cursor.fetchall()]
        wanted = set(texts)
        for row in model.objects.filter(id__in=ids):
            model.objects.filter(id=row.id).update(**{column: scrubbed(getattr(row, column), wanted)})


def scrubbed(data: Any, gone: set[str]) -> Any:
    """JSON without the items, and with nothing in place of the values, that name one of these."""
    if isinstance(data, dict):
        return {key: scrubbed(value, gone) for key, value in data.items() if not _names(key, gone)}
    if isinstance(data, list):
        named = [item for item in data if not _says(item, gone)]
        return [scrubbed(item, gone) for item in named]
    return None if _names(data, gone) else data


def _names(data: Any, gone: set[str]) -> bool:
    return isinstance(data, str) and data.rpartition("/")[2] in gone


def _says(item: Any, gone: set[str]) -> bool:
    """Whether an item of a list is of such a record: its ref or id, or a line about it."""
    return _names(item, gone) or (
        isinstance(item, dict) and any(_names(item.get(key), gone) for key in ("record", "id"))
    )
