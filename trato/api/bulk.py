"""Many records in one call: NDJSON in, a line of result for each line, a thousand lines a transaction.

The whole request is received before the first line is written: a caller who sends before reading is never stuck.
Results are sent when their transaction is committed: what a caller has read is done, even if the line breaks after it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from trato.engine import access, idempotency, values
from trato.engine.bulk import Outcome, Row, Writer
from trato.engine.kinds import Invalid
from trato.engine.objects import Object
from trato.engine.postgres.scope import in_workspace
from trato.engine.values import Problem, Refused
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.ids import uuid7

from .endpoint import Call, idempotency_key
from .listing import choice
from .problems import Failure, bad_request, of
from .records import object_of
from .wire import BadJson, content_type, decode, encode

logger = logging.getLogger("trato.api")
TYPES = frozenset({"application/x-ndjson", "application/jsonl", "application/ndjson"})
MOST_LINES = 100_000
LARGEST = 100 * 2**20
LONGEST_LINE = 2**20
CHUNK = 1_000
BLOCK = 2**16
OPERATIONS = {"create": "create", "update": "update", "upsert": "upsert"}


@dataclass(frozen=True)
class Order:
    """What is to be done with the lines: ``create``, ``update`` by id, or ``upsert`` by the match fields."""

    actor: Actor
    object: Object
    op: str
    match: tuple[str, ...]
    batch: UUID

    def writer(self) -> Writer:
        """A writer of one chunk (inside ``in_workspace``); raises Forbidden, Refused."""
        match = ("id",) if self.op == "update" else self.match
        return Writer(self.actor, self.object, self.batch, match=match, unite=False)


def bulk(call: Call, plural: str) -> StreamingHttpResponse:
    """Write up to 100,000 records; each line fails or is done for itself."""
    obj = object_of(call, plural, "import")
    words = call.parameters("op", "match")
    op = choice("op", words.get("op", "create"), OPERATIONS)
    match = tuple(name.strip() for name in words.get("match", "").split(",") if name.strip())
    if (op == "upsert") != bool(match):
        raise bad_request("match", "match", _("“match” names the fields an upsert finds records by, and only there."))
    if content_type(call.request) not in TYPES:
        raise Failure("unsupported-media-type", _("Send application/x-ndjson: one JSON object a line."))
    order = Order(call.actor, obj, op, match, uuid7())
    order.writer()  # what is wrong with the order itself is said before anything is read
    key = call.request.headers.get("Idempotency-Key")
    lines = _received(call)
    name = hashlib.sha256(idempotency_key(key).encode()).hexdigest() if key is not None else ""
    results = _results(order, lines, call.token.id, name, translation.get_language() or "en")
    return StreamingHttpResponse(
        results, content_type="application/x-ndjson", headers={"Trato-Batch": str(order.batch)}
    )


def _received(call: Call) -> IO[bytes]:
    """The body, in memory or on disk; raises Failure 400, 413."""
    kept: IO[bytes] = SpooledTemporaryFile(max_size=4 * 2**20)  # noqa: SIM115  closed by the response
    size = lines = 0
    while block := call.request.read(BLOCK):
        size += len(block)
        lines += block.count(b"\n")
        if size > LARGEST or lines > MOST_LINES:
            words = _("At most %(lines)s lines and %(n)s MB in one call. Nothing was written.")
            raise Failure("too-large", words % {"lines": MOST_LINES, "n": LARGEST // 2**20})
        kept.write(block)
    if not size:
        raise bad_request("", "empty", _("Send at least one line."))
    kept.seek(0)
    return kept


def _results(order: Order, lines: IO[bytes], caller: UUID, key: str, language: str) -> Iterator[bytes]:
    """The result lines, a chunk at a time, each after its transaction."""
    number = 0
    with lines:
        while chunk := list(islice(_numbered(lines, number), CHUNK)):
            number = chunk[-1][0]
            with translation.override(language):
                try:
                    results = _chunk(order, chunk, caller, key)
                except Exception as error:
                    results = _not_done(chunk, error)
            yield b"".join(encode(result) + b"\n" for result in results)


def _numbered(lines: IO[bytes], before: int) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers, from 1; empty ones are counted and left out."""
    for number, line in enumerate(iter(lines.readline, b""), before + 1):
        if line.strip():
            yield number, line


