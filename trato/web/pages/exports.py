"""Exports: what a list shows, streamed; or everything of an object, made in the background."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from trato.engine import access, objects
from trato.engine.exports import runs
from trato.engine.objects import Object
from trato.engine.values import Refused

from .. import listing, words
from ..names import object_or_404
from ..respond import base_of, page, said
from . import errors
from .imports import STATES

FORMATS = {
    "csv": ("CSV", gettext_lazy("For any program; opens in spreadsheets.")),
    "xlsx": ("Excel", gettext_lazy("A workbook with one sheet.")),
    "ndjson": ("NDJSON", gettext_lazy("For programs: one record a line, every value whole.")),
    "vcard": ("vCard", gettext_lazy("For address books on phones and computers.")),
}


def formats_of(obj: Object) -> dict[str, str]:
    """The formats an object's records can be written in, with their names."""
    known = "emails" in obj.builtin
    return {name: label for name, (label, _help) in FORMATS.items() if name != "vcard" or known}


@require_GET
def streamed(request: HttpRequest, plural: str) -> HttpResponse:
    """Exactly what a list shows, with all its pages, as a file."""
    actor, obj = request.actor, object_or_404(request, plural)
    state = listing.state_of(request, obj)
    known = access.fields(actor, obj)
    shown = [field.name for field in listing.columns_of(actor, known, obj, state)]
    chosen = request.GET.get("format", "csv")
    try:
        plan = runs.plan(
            actor,
            obj,
            chosen,
            fields=None if chosen == "vcard" else ["id", *shown],
            filter=listing.whole_filter(obj, state),
            order=state.sort,
            narrow=listing.narrow_by_words(actor, obj, state),
        )
    except Refused as refused:
        return errors.bad_request(request, " ".join(str(problem.message) for problem in refused.problems))
    response = StreamingHttpResponse(runs.stream(plan), content_type=plan.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{plan.file_name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def whole(request: HttpRequest) -> HttpResponse:
    """Everything of an object, made in the background; and the files made before."""
    actor, address = request.actor, f"{base_of(request)}/export"
    offered = [obj for obj in objects.all_objects() if obj.exportable and actor.rights.may(obj.plural, "export")]
    if not offered:
        raise access.Forbidden("records", "export")
    data = request.POST if request.method == "POST" else request.GET
    obj = next((one for one in offered if one.plural == data.get("object")), offered[0])
    chosen = data.get("format", "csv")
    if request.method == "POST":
        try:
            runs.start(actor, obj, chosen)
            return said(request, address, _("The export is being made; the file appears here."))
        except Refused as refused:
            return said(request, address, " ".join(str(p.message) for p in refused.problems), error=True)
    reader = access.reader(actor)
    context = {
        "action": address,
        "objects": [
            {"plural": one.plural, "label": one.label_plural, "icon": one.icon, "current": one is obj}
            for one in offered
        ],
        "formats": [
            {"name": name, "label": label, "help": text, "current": name == chosen}
            for name, (label, text) in FORMATS.items()
        ],
        "runs": [_listed(request, run, reader) for run in runs.listed(actor)[:20]],
    }
    return page(request, "export.html", context, title=_("Export"))


def _listed(request: HttpRequest, run: Any, reader: Any) -> dict[str, Any]:
    label = str(objects.get(run.object).label_plural) if objects.is_known(run.object) else run.object
    return {
        "object_label": label,
        "format_label": FORMATS.get(run.format, (run.format,))[0],
        "when": words.when(run.created_at, reader),
        "who": str(run.user or ""),
        "state": run.state,
        "state_label": str(STATES.get(run.state, run.state)),
        "rows": run.rows,
        "url": f"{base_of(request)}/download/{run.file_id}" if run.file_id else "",
    }
