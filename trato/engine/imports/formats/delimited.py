"""CSV and its sisters: cells between commas, semicolons, tabs or bars, with quotes as RFC 4180 has them.

Batches of clean rows never touch Python code cell by cell: the csv module parses, and checks over a whole block of
text tell whether anything in it needs a look row by row. Memory stays flat, whatever the file holds.
"""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice, repeat
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from trato.engine.formulas import restore

from .base import Hints, Samples, Sniffed, SourceRow, Tally, Unreadable
from .detect import encoding_of
from .headers import header_of

BLOCK = 1 << 18  # bytes read at once
BATCH = 2000  # rows
LONGEST_CELL = 1 << 20  # characters; also how much text a quote that is never closed may swallow
LONGEST_LINE = 1 << 22
MOST_COLUMNS = 2000
SAMPLE_ROWS = 20

# Lone surrogates can't come out of a decoder, so they mark places in the text:
_WRONG = "\udcff"  # bytes that are no character in this encoding
_UNFINISHED = "\udcfe"  # the last line has no line end
_END = "\udcfd"  # a line of its own after the last: where it becomes part of a cell, a quote was never closed

codecs.register_error("trato.mark", lambda error: (_WRONG, error.end))  # type: ignore[attr-defined]
csv.field_size_limit(LONGEST_CELL)


def inspect(path: str | Path, samples: Samples, hints: Hints) -> Sniffed:
    """How to read this file. Raises Unreadable when it is no table."""
    encoding, guessed = (hints.encoding, False) if hints.encoding else encoding_of(samples)
    text = _decoded(samples, encoding)
    if hints.delimiter and (len(hints.delimiter) > 1 or hints.delimiter in '"\r\n'):
        raise Unreadable("delimiter", _("The delimiter has to be one character."))
    told = re.match(r'"?sep=(.)"?\r?\n', text)  # Excel's own first line
    text = text[told.end() :] if told else text
    delimiter = hints.delimiter or (told[1] if told else guess_delimiter(text))
    table = replace(
        Sniffed("csv", encoding, delimiter), first_line=2 if told else 1, skip_space=_has_spaces(text, delimiter)
    )
    first = list(islice(_plain_rows(path, table), SAMPLE_ROWS + 1))
    if not first:
        raise Unreadable("empty", _("The file has no text in it. Nothing was imported."))
    width = len(first[0])
    if width > MOST_COLUMNS:
        problem = _("The first line has %(found)d columns; at most %(most)d can be read. Nothing was imported.")
        raise Unreadable("too_many_columns", problem % {"found": width, "most": MOST_COLUMNS})
    has_header, header = header_of(first, hints.has_header)
    notes = [_("The encoding is guessed: %(name)s.") % {"name": encoding}] if guessed else []
    table = replace(table, header=header, has_header=has_header, notes=notes)
    sample = [list(row.cells) for row in islice(chain.from_iterable(batches(path, table, Tally())), SAMPLE_ROWS)]
    return replace(table, sample=sample, rows_estimate=_estimate(path, samples, text, table))


def _decoded(samples: Samples, encoding: str) -> str:
    """The first sample as text. Raises Unreadable for an encoding that doesn't exist."""
    try:
        b"".decode(encoding)  # refuses codecs that aren't of text
        return codecs.getincrementaldecoder(encoding)("replace").decode(samples.start).lstrip("\ufeff")
    except (LookupError, UnicodeError):
        raise Unreadable("encoding", _("There is no encoding called %(name)s.") % {"name": encoding}) from None


def batches(path: str | Path, sniffed: Sniffed, tally: Tally) -> Iterator[list[SourceRow]]:
    """The rows after the header in lists of at most 2,000. Every line of the file is in one of them or counted as
    empty."""
    with Path(path).open("rb") as file:
        yield from _Table(_Feed(file, sniffed), sniffed, tally).batches()


def guess_delimiter(text: str) -> str:
    """The delimiter that gives the most regular table: rows as wide as the first one. A comma where there is just one
    column."""
    best, delimiter = (0.0, 0), ","
    for candidate in ",;\t|":
        rows = [row for row in islice(_parse(text, candidate), 300) if row]
        rows = rows[: max(1, len(rows) - 1)]  # the sample may end in the middle of the last row
        width = len(rows[0]) if rows else 0
        if width < 2:
            continue
        regular = sum(len(row) == width for row in rows) / len(rows)
        if (regular, width) > best:
            best, delimiter = (regular, width), candidate
    return delimiter


