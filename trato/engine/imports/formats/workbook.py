"""The inside of an XLSX file (ECMA-376 part 1), read as a stream.

Our own, because the readers at hand give memory away: a workbook of 5 KB with one cell at A1 and one at ZZ30000 takes
python-calamine 670 MB (it holds the rectangle between them), and 300,000 rows of eight texts 270 MB. Here a row is
gone when the next one comes, and only the shared strings stay, packed.
"""

import datetime
import math
import posixpath
import re
import zlib
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _

from .base import Figure, Unreadable

# What a file may hold. XML of spreadsheets packs 10 to 100 times.
MOST_ENTRIES, MOST_BYTES, MOST_RATIO, SMALL = 10_000, 4 << 30, 200, 1 << 24
MOST_STRINGS, LONGEST_ROW, LONGEST_TOKEN = 1 << 29, 1 << 24, 1 << 24  # bytes, characters, bytes
WIDEST = 16_384  # columns of a sheet
CHUNK = 1 << 16

_ERRORS = (
    BadZipFile,
    OSError,
    EOFError,
    zlib.error,
    expat.ExpatError,
    LookupError,  # an encoding that is none, among others
    ValueError,
    NotImplementedError,
    RuntimeError,
)
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})  # built-in formats, 18.8.30
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # characters that XML can't hold, 22.9.2.19
_DAY = 86_400


@contextmanager
def readable() -> Iterator[None]:
    """Whatever a damaged or hostile archive raises becomes Unreadable."""
    try:
        yield
    except _ERRORS as error:
        raise Unreadable(
            "broken", _("The workbook is damaged or cut off. Save it again. Nothing was imported.")
        ) from error


class Strings:
    """The shared strings, one after the other in one block of bytes."""

    def __init__(self) -> None:
        self._block = bytearray()
        self._ends = array("Q", [0])

    def append(self, text: str) -> None:
        self._block += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._block))

    def __getitem__(self, at: int) -> str:
        if not 0 <= at < len(self._ends) - 1:
            raise ValueError(at)
        return self._block[self._ends[at] : self._ends[at + 1]].decode("utf-8", "replace")


