"""CSV as RFC 4180 has it and as spreadsheets like it: UTF-8 with its mark, CRLF, and no cell that runs as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import ClassVar

from trato.engine.formulas import HARMLESS, defuse

from .base import Output, Writer


class DelimitedWriter(Writer):
    """Rows of texts as CSV. Cells that a spreadsheet would run get an apostrophe, which our import takes off again."""

    media_type = "text/csv; charset=utf-8"
    suffix = "csv"
    delimiter: ClassVar[str] = ","

    def __init__(self, out: Output, header: Sequence[str]) -> None:
        self._out = out
        self._buffer = io.StringIO(newline="")
        self._buffer.write("\ufeff")  # Excel takes a file without it for Windows-1252
        self._csv = csv.writer(self._buffer, delimiter=self.delimiter)
        self.write(header)

    def write_many(self, rows: Iterable[Sequence[str]]) -> None:
        """Appends rows of texts."""
        # The first look spares nearly every cell the regular expression.
        self._csv.writerows([[cell if cell[:1] in HARMLESS else defuse(cell) for cell in row] for row in rows])
        self._out.write(self._buffer.getvalue().encode())
        self._buffer.seek(0)
        self._buffer.truncate()


class TabWriter(DelimitedWriter):
    """The same with tabs between the cells."""

    media_type = "text/tab-separated-values; charset=utf-8"
    suffix = "tsv"
    delimiter = "\t"
