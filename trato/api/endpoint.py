"""What every call goes through: token, rate, one transaction in its workspace, idempotency, errors as problems."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from trato.engine import access, idempotency, limits, merging
from trato.engine.postgres.scope import in_workspace, patience_with
from trato.engine.values import Problem, Refused
from trato.engine.workspaces import tokens
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.models import Token

from . import problems
from .problems import Failure, bad_request
from .wire import TYPES, BadJson, content_type, decode, encode

logger = logging.getLogger("trato.api")
KEY = re.compile(r"[\x21-\x7e]{1,255}")
#: Failed keys a client address may try in a minute.
FAILURES_PER_MINUTE = 30
LARGEST_BODY = 2 * 2**20


@dataclass(frozen=True)
class Answer:
    """What a handler answers with: JSON, its status and headers."""

    data: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> HttpResponse:
        """The answer to send; without data an empty one."""
        if self.status == 204:
            return HttpResponse(status=204, headers=self.headers)
        return HttpResponse(
            encode(self.data), status=self.status, content_type="application/json", headers=self.headers
        )


@dataclass
class Call:
    """One call: the request, who makes it, and with which key."""

    request: HttpRequest
    actor: Actor
    token: Token

    def body(self, *, optional: bool = False) -> dict[str, Any]:
        """The JSON object of the request (``optional``: {} when nothing was sent); raises Failure 400, 413, 415."""
        if optional and not self.request.body:
            return {}
        if content_type(self.request) not in TYPES:
            raise Failure("unsupported-media-type", _("Send the body as application/json."))
        if len(self.request.body) > LARGEST_BODY:
            raise Failure("too-large", _("A body may have at most %(n)s bytes.") % {"n": LARGEST_BODY})
        try:
            value = decode(self.request.body)
        except BadJson as error:
            raise Failure("bad-request", str(error)) from None
        if not isinstance(value, dict):
            raise Failure("bad-request", _("Send one JSON object."))
        return value

    def only(self, *known: str, optional: bool = False) -> dict[str, Any]:
        """The body, in which no other members may be; raises Refused and what ``body`` raises."""
        given = self.body(optional=optional)
        unknown = [Problem(name[:80], "unknown", _("There is no such field.")) for name in given if name not in known]
        if unknown:
            raise Refused(unknown)
        return given

    def parameters(self, *known: str) -> dict[str, str]:
        """The query parameters, of which each may be given once; raises Failure 400 for others."""
        given = {}
        for name, values in self.request.GET.lists():
            if name not in known:
                raise bad_request(name[:80], "unknown", _("There is no such parameter here."))
            if len(values) > 1:
                raise bad_request(name, "twice", _("Give this parameter once."))
            given[name] = values[0]
        return given


def flag(given: Mapping[str, Any], name: str) -> bool:
    """A member that is true or false, false when it is left out; raises Refused."""
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise Refused([Problem(name, "bool", _("This is true or false."))])
    return value


Handler = Callable[..., Answer | HttpResponseBase]


class Endpoint:
    """One address: a handler for each method it takes. Handlers take a Call and the parts of the path.

    ``keyed``: an Idempotency-Key is honoured here; a handler that answers in parts honours it itself.
    """

    csrf_exempt = True  # cookies open nothing here

    def __init__(self, *, keyed: bool = True, **handlers: Handler) -> None:
        self.handlers, self.keyed = handlers, keyed
        self.allow = ", ".join(sorted(handlers))
        self.methods = {*handlers, *(["HEAD"] if "GET" in handlers else [])}
        self.__name__ = self.__qualname__ = next(iter(handlers.values())).__name__  # Django names views by it

    def __call__(self, request: HttpRequest, **path: str) -> HttpResponseBase:
        """The answer to a request, whatever it is: errors are problems, never pages."""
        if request.method not in self.methods:
            return _finished(Failure("method-not-allowed", headers={"Allow": self.allow}).response())
        headers: dict[str, str] = {}
        try:
            response = self._admitted(request, path, headers)
        except Exception as error:
            response = _failed(error)
        return _finished(response, headers)

    def _admitted(self, request: HttpRequest, path: Mapping[str, str], headers: dict[str, str]) -> HttpResponseBase:
        if "Transfer-Encoding" in request.headers and not request.META.get("CONTENT_LENGTH"):
            raise Failure("length-required", _("Send a Content-Length with the body."))
        handler = self.handlers["GET" if request.method == "HEAD" else request.method or ""]
        key = None
        try:
            key = _key(request)
            _count(key, headers)
            return _answered(request, key, _once if self.keyed else _run, handler, path)
        except tokens.BadToken as error:
            return _turned_away(request, key, error)


def nothing(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """The answer at an address that there is not."""
    return _finished(Failure("not-found", _("There is nothing at this address.")).response())


nothing.csrf_exempt = True  # type: ignore[attr-defined]


def _finished(response: HttpResponseBase, headers: Mapping[str, str] | None = None) -> HttpResponseBase:
    for name, value in (headers or {}).items():
        response[name] = value
    response.setdefault("Cache-Control", "no-store")
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _failed(error: Exception, actor: Actor | None = None) -> HttpResponse:
    failure = problems.of(error, actor)
    if failure is None:
        logger.exception("a call failed", exc_info=error)
        failure = Failure("internal", _("Nothing was changed. The error was written to the log."))
    return failure.response()


def _key(request: HttpRequest) -> tokens.Key:
    """The key a call comes with; raises BadToken."""
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise tokens.BadToken
    return tokens.read(text.strip())


def _caller(key: tokens.Key) -> str:
    """What calls of a key are counted under."""
    return f"token:{key.digest[:40]}"


def _count(key: tokens.Key, headers: dict[str, str]) -> None:
    """Count a call and fill the headers that say how many are left; raises Failure 429."""
    most = settings.TRATO_API_PER_MINUTE
    count = limits.count(_caller(key))
    headers["RateLimit-Limit"] = str(most)
    headers["RateLimit-Remaining"] = str(max(0, most - count.used))
    headers["RateLimit-Reset"] = str(count.left)
    if count.used > most:
        raise _too_many(count.left)


def _too_many(seconds: int) -> Failure:
    words = _("Try again in %(n)s seconds.") % {"n": seconds}
    return Failure("too-many-requests", words, headers={"Retry-After": str(seconds)})


def _turned_away(request: HttpRequest, key: tokens.Key | None, error: Exception) -> HttpResponse:
    """401, or 429 for an address that tries too many keys; the key itself leaves no row."""
    if key:
        limits.forget(_caller(key))
    count = limits.count(f"failed:{request.META.get('REMOTE_ADDR', '')}")
    return _failed(_too_many(count.left) if count.used > FAILURES_PER_MINUTE else error)


Runner = Callable[[Call, Handler, Mapping[str, str]], HttpResponseBase]


def _answered(
    request: HttpRequest, key: tokens.Key, run: Runner, handler: Handler, path: Mapping[str, str]
) -> HttpResponseBase:
    """The handler's answer, made in one transaction; an error takes all of it back."""
    actor = token = None
    try:
        with in_workspace(key.workspace_id, patience_with(request.method)):
            token, actor = tokens.find(key)
            response = run(Call(request, actor, token), handler, path)
    except tokens.BadToken:
        raise
    except Exception as error:
        response = _failed(error, actor)
    if token is not None:
        with suppress(DatabaseError):  # the call itself is done
            tokens.note_use(token)
    return response


