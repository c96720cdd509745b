"""What was done, a line a batch: read from the history alone, newest first (docs/adr/0017).

Batches are met one after the other in the order of their ids, which are times, by one look into an index each: however
many rows a batch has, and however many there are, a page costs as much as it shows. What a filter or the rights of the
reader leave out is skipped the same way, up to ``WALKED`` batches a page; then the page says how to go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from . import access, history, objects
from .models import HistoryEntry, ImportRun, Merge
from .objects import Object
from .undo import UNDOABLE, may_undo
from .workspaces.actors import Actor

#: Batches a page shows, are looked into in one go, and are skipped at most for one page.
SHOWN, LOOKED_INTO, WALKED = 25, 30, 900
#: Rows of a batch that are counted; for who doesn't see all records each of these is asked after.
COUNTED, ASKED = 2_000, 200
#: Rows of a batch that are opened.
OPENED = 100
DESTROYED = history.DESTROYED
HISTORY = f'"{HistoryEntry._meta.db_table}"'

#: What a batch did, by the word of the filter.
KINDS = {
    "created": "h.action = 'created' AND h.face <> 'import'",
    "changed": "h.action NOT IN ('created', 'deleted', 'restored', 'merged', 'unmerged', 'shared', 'unshared', "
    f"'{DESTROYED}') AND h.face NOT IN ('import', 'undo')",
    "deleted": "h.action = 'deleted'",
    "restored": "h.action = 'restored' AND h.face <> 'undo'",
    "merged": "h.action IN ('merged', 'unmerged')",
    "shared": "h.action IN ('shared', 'unshared')",
    "imported": "h.face = 'import'",
    "undone": "h.face = 'undo'",
    "destroyed": f"h.action = '{DESTROYED}'",
}


@dataclass(frozen=True)
class Asked:
    """Which batches: of one person (or all), with writes of one object, of one of KINDS, in a period."""

    person: UUID | None = None
    object: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass
class Part:
    """What a batch did to the records of one object: ``count`` of them the reader may know of; None where nobody
    counted that far for them, and ``more`` where there are more than were counted.
    """

    object: str
    action: str
    count: int | None
    undone: int
    more: bool = False
    fields: list[str] = field(default_factory=list)
    ids: list[UUID] = field(default_factory=list)


@dataclass
class Line:
    """One batch: its first write says who, when and through which face."""

    batch: UUID
    first: HistoryEntry
    parts: list[Part]
    run: ImportRun | None = None
    winner: tuple[str, UUID] | None = None  #: what the others of a merge became part of
    whole: bool = False  #: the reader sees everything of it

    @property
    def undone(self) -> str:
        """``""``, ``part`` or ``all``."""
        gone, whole = sum(part.undone for part in self.parts), sum(part.count or 0 for part in self.parts)
        return "" if not gone else "all" if gone >= whole else "part"

    @property
    def undo_of(self) -> UUID | None:
        """The batch this one took back."""
        if self.first.face != "undo" or not self.first.source.startswith(history.UNDO_OF):
            return None
        return UUID(self.first.source.removeprefix(history.UNDO_OF))


def page(actor: Actor, asked: Asked, before: UUID | None = None) -> tuple[list[Line], UUID | None, bool]:
    """The lines the actor may see, newest first; where the next page begins (None: there is none); and whether the page
    ends early because so much was skipped.
    """
    lines: list[Line] = []
    last, walked, many = before, 0, LOOKED_INTO
    while walked < WALKED:
        found, last_met, met = _some(actor, asked, last, many)
        walked += met
        lines += found
        if len(lines) > SHOWN:
            lines = lines[:SHOWN]
            return _told(actor, lines), lines[-1].batch, False
        if met < many:
            return _told(actor, lines), None, False
        last, many = last_met, min(4 * LOOKED_INTO, WALKED - walked)  # where much is skipped, in longer steps
    return _told(actor, lines), last, True


def one(actor: Actor, batch_id: Any) -> Line:
    """One batch; raises access.Absent where there is nothing of it the actor may know."""
    key = access.as_uuid(batch_id)
    found = _lines(actor, [key])
    if not found:
        raise access.Absent(str(key))
    return _told(actor, found)[0]


def may_take_back(actor: Actor, line: Line) -> bool:
    """Whether undo can be offered; whether it works is only known when it is tried."""
    if line.undone == "all" or any(part.action == DESTROYED for part in line.parts):
        return False
    return may_undo(actor, line.first) or (line.undone == "part" and may_undo(actor, _still(line.first)))


def _still(entry: HistoryEntry) -> HistoryEntry:
    """A write as if it were not taken back: others of its batch are not."""
    entry.undone_at = None
    return entry


# -- the walk -------------------------------------------------------------------------------------------------------


def _some(actor: Actor, asked: Asked, before: UUID | None, many: int) -> tuple[list[Line], UUID | None, int]:
    """The next batches down the index: those that are shown, the last one met, and how many were met."""
    where = "h.workspace_id = %(workspace)s"
    given: dict[str, Any] = {"workspace": actor.workspace.id, "many": many}
    if asked.person:
        where += " AND h.actor_id = %(person)s"
        given["person"] = asked.person
    if asked.since:
        where += " AND h.batch_id >= %(since)s"
        given["since"] = _earliest(asked.since)
    given["before"] = before or (_earliest(asked.until) if asked.until else UUID(int=(1 << 128) - 1))
    newest = f"(SELECT h.batch_id FROM {HISTORY} h WHERE {where} AND h.batch_id < %s ORDER BY h.batch_id DESC LIMIT 1)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE walk (batch) AS ({newest.replace('%s', '%(before)s')} UNION ALL "
            f"SELECT {newest.replace('%s', 'walk.batch')} FROM walk WHERE walk.batch IS NOT NULL) "
            "SELECT batch FROM walk WHERE batch IS NOT NULL LIMIT %(many)s",
            given,
        )
        met = [row[0] for row in cursor.fetchall()]
    return _lines(actor, met, asked), met[-1] if met else None, len(met)


def _earliest(moment: datetime) -> UUID:
    """The id below all ids made from this moment on."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _lines(actor: Actor, batches: list[UUID], asked: Asked | None = None) -> list[Line]:
    """What of these batches the actor may see, in the same order."""
    parts: dict[UUID, list[Part]] = {}
    for batch, plural, action, count, undone, ids, met in _grouped(actor, batches, asked or Asked()):
        more = met > (COUNTED if _sees_everything(actor) else ASKED)
        parts.setdefault(batch, []).append(Part(plural, action, count, undone, more, ids=ids))
    _narrow(actor, [part for each in parts.values() for part in each])
    lines = []
    for batch in batches:
        told = [part for part in parts.get(batch, ()) if part.count != 0 or _is_beside(part)]
        entry = _first(batch) if told else None
        if entry is not None and (seen_of := [part for part in told if part.count != 0 or _stands(actor, part, entry)]):
            lines.append(Line(batch, entry, seen_of))
    return lines


