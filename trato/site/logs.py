"""Logs: one JSON object a line, with the id of the request it belongs to, and without personal data.

Neither query strings nor bodies nor the secrets of links are written; of an exception its type, its place in the code
and the first line of its message, because what PostgreSQL adds below quotes the values of a row.
"""

from __future__ import annotations

import json
import logging
import os
import re
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-Id"
current_request: ContextVar[str] = ContextVar("trato_request", default="")
#: What of an address lets somebody in: the links of invitations, of new passwords, and of pages for customers.
_SECRET = re.compile(r"(?<=/join/)[^\s/?]+|(?<=/reset/key/)[^\s/?]+|(?<=/p/)[-\w]+/[^\s/?]+")
_FROM_OUTSIDE = re.compile(r"[A-Za-z0-9-]{8,64}")


class JsonFormatter(logging.Formatter):
    """A log record as one line of JSON: time, level, process, logger, message, and request and error if any."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": os.environ.get("TRATO_PROCESS", "command"),
            "logger": record.name,
            "message": _SECRET.sub("…", record.getMessage()),
        }
        request = current_request.get()
        if request:
            entry["request"] = request
        if record.exc_info and record.exc_info[1]:
            entry["error"] = _describe(record.exc_info[1])
        return json.dumps(entry, ensure_ascii=False)


def _describe(error: BaseException) -> str:
    lines = str(error).splitlines()
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-12:]
    ]
    return "\n".join([f"{type(error).__qualname__}: {lines[0] if lines else ''}", *frames])


class RequestIdMiddleware:
    """Gives each request an id, which its log lines and its answer carry; a well-formed one from a proxy is kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if _FROM_OUTSIDE.fullmatch(given) else uuid4().hex
        request.id = request_id  # type: ignore[attr-defined]
        token = current_request.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            current_request.reset(token)
        response[HEADER] = request_id
        return response
