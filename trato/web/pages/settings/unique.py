"""Whether a field of one's own is unique: how far the look through its records came, and which share a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, custom, jobs
from trato.engine.models import Job
from trato.engine.objects import Object

from ... import words
from ...names import object_or_404
from ...respond import base_of, go
from .frame import administrators, settings_url, show

RUNNING = ("waiting", "running")


def place_of(request: HttpRequest, obj: Object, name: str) -> str:
    """The address of the page."""
    return settings_url(request, f"fields/{obj.plural}/{name}/unique")


def is_running(job: Job | None) -> bool:
    """Whether the look is under way."""
    return job is not None and job.state in RUNNING


def shared_values(request: HttpRequest, found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Values that several records hold, with links to those the person may see: [{value, records: [{title, url}]}]."""
    found = list(found)
    reader = access.reader(request.actor, [ref for each in found for ref in each["records"]])
    base = base_of(request)
    return [
        {
            "value": each["value"],
            "records": [
                {"title": reader.titles[ref], "url": f"{base}/{ref}"} for ref in each["records"] if ref in reader.titles
            ],
        }
        for each in found
    ]


@administrators
@require_GET
def page(request: HttpRequest, plural: str, name: str) -> HttpResponse:
    """The last look through the records of a field."""
    obj, job = _job(request, plural, name)
    place, running = place_of(request, obj, name), is_running(job)
    told = {
        "running": running,
        "failed": job.state != "done",
        "done": job.done,
        "total": job.total,
        "message": _said(job),
        "when": words.when(job.ended_at or job.created_at, access.reader(request.actor)),
        "url": place,
        "cancel_url": f"{place}/stop" if running else "",
    }
    again = "" if running or job.state == "done" else f"{place}/again"
    shared = shared_values(request, job.result.get("shared", {}).values())
    back = settings_url(request, f"fields/{obj.plural}")
    crumbs = [(_("Settings"), f"{base_of(request)}/settings"), (obj.label_plural, back)]
    context = {"job": told, "again_url": again, "shared": shared}
    return show(request, "unique", job.label, context, crumbs=crumbs)


def _said(job: Job) -> str:
    if job.state == "done":
        return _("The field is unique.")
    if job.state == "cancelled":
        return _("Stopped. The field is not unique.")
    return job.message


def _job(request: HttpRequest, plural: str, name: str) -> tuple[Object, Job]:
    obj = object_or_404(request, plural)
    job = custom.last_job(obj, name)
    if job is None:
        raise access.Absent(name[:80])
    return obj, job


@administrators
@require_POST
def stop(request: HttpRequest, plural: str, name: str) -> HttpResponse:
    """Stop the look: the field stays as it was."""
    obj, job = _job(request, plural, name)
    jobs.cancel(request.actor, job.id)
    return go(request, place_of(request, obj, name))


@administrators
@require_POST
def again(request: HttpRequest, plural: str, name: str) -> HttpResponse:
    """Look once more, after the shared values were changed."""
    obj, job = _job(request, plural, name)
    if not is_running(job):
        custom.change(request.actor, obj, name, {"unique": True})
    job = custom.last_job(obj, name) or job
    return go(request, place_of(request, obj, name) if is_running(job) else settings_url(request, f"fields/{plural}"))
