"""The notification centre: the bell, the list with its filters, reading, putting off; and the link of the mails."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access
from trato.engine.postgres.scope import in_workspace
from trato.engine.together import centre, letters, telling, wishes, wording
from trato.engine.together.rules import KINDS
from trato.engine.values import Refused

from .. import forms, later, together, words
from ..respond import base_of, go, page, said, toast, wants_part
from . import errors

ICONS = {
    "mention": "at",
    "comment": "message",
    "reaction": "mood-smile",
    "assigned": "user-check",
    "reminder": "alarm",
    "meeting": "calendar-event",
    "shared": "share",
    "changed": "pencil",
    "job": "checks",
}
STATES = {
    "all": gettext_lazy("All"),
    "unread": gettext_lazy("Unread"),
    "snoozed": gettext_lazy("Snoozed"),
}


@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """The bell alone."""
    return render(request, "parts/bell.html", {"bell": together.bell(request)})


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """What the person was told, newest first."""
    return page(request, "notifications.html", _context(request), title=_("Notifications"))


def _context(request: HttpRequest) -> dict[str, Any]:
    actor, base = request.actor, f"{base_of(request)}/notifications"
    state, kind = request.GET.get("state", "all"), request.GET.get("kind", "")
    state = state if state in STATES else "all"
    kind = kind if kind in KINDS else ""
    rows, more = centre.page(actor, state, kind, request.GET.get("before") or None)
    reader = access.reader(actor)
    until = later.offered(later.clock(request.actor))

    def address(**values: str) -> str:
        asked = {name: value for name, value in ({"state": state, "kind": kind} | values).items() if value}
        return f"{base}?{forms.query(**asked)}"

    return {
        "here": address(),
        "notices": [
            {
                "id": line.notification.id,
                "icon": ICONS.get(line.notification.kind, "bell"),
                "text": line.text,
                "title": line.title,
                "snippet": line.snippet,
                "unread": line.notification.read_at is None,
                "when": words.when(line.notification.at, reader),
                "until": words.when(line.notification.snoozed_until, reader),
                "url": f"{base}/{line.notification.id}" if line.address else "",
                "mark_url": f"{base}/{line.notification.id}/mark",
                "snooze_url": f"{base}/{line.notification.id}/snooze",
            }
            for line in wording.lines(actor, rows)
        ],
        "later": until,
        "states": [
            {"label": str(label), "url": address(state=name, before=""), "current": name == state}
            for name, label in STATES.items()
        ],
        "kinds": [{"label": _("Of every kind"), "url": address(kind=""), "current": not kind}]
        + [{"label": str(label), "url": address(kind=name), "current": name == kind} for name, label in KINDS.items()],
        "all_url": f"{base}/read",
        "settings_url": f"{base_of(request)}/settings/notifications",
        "next_url": address(before=str(rows[-1].id)) if more else "",
        "kind": kind,
    }


@require_GET
def opened(request: HttpRequest, notification_id: Any) -> HttpResponse:
    """To the very place a notification tells of; it has been read then."""
    found = centre.mark(request.actor, notification_id, read=True)
    [line] = wording.lines(request.actor, [found])
    return HttpResponseRedirect(line.address or f"{base_of(request)}/notifications")


@require_POST
def mark(request: HttpRequest, notification_id: Any) -> HttpResponse:
    """Say that one was read, or is to be looked at again."""
    centre.mark(request.actor, notification_id, read=request.POST.get("read") != "0")
    return _again(request, "")


@require_POST
def mark_all(request: HttpRequest) -> HttpResponse:
    """Say that all (of one kind) were read."""
    centre.mark_all(request.actor, request.POST.get("kind", ""))
    return _again(request, _("All is read."))


@require_POST
def snooze(request: HttpRequest, notification_id: Any) -> HttpResponse:
    """Put one off until one of a few moments, by the person's own clock."""
    now, wanted = later.clock(request.actor), request.POST.get("until", "")
    name = wanted if later.moment_of(wanted, now) else "tomorrow"
    until = later.moment_of(name, now) or now
    try:
        centre.snooze(request.actor, notification_id, until)
    except Refused as refused:
        return _again(request, str(refused.problems[0].message))
    return _again(request, _("Snoozed: %(when)s.") % {"when": str(later.MOMENTS[name][0]).lower()})


def _again(request: HttpRequest, notice: str) -> HttpResponse:
    """The list as it is now."""
    if wants_part(request):
        answer = render(request, "parts/notifications.html", _context(request))
        return toast(answer, request, notice) if notice else answer
    address = f"{base_of(request)}/notifications"
    return said(request, address, notice) if notice else go(request, address)


@csrf_exempt  # a mail program sends no cookie and no token; the address itself is signed (RFC 8058)
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """No more mails of notifications, by the link of such a mail: asked first, done at once where it is posted."""
    found = letters.leaving(token)
    if found is None:
        return errors.not_found(request)
    workspace_id, user_id = found
    context: dict[str, Any] = {
        "title": _("No mails of notifications"),
        "heading": _("No mails of notifications"),
        "text": _("Stop e-mails about notifications from this workspace? You still see them in Trato."),
        "cancel_url": "/",
        "fields": [],
        "problems": [],
    }
    if request.method != "POST":
        return render(request, "entrance.html", context | {"action": request.path, "submit": _("Stop the e-mails")})
    with in_workspace(workspace_id):
        actor = telling.member(workspace_id, user_id)
        if actor is not None:
            wishes.no_mails(actor)
    text = _("You no longer get e-mails about notifications from this workspace. You can turn them on again in Trato.")
    return render(request, "entrance.html", context | {"text": text, "cancel": _("To the start")})
