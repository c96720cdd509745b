"""XLSX: one sheet of a workbook, its cells as text.

The workbook is a ZIP archive: what it would unpack to is checked before anything is unpacked.
"""

import datetime
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from .base import Hints, Sniffed, SourceRow, Tally, Unreadable
from .detect import Samples
from .headers import header_of

BATCH = 1000
SAMPLE_ROWS = 20
MOST_COLUMNS = 2000
# A million rows of twenty columns unpack to less than 2 GB; XML of spreadsheets packs 10 to 100 times.
MOST_ENTRIES, MOST_BYTES, MOST_RATIO, SMALL = 10_000, 2 << 30, 200, 1 << 24


def inspect(path: str | Path, samples: Samples, hints: Hints) -> Sniffed:
    """The named sheet, or the first one with anything in it. Raises Unreadable."""
    book = _open(path)
    sheets = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if hints.sheet is not None and hints.sheet not in sheets:
        raise Unreadable("sheet", _("There is no sheet called %(name)s.") % {"name": hints.sheet})
    for name in [hints.sheet] if hints.sheet is not None else sheets:
        sheet = _sheet(book, name)
        first = list(islice((cells for _line, cells in _filled(sheet, Tally())), SAMPLE_ROWS + 1))
        if first:
            break
    else:
        raise Unreadable("empty", _("The workbook has no cell with anything in it. Nothing was imported."))
    if len(first[0]) > MOST_COLUMNS:
        problem = _("The sheet has %(found)d columns; at most %(most)d can be read. Nothing was imported.")
        raise Unreadable("too_many_columns", problem % {"found": len(first[0]), "most": MOST_COLUMNS})
    has_header, header = header_of(first, hints.has_header)
    return Sniffed(
        "xlsx",
        header=header,
        has_header=has_header,
        sample=first[has_header : SAMPLE_ROWS + has_header],
        rows_estimate=sheet.height - has_header,
        sheet=name,
        sheets=sheets,
        notes=[_("Only the sheet %(name)s is imported.") % {"name": name}] if len(sheets) > 1 else [],
    )


def batches(path: str | Path, sniffed: Sniffed, tally: Tally) -> Iterator[list[SourceRow]]:
    """The rows after the header in lists of at most 1,000; rows without any text are counted as empty."""
    rows = _filled(_sheet(_open(path), sniffed.sheet), tally)
    if sniffed.has_header:
        next(rows, None)
    while batch := [_row(line, cells) for line, cells in islice(rows, BATCH)]:
        yield batch


def _row(line: int, cells: list[str]) -> SourceRow:
    nul = any("\0" in cell for cell in cells)
    return SourceRow(line, cells, _("A cell holds a NUL character.") if nul else None)


def _open(path: str | Path) -> CalamineWorkbook:
    """The workbook, after a look at the archive's directory. Raises Unreadable."""
    try:
        with ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename.casefold() for entry in entries}
    except (BadZipFile, OSError, ValueError):
        raise Unreadable(
            "broken", _("The workbook is damaged or cut off. Save it again. Nothing was imported.")
        ) from None
    if not any(name.startswith("xl/workbook") for name in names):
        raise Unreadable("archive", _("This is a ZIP archive without a workbook in it. Nothing was imported."))
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    bomb = unpacked > SMALL and unpacked > packed * MOST_RATIO
    if len(entries) > MOST_ENTRIES or unpacked > MOST_BYTES or bomb:
        raise Unreadable("bomb", _("The workbook would unpack to far too much. Save it as CSV. Nothing was imported."))
    try:
        return CalamineWorkbook.from_path(path)
    except (CalamineError, OSError) as error:
        raise Unreadable("broken", _("The workbook can't be read: %(reason)s") % {"reason": error}) from None


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except CalamineError as error:
        raise Unreadable("broken", _("The sheet can't be read: %(reason)s") % {"reason": error}) from None


def _filled(sheet: CalamineSheet, tally: Tally) -> Iterator[tuple[int, list[str]]]:
    """Row number and texts of every row that isn't empty."""
    for line, values in enumerate(sheet.iter_rows(), 1):
        cells = [value if value.__class__ is str else _text(value) for value in values]
        if any(cells):
            yield line, cells
        else:
            tally.empty += 1


def _text(value: object) -> str:
    """A cell's value as text: ISO dates, numbers without a needless fraction or exponent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)
