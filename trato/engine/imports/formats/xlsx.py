"""XLSX: one sheet of a workbook, its cells as text."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from .base import Hints, Samples, Sniffed, SourceRow, Tally, Unreadable
from .headers import header_of
from .workbook import Workbook

BATCH = 1000
SAMPLE_ROWS = 20
MOST_COLUMNS = 2000


def inspect(path: str | Path, samples: Samples, hints: Hints) -> Sniffed:
    """The named sheet, or the first one with anything in it. Raises Unreadable."""
    with Workbook(path) as book:
        sheets = list(book.sheets)
        if hints.sheet is not None and hints.sheet not in sheets:
            raise Unreadable("sheet", _("There is no sheet called %(name)s.") % {"name": hints.sheet})
        for name in sheets if hints.sheet is None else [hints.sheet]:
            first = [cells for _line, cells in islice(_filled(book, name, Tally()), SAMPLE_ROWS + 1)]
            if first:
                break
        else:
            raise Unreadable("empty", _("The workbook has no cell with anything in it. Nothing was imported."))
        rows = book.estimate(name)
    width = max(map(len, first))
    if width > MOST_COLUMNS:
        problem = _("The sheet has %(found)d columns; at most %(most)d can be read. Nothing was imported.")
        raise Unreadable("too_many_columns", problem % {"found": width, "most": MOST_COLUMNS})
    first = [cells + [""] * (width - len(cells)) for cells in first]
    has_header, header = header_of(first, hints.has_header)
    notes = [_("Only the sheet %(name)s is imported.") % {"name": name}] if len(sheets) > 1 else []
    table = Sniffed("xlsx", header=header, has_header=has_header, sheet=name, sheets=sheets, notes=notes)
    return replace(table, sample=first[has_header : SAMPLE_ROWS + has_header], rows_estimate=max(0, rows - has_header))


def batches(path: str | Path, sniffed: Sniffed, tally: Tally) -> Iterator[list[SourceRow]]:
    """The rows after the header in lists of at most 1,000; where the archive is damaged, a last row says so."""
    with Workbook(path) as book:
        rows = _rows(book, sniffed, tally)
        while batch := list(islice(rows, BATCH)):
            yield batch


def _rows(book: Workbook, sniffed: Sniffed, tally: Tally) -> Iterator[SourceRow]:
    rows = _filled(book, sniffed.sheet, tally)
    width, line = len(sniffed.header), 0
    try:
        if sniffed.has_header:
            line, _header = next(rows)
        for line, cells in rows:
            problem = None
            if len(cells) > width:
                problem = _("There are %(found)d cells but only %(columns)d columns.") % {
                    "found": len(cells),
                    "columns": width,
                }
            elif "\0" in "".join(cells):
                problem = _("A cell holds a NUL character.")
            cells.extend([""] * (width - len(cells)))
            yield SourceRow(line, cells, problem)
    except Unreadable:
        yield SourceRow(line + 1, [""] * width, _("The workbook is damaged from here on."))


def _filled(book: Workbook, sheet: str, tally: Tally) -> Iterator[tuple[int, list[str]]]:
    """Row number and texts, without empty cells at the end, of every row that isn't empty."""
    last = 0
    for line, cells in book.rows(sheet):
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            tally.empty += max(0, line - last - 1) if last else 0  # those above the table aren't worth a word
            last = line
            yield line, cells
