"""The scan of all records of an object for pairs that look the same, as a job: set-based, of flat memory, stoppable.

Records are read once, and what they say goes into temporary tables beside the keys of their blocks; PostgreSQL joins
each block into pairs; the pairs are scored a stretch of records at a time. The tables live as long as the connection,
outside row-level security, and are dropped at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.utils.translation import gettext as _

from .. import access, jobs, objects
from ..models import Job
from ..objects import Object
from ..postgres.scope import in_workspace
from ..workspaces.actors import Actor, system_actor
from . import weighing
from .models import DuplicatePair
from .scoring import Scorer

JOB = "find duplicates"
READ, BLOCKS, PAIRS = "trato_read", "trato_blocks", "trato_pairs"
#: Records read, and records whose pairs are scored, in one step.
CHUNK = 5_000
#: The blocks are joined in so many parts, each a step.
PARTS = 16
#: Up to this size a block is compared wholly; in a larger one each record with its next few, in the order of what they
#: say first (sorted neighbourhood); of the keys joined of two comparisons the largest blocks tell nothing.
WHOLE, NEXT, LARGEST_JOINED = 24, 4, 400
#: Different values counted for how common they are, at most; and pairs kept.
COUNTED, MOST = 100_000, 100_000

JOIN = f"""
INSERT INTO {PAIRS} SELECT DISTINCT least(b.ns[i], b.ns[j]), greatest(b.ns[i], b.ns[j]) FROM (
    SELECT key, array_agg(n ORDER BY place, n) AS ns, count(*)::int AS size FROM {BLOCKS} WHERE (key & {PARTS - 1}) = %s
    GROUP BY key HAVING count(*) > 1 AND (NOT bool_and(is_joined) OR count(*) <= {LARGEST_JOINED})
) b, generate_series(1, b.size - 1) i,
generate_series(i + 1, least(b.size, i + CASE WHEN b.size <= {WHOLE} THEN b.size ELSE {NEXT} END)) j
WHERE b.ns[i] <> b.ns[j]
"""
FETCH = f"""
SELECT p.a, p.b, x.said, y.said FROM (SELECT DISTINCT a, b FROM {PAIRS} WHERE a >= %s AND a < %s) p
JOIN {READ} x ON x.n = p.a JOIN {READ} y ON y.n = p.b ORDER BY p.a
"""


def start(actor: Actor, obj: Object) -> Job:
    """Look through all records in the background; a scan that is under way is handed back as it is.

    Raises Forbidden for who does not see all records, or may not delete any.
    """
    _require(actor, obj)
    label = _("Duplicates: %(objects)s") % {"objects": obj.label_plural}
    return _running(obj) or jobs.enqueue(actor, JOB, label[:200], plural=obj.plural)


def stop(actor: Actor, obj: Object) -> None:
    """Ask the scan that is under way to stop; raises Forbidden as ``start`` does."""
    _require(actor, obj)
    if running := _running(obj):
        jobs.cancel(actor, running.id)


def last(obj: Object) -> Job | None:
    """The latest scan of an object."""
    return Job.objects.filter(name=JOB, arguments__plural=obj.plural).order_by("-id").first()


def _running(obj: Object) -> Job | None:
    return Job.objects.filter(name=JOB, state__in=("waiting", "running"), arguments__plural=obj.plural).first()


def _require(actor: Actor, obj: Object) -> None:
    access.require(actor, obj, "delete")
    if actor.rights.scope(obj.plural, "see") != "all":
        raise access.Forbidden(obj.plural, "see")


@jobs.job(JOB)
def carry_out(job: jobs.Run, plural: str) -> dict[str, Any]:
    """Scan one object."""
    with in_workspace(job.workspace.id):
        actor = system_actor(job.workspace, "job")
        obj = objects.get(plural)
        scorer = weighing.of(obj).scorer(obj.fields(job.workspace))
        total = access.visible(actor, obj).count()
    if not scorer.comparators:
        raise jobs.GiveUp(_("No field tells duplicates here yet; an administrator can give points in settings."))
    scan = Scan(actor, obj, scorer, job.job_id, _steps(job, total))
    return {"records": total, "pairs": scan.run(), "whole": scan.found < MOST}


def _steps(job: jobs.Run, total: int) -> Callable[[int], None]:
    """Progress of records that are each gone through twice."""
    return lambda done: job.progress(done, 2 * total)


class Scan:
    """One scan. ``progress`` is called in the transaction of each step with how many records are done, each twice."""

    def __init__(
        self,
        actor: Actor,
        obj: Object,
        scorer: Scorer,
        scan_id: UUID,
        progress: Callable[[int], None] = lambda done: None,
    ) -> None:
        self.actor = replace(actor, rights=replace(actor.rights, admin=True, scopes=None))
        self.obj, self.scorer, self.scan_id, self.progress = obj, scorer, scan_id, progress
        self.records = self.compared = self.found = 0

    def run(self) -> int:
        """How many pairs were found. What people decided before stays decided; what does not look the same any more
        leaves the queue.
        """
        try:
            self._read()
            for part in range(PARTS):
                with self._step() as cursor:
                    cursor.execute(JOIN, [part])
                    self.progress(self.records)
            with self._step() as cursor:
                cursor.execute(f"CREATE INDEX ON {PAIRS} (a); ANALYZE {PAIRS}; ANALYZE {READ}")
            for first in range(0, self.records, CHUNK):
                with self._step() as cursor:
                    self._compare(cursor, first)
                    self.progress(self.records + min(first + CHUNK, self.records))
                if self.found >= MOST:
                    break
            with self._step():
                stale = DuplicatePair.objects.filter(object=self.obj.plural, state__in=("open", "later"))
                stale.exclude(scan_id=self.scan_id).delete()
        finally:
            self._drop()
        return self.found

    def _step(self) -> Any:
        return _Step(self.actor.workspace.id)

    def _drop(self) -> None:
        if not connection.needs_rollback and connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE IF EXISTS {READ}, {BLOCKS}, {PAIRS}")

    def _read(self) -> None:
        """What every record says, the keys of its blocks, and how common values are."""
        with self._step() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {READ}, {BLOCKS}, {PAIRS}")
            cursor.execute(f"CREATE TEMP TABLE {READ} (n int PRIMARY KEY, id uuid, said text)")
            cursor.execute(f"CREATE TEMP TABLE {BLOCKS} (key bigint, place bigint, n int, is_joined bool)")
            cursor.execute(f"CREATE TEMP TABLE {PAIRS} (a int, b int)")
        counters: list[Counter[str]] = [Counter() for _each in self.scorer.comparators]
        last: UUID | None = None
        while True:
            with self._step() as cursor:
                rows = self._rows(last)
                if not rows:
                    break
                last = rows[-1]["id"]
                self._stage(cursor, rows, counters)
                self.progress(self.records)
        self.scorer.learn(counters, self.records)

    def _rows(self, last: UUID | None) -> list[dict[str, Any]]:
        columns = {column for known in self.scorer.fields.values() for column in known.columns}
        rows = access.visible(self.actor, self.obj).order_by("id").values("id", *columns)
        return list((rows.filter(id__gt=last) if last else rows)[:CHUNK])

    def _stage(self, cursor: Any, rows: Sequence[dict[str, Any]], counters: list[Counter[str]]) -> None:
        fields = self.scorer.fields
        said, blocks = [], []
        for row in rows:
            read = self.scorer.read({name: known.read(row) for name, known in fields.items()})
            self.scorer.count(counters, read)
            text = orjson.dumps(read)
            place = int.from_bytes(text[:11].lstrip(b'["nul,').ljust(7, b"\0")[:7], "big")
            number = self.records
            said.append((number, row["id"], text.decode()))
            blocks += [(hash(key), place, number, joined) for key, joined in self.scorer.blocks(read)]
            self.records += 1
        for counter in counters:
            _prune(counter)
        _copy(cursor, READ, ("n", "id", "said"), said)
        _copy(cursor, BLOCKS, ("key", "place", "n", "is_joined"), blocks)

    def _compare(self, cursor: Any, first: int) -> None:
        """Score the pairs of a stretch of records."""
        cursor.execute(FETCH, [first, first + CHUNK])
        score, least = self.scorer.score, self.scorer.threshold
        found, before, mine = [], -1, []
        for a, b, one, other in _fetched(cursor):
            if a != before:
                before, mine = a, orjson.loads(one)
            verdict = score(mine, orjson.loads(other), least=least)
            self.compared += 1
            if verdict.score >= least:
                found.append((a, b, verdict))
        if found:
            self._keep(cursor, found[: MOST - self.found])

    def _keep(self, cursor: Any, found: Sequence[tuple[int, int, Any]]) -> None:
        numbers = {n for a, b, _verdict in found for n in (a, b)}
        cursor.execute(f"SELECT n, id FROM {READ} WHERE n = ANY(%s)", [list(numbers)])
        ids: dict[int, UUID] = dict(cursor.fetchall())
        pairs = []
        for a, b, verdict in found:
            left, right = sorted((ids[a], ids[b]))
            pairs.append(
                DuplicatePair(
                    object=self.obj.plural,
                    left_id=left,
                    right_id=right,
                    score=round(verdict.score, 1),
                    reasons=self.scorer.names(verdict),
                    scan_id=self.scan_id,
                )
            )
        DuplicatePair.objects.bulk_create(
            pairs,
            update_conflicts=True,
            unique_fields=["workspace", "object", "left_id", "right_id"],
            update_fields=["score", "reasons", "scan_id"],
            batch_size=1000,
        )
        self.found += len(found)


class _Step:
    """A cursor in a transaction of the workspace."""

    def __init__(self, workspace_id: UUID) -> None:
        self._scope = in_workspace(workspace_id)

    def __enter__(self) -> Any:
        self._scope.__enter__()
        return connection.cursor().__enter__()

    def __exit__(self, *error: Any) -> None:
        self._scope.__exit__(*error)


def _fetched(cursor: Any) -> Iterator[tuple[int, int, str, str]]:
    while rows := cursor.fetchmany(10_000):
        yield from rows


def _prune(counter: Counter[str]) -> None:
    """Keep memory flat: what was seen once among so many is not common."""
    if len(counter) > COUNTED:
        for value in [value for value, count in counter.items() if count == 1]:
            del counter[value]
        for value, _count in counter.most_common()[COUNTED // 2 :]:
            del counter[value]


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
