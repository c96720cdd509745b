"""The recycle bin: what was deleted is brought back, or deleted for good."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, destroying, jobs
from trato.engine.destroying import MOST
from trato.engine.models import Job
from trato.engine.objects import Object
from trato.engine.values import Problem, Refused

from ... import words
from ...names import called
from ...respond import base_of, go, said
from .frame import fail, may_restore, settings_url, show

#: Records the page lists.
LISTED = 100


def _object(request: HttpRequest, plural: str) -> Object:
    known = may_restore(request)
    if not known:
        raise access.Forbidden(plural or "records", "delete")
    if plural and all(one.plural != plural for one in known):
        raise Http404(plural)
    return next((one for one in known if one.plural == plural), known[0])


@require_GET
def recycle_bin(request: HttpRequest, plural: str = "") -> HttpResponse:
    """What was deleted and can be restored, or deleted for good, the latest first."""
    obj = _object(request, plural)
    place, base = settings_url(request, "bin"), f"{base_of(request)}/{obj.plural}"
    deleted = destroying.in_bin(request.actor, obj).order_by("-deleted_at", "-id")
    found = list(deleted.values("id", "title", "deleted_at")[: LISTED + 1])
    reader = access.reader(request.actor)
    context = {
        "tabs": [
            {"label": one.label_plural, "url": f"{place}/{one.plural}", "current": one is obj, "count": None}
            for one in may_restore(request)
        ],
        "rows": [
            {
                "id": str(row["id"]),
                "title": row["title"] or str(obj.label),
                "url": f"{base}/{row['id']}",
                "when": words.when(row["deleted_at"], reader),
                "restore_url": f"{base}/{row['id']}/restore",
            }
            for row in found[:LISTED]
        ],
        "more": len(found) > LISTED,
        "destroy_url": f"{place}/{obj.plural}/destroy",
        "job": _job(request, obj),
    }
    return show(request, "bin", _("Recycle bin"), context, text=_keeping(request))


def _keeping(request: HttpRequest) -> str:
    days = request.actor.workspace.bin_days
    if not days:
        return _("Deleted records, the latest first. They stay until somebody deletes them for good.")
    text = ngettext(
        "Deleted records, the latest first. After %(n)s day they are deleted for good.",
        "Deleted records, the latest first. After %(n)s days they are deleted for good.",
        days,
    )
    return text % {"n": f"{days:,}"}


def _job(request: HttpRequest, obj: Object) -> dict[str, Any] | None:
    """The last emptying of this bin, while it runs and when it is over."""
    job = destroying.running(request.actor, obj.plural)
    if job is None:
        return None
    place = settings_url(request, f"bin/{obj.plural}")
    running = job.state in ("waiting", "running")
    return {
        "running": running,
        "failed": job.state == "failed",
        "done": job.done,
        "total": job.total,
        "message": job.message,
        "when": words.when(job.ended_at or job.created_at, access.reader(request.actor)),
        "url": place,
        "cancel_url": f"{place}/destroy/{job.id}/cancel" if running else "",
    }


@require_POST
def destroy(request: HttpRequest, plural: str) -> HttpResponse:
    """Ask, naming the number, and then delete for good what was ticked, or the whole bin."""
    obj, place = _object(request, plural), f"bin/{plural}"
    everything = bool(request.POST.get("all"))
    ids = None if everything else list(dict.fromkeys(request.POST.getlist("id")))[: MOST + 1]
    rows = destroying.in_bin(request.actor, obj)
    if ids is not None:
        rows = rows.filter(id__in=[access.as_uuid(each) for each in ids])
    count = rows.count()
    if not count:
        return fail(request, place, Refused([Problem("", "none", _("Tick the records first."))]))
    if request.POST.get("sure") != "1":
        return _asked(request, obj, ids, count)
    try:
        begun = destroying.begin(request.actor, obj, ids)
    except Refused as refused:
        return fail(request, place, refused)
    if isinstance(begun, Job):
        return go(request, settings_url(request, place))
    text = ngettext("%(n)s record was deleted for good.", "%(n)s records were deleted for good.", begun.count)
    return said(request, settings_url(request, place), text % {"n": f"{begun.count:,}"})


def _asked(request: HttpRequest, obj: Object, ids: list[str] | None, count: int) -> HttpResponse:
    name = called(obj).one if count == 1 else called(obj).many
    context = {
        "action": settings_url(request, f"bin/{obj.plural}/destroy"),
        "chosen": [("all", "1")] if ids is None else [("id", each) for each in ids],
        "cancel_url": settings_url(request, f"bin/{obj.plural}"),
        "button": _("Delete %(n)s for good") % {"n": f"{count:,}"},
    }
    heading = _("Delete %(n)s %(what)s for good?") % {"n": f"{count:,}", "what": name}
    return show(request, "destroy", heading, context)


@require_POST
def cancel(request: HttpRequest, plural: str, job_id: Any) -> HttpResponse:
    """Stop an emptying: what is gone stays gone."""
    job = jobs.own(request.actor, job_id, "delete for good")
    jobs.cancel(request.actor, job.id)
    return go(request, settings_url(request, f"bin/{_object(request, plural).plural}"))