class Workbook:
    """An open workbook: the names of its sheets, and the rows of one of them. Raises Unreadable. To be closed."""

    def __init__(self, path: str | Path) -> None:
        with readable():
            self._archive = ZipFile(path)
        try:
            with readable():
                self._look_inside()
        except Unreadable:
            self.close()
            raise

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._archive.close()

    def _look_inside(self) -> None:
        """Limits first, then the sheets and formats."""
        entries = self._archive.infolist()
        unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
        bomb = unpacked > SMALL and unpacked > packed * MOST_RATIO
        if len(entries) > MOST_ENTRIES or unpacked > MOST_BYTES or bomb:
            raise Unreadable(
                "bomb", _("The workbook would unpack to far too much. Save it as CSV. Nothing was imported.")
            )
        self._names = {entry.filename.casefold(): entry.filename for entry in entries}
        main = next((target for kind, target in self._relations("").values() if kind == "officeDocument"), "")
        if not main.endswith(".xml") or main.casefold() not in self._names:
            raise Unreadable(
                "archive", _("This is a ZIP archive without an XLSX workbook in it. Nothing was imported.")
            )
        relations = self._relations(main)
        parts = dict(relations.values())
        self.sheets: dict[str, str] = {}  # name -> part
        self._epoch_1904 = False
        for tag, attributes in self._elements(main):
            if tag == "sheet":
                reference = next((value for name, value in attributes.items() if name.endswith(":id")), "")
                if relations[reference][0] == "worksheet":
                    self.sheets[attributes["name"]] = relations[reference][1]
            elif tag == "workbookPr":
                self._epoch_1904 = attributes.get("date1904") in ("1", "true")
        self._formats = self._read_formats(parts.get("styles", ""))
        self._strings_part = parts.get("sharedStrings", "")
        self._strings: Strings | None = None

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Id -> (type, name of the part) of what a part refers to."""
        folder, name = posixpath.split(part)
        found = {}
        for tag, attributes in self._elements(posixpath.join(folder, "_rels", f"{name}.rels")):
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"])).lstrip("/")
                found[attributes["Id"]] = (attributes["Type"].rpartition("/")[2], target)
        return found

    def _elements(self, part: str) -> list[tuple[str, dict[str, str]]]:
        """All elements of a small part with their attributes; none if there is no such part."""
        found: list[tuple[str, dict[str, str]]] = []
        if part.casefold() in self._names:
            for _fed in self._parse(part, lambda tag, attributes: found.append((tag, attributes))):
                if len(found) > 1_000_000:
                    raise ValueError(part)
        return found

    def _parse(
        self,
        part: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> Iterator[int]:
        """Feeds the part to handlers and stops after each chunk with the bytes fed so far. Tags come without their
        prefix."""
        parser = expat.ParserCreate()
        parser.buffer_text = True

        def begin(tag: str, attributes: dict[str, str]) -> None:
            if ":" in tag:
                parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition(":")[2], attributes)
                parser.EndElementHandler = (lambda tag: end(tag.rpartition(":")[2])) if end else None
            else:
                parser.StartElementHandler, parser.EndElementHandler = start, end
            start(tag.rpartition(":")[2], attributes)

        parser.StartElementHandler = begin
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = _refuse
        fed = 0
        with self._archive.open(self._names[part.casefold()]) as file:
            while chunk := file.read(CHUNK):
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > LONGEST_TOKEN:
                    raise ValueError(part)
                yield fed
        parser.Parse(b"", True)
        yield fed

    def _read_formats(self, part: str) -> list[bool]:
        """For each cell format whether it shows a number as a date or time."""
        codes: dict[str, bool] = {}
        formats: list[bool] = []
        inside = ""
        for tag, attributes in self._elements(part):
            if tag == "numFmt":
                codes[attributes["numFmtId"]] = is_date_format(attributes.get("formatCode", ""))
            elif tag in ("cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
                inside = tag
            elif tag == "xf" and inside == "cellXfs":
                number = attributes.get("numFmtId", "0")
                formats.append(codes.get(number, int(number) in _DATES))
        return formats

    @property
    def strings(self) -> Strings:
        """The shared strings, read when the first cell refers to one."""
        if self._strings is None:
            self._strings = self._read_strings()
        return self._strings

    def _read_strings(self) -> Strings:
        strings = Strings()
        if self._strings_part.casefold() not in self._names:
            return strings
        if self._archive.getinfo(self._names[self._strings_part.casefold()]).file_size > MOST_STRINGS:
            raise Unreadable("bomb", _("The workbook holds too much text. Save it as CSV. Nothing was imported."))
        texts = _SharedTexts(strings)
        for _fed in self._parse(self._strings_part, texts.start, texts.end, texts.text):
            pass
        return strings

    def rows(self, sheet: str) -> Iterator[tuple[int, list[str]]]:
        """Number and texts of each row that the sheet holds, empty ones too. Raises Unreadable, maybe in the middle."""
        rows = _Rows(self)
        with readable():
            for _fed in self._parse(self.sheets[sheet], rows.start, rows.end, rows.text):
                yield from rows.found
                rows.found.clear()

    def estimate(self, sheet: str) -> int:
        """About how many rows the sheet holds; exact for a small one."""
        rows = fed = 0
        counter: list[str] = []
        size = self._archive.getinfo(self._names[self.sheets[sheet].casefold()]).file_size
        with suppress(Unreadable), readable():  # damage further down is found when it is reached
            for fed in self._parse(self.sheets[sheet], lambda tag, _attributes: counter.append(tag)):
                rows += counter.count("row")
                counter.clear()
                if fed > SMALL:
                    break
        return rows * size // fed if 0 < fed < size else rows

    def shown(self, kind: str, style: str | None, text: str) -> str:
        """A cell's text from its type (18.18.11), its format and what the file holds."""
        if kind == "s":
            return self.strings[int(text)] if text else ""
        if kind == "n":
            is_date = style is not None and int(style) < len(self._formats) and self._formats[int(style)]
            return date_text(text, self._epoch_1904) if is_date else number_text(text)
        if kind == "b":
            return "true" if text == "1" else "false" if text else ""
        return text.removesuffix("T00:00:00") if kind == "d" else unescape(text)


