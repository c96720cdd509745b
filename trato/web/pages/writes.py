"""Writes that need no form of fields: delete, restore, undo, pin."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trato.engine import access, actions, history, jobs, timeline, undo
from trato.engine.values import Refused

from .. import moments
from ..names import object_or_404
from ..respond import back, base_of, go, said, wants_part


@require_POST
def delete(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """Put a record into the recycle bin."""
    obj = object_or_404(request, plural)
    with history.batch() as batch:
        record = actions.delete(request.actor, obj, record_id)
    text = _("“%(title)s” was deleted.") % {"title": access.title(request.actor, obj, record)}
    return said(request, back(request, f"{base_of(request)}/{obj.plural}/"), text, batch.id)


@require_POST
def restore(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """Bring a record back from the recycle bin."""
    obj = object_or_404(request, plural)
    address = f"{base_of(request)}/{obj.plural}/{access.as_uuid(record_id)}"
    try:
        with transaction.atomic(), history.batch() as batch:
            record = actions.restore(request.actor, obj, record_id)
    except Refused as refused:
        return _refused(request, back(request, address), refused)
    text = _("“%(title)s” is back.") % {"title": access.title(request.actor, obj, record)}
    return said(request, back(request, address), text, batch.id)


@require_POST
def take_back(request: HttpRequest, batch_id: Any) -> HttpResponse:
    """Undo one batch of writes: a small one whole or not at all, a large one in the background."""
    address = _where_from(request)
    done = f"{base_of(request)}/activity/{access.as_uuid(batch_id)}"
    try:
        with transaction.atomic():
            begun = undo.begin(request.actor, batch_id)
    except Refused as refused:
        # From the list of what was done to the page that names, and leads to, what is in the way.
        on_list = address.partition("?")[0] == f"{base_of(request)}/activity"
        return _refused(request, done if on_list else address, refused)
    if isinstance(begun, UUID):
        return said(request, address, _("Undone."), begun)
    return said(request, done, _("This is much: it is being undone in the background."))


@require_POST
def stop_undo(request: HttpRequest, job_id: Any) -> HttpResponse:
    """Stop the undo of a large batch: what is undone stays so."""
    job = jobs.own(request.actor, job_id)
    batch = job.arguments.get("batch_id")
    if batch is None:
        raise access.Absent(str(job_id))
    jobs.cancel(request.actor, job.id)
    return go(request, f"{base_of(request)}/activity/{batch}")


def _where_from(request: HttpRequest) -> str:
    """The page of this workspace the button was on; a record that was just un-created has no page, so its list."""
    otherwise = f"{base_of(request)}/"
    referrer = request.headers.get("Referer", "")
    origin = f"{request.scheme}://{request.get_host()}"
    inside = referrer.startswith(origin + otherwise)
    return referrer.removeprefix(origin) if inside else otherwise


def _refused(request: HttpRequest, address: str, refused: Refused) -> HttpResponse:
    """Back to the page, with why nothing was done."""
    messages.error(request, " ".join(str(problem.message) for problem in refused.problems))
    return go(request, address)


@require_POST
def pin(request: HttpRequest, plural: str, record_id: Any, moment_id: Any) -> HttpResponse:
    """Pin an entry of a timeline, or let it go; answers the timeline."""
    obj = object_or_404(request, plural)
    on = request.GET.get("on") != "0"
    timeline.pin(request.actor, obj, record_id, moment_id, on=on)
    if wants_part(request):
        context = moments.context(request, obj, access.get(request.actor, obj, record_id))
        return render(request, "parts/timeline.html", context)
    return go(request, f"{base_of(request)}/{obj.plural}/{record_id}")
