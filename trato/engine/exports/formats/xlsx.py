"""XLSX: rows of texts in a workbook, written as texts, so that nothing in it is ever a formula."""

from collections.abc import Iterable, Sequence
from tempfile import TemporaryDirectory

from xlsxwriter import Workbook

from .base import Output, Writer

MOST_ROWS = 1_048_576  # of a sheet, header included; the next rows go to another sheet
LONGEST_TEXT = 32_767  # characters of a cell, Excel's limit


class XlsxWriter(Writer):
    """Rows of texts, kept in a temporary folder until `close()` packs the workbook. `cut` counts texts that were too
    long for Excel."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    suffix = "xlsx"
    whole = True

    def __init__(self, out: Output, header: Sequence[str]) -> None:
        self.cut = 0
        self._folder = TemporaryDirectory(prefix="trato-xlsx-")
        self._book = Workbook(out, {"constant_memory": True, "tmpdir": self._folder.name})
        self._bold = self._book.add_format({"bold": True})
        self._header = header
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, max(0, len(self._header) - 1), 20)
        for column, name in enumerate(self._header):
            self._sheet.write_string(0, column, name, self._bold)
        self._row = 1

    def write_many(self, rows: Iterable[Sequence[str]]) -> None:
        """Appends rows of texts."""
        for cells in rows:
            if self._row == MOST_ROWS:
                self._begin_sheet()
            write = self._sheet.write_string
            for column, text in enumerate(cells):
                if text and write(self._row, column, text) < -1:  # a text refused as too long
                    self.cut += 1
                    write(self._row, column, text[: LONGEST_TEXT - 1] + "…")
            self._row += 1

    def close(self) -> None:
        """Packs the workbook onto the output."""
        self._book.close()
        self.discard()

    def discard(self) -> None:
        """Removes the temporary folder."""
        self._folder.cleanup()
