"""Files of records: what is in them (`sniff`) and their rows (`open_rows`). No database here.

A format is one module with `inspect(path, samples, hints) -> Sniffed` and `batches(path, sniffed, tally)`, which yields
lists of `SourceRow`; adding one is that module and its line in `FORMATS`.
"""

from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile

from . import delimited, ndjson, vcard, xlsx
from .base import Figure, Format, Hints, Rows, Sniffed, SourceRow, Tally, Unreadable
from .detect import format_of, take_samples

FORMATS: dict[str, Format] = {"csv": delimited, "xlsx": xlsx, "vcard": vcard, "ndjson": ndjson}

__all__ = [
    "FORMATS",
    "Figure",
    "Rows",
    "Sniffed",
    "SourceRow",
    "Tally",
    "Unreadable",
    "first_rows",
    "open_rows",
    "sniff",
]

#: Bytes at the beginning of a file of text that are read while a person waits.
LOOKED_AT = 4 << 20


def sniff(
    path: str | Path,
    filename: str = "",
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    has_header: bool | None = None,
    sheet: str | None = None,
) -> Sniffed:
    """Looks at parts of the file and says how to read it. What the keywords give is taken as said, not guessed.

    `filename` is the name the person knows (the path may be a temporary one). Raises Unreadable.
    """
    samples = take_samples(path)
    name = format_of(samples, filename or Path(path).name)
    return FORMATS[name].inspect(path, samples, Hints(encoding, delimiter, has_header, sheet))


def open_rows(path: str | Path, sniffed: Sniffed) -> Rows:
    """The records of the file, one after the other, in flat memory. The file stays open until the end or `close()`."""
    return Rows(partial(FORMATS[sniffed.format].batches, path, sniffed))


def first_rows(path: str | Path, sniffed: Sniffed, n: int) -> list[SourceRow]:
    """At most `n` records from the beginning of the file, in bounded time: of text only so much is looked at, and a
    record that is cut off there is left out."""
    with Path(path).open("rb") as file:
        start = file.read(LOOKED_AT + 1)
    if sniffed.format == "xlsx" or len(start) <= LOOKED_AT:
        return _taken(path, sniffed, n)
    with NamedTemporaryFile(prefix="trato-first-") as part:
        part.write(start)
        part.flush()
        found = _taken(part.name, sniffed, n + 1)
    return found[:-1]


def _taken(path: str | Path, sniffed: Sniffed, n: int) -> list[SourceRow]:
    rows = open_rows(path, sniffed)
    try:
        return list(islice(rows, n))
    finally:
        rows.close()
