"""How a file writes its numbers and dates: found in the cells, as far as they can be read in one way only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from ..kinds import DateTime, Invalid, Kind, MoneyKind, Number, Reader
from ..kinds.date import EXAMPLES, Date
from ..kinds.locales import WRITTEN
from ..objects import Field
from .formats import Figure, Sniffed, first_rows

#: The ways there are: an example of a number, and what comes first in a date.
NUMBERS = tuple(WRITTEN)
DATES = {"dmy": _("Day first"), "mdy": _("Month first"), "ymd": _("Year first")}
#: Rows of a table that are looked at.
ROWS = 2_000
_NUMERIC, _DATED = (Number, MoneyKind), (Date, DateTime)


def columns(header: Sequence[str], mapping: Mapping[str, str], known: Mapping[str, Field]) -> dict[int, Kind]:
    """The places of the columns that hold numbers, money or dates, with the kinds that read them."""
    targets = [known.get(mapping.get(name, "")) for name in header]
    return {at: field.kind for at, field in enumerate(targets) if field and isinstance(field.kind, _NUMERIC + _DATED)}


def found(
    path: Path, sniffed: Sniffed, mapping: Mapping[str, str], known: Mapping[str, Field], reader: Reader
) -> dict[str, str]:
    """``numbers`` and ``dates`` as the file writes them: the way in which the most different cells can be read, and
    where several are as good, the reader's own ("" for the numbers of a language that has yet another way).
    """
    places = columns(sniffed.header, mapping, known)
    mine = reader.marks._replace(group=reader.marks.group.replace("\u202f", "\u00a0").replace("’", "'"))
    own = next((way for way, marks in WRITTEN.items() if marks == mine), "")
    if not places:
        return {"numbers": own, "dates": reader.order}
    cells = {(at, text) for row in _rows(path, sniffed) for at in places if (text := _typed(row, at))}
    numeric = [(places[at], text) for at, text in cells if isinstance(places[at], _NUMERIC)]
    dated = [(places[at], text) for at, text in cells if isinstance(places[at], _DATED)]
    return {
        "numbers": _best(numeric, {way: replace(reader, numbers=way) for way in dict.fromkeys((own, *NUMBERS))}),
        "dates": _best(dated, {way: replace(reader, dates=way) for way in dict.fromkeys((reader.order, *DATES))}),
    }


def _rows(path: Path, sniffed: Sniffed) -> Sequence[Sequence[str]]:
    """The first rows of a table; of records of other formats, whose dates follow a standard, those in the sample."""
    if sniffed.format not in ("csv", "xlsx"):
        return sniffed.sample
    return [source.cells for source in first_rows(path, sniffed, ROWS)]  # type: ignore[misc]


def _typed(row: Sequence[str], at: int) -> str:
    """The text of a cell that a person or a program wrote; "" where it is empty, or the figure of a workbook."""
    return "" if at >= len(row) or isinstance(row[at], Figure) else row[at].strip()


def _best(cells: Iterable[tuple[Kind, str]], readers: Mapping[str, Reader]) -> str:
    """The first of the ways in which the most cells can be read."""
    told = list(cells)
    return max(readers, key=lambda way: sum(_reads(kind, text, readers[way]) for kind, text in told))


def _reads(kind: Kind, text: str, reader: Reader) -> bool:
    try:
        kind.parse(text, reader)
    except Invalid:
        return False
    return True


def example(way: str) -> str:
    """A number or a date in that way of writing."""
    return EXAMPLES.get(way, way)
