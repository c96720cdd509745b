"""Errors as ``application/problem+json`` (RFC 9457): what happened, which field and rule, that nothing was changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DataError, OperationalError
from django.http import HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trato.engine import history
from trato.engine.access import Absent, Forbidden
from trato.engine.actions import Conflict
from trato.engine.custom import NotAdministrator
from trato.engine.filters import BadFilter
from trato.engine.idempotency import Reused, Running
from trato.engine.objects import UnknownObject
from trato.engine.paging import BadPage
from trato.engine.postgres.scope import is_impatience
from trato.engine.values import Problem, Refused
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.tokens import BadToken

from .wire import encode

#: Every kind of problem: code -> (status, title). The code is the end of the problem's ``type``.
KINDS: dict[str, tuple[int, Any]] = {
    "bad-request": (400, gettext_lazy("The request can't be understood")),
    "unauthorized": (401, gettext_lazy("A valid token is needed")),
    "forbidden": (403, gettext_lazy("Your role or token does not allow this")),
    "not-found": (404, gettext_lazy("There is no such thing here")),
    "method-not-allowed": (405, gettext_lazy("This address does not take this method")),
    "conflict": (409, gettext_lazy("Another call is in the way")),
    "duplicate": (409, gettext_lazy("A record that looks the same is there")),
    "length-required": (411, gettext_lazy("The length of the body is not said")),
    "precondition-failed": (412, gettext_lazy("The record was changed meanwhile")),
    "too-large": (413, gettext_lazy("The request is too large")),
    "unsupported-media-type": (415, gettext_lazy("Send another content type")),
    "refused": (422, gettext_lazy("Some values can't be taken")),
    "too-many-requests": (429, gettext_lazy("Too many requests")),
    "internal": (500, gettext_lazy("Something went wrong on our side")),
    "unavailable": (503, gettext_lazy("The database is busy")),
}


class Failure(Exception):
    """An error to be answered: its kind, words for a person, the fields that are wrong, headers and further members."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        errors: Iterable[Problem] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail or kind)
        self.kind, self.detail, self.errors = kind, detail, list(errors)
        self.headers, self.more = dict(headers or {}), more

    @property
    def status(self) -> int:
        """The HTTP status of this kind."""
        return KINDS[self.kind][0]

    def body(self) -> dict[str, Any]:
        """The members of the problem document."""
        status, title = KINDS[self.kind]
        errors = [{"field": p.field, "code": p.code, "message": str(p.message)} for p in self.errors]
        head = {"type": f"/api/v1/docs#{self.kind}", "title": str(title), "status": status, "detail": self.detail}
        return head | ({"errors": errors} if errors else {}) | self.more

    def response(self) -> HttpResponse:
        """The answer to send."""
        return HttpResponse(
            encode(self.body()), status=self.status, content_type="application/problem+json", headers=self.headers
        )


def bad_request(field: str, code: str, message: str) -> Failure:
    """A 400 about one parameter or part of the body."""
    return Failure("bad-request", message, [Problem(field, code, message)])


def of(error: Exception, actor: Actor | None = None) -> Failure | None:
    """The failure an engine error stands for; None when it is a mistake in the program."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, Conflict):
        return conflict(error, actor)
    for cls, make in MAKERS:
        if isinstance(error, cls):
            return make(error)
    return None


def conflict(error: Conflict, actor: Actor | None) -> Failure:
    """Who changed which fields since the caller read the record, as far as the caller may see them."""
    obj = error.object
    changes: list[dict[str, Any]] = []
    problems: dict[str, Problem] = {}
    for entry in error.entries:
        names = sorted(history.shown(actor, obj, entry)) if actor else []
        changes.append(
            {"version": entry.version, "at": entry.at, "by": entry.actor_name, "face": entry.face, "fields": names}
        )
        words = _("Changed by %(who)s on %(at)s.") % {
            "who": entry.actor_name,
            "at": entry.at.isoformat(timespec="seconds"),
        }
        problems |= {name: Problem(name, "changed", words) for name in names}
    return Failure(
        "precondition-failed",
        str(error),
        problems.values(),
        headers={"ETag": f'"{error.record.version}"'},
        version=error.record.version,
        changes=changes,
    )


def _too_big(error: Exception) -> Failure:
    return Failure("too-large", _("The request is too large. Nothing was changed."))


def _malformed(error: Exception) -> Failure:
    return Failure("bad-request", _("The request is malformed or was cut off. Nothing was changed."))


def _unauthorized(error: Exception) -> Failure:
    detail = _("Send “Authorization: Bearer <token>” with a token that is valid.")
    return Failure("unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="Trato"'})


def _forbidden(error: Exception) -> Failure:
    words = _("You may not do this here (%(what)s). Nothing was changed.")
    return Failure("forbidden", words % {"what": str(error)} if str(error) else _("Only administrators may do this."))


def _bad_filter(error: Exception) -> Failure:
    assert isinstance(error, BadFilter)
    return bad_request(f"filter{error.path}" if error.path else "filter", "filter", str(error.message))


def _reused(error: Exception) -> Failure:
    return Failure("conflict", _("This Idempotency-Key was used for another call. Nothing was changed; use a new key."))


def _running(error: Exception) -> Failure:
    detail = _("A call with this Idempotency-Key is still running. Try again in a moment.")
    return Failure("conflict", detail, headers={"Retry-After": "1"})


def _refused(error: Exception) -> Failure:
    assert isinstance(error, Refused)
    return Failure("refused", _("Nothing was changed. Correct the fields named below."), error.problems)


def _out_of_range(error: Exception) -> Failure:
    return Failure("bad-request", _("A value is out of range for the database. Nothing was changed."))


def _busy(error: Exception) -> Failure:
    if is_impatience(error):
        return Failure("unavailable", _("This takes the database too long. Nothing was changed; ask for less at once."))
    detail = _("The database did not answer in time. Nothing was changed; try again.")
    return Failure("unavailable", detail, headers={"Retry-After": "2"})


def _absent(error: Exception) -> Failure:
    return Failure("not-found", _("There is nothing at this address, or you may not see it."))


MAKERS = (
    (BadToken, _unauthorized),
    (Absent, _absent),
    (UnknownObject, _absent),
    (Forbidden, _forbidden),
    (NotAdministrator, _forbidden),
    (Refused, _refused),
    (BadFilter, _bad_filter),
    (BadPage, lambda error: bad_request("", "page", str(error))),
    (Running, _running),
    (Reused, _reused),
    (RequestDataTooBig, _too_big),
    (MultiPartParserError, _malformed),
    (UnreadablePostError, _malformed),
    (SuspiciousOperation, _malformed),
    (DataError, _out_of_range),
    (OperationalError, _busy),
)