def _parse(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows of a piece of text, up to the first thing that is no CSV."""
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        return


def _has_spaces(text: str, delimiter: str) -> bool:
    """Whether every delimiter in the header and nearly all below are followed by a blank that is only decoration."""
    rows = [row[1:] for row in islice(_parse(text, delimiter), 50) if len(row) > 1]
    if delimiter == "\t" or not rows or not all(cell.startswith(" ") for cell in rows[0]):
        return False
    cells = [cell for row in rows for cell in row if cell]
    return sum(cell.startswith(" ") for cell in cells) > len(cells) * 0.9


def _plain_rows(path: str | Path, table: Sniffed) -> Iterator[list[str]]:
    """The first rows as they are, before a header is known."""
    with Path(path).open("rb") as file:
        rows = _Table(_Feed(file, table), replace(table, has_header=False), Tally())
        for batch in rows.batches(limit=SAMPLE_ROWS + 1):
            yield from (list(row.cells) for row in batch)


def _estimate(path: str | Path, samples: Samples, text: str, table: Sniffed) -> int:
    """About how many rows: counted in a small file, else by the length of lines at its start."""
    if samples.whole:
        return sum(map(len, batches(path, table, Tally())))
    rows = sum(1 for row in _parse(text, table.delimiter) if row)
    return max(rows, samples.size * rows // len(samples.start) - table.has_header)


class _Feed:
    """The decoded lines of a file in blocks, the latest of which are kept so that reading can go back a little."""

    def __init__(self, file: IO[bytes], sniffed: Sniffed) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(sniffed.encoding)("trato.mark")
        quoted = (
            ("'",) if sniffed.skip_space else tuple(f"{before}'" for before in (sniffed.delimiter, '"', "\n", "\r"))
        )
        self._signs = (_WRONG, _UNFINISHED, "\0", *quoted)
        self._recent: deque[tuple[int, str]] = deque()  # (number of its first line, text)
        self._line = 1
        self._fresh = self._suspect = False
        self._blocks = self._read()

    def settle(self) -> None:
        """From here on `suspect` speaks of the lines still to come."""
        self._suspect = self._fresh

    @property
    def suspect(self) -> bool:
        """Whether a block that gave lines since `settle` holds a mark, a NUL or an apostrophe at the start of a
        cell."""
        return self._suspect

    def lines(self, start: int = 1) -> Iterator[str]:
        """All lines from this one on, as far back as blocks are kept."""
        kept = []
        for first, text in self._recent:
            skip = max(0, start - first)
            if start < first + _count_lines(text):
                kept.append(islice(io.StringIO(text, newline=""), skip, None))
        self._fresh = self._suspect = self._fresh or bool(kept)
        return chain.from_iterable(chain(kept, self._blocks, ((_END + "\n",),)))

    def _read(self) -> Iterator[Iterable[str]]:
        rest = ""
        while data := self._file.read(BLOCK):
            text = rest + self._decoder.decode(data)
            cut = _end_of_lines(text)
            if not cut and len(text) > LONGEST_LINE:
                text, cut = text + "\n", len(text) + 1
            rest = text[cut:]
            if cut:
                yield self._block(text[:cut])
        rest += self._decoder.decode(b"", final=True)
        if rest:
            yield self._block(rest if rest.endswith(("\n", "\r")) else rest + _UNFINISHED + "\n")

    def _block(self, text: str) -> Iterable[str]:
        if self._line == 1:
            text = text.removeprefix("\ufeff")
        self._fresh = any(sign in text for sign in self._signs) or text.startswith("'")
        self._suspect |= self._fresh
        while self._recent and sum(len(kept) for _line, kept in self._recent) > 2 * LONGEST_LINE:
            self._recent.popleft()
        self._recent.append((self._line, text))
        self._line += _count_lines(text)
        return io.StringIO(text, newline="")


class _Table:
    """The rows of a feed, each with its line."""

    def __init__(self, feed: _Feed, sniffed: Sniffed, tally: Tally) -> None:
        self._feed, self._tally = feed, tally
        self._delimiter, self._skip_space = sniffed.delimiter, sniffed.skip_space
        self._encoding = sniffed.encoding
        self._header = sniffed.header
        self._skip_header = sniffed.has_header
        self._width = len(sniffed.header)
        self._line = 1  # of the next record
        self._doubtful = 0  # lines up to this one were inside of a quote that was never closed
        self._reader = self._read_from(1)
        for _line in range(1, sniffed.first_line):
            next(self._reader, None)
            self._line += 1

    def batches(self, limit: int = BATCH) -> Iterator[list[SourceRow]]:
        """Lists of rows until the end of the file."""
        while True:
            self._feed.settle()
            rows: list[list[str]] = []
            before, failed = self._reader.line_num, False
            try:
                rows.extend(islice(self._reader, limit))  # keeps what came before an error
            except csv.Error:
                failed = True
            ended = bool(rows) and bool(rows[-1]) and rows[-1][-1].endswith((_END, _END + "\n"))
            if ended and rows.pop() != [_END]:
                ended, failed = False, True
            if not rows and not failed:
                return
            yield self._plain(rows) if not failed and self._is_plain(rows, ended, before) else self._judged(rows)
            if failed:
                yield [self._give_up()]
            elif ended:
                return

    def _read_from(self, line: int) -> Any:
        self._start = line
        return csv.reader(self._feed.lines(line), delimiter=self._delimiter, skipinitialspace=self._skip_space)

    def _is_plain(self, rows: list[list[str]], ended: bool, before: int) -> bool:
        """Whether nothing in these rows needs a look one by one."""
        width = self._width
        return (
            not self._skip_header
            and not self._feed.suspect
            and self._reader.line_num - before - ended == len(rows)  # no cell has a line break
            and set(map(len, rows)) == {width}
            and [""] * width not in rows
        )

    def _plain(self, rows: list[list[str]]) -> list[SourceRow]:
        first, self._line = self._line, self._line + len(rows)
        # tuple.__new__ makes the named tuples in C, without a Python call for each
        return list(map(tuple.__new__, repeat(SourceRow), zip(range(first, self._line), rows, repeat(None))))

    def _judged(self, rows: list[list[str]]) -> list[SourceRow]:
        judged = []
        for cells in rows:
            line, text = self._line, ",".join(cells)
            self._line += 1 + _count_lines(text)
            unfinished = text.endswith(_UNFINISHED)
            if unfinished:
                cells[-1] = cells[-1].removesuffix(_UNFINISHED)
            if not any(cells):
                self._tally.empty += 1
            elif self._skip_header:
                self._skip_header = False
            else:
                judged.append(self._judge(line, cells, text, unfinished))
        return judged

    def _judge(self, line: int, cells: list[str], text: str, unfinished: bool) -> SourceRow:
        """One row with everything that can be wrong in it."""
        width = self._width or len(cells)
        problem = None
        if _WRONG in text:
            number = next(number for number, cell in enumerate(cells) if _WRONG in cell)
            cells = [cell.replace(_WRONG, "\ufffd") for cell in cells]
            problem = _("%(column)s holds bytes that are no text in %(encoding)s.") % {
                "column": self._name(number),
                "encoding": self._encoding,
            }
        elif "\0" in text:
            number = next(number for number, cell in enumerate(cells) if "\0" in cell)
            problem = _("%(column)s holds a NUL character.") % {"column": self._name(number)}
        elif len(cells) > width and any(cells[width:]):
            problem = _("There are %(found)d cells but only %(columns)d columns.") % {
                "found": len(cells),
                "columns": width,
            }
        elif len(cells) < width and (unfinished or line <= self._doubtful or _count_lines(text)):
            problem = _("The row breaks off after %(found)d of %(columns)d cells.") % {
                "found": len(cells),
                "columns": width,
            }
        elif len(cells) < width:
            self._tally.padded += 1
        cells = [restore(cell) for cell in cells]
        if not problem:
            cells = cells[:width]
        return SourceRow(line, cells + [""] * (width - len(cells)), problem)

    def _name(self, number: int) -> str:
        return self._header[number] if number < len(self._header) else _("Column %(number)d") % {"number": number + 1}

    def _give_up(self) -> SourceRow:
        """The record that never ends becomes one problem; reading goes on with the line after its first."""
        line = self._line
        self._doubtful = self._start + self._reader.line_num - 1
        self._line = line + 1
        text = next(self._feed.lines(line), "")
        self._reader = self._read_from(self._line)
        cells = next(_parse(text.replace('"', "").rstrip("\r\n" + _UNFINISHED), self._delimiter), [])
        return SourceRow(line, cells, _("A quote is opened in this row and never closed, or a cell is too long."))


def _end_of_lines(text: str) -> int:
    """Where the last whole line ends; 0 without one. A carriage return at the very end may be half of a line end."""
    return text.rfind("\n") + 1 or text.rfind("\r", 0, -1) + 1


def _count_lines(text: str) -> int:
    """How many line ends (LF, CR or CRLF) the text has."""
    return text.count("\n") + (text.count("\r") - text.count("\r\n") if "\r" in text else 0)
