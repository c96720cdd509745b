"""Files of records: what is in them (`sniff`) and their rows (`open_rows`). No database here.

A format is one module with `inspect(path, samples, hints) -> Sniffed` and `batches(path, sniffed, tally)`, which yields
lists of `SourceRow`; adding one is that module and its line in `FORMATS`.
"""

from functools import partial
from pathlib import Path

from . import delimited, ndjson, vcard, xlsx
from .base import Figure, Format, Hints, Rows, Sniffed, SourceRow, Tally, Unreadable
from .detect import format_of, take_samples

FORMATS: dict[str, Format] = {"csv": delimited, "xlsx": xlsx, "vcard": vcard, "ndjson": ndjson}

__all__ = ["FORMATS", "Figure", "Rows", "Sniffed", "SourceRow", "Tally", "Unreadable", "open_rows", "sniff"]


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
