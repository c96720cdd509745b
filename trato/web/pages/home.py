"""The first pages: the way to the person's last workspace, and My day."""

from __future__ import annotations

from typing import Any

from babel.dates import format_date
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, seeding, seen, welcome
from trato.engine.kinds.datetime import zone_of
from trato.engine.kinds.locales import locale_of
from trato.engine.values import Refused
from trato.engine.workspaces.members import workspaces_of

from .. import first_steps, panels  # noqa: F401 - the steps register themselves
from ..respond import base_of, go, page, said, sign_in
from ..shell import NEW_WORKSPACE
from . import errors

NOTHING: dict[str, Any] = {
    "tasks": [],
    "tasks_url": "",
    "meetings": [],
    "meetings_url": "",
    "changed": [],
    "demo": None,
}


@require_GET
def root(request: HttpRequest) -> HttpResponse:
    """To the workspace the person was in last, else to their first."""
    if not request.user.is_authenticated:
        return sign_in(request)
    slugs = [workspace.slug for workspace in workspaces_of(request.user.id)]
    if not slugs and settings.TRATO_WORKSPACES_EACH:
        return HttpResponseRedirect(NEW_WORKSPACE)
    if not slugs:
        text = _("You are not a member of any workspace any more. Ask an administrator to invite you again.")
        return errors.answer(request, 403, _("No workspace"), text)
    last = request.session.get("workspace")
    return HttpResponseRedirect(f"/w/{last if last in slugs else slugs[0]}/")


@require_GET
def with_slash(request: HttpRequest) -> HttpResponse:
    """The addresses of workspaces and lists end with a slash."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{request.path}/{'?' if query else ''}{query}")


@require_GET
def alive(request: HttpRequest) -> HttpResponse:
    """Nothing, to a member who is signed in: whether the session holds, and the floor pages are measured against."""
    return HttpResponse()


@require_GET
def my_day(request: HttpRequest) -> HttpResponse:
    """What a person has to do today, and what they looked at last."""
    now = timezone.localtime(timezone.now(), zone_of(request.actor.time_zone))
    base = base_of(request)
    context = {
        "greeting": _greeting(now.hour) % {"name": str(request.user).split(" ")[0]},
        "today": format_date(now.date(), "full", locale=locale_of(access.reader(request.actor).language)),
        "seen": [
            {
                "title": row["title"],
                "url": f"{base}/{obj.plural}/{row['id']}",
                "icon": obj.icon,
                "label": obj.label,
                "avatar": obj.portrait,
            }
            for obj, row in seen.lately(request.actor)
        ],
        **NOTHING,
        "start": _first_steps(request, base),
        "first_again_url": f"{base}/welcome/hide",
        "demo": {"remove_url": f"{base}/demo/remove"} if _removable(request) else None,
        **panels.parts_of_today(request),
    }
    return page(request, "home.html", context, title=_("My day"))


def _first_steps(request: HttpRequest, base: str) -> dict[str, Any] | None:
    """What a person does first, by what they are here for."""
    found = welcome.checklist(request.actor)
    if found is None:
        return None
    return {
        "done": found.done,
        "persona": found.persona,
        "personas": list(welcome.PERSONAS.items()),
        "choose_url": f"{base}/welcome",
        "hide_url": f"{base}/welcome/hide",
        "steps": [
            {"label": one.label, "text": one.text, "url": f"{base}/{one.place}", "icon": one.icon, "done": done}
            for one, done in found.steps
        ],
    }


@require_POST
def choose_persona(request: HttpRequest) -> HttpResponse:
    """What the person does decides which first steps they see."""
    try:
        welcome.choose(request.actor, request.POST.get("persona", ""))
    except Refused as refused:
        return said(request, f"{base_of(request)}/", " ".join(str(p.message) for p in refused.problems), error=True)
    return go(request, f"{base_of(request)}/")


@require_POST
def hide_steps(request: HttpRequest) -> HttpResponse:
    """The first steps are shown no more, or (``hidden`` is 0) again."""
    welcome.hide(request.actor, hidden=request.POST.get("hidden") != "0")
    return go(request, f"{base_of(request)}/")


def _removable(request: HttpRequest) -> bool:
    return request.actor.workspace.is_demo and request.actor.rights.admin


@require_POST
def remove_demo(request: HttpRequest) -> HttpResponse:
    """Take the demo's records away, in the background."""
    started = seeding.remove(request.actor)
    text = _("The demo data is being removed.") if started else _("There is no demo data here any more.")
    return said(request, f"{base_of(request)}/", text)


def _greeting(hour: int) -> str:
    if hour < 12:
        return _("Good morning, %(name)s")
    return _("Good afternoon, %(name)s") if hour < 19 else _("Good evening, %(name)s")
