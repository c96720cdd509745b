"""Writes that need no form of fields: delete, restore, undo, pin, and actions on the rows ticked in a list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from trato.engine import access, actions, history, timeline, undo
from trato.engine.values import Refused

from .. import moments
from ..names import object_or_404
from ..respond import back, base_of, go, said, wants_part

MOST_TICKED = 500


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
    try:
        with transaction.atomic():
            begun = undo.begin(request.actor, batch_id)
    except Refused as refused:
        return _refused(request, address, refused)
    if isinstance(begun, UUID):
        return said(request, address, _("Undone."), begun)
    return said(request, address, _("This is much: it is being undone in the background."))


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


@require_POST
def bulk(request: HttpRequest, plural: str) -> HttpResponse:
    """One action on the rows ticked, as one batch; rows the person may not change are left and counted."""
    obj, name = object_or_404(request, plural), request.POST.get("action", "")
    if name == "merge":
        query = "&".join(f"id={access.as_uuid(each)}" for each in request.POST.getlist("id")[:MOST_TICKED])
        return go(request, f"{base_of(request)}/{obj.plural}/merge?{query}")
    known = actions.of(obj.plural).get(name)
    if name != "delete" and (known is None or known.parameters):
        raise Http404(name)
    done = left = 0
    with history.batch() as batch:
        for record_id in request.POST.getlist("id")[:MOST_TICKED]:
            try:
                with transaction.atomic():
                    if name == "delete":
                        actions.delete(request.actor, obj, record_id)
                    else:
                        actions.run(request.actor, obj, name, record_id, {})
                done += 1
            except (access.Absent, access.Forbidden, Refused):
                left += 1
    text = ngettext("%(n)s record done.", "%(n)s records done.", done) % {"n": done}
    if left:
        text += " " + ngettext(
            "%(n)s could not be changed and is as it was.", "%(n)s could not be changed and are as they were.", left
        ) % {"n": left}
    address = back(request, f"{base_of(request)}/{obj.plural}/")
    return said(request, address, text, batch.id if done else None)