def _first(batch: UUID) -> HistoryEntry | None:
    return HistoryEntry.objects.filter(batch_id=batch).order_by("id").defer("changes").first()


def _grouped(actor: Actor, batches: list[UUID], asked: Asked) -> list[tuple[Any, ...]]:
    """By batch, object and action: records written, records undone, the ids where each is asked after, and how many
    rows of the batch were met.
    """
    wanted = [KINDS[asked.kind]] if asked.kind in KINDS else []
    given: dict[str, Any] = {"workspace": actor.workspace.id, "batches": batches}
    if asked.object:
        wanted.append("h.object = %(object)s")
        given["object"] = asked.object
    everything = _sees_everything(actor)
    rows = (
        f"SELECT * FROM {HISTORY} h WHERE h.workspace_id = %(workspace)s AND h.batch_id = b.batch ORDER BY h.id LIMIT "
    )
    ids = "(array_agg(r.record_id))[1:1]" if everything else "array_agg(DISTINCT r.record_id)"
    some = f"WHERE EXISTS (SELECT FROM ({rows} {ASKED}) h WHERE {' AND '.join(wanted)})" if wanted else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.batch, g.* FROM unnest(%(batches)s::uuid[]) AS b(batch) CROSS JOIN LATERAL ("
            "SELECT r.object, r.action, count(DISTINCT r.record_id), "
            "count(DISTINCT r.record_id) FILTER (WHERE r.undone_at IS NOT NULL), "
            f"{ids}, sum(count(*)) OVER () FROM ({rows} {(COUNTED if everything else ASKED) + 1}) r "
            f"GROUP BY r.object, r.action) g {some}",
            given,
        )
        return cursor.fetchall()


