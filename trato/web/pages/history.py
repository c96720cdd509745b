"""Who changed what in a record, with undo."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from trato.engine import access, history, undo

from .. import words
from ..changes import named_changes, refs_of_change
from ..names import object_or_404
from ..respond import base_of, page, undo_url

ENTRIES = 50


@require_GET
def listed(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """Every write of a record, newest first; of those the person may undo each has its button."""
    actor, obj = request.actor, object_or_404(request, plural)
    record = access.get(actor, obj, record_id)
    rows = history.of_record(actor, obj, record.id)
    before = request.GET.get("before", "")
    if before:
        rows = rows.filter(id__lt=access.as_uuid(before))
    entries = list(rows[: ENTRIES + 1])
    more, entries = len(entries) > ENTRIES, entries[:ENTRIES]
    fields = access.fields(actor, obj)
    reader = access.reader(actor, {ref for entry in entries for ref in refs_of_change(fields, entry)})
    title, address = access.title(actor, obj, record), f"{base_of(request)}/{obj.plural}/{record.id}"
    context = {
        "heading": title,
        "record_url": address,
        "entries": [
            {
                "when": words.when(entry.at, reader),
                "who": entry.actor_name,
                "face": words.face(entry.face),
                "source": "" if entry.face == "undo" else entry.source.partition(":")[2] or entry.source,
                "what": words.write(entry.action),
                "changes": named_changes(fields, entry, reader),
                "undo_url": undo_url(request, entry.batch_id) if undo.may_undo(actor, entry) else "",
                "undone": entry.undone_at is not None,
            }
            for entry in entries
        ],
        "previous_url": f"{address}/history" if before else "",
        "next_url": f"{address}/history?before={entries[-1].id}" if more else "",
    }
    crumbs = [(obj.label_plural, f"{base_of(request)}/{obj.plural}/"), (title, address)]
    return page(request, "history.html", context, title=_("History"), crumbs=crumbs)