def _chunk(order: Order, chunk: list[tuple[int, bytes]], caller: UUID, key: str) -> list[dict[str, Any]]:
    """Write one chunk in a transaction of its own, or tell what became of it the first time."""

    def work() -> tuple[int, Any]:
        rows, failed = _rows(order, chunk)
        done = [_result(outcome) for outcome in order.writer().write(rows)] if rows else []
        return 200, sorted([*done, *failed], key=lambda result: result["line"])

    with in_workspace(order.actor.workspace.id):
        if not key:
            return work()[1]
        whole = hashlib.sha256(f"{order.object.plural} {order.op} {order.match}\n".encode())
        for _number, line in chunk:
            whole.update(line)
        return idempotency.once(caller, f"{key}:{chunk[0][0]}", whole.hexdigest(), work)[1]


def _rows(order: Order, chunk: Iterable[tuple[int, bytes]]) -> tuple[list[Row], list[dict[str, Any]]]:
    """The rows to write, and the results of lines that can't be."""
    actor, obj = order.actor, order.object
    known, writable, reader = access.fields(actor, obj), access.writable(actor, obj), access.reader(actor)
    rows, failed = [], []
    for number, line in chunk:
        try:
            given, record_id = _read(order, line)
            cleaned = {}
            for name, value in values.flatten(given).items():
                if name not in known:
                    raise Refused([Problem(name[:80], "unknown", _("There is no such field."))])
                if name not in writable:
                    raise Refused([Problem(name, "read_only", _("This field can't be changed here."))])
                try:
                    cleaned[name] = known[name].kind.clean(value, reader)
                except Invalid as problem:
                    raise Refused([Problem(name, problem.code, str(problem))]) from None
            if problems := values.stored_files(actor, known, cleaned, {}):
                raise Refused(problems)
        except Refused as refused:
            failed.append(_failed(number, refused.problems))
        else:
            rows.append(Row(number, cleaned, record_id))
    return rows, failed


def _read(order: Order, line: bytes) -> tuple[dict[str, Any], UUID | None]:
    """The members of a line and the id of the record to update; raises Refused."""
    if len(line) > LONGEST_LINE:
        raise Refused([Problem("", "too_large", _("A line may have at most %(n)s bytes.") % {"n": LONGEST_LINE})])
    try:
        given = decode(line)
    except BadJson as error:
        raise Refused([Problem("", "json", str(error))]) from None
    if not isinstance(given, dict):
        raise Refused([Problem("", "object", _("Each line is one JSON object."))])
    if order.op != "update":
        return given, None
    try:
        return given, access.as_uuid(given.pop("id", None))
    except access.Absent:
        raise Refused([Problem("id", "id", _("Give the id of the record to update."))]) from None


def _result(outcome: Outcome) -> dict[str, Any]:
    if outcome.result == "failed":
        return _failed(outcome.line, outcome.problems)
    return {"line": outcome.line, "status": outcome.result, "id": str(outcome.record_id)}


def _failed(line: int, problems: Iterable[Problem]) -> dict[str, Any]:
    errors = [{"field": p.field, "code": p.code, "message": str(p.message)} for p in problems]
    return {"line": line, "status": "failed", "errors": errors}


def _not_done(chunk: list[tuple[int, bytes]], error: Exception) -> list[dict[str, Any]]:
    """The results of a chunk whose transaction was taken back."""
    failure = of(error)
    if failure is None:
        logger.exception("a chunk of a bulk call failed", exc_info=error)
        failure = Failure("internal", _("Nothing of this part was written. The error was written to the log."))
    return [_failed(number, [Problem("", failure.kind, failure.detail)]) for number, _line in chunk]