# -- what the reader may know ---------------------------------------------------------------------------------------


def _sees_everything(actor: Actor) -> bool:
    return actor.rights.admin and actor.rights.scopes is None


def seen(actor: Actor, obj: Object, ids: Iterable[UUID]) -> set[UUID]:
    """Those of these records the actor may see; in the recycle bin only for who may restore them."""
    wanted = set(ids)
    found = set(access.visible(actor, obj).filter(id__in=wanted).values_list("id", flat=True))
    left = wanted - found
    if left and actor.rights.may(obj.plural, "delete"):
        found |= set(access.visible(actor, obj, deleted=True).filter(id__in=left).values_list("id", flat=True))
    return found


def _narrow(actor: Actor, parts: list[Part]) -> None:
    """Leave out of the counts what the actor may not see, one look an object."""
    if _sees_everything(actor):
        return
    by_object: dict[str, list[Part]] = {}
    for part in parts:
        by_object.setdefault(part.object, []).append(part)
    for plural, some in by_object.items():
        known = objects.get(plural) if objects.is_known(plural) else None
        ids = {each for part in some for each in part.ids}
        allowed = seen(actor, known, ids) if known is not None else set()
        for part in some:
            whole = len(part.ids)
            part.ids = [each for each in part.ids if each in allowed]
            part.undone = len(part.ids) if part.undone >= whole else min(part.undone, len(part.ids))
            # Further rows may be another's records: how many there are is not told.
            part.count, part.more = (None if part.more and part.ids else len(part.ids)), False


def _is_beside(part: Part) -> bool:
    """Whether what was written is no record, or is no more."""
    return part.action == DESTROYED or not objects.is_known(part.object)


def _stands(actor: Actor, part: Part, entry: HistoryEntry) -> bool:
    """Whether a write of what is no record is told: to who made it, without a number."""
    if entry.actor_id is None or entry.actor_id != actor.user_id:
        return False
    part.count = None
    return True


# -- what is told of those shown ------------------------------------------------------------------------------------

FIELDS = f"""
SELECT DISTINCT b.batch, r.object, k.name FROM unnest(%s::uuid[]) AS b(batch) CROSS JOIN LATERAL (
    SELECT h.object, h.changes FROM {HISTORY} h
    WHERE h.workspace_id = %s AND h.batch_id = b.batch AND h.action <> 'created' ORDER BY h.id LIMIT 50
) r CROSS JOIN LATERAL jsonb_object_keys(r.changes) AS k(name)
"""


def _told(actor: Actor, lines: list[Line]) -> list[Line]:
    """The lines with the fields that were changed, as far as the actor may see them, and their imports."""
    if not lines:
        return lines
    with connection.cursor() as cursor:
        cursor.execute(FIELDS, [[line.batch for line in lines], actor.workspace.id])
        names: dict[tuple[UUID, str], list[str]] = {}
        for batch, plural, name in cursor.fetchall():
            names.setdefault((batch, plural), []).append(name)
    batches = [line.batch for line in lines]
    runs = {run.batch_id: run for run in ImportRun.objects.filter(batch_id__in=batches)}
    winners = {row.batch_id: (row.object, row.winner_id) for row in Merge.objects.filter(batch_id__in=batches)}
    for line in lines:
        line.run, line.winner, line.whole = runs.get(line.batch), winners.get(line.batch), _sees_everything(actor)
        for part in line.parts:
            if objects.is_known(part.object) and part.action != "created":
                known = access.fields(actor, objects.get(part.object))
                part.fields = [name for name in known if name in names.get((line.batch, part.object), ())]
    return lines


# -- one batch opened -----------------------------------------------------------------------------------------------


