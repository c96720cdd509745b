"""Pages for people without an account, behind a secret address: what a module's ``pages.py`` registers for a purpose.

::

    @public("quote")
    def quote(request, visit): ...

    @public("quote", "pdf")
    def document(request, visit): ...

They are mounted at ``/p/<workspace>/<secret>`` and ``/p/<workspace>/<secret>/<part>``. A wrong, closed or expired
address and one that never was get the same answer. Nothing of it is kept by browsers or found by search engines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from trato.engine import access, doors, files, limits
from trato.engine.doors import Visit
from trato.engine.kinds.datetime import zone_of
from trato.engine.models import StoredFile
from trato.engine.postgres.scope import in_workspace, patience_with
from trato.engine.printing import letterhead
from trato.engine.workspaces.actors import enter

View = Callable[[HttpRequest, Visit], HttpResponse]
#: In a minute and from one place: calls of one door, forms sent through it, and addresses that open nothing tried.
#: Others come through the same door too, such as to a form on the Internet: nobody must be able to close it for them.
OFTEN, SENDS, TRIES = 120, 30, 20


@dataclass(frozen=True)
class Room:
    """One page behind the doors of a purpose."""

    view: View
    methods: tuple[str, ...]


_rooms: dict[tuple[str, str], Room] = {}


def public(purpose: str, part: str = "", *, methods: Iterable[str] = ("GET", "HEAD")) -> Callable[[View], View]:
    """Decorator: the function answers at this part of the doors of a purpose, inside the workspace and in the
    customer's language. An answer of 400 and above leaves the database as it was.
    """

    def register(view: View) -> View:
        _rooms[purpose, part] = Room(view, tuple(methods))
        return view

    return register


def door(request: HttpRequest, slug: str, secret: str, part: str = "") -> HttpResponse:
    """Open a secret address."""
    if request.method == "POST":
        request.POST  # noqa: B018 - a long upload is read before the transaction begins, not in it
    place = doors.place_of(slug, secret)
    if place is None:
        return _private(_nobody(request))
    workspace, digest = place
    callers = {f"door:{digest[:40]} {client_address(request)}": OFTEN}
    if request.method == "POST":
        callers[f"sent:{digest[:40]} {client_address(request)}"] = SENDS
    for caller, most in callers.items():
        count = limits.count(caller)
        if count.used > most:
            return _private(_too_often(request, count.left))
    with in_workspace(workspace.id, patience_with(request.method)):
        visit = doors.enter(workspace, digest)
        if visit is not None:
            return _private(_answer(request, visit, part))
    for caller in callers:
        limits.forget(caller)
    return _private(_nobody(request))


@csrf_exempt
def one_click(request: HttpRequest, slug: str, secret: str) -> HttpResponse:
    """A mail program says for its reader that they want no more such mails (RFC 8058): without cookies, so without the
    proof that other forms carry; the secret of the address is all there is. Who opens it sees the page that asks.
    """
    if request.method != "POST":
        return HttpResponseRedirect(f"/p/{slug}/{secret}")
    if request.POST.get("List-Unsubscribe") != "One-Click":
        return _private(_absent(request))
    return door(request, slug, secret, "one-click")


def _answer(request: HttpRequest, visit: Visit, part: str) -> HttpResponse:
    room = _rooms.get((visit.door.purpose, part))
    with translation.override(visit.door.language), timezone.override(zone_of(visit.workspace.time_zone)):
        if room is None:
            response = _absent(request)
        elif request.method not in room.methods:
            response = HttpResponseNotAllowed(room.methods)
        else:
            try:
                response = room.view(request, visit)
            except access.Absent:
                response = _absent(request)
    response.headers.setdefault("Content-Language", visit.door.language)
    if response.status_code >= 400:
        transaction.set_rollback(True)
    return response


def shown(
    request: HttpRequest, visit: Visit, template: str, context: Mapping[str, Any], *, title: Any, status: int = 200
) -> HttpResponse:
    """A page in the frame that customers see, ``public.html``."""
    kept = letterhead.own()
    frame = {
        "title": title,
        "brand": {
            "name": kept.name or visit.workspace.name,
            "logo": kept.picture,
            "colour": kept.colour,
            "ink": letterhead.ink_on(kept.colour) if kept.colour else "",
            "footer": [*kept.address.splitlines(), *([kept.tax_number] if kept.tax_number else [])],
        },
        "place": f"/p/{visit.workspace.slug}/{secret_of(request)}",
    }
    return render(request, template, frame | dict(context), status=status)


def secret_of(request: HttpRequest) -> str:
    """The secret of the address that is open; it is written nowhere else."""
    return request.path.split("/")[3]


def file_answer(stored: StoredFile, name: str = "") -> HttpResponse:
    """A file to be kept; who may have it is for the caller to decide."""
    _row, content = files.open_file(stored.id)
    response = FileResponse(content, as_attachment=True, filename=name or stored.name)
    for header, value in files.headers(stored).items():
        response.headers[header] = value
    return response


def client_address(request: HttpRequest) -> str:
    """The address somebody came from, behind as many proxies as the operator says there are."""
    return str(get_adapter().get_client_ip(request))


def is_member(request: HttpRequest, visit: Visit) -> bool:
    """Whether somebody of the workspace itself looks at what its customers see."""
    return request.user.is_authenticated and enter(request.user.pk, visit.workspace) is not None


def _nobody(request: HttpRequest) -> HttpResponse:
    """What opens nothing; 429 where somebody tries too many."""
    count = limits.count(f"no-door:{client_address(request)}")
    return _too_often(request, count.left) if count.used > TRIES else _absent(request)


def _absent(request: HttpRequest) -> HttpResponse:
    words = _("The address is not complete, or it is not open any more. Ask whoever sent it to you for a new one.")
    return _plain(request, 404, _("Nothing is here"), words)


def _too_often(request: HttpRequest, seconds: int) -> HttpResponse:
    response = _plain(request, 429, _("That was too often"), _("Nothing was changed. Wait a minute, then try again."))
    response.headers["Retry-After"] = str(seconds)
    return response


def _plain(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    """A page that tells of no workspace."""
    context = {"title": heading, "heading": heading, "text": text, "brand": None, "place": ""}
    return render(request, "public_error.html", context, status=status)


def _private(response: HttpResponse) -> HttpResponse:
    """The address is a secret: nobody keeps the page, lists it, or is told where somebody came from."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
