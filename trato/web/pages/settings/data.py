"""What is kept of data: the recycle bin, and background jobs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, custom, jobs

from ... import words
from ...respond import said
from .frame import administrators, settings_url, show

STATES = {
    "waiting": gettext_lazy("Waiting"),
    "running": gettext_lazy("Running"),
    "done": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
    "cancelled": gettext_lazy("Stopped"),
}
JOBS = 50

# -- jobs -----------------------------------------------------------------------------------------------------------


@administrators
@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    """What runs in the background, and what became of it."""
    address, state = settings_url(request, "jobs"), request.GET.get("state", "")
    state = state if state in STATES else ""
    found, more = jobs.listed(request.actor, state, request.GET.get("before", ""), JOBS)
    reader = access.reader(request.actor, {f"users/{row.actor.get('user_id')}" for row in found})
    asked = f"state={state}&" if state else ""
    context = {
        "jobs": [_job(request, row, reader, address) for row in found],
        "running": any(row.state in ("waiting", "running") for row in found),
        "filters": [
            {
                "label": label,
                "url": f"{address}?state={name}" if name else address,
                "current": name == state,
                "count": None,
            }
            for name, label in words.named(STATES, ("", _("All")))
        ],
        "previous_url": address if request.GET.get("before") else "",
        "next_url": f"{address}?{asked}before={found[-1].id}" if more else "",
    }
    return show(request, "jobs", _("Jobs"), context, text=_("Imports, exports and other long work."))


def _job(request: HttpRequest, row: Any, reader: Any, address: str) -> dict[str, Any]:
    took = (row.ended_at - row.started_at).total_seconds() if row.ended_at and row.started_at else None
    return {
        "label": row.label,
        "name": row.name,
        "state": row.state,
        "state_label": str(STATES.get(row.state, row.state)),
        "done": row.done,
        "total": row.total,
        "message": row.message,
        "attempts": row.attempts,
        "who": reader.titles.get(f"users/{row.actor.get('user_id')}", "Trato"),
        "when": words.when(row.started_at or row.created_at, reader),
        "took": "" if took is None else ngettext("%(n)s second", "%(n)s seconds", round(took)) % {"n": round(took)},
        "cancel_url": f"{address}/{row.id}/cancel" if row.state in ("waiting", "running") else "",
        "retry_url": f"{address}/{row.id}/retry" if row.state in ("failed", "cancelled") else "",
        "url": _about(request, row),
    }


def _about(request: HttpRequest, row: Any) -> str:
    """The page of what a job works on, "" for none."""
    if row.name != custom.UNIQUE:
        return ""
    return settings_url(request, f"fields/{row.arguments['object']}/{row.arguments['name']}/unique")


@administrators
@require_POST
def job_turn(request: HttpRequest, job_id: Any, turn: str) -> HttpResponse:
    """Stop a job, or try one again."""
    done = jobs.cancel(request.actor, job_id) if turn == "cancel" else jobs.retry(request.actor, job_id)
    text = {
        ("cancel", True): _("The job stops at its next step."),
        ("retry", True): _("The job is tried again."),
    }.get((turn, done), _("The job had ended already."))
    return said(request, settings_url(request, "jobs"), text)
