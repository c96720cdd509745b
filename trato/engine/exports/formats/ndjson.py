"""NDJSON: a JSON object a line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from .base import Output, Writer


class NdjsonWriter(Writer):
    """Dicts of JSON values, each on its own line; needs no header."""

    media_type = "application/x-ndjson"
    suffix = "ndjson"

    def __init__(self, out: Output, header: Sequence[str]) -> None:
        self._out = out

    def write_many(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Appends records."""
        self._out.write(b"".join([orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows]))