def _run(call: Call, handler: Handler, path: Mapping[str, str]) -> HttpResponseBase:
    try:
        answer = handler(call, **path)
    except access.Absent as absent:
        return _elsewhere(call, absent)
    return answer.response() if isinstance(answer, Answer) else answer


def _elsewhere(call: Call, absent: access.Absent) -> HttpResponseBase:
    """To where a record went that was merged, whoever reads it at its old address; raises the Absent for all else."""
    found = merging.moved(call.actor, absent) if call.request.method in ("GET", "HEAD") else None
    address = call.request.get_full_path()
    if found is None or found[0] not in address:
        raise absent
    return Answer({"moved": found[1]}, 307, {"Location": address.replace(*found, 1)}).response()


def _once(call: Call, handler: Handler, path: Mapping[str, str]) -> HttpResponseBase:
    """The handler's answer; of a write with an Idempotency-Key the answer it had the first time."""
    given = call.request.headers.get("Idempotency-Key")
    if given is None or call.request.method in ("GET", "HEAD"):
        return _run(call, handler, path)

    def work() -> tuple[int, Any]:
        answer = handler(call, **path)
        assert isinstance(answer, Answer)
        kept = {"data": json.loads(encode(answer.data)), "headers": dict(answer.headers)}
        return answer.status, kept

    key, print_ = idempotency_key(given), fingerprint(call.request)
    status, kept, again = idempotency.once(call.token.id, key, print_, work)
    response = Answer(kept["data"], status, kept["headers"]).response()
    if again:
        response["Idempotency-Replayed"] = "true"
    return response


def idempotency_key(given: str) -> str:
    """A usable key; raises Failure 400."""
    if not KEY.fullmatch(given):
        raise bad_request("Idempotency-Key", "key", _("A key is 1 to 255 visible ASCII characters."))
    return given


def fingerprint(request: HttpRequest) -> str:
    """What makes two calls the same: method, address with query, and what is sent (of a form its values and files)."""
    whole = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if content_type(request) != "multipart/form-data":
        whole.update(request.body)
        return whole.hexdigest()
    whole.update(encode([sorted(request.POST.lists()), sorted(request.FILES)]))
    for _name, upload in sorted(request.FILES.items()):
        for chunk in upload.chunks():
            whole.update(chunk)
        upload.seek(0)
    return whole.hexdigest()