class _Texts:
    """Handlers that gather the text of <t> and <v>, but not of <rPh>, the reading aid of Japanese."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.size = 0
        self._open = self._aside = False

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag in ("v", "t"):
            self._open = not self._aside
        elif tag == "rPh":
            self._aside = True

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._open = False
        elif tag == "rPh":
            self._aside = False

    def text(self, text: str) -> None:
        if self._open:
            self.size += len(text)
            if self.size > LONGEST_ROW:
                raise ValueError(self.size)
            self.pieces.append(text)


class _SharedTexts(_Texts):
    """The handlers that make strings of the elements <si>."""

    def __init__(self, strings: Strings) -> None:
        super().__init__()
        self._strings = strings

    def end(self, tag: str) -> None:
        super().end(tag)
        if tag == "si":
            self._strings.append(unescape("".join(self.pieces)))
            self.pieces.clear()
            self.size = 0


class _Rows(_Texts):
    """The handlers that make rows of the elements of a sheet."""

    def __init__(self, book: Workbook) -> None:
        super().__init__()
        self.found: list[tuple[int, list[str]]] = []
        self._shown = book.shown
        self._cells: list[str] = []
        self._line = 0
        self._column = -1
        self._kind, self._style = "n", None
        self._columns: dict[str, int] = {}

    def start(self, tag: str, attributes: dict[str, Any]) -> None:
        if tag == "c":
            get = attributes.get
            reference = get("r")
            self._column = self._place(reference.rstrip("0123456789")) if reference else self._column + 1
            self._kind, self._style = get("t", "n"), get("s")
            self.pieces.clear()
        elif tag == "v":
            self._open = True
        elif tag == "row":
            self._line = int(attributes.get("r", self._line + 1))
            self._cells, self._column, self.size = [], -1, 0
        else:
            super().start(tag, attributes)

    def end(self, tag: str) -> None:
        if tag == "c":
            if self.pieces:
                self._put(self._shown(self._kind, self._style, "".join(self.pieces)))
        elif tag == "v":
            self._open = False
        elif tag == "row":
            self.found.append((self._line, self._cells))
        else:
            super().end(tag)

    def _put(self, text: str) -> None:
        cells, gap = self._cells, self._column - len(self._cells)
        if gap > 0:
            cells.extend([""] * gap)
        if gap >= 0:
            cells.append(text)
        else:
            cells[self._column] = text

    def _place(self, letters: str) -> int:
        """The number of a column from 0: A, B, … Z, AA."""
        column = self._columns.get(letters)
        if column is None:
            column = -1
            for letter in letters.upper():
                column = (column + 1) * 26 + ord(letter) - ord("A")
            if not 0 <= column < WIDEST:
                raise ValueError(letters)
            self._columns[letters] = column
        return column


def _refuse(*_declaration: object) -> None:
    """A document type could define entities that grow without end; no spreadsheet program writes one."""
    raise ValueError("document type")


def is_date_format(code: str) -> bool:
    """Whether a format code (18.8.31) shows days, months, years, hours or seconds."""
    code = re.sub(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', "", code.partition(";")[0].lower())
    return bool(re.search("[dmyhs]", code)) and "general" not in code


def number_text(text: str) -> str:
    """A number as Excel shows it: fifteen digits, no exponent for whole numbers, no needless fraction."""
    if text.isdecimal() and len(text) < 16:
        return Figure(text)
    value = float(text)
    if not math.isfinite(value):
        return ""
    return Figure(f"{value:.0f}" if value.is_integer() else repr(float(f"{value:.15g}")))


def date_text(text: str, epoch_1904: bool) -> str:
    """A day number (18.17.4.1) as ISO date, time, or date and time. Day 60, 29 February 1900, never was: before it,
    days are one later."""
    value = float(text)
    days, seconds = divmod(round(value * _DAY), _DAY)
    base = datetime.datetime(1904, 1, 1) if epoch_1904 else datetime.datetime(1899, 12, 31 if value < 60 else 30)  # noqa: DTZ001
    try:
        moment = base + datetime.timedelta(days, seconds)
    except OverflowError:
        return number_text(text)
    if not days and not epoch_1904:
        return moment.time().isoformat()
    return moment.isoformat(" ") if seconds else moment.date().isoformat()


def unescape(text: str) -> str:
    """A text with `_x000D_` as the character that stands for."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