def entries(actor: Actor, line: Line) -> list[HistoryEntry]:
    """The first writes of a batch whose records the actor may see, oldest first."""
    found: list[HistoryEntry] = []
    last: UUID | None = None
    for _step in range(COUNTED // ASKED):
        rows = HistoryEntry.objects.filter(batch_id=line.batch).order_by("id")
        some = list(rows.filter(id__gt=last)[:ASKED] if last else rows[:ASKED])
        found += _allowed(actor, some)
        if len(some) < ASKED or len(found) >= OPENED:
            break
        last = some[-1].id
    return found[:OPENED]


def _allowed(actor: Actor, rows: list[HistoryEntry]) -> list[HistoryEntry]:
    if _sees_everything(actor):
        return rows
    ids: dict[str, set[UUID]] = {}
    for row in rows:
        ids.setdefault(row.object, set()).add(row.record_id)
    allowed = {
        plural: seen(actor, objects.get(plural), some) for plural, some in ids.items() if objects.is_known(plural)
    }
    return [
        row
        for row in rows
        if row.record_id in allowed.get(row.object, ()) or (row.object not in allowed and row.actor_id == actor.user_id)
    ]


def titles(actor: Actor, refs: Iterable[str]) -> dict[str, str]:
    """What records are called, those in the recycle bin included for who may restore them."""
    wanted = set(refs)
    found = access.titles(actor, wanted)
    ids: dict[str, list[str]] = {}
    for ref in wanted - found.keys():
        plural, _slash, record_id = ref.partition("/")
        if objects.is_known(plural) and actor.rights.may(plural, "delete"):
            ids.setdefault(plural, []).append(record_id)
    for plural, some in ids.items():
        obj = objects.get(plural)
        rows = access.visible(actor, obj, deleted=True).filter(id__in=some).values_list("id", "title")
        found |= {obj.ref(record_id): title or str(obj.label) for record_id, title in rows}
    return found


# -- what stands in the way -----------------------------------------------------------------------------------------

LATER = f"""
SELECT DISTINCT ON (l.batch_id) l.batch_id, l.actor_name, l.at, l.object, l.record_id FROM (
    SELECT * FROM {HISTORY} h WHERE h.workspace_id = %(workspace)s AND h.batch_id = %(batch)s AND h.undone_at IS NULL
    ORDER BY h.id DESC LIMIT {ASKED}
) h JOIN LATERAL (
    SELECT * FROM {HISTORY} l WHERE l.workspace_id = %(workspace)s AND l.record_id = h.record_id AND l.id > h.id
    AND l.object = h.object AND l.batch_id <> h.batch_id AND l.undone_at IS NULL AND l.face <> 'undo'
    AND (h.action = ANY(%(whole)s) OR l.action = ANY(%(whole)s)
        OR h.changes ?| ARRAY(SELECT jsonb_object_keys(l.changes)))
    ORDER BY l.id LIMIT 5
) l ON true ORDER BY l.batch_id LIMIT 10
"""


def later(actor: Actor, line: Line) -> list[HistoryEntry]:
    """The later writes an undo would run into, one a batch, as far as the actor may see their records."""
    whole = tuple(sorted((UNDOABLE - {"updated"}) | {"merged", "unmerged"}))
    with connection.cursor() as cursor:
        cursor.execute(
            LATER,
            {"workspace": actor.workspace.id, "batch": line.batch, "whole": list(whole)},
        )
        found = [(row[0], row[4]) for row in cursor.fetchall()]
    rows = [
        HistoryEntry.objects.filter(batch_id=batch, record_id=record).order_by("id").first() for batch, record in found
    ]
    return _allowed(actor, [row for row in rows if row is not None])


def undone_by(line: Line) -> HistoryEntry | None:
    """The newest undo of a batch that is in force: found through the history of its first records."""
    some = HistoryEntry.objects.filter(batch_id=line.batch).order_by("id").values_list("record_id", flat=True)[:20]
    undone = HistoryEntry.objects.filter(record_id__in=list(some), undone_at=None)
    return undone.filter(Q(face="undo"), source=f"{history.UNDO_OF}{line.batch}").order_by("-id").first()


def grouped_reasons(told: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Why records were left by an undo, the most frequent reason first, from the result of its job."""
    return sorted(told.get("refused", {}).items(), key=lambda pair: -pair[1])
