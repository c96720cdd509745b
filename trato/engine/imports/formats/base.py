"""What all file formats share: what was found out about a file, a row of it, and why a file can't be read."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Unreadable(Exception):
    """The whole file can't be read: nothing was imported. `code` for programs, `message` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Figure(str):
    """The number of a workbook's cell. Its point is a decimal point, whatever the language of who imports it."""

    __slots__ = ()

    def strip(self, _characters: str | None = None) -> "Figure":
        """Itself: there is nothing around it, and it stays a figure."""
        return self


class SourceRow(NamedTuple):
    """One record as it stands in the file.

    `line` is the physical line (or sheet row) where it begins, from 1. `cells` are texts in the order of the header,
    or for vCard and NDJSON a dict of field to value. With a `problem` the row must not be imported; `cells` is what
    could be read.
    """

    line: int
    cells: list[str] | dict[str, Any]
    problem: str | None = None


@dataclass(frozen=True)
class Sniffed:
    """How to read a file, found by looking at parts of it. All values are JSON, so that it can be stored with the
    import."""

    format: str  # csv, xlsx, vcard, ndjson
    encoding: str = "utf-8"
    delimiter: str = ","
    header: list[str] = field(default_factory=list)  # unique names, made up where the file has none
    sample: list[list[str]] = field(default_factory=list)  # the first rows as text, in the order of the header
    rows_estimate: int = 0  # rows without the header; exact for small files
    notes: list[str] = field(default_factory=list)  # what a person should know, in their language
    has_header: bool = True
    first_line: int = 1  # where the table begins
    skip_space: bool = False  # blanks after the delimiter don't belong to the cells
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Hints:
    """What a person said about a file; None is to be found out."""

    encoding: str | None = None
    delimiter: str | None = None
    has_header: bool | None = None
    sheet: str | None = None


@dataclass
class Tally:
    """What reading counted so far."""

    empty: int = 0  # lines without any text, skipped
    padded: int = 0  # rows with fewer cells than the header, filled with empty ones
    left_out: Counter[str] = field(default_factory=Counter)  # parts of records that are not imported, by name

    def words(self) -> list[str]:
        """What was passed over, for people."""
        words = []
        if self.empty:
            words.append(
                ngettext("%d empty line was skipped.", "%d empty lines were skipped.", self.empty) % self.empty
            )
        if self.padded:
            words.append(
                ngettext("%d row has fewer cells than columns.", "%d rows have fewer cells than columns.", self.padded)
                % self.padded
            )
        for name, times in sorted(self.left_out.items()):
            words.append(_("%(name)s is not imported (%(times)d times).") % {"name": name, "times": times})
        return words


@dataclass(frozen=True)
class Samples:
    """Bytes of the file's start, middle and end; what is whole in `start` is not repeated."""

    path: Path
    size: int
    start: bytes
    others: tuple[bytes, ...] = ()

    @property
    def whole(self) -> bool:
        return len(self.start) == self.size


class Format(Protocol):
    """What the module of a format has."""

    def inspect(self, path: str | Path, samples: Samples, hints: Hints) -> Sniffed:
        """How to read the file."""

    def batches(self, path: str | Path, sniffed: Sniffed, tally: Tally) -> Iterator[list[SourceRow]]:
        """Its rows in lists."""


class Rows(Iterator[SourceRow]):
    """The rows of a file, read while one asks for them. `batches` gives the same rows as lists (use one or the
    other)."""

    def __init__(self, read: Callable[[Tally], Iterator[Iterable[SourceRow]]]) -> None:
        self.tally = Tally()
        self.batches = read(self.tally)
        self._rows = chain.from_iterable(self.batches)

    def __iter__(self) -> Iterator[SourceRow]:
        return self._rows  # the loop then runs in C

    def __next__(self) -> SourceRow:
        return next(self._rows)

    def close(self) -> None:
        """Closes the file before its end."""
        close = getattr(self.batches, "close", None)
        if close:
            close()
