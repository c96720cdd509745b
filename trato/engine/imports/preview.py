"""What an import would do, tried on the database for real and taken back: the preview of a draft, and the dry run of a
whole file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction

from .. import access
from ..bulk import Outcome
from ..kinds import Reader
from ..models import ImportRun
from ..workspaces.actors import Actor
from ..workspaces.ids import uuid7
from . import conventions
from .formats import Figure, Rows, SourceRow, first_rows, open_rows
from .runs import as_import, columns_of
from .work import CHUNK, Work, local_file, prepare, reason

#: Rows a second of a whole import on a machine of two cores (docs/adr/0006): the estimate of how long it takes.
PACE = 2_000


@dataclass(frozen=True)
class Cell:
    """A cell of the file and what is wrong with it, "" for nothing; of numbers and dates also what is made of it."""

    text: str
    problem: str = ""
    read: str = ""


@dataclass(frozen=True)
class PreviewRow:
    """One row of the file: its cells, what would become of it, and why not where no single cell is to blame."""

    line: int
    cells: list[Cell]
    result: str
    problem: str = ""


@dataclass
class Preview:
    """The first rows of a draft with all that is wrong in them; ``seconds`` is about what the whole file takes."""

    columns: list[tuple[str, str]]
    rows: list[PreviewRow] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    total: int = 0
    seconds: int = 0
    notes: list[str] = field(default_factory=list)


def preview(actor: Actor, run: ImportRun, n: int = 50) -> Preview:
    """The first ``n`` rows as they would be imported now (inside ``in_workspace``); nothing is kept. Raises Refused,
    Forbidden.
    """
    shown = Preview([(name, run.mapping.get(name, "")) for name in run.format["header"]])
    reader = access.reader(actor)
    for work, source, outcome in tried(actor, run, n):
        shown.counts[outcome.result] += 1
        shown.rows.append(_row(work, run, source, outcome, reader))
    shown.total = max(run.total or 0, len(shown.rows))
    shown.seconds = max(1, shown.total // PACE)
    shown.notes = list(run.format["notes"])
    return shown


def tried(actor: Actor, run: ImportRun, n: int | None = None) -> Iterator[tuple[Work, SourceRow, Outcome]]:
    """What becomes of each of the first ``n`` rows (None: of all), in a transaction that leaves nothing behind."""
    run.batch_id = run.batch_id or uuid7()
    with local_file(run.file) as path, _taken_back():
        work = prepare(as_import(actor, run), run)
        rows = open_rows(path, work.sniffed) if n is None else iter(first_rows(path, work.sniffed, n))
        with closing(rows) if isinstance(rows, Rows) else nullcontext():
            while chunk := list(islice(rows, CHUNK)):
                outcomes = work.writer.write([work.reading.row(source) for source in chunk])
                for source, outcome in zip(chunk, outcomes, strict=True):
                    yield work, source, outcome


@contextmanager
def _taken_back() -> Iterator[None]:
    savepoint = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(savepoint)


def _row(work: Work, run: ImportRun, source: SourceRow, outcome: Outcome, reader: Reader) -> PreviewRow:
    """The row with each problem at the cells that its field is read from."""
    texts = work.reading.texts(source)
    fixed: dict[str, Any] = run.options.get("fixes", {}).get(str(source.line), {})
    blamed: dict[int, str] = {}
    whole = []
    for problem in outcome.problems:
        places = columns_of(run, problem.field)
        blamed |= dict.fromkeys(places, problem.message)
        if not places:
            whole.append(problem)
    texts = [fixed.get(str(at), text) for at, text in enumerate(texts)]
    read = {
        at: kind.plain(kind.parse(texts[at], work.reading.reader), reader)
        for at, kind in conventions.columns(run.format["header"], run.mapping, work.reading.known).items()
        if at < len(texts) and at not in blamed and not isinstance(texts[at], Figure) and not source.problem
    }
    cells = [Cell(text, blamed.get(at, ""), read.get(at, "")) for at, text in enumerate(texts)]
    other = reason(work.writer.fields, outcome._replace(problems=tuple(whole)))
    return PreviewRow(source.line, cells, outcome.result, other)


def rehearse(actor: Actor, run: ImportRun) -> tuple[Counter[str], list[tuple[int, str]]]:
    """The dry run of a whole file: how many rows would be created, updated, ...; the first hundred problems with their
    lines.
    """
    counts: Counter[str] = Counter()
    problems: list[tuple[int, str]] = []
    for work, _source, outcome in tried(actor, run):
        counts[outcome.result] += 1
        if outcome.problems and len(problems) < 100:
            problems.append((outcome.line, reason(work.writer.fields, outcome)))
    return counts, problems
