"""The work of an import: chunk after chunk, each one transaction that also says how far the import is.

What was done when a process or the database dies is what the last finished chunk says; the next attempt goes on with
the row after it, neither earlier nor later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from typing import Any, TypeVar
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from .. import access, objects
from ..bulk import Outcome, Row, Writer
from ..models import ImportMemory, ImportProblem, ImportRun, StoredFile
from ..objects import Field, Object
from ..postgres.scope import in_workspace
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .formats import Sniffed, SourceRow, open_rows
from .rows import Reading, header_digest, keepable, targets

#: Rows a transaction: large enough that a statement's cost is spread, small enough for memory and for a quick cancel.
CHUNK = 5_000
RESULTS = ("created", "updated", "unchanged", "skipped", "failed")
Told = Callable[[int, int | None], None]
T = TypeVar("T")


class Superseded(RuntimeError):
    """Another process works on this import already; this one has changed nothing."""


@dataclass(frozen=True)
class Work:
    """What one import is made of, read once at its beginning."""

    actor: Actor
    obj: Object
    reading: Reading
    sniffed: Sniffed
    writer: Writer


def prepare(actor: Actor, run: ImportRun) -> Work:
    """Everything an import needs (inside ``in_workspace``). Raises Forbidden or Refused when it may not, or can't, be
    done any more.
    """
    obj, options = objects.get(run.object), run.options
    assert run.batch_id is not None
    writer = Writer(
        actor,
        obj,
        run.batch_id,
        match=options.get("match", ()),
        on_match=options.get("on_match", "update"),
        create_links=options.get("create_links", False),
    )
    sniffed = Sniffed(**run.format)
    fixes = options.get("fixes")
    reader = replace(
        access.reader(actor),
        country=options.get("country", actor.workspace.country),
        **written(run),
    )
    reading = Reading(targets(actor, obj), sniffed.header, run.mapping, reader, fixes)
    return Work(actor, obj, reading, sniffed, writer)


def written(run: ImportRun) -> dict[str, Any]:
    """How the file writes ``numbers`` and ``dates``: as a person said, else as its cells tell."""
    return {name: run.options.get(name) or run.options.get("found", {}).get(name, "") for name in ("numbers", "dates")}


def carry_out(workspace_id: UUID, run_id: Any, actor_of: Callable[[], Actor], tell: Told) -> ImportRun:
    """Do an import, or what is left of it, outside of any transaction. ``tell(rows done, rows in all)`` is called after
    every chunk, in a transaction of its own, and may raise to stop: what is done stays.
    """
    with in_workspace(workspace_id):
        actor = actor_of()
        with translation.override(actor.language):
            run = _begin(run_id)
            work = prepare(actor, run)
            path = local_file(run.file)
    with translation.override(actor.language), path as place:
        done = run.rows
        ahead = closing(_Ahead(_chunks(work, place, done), actor.language))
        with _let_go(work), ahead as chunks:
            work.writer.staging.meanwhile = chunks.begin
            for chunk in chunks:
                with in_workspace(workspace_id):
                    _write(work, run, done, chunk)
                done += len(chunk)
                with in_workspace(workspace_id):
                    tell(done, max(done, run.total or 0))
        with in_workspace(workspace_id):
            return _finish(work, run_id, done)


@contextmanager
def _let_go(work: Work) -> Iterator[None]:
    """However the work ends, what it kept in the database's session goes; where the database went, it has gone."""
    try:
        yield
    finally:
        with suppress(DatabaseError), in_workspace(work.actor.workspace.id):
            work.writer.close()


def _begin(run_id: Any) -> ImportRun:
    """The run, marked as running; an interrupted one says where it goes on."""
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("file").get(id=run_id)
    if run.state == "running":
        run.message = _("Resumed after an interruption at row %(row)d.") % {"row": run.rows + 1}
    elif run.state == "waiting":
        run.started_at = timezone.now()
    else:
        raise Superseded(run.state)
    run.state = "running"
    run.save(update_fields=["state", "message", "started_at"])
    return run


