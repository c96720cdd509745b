"""Records into files, in flat memory: CSV, TSV and XLSX take rows of text, NDJSON and vCard take dicts.

A format is one class with `media_type`, `suffix` and the methods of `Writer`; adding one is that class and its line
in `FORMATS`.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from tempfile import TemporaryFile
from typing import Any

from .base import Chunks, Output, Writer
from .delimited import DelimitedWriter, TabWriter
from .ndjson import NdjsonWriter
from .vcard import VcardWriter
from .xlsx import XlsxWriter

FORMATS: dict[str, type[Writer]] = {
    "csv": DelimitedWriter,
    "tsv": TabWriter,
    "xlsx": XlsxWriter,
    "ndjson": NdjsonWriter,
    "vcard": VcardWriter,
}

__all__ = ["FORMATS", "Output", "Writer", "stream", "writer"]


def writer(name: str, out: Output, header: Sequence[str] = ()) -> Writer:
    """A writer of the format onto anything with `write(bytes)`. The file is complete after `close()`. KeyError: no
    such format."""
    return FORMATS[name](out, header)


def stream(name: str, header: Sequence[str], batches: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The bytes of the file while batches of rows come in; XLSX, an archive, only after the last one."""
    if FORMATS[name].whole:
        with TemporaryFile() as file:
            _fill(writer(name, file, header), batches)
            file.seek(0)
            yield from iter(partial(file.read, 1 << 16), b"")
        return
    chunks = Chunks()
    target = writer(name, chunks, header)
    for rows in batches:
        target.write_many(rows)
        yield from chunks.take()
    target.close()
    yield from chunks.take()


def _fill(target: Writer, batches: Iterable[Sequence[Any]]) -> None:
    try:
        for rows in batches:
            target.write_many(rows)
        target.close()
    finally:
        target.discard()
