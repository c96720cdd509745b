"""NDJSON: one JSON object a line. A bad line is a problem of that line only."""

import io
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import orjson
from django.utils.translation import gettext as _

from .base import Hints, Samples, Sniffed, SourceRow, Tally, Unreadable
from .detect import encoding_of
from .headers import LONGEST_NAME

LONGEST_LINE = 1 << 24  # bytes
MOST_NAMES = 2000
BATCH = 1000
SAMPLE_ROWS = 20
SCANNED = 20_000  # records


def inspect(path: str | Path, samples: Samples, hints: Hints) -> Sniffed:
    """The names in the first 20,000 records become the header. Raises Unreadable when none of them is an object."""
    encoding = hints.encoding or encoding_of(samples)[0]
    rows, header, sample = 0, dict[str, None](), list[dict[str, Any]]()
    for row in islice(chain.from_iterable(batches(path, Sniffed("ndjson", encoding), Tally())), SCANNED):
        rows += 1
        if isinstance(row.cells, dict) and not row.problem:
            header.update(dict.fromkeys(name for name in row.cells if len(name) <= LONGEST_NAME))
            sample += [row.cells] if len(sample) < SAMPLE_ROWS else []
    if not sample:
        raise Unreadable("no_records", _("None of the first lines is a JSON object. Nothing was imported."))
    if len(header) > MOST_NAMES:
        problem = _("The records have %(found)d different names; at most %(most)d can be read. Nothing was imported.")
        raise Unreadable("too_many_columns", problem % {"found": len(header), "most": MOST_NAMES})
    if rows == SCANNED:
        rows = max(rows, samples.size * samples.start.count(b"\n") // len(samples.start))
    texts = [[as_text(record.get(name)) for name in header] for record in sample]
    return Sniffed("ndjson", encoding, header=list(header), sample=texts, rows_estimate=rows)


def batches(path: str | Path, sniffed: Sniffed, tally: Tally) -> Iterator[list[SourceRow]]:
    """The records in lists of at most 1,000, one a line that isn't blank."""
    with Path(path).open("rb") as file:
        rows = _rows(_lines(file, sniffed.encoding), tally)
        while batch := list(islice(rows, BATCH)):
            yield batch


def _lines(file: IO[bytes], encoding: str) -> Iterator[bytes | None]:
    """The lines as UTF-8; None for one that is longer than allowed, the rest of which is passed over."""
    if encoding.startswith("utf-8"):
        parts = iter(lambda: file.readline(LONGEST_LINE), b"")
    else:
        text = io.TextIOWrapper(file, encoding, errors="backslashreplace")
        parts = (part.encode() for part in iter(lambda: text.readline(LONGEST_LINE), ""))
    for part in parts:
        whole = part.endswith(b"\n") or len(part) < LONGEST_LINE
        yield part if whole else None
        while not whole:
            whole = next(parts, b"\n").endswith(b"\n")


def _rows(lines: Iterator[bytes | None], tally: Tally) -> Iterator[SourceRow]:
    for number, raw in enumerate(lines, 1):
        if raw is None:
            yield SourceRow(number, {}, _("The line is longer than 16 MB."))
            continue
        line = raw.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else raw.strip()
        if not line:
            tally.empty += 1
            continue
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield SourceRow(number, {}, _("The line is no JSON: %(reason)s") % {"reason": error})
            continue
        if isinstance(record, dict):
            yield SourceRow(number, record)
        else:
            yield SourceRow(number, {}, _("The line is JSON, but not an object: { … }."))


def as_text(value: object) -> str:
    """A value of a record as a person sees it in a sample."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
