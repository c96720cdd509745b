"""Beside a deal: how long it stood where, what is made sure of, and how likely it is won."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup

from trato.engine import access, gates, objects
from trato.web.panels import panel
from trato.web.words import when

from ..queries import deals as queries
from ..queries import ways as ways_queries
from .chances import verdict_of


def lasted(span: timedelta) -> str:
    """How long something lasted, in days, or hours of the first day."""
    if span < timedelta(days=1):
        hours = int(span.total_seconds() // 3600)
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s day", "%(n)s days", span.days) % {"n": f"{span.days:,}"}


@panel("deals")
def stages(request: HttpRequest, record: Any) -> Markup | None:
    """Where the deal stood when and for how long, and the checklist of its stage."""
    actor = request.actor
    if not {"stage", "checked"} <= access.fields(actor, objects.get("deals")).keys():
        return None
    reader, now = access.reader(actor), timezone.now()
    visits = queries.visits(record.id)
    limits = gates.staleness(objects.get("deals"), "stage")
    quiet = queries.quiet_since(record, now)
    limit = limits.get(str(record.stage_id)) if record.status == "open" else None
    address = f"{reader.base}/deals/{record.id}/tick"
    may = access.visible(actor, objects.get("deals"), "change").filter(id=record.id).exists()
    context = {
        "visits": [
            {
                "stage": visit.stage.name,
                "lasted": lasted((visit.left_at or now) - visit.entered_at),
                "since": when(visit.entered_at, reader),
                "by": visit.by_name,
                "is_now": visit.left_at is None,
            }
            for visit in visits[::-1]
        ],
        "stale": _("Nothing happened for %(time)s.") % {"time": lasted(now - quiet)}
        if limit and now - quiet > timedelta(days=limit)
        else "",
        "points": [
            {"id": str(point), "words": words, "done": f"stage-checks/{point}" in record.checked}
            for point, words in ways_queries.checks_of(record.stage_id)
        ],
        "tick_url": address if may else "",
        "back": f"{reader.base}/deals/{record.id}",
    }
    return _rendered("sales/stages.html", context, request) if visits else None


@panel("deals")
def chance(request: HttpRequest, record: Any) -> Markup | None:
    """How likely the deal is won, and what speaks for and against it."""
    if record.status != "open" or "chance" not in access.fields(request.actor, objects.get("deals")):
        return None
    base = access.reader(request.actor).base
    context = verdict_of(request.actor, record) | {"chances_url": f"{base}/sales/chances"}
    return _rendered("sales/chance.html", context, request)


def _rendered(template: str, context: dict[str, Any], request: HttpRequest) -> Markup:
    return Markup(render_to_string(template, context, request))  # noqa: S704 - templates of ours, escaped there