def _chunks(work: Work, path: Path, done: int) -> Generator[list[tuple[SourceRow, Row]], None, None]:
    """The rows that are still to be done, read and understood, some thousands at a time."""
    rows = open_rows(path, work.sniffed)
    try:
        source = islice(rows, done, None)
        while chunk := [(each, work.reading.row(each)) for each in islice(source, CHUNK)]:
            yield chunk
    finally:
        work.reading.notes = rows.tally.words()
        rows.close()


def _write(work: Work, run: ImportRun, done: int, chunk: Sequence[tuple[SourceRow, Row]]) -> None:
    """One chunk: records, history, problems and progress, all or nothing. Raises Superseded when it is done already."""
    outcomes = work.writer.write([row for _source, row in chunk])
    counts = Counter(outcome.result for outcome in outcomes)
    moved = ImportRun.objects.filter(id=run.id, rows=done, state="running").update(
        rows=done + len(chunk), **{result: F(result) + counts[result] for result in RESULTS}
    )
    if not moved:
        raise Superseded(str(run.id))
    ImportProblem.objects.bulk_create(_problems(work, run, chunk, outcomes), batch_size=2_000)


def _problems(
    work: Work, run: ImportRun, chunk: Sequence[tuple[SourceRow, Row]], outcomes: Sequence[Outcome]
) -> Iterator[ImportProblem]:
    """A row for each line that was not taken over, with the cells as they stand in the file."""
    for (source, _row), outcome in zip(chunk, outcomes, strict=True):
        if outcome.result == "failed":
            yield ImportProblem(
                run=run,
                line=outcome.line,
                field=outcome.problems[0].field[:120],
                message=keepable(reason(work.writer.fields, outcome)),
                row=[keepable(text) for text in work.reading.texts(source)],
            )


def reason(known: Mapping[str, Field], outcome: Outcome) -> str:
    """Why a row failed, in words: each problem with the label of its field."""
    told = [(known[p.field].label if p.field in known else p.field, p.message) for p in outcome.problems]
    return " ".join(f"{label}: {message}" if label else str(message) for label, message in told)


def _finish(work: Work, run_id: Any, done: int) -> ImportRun:
    """Mark the import as done and remember its mapping for the next file with this header."""
    run = ImportRun.objects.get(id=run_id)
    words = [run.message] if run.message else []
    words += work.reading.notes
    words += [
        _("%(name)s is not imported (%(times)d times).") % {"name": n, "times": t}
        for n, t in work.reading.left_out.items()
    ]
    run.state, run.total, run.ended_at, run.message = "done", done, timezone.now(), " ".join(words)
    run.save(update_fields=["state", "total", "ended_at", "message"])
    ImportMemory.objects.update_or_create(
        object=run.object, header_digest=header_digest(work.sniffed.header), defaults={"mapping": run.mapping}
    )
    return run


@contextmanager
def local_file(stored: StoredFile | None) -> Iterator[Path]:
    """The stored file as a path: itself, or a copy where the store is no folder of this machine. Raises Refused."""
    if stored is None:
        raise Refused([Problem("file", "absent", _("The file is not here any more; send it again."))])
    try:
        yield Path(default_storage.path(stored.key))
    except NotImplementedError:
        with NamedTemporaryFile(prefix="trato-import-") as copy, default_storage.open(stored.key, "rb") as source:
            copyfileobj(source, copy)
            copy.flush()
            yield Path(copy.name)


class _Ahead(Iterator[T]):
    """The same items, each made by a thread of its own: the next one when ``begin`` is called, or when it is asked for.

    Reading begins when the database has work for a while: earlier it would only take turns with this thread.
    """

    def __init__(self, items: Generator[T, None, None], language: str) -> None:
        self._items, self._language = items, language
        self._thread = ThreadPoolExecutor(1, "import reader")
        self._next: Future[T | None] | None = None

    def begin(self) -> None:
        """Start to make the next item, unless that has begun."""
        self._next = self._next or self._thread.submit(self._make)

    def _make(self) -> T | None:
        with translation.override(self._language):
            return next(self._items, None)

    def __next__(self) -> T:
        self.begin()
        assert self._next is not None
        item = self._next.result()
        self._next = None
        if item is None:
            raise StopIteration
        return item

    def close(self) -> None:
        """Wait for what has begun, and end the items."""
        self._thread.submit(self._items.close)
        self._thread.shutdown()
