"""Which fields of a form are seen and needed, as what is typed makes it (``conditions``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from trato.engine import access, conditions, values
from trato.engine.kinds import Typed
from trato.engine.objects import Field, Object
from trato.engine.workspaces.actors import Actor

from .. import forms
from ..names import object_or_404


def _current(actor: Actor, obj: Object, record: Any) -> dict[str, Any]:
    return values.of_record(obj, record, obj.stored(actor.workspace)) if record else {}


def placed(actor: Actor, obj: Object, given: dict[str, Any], record: Any = None) -> dict[str, Any]:
    """Without what was typed into fields that have no place on such a record: the form hides them."""
    known = obj.stored(actor.workspace)
    if not conditions.ruled(known):
        return given
    unseen = conditions.unseen(known, _current(actor, obj, record) | given, access.reader(actor))
    return {name: value for name, value in given.items() if name not in unseen}


def of_form(
    actor: Actor, obj: Object, fields: Mapping[str, Field], shown: Any, record: Any
) -> tuple[set[str], set[str]]:
    """Which fields are not seen, and which are needed, for what stands in a form: Typed, or stored values by name."""
    reader, known = access.reader(actor), obj.stored(actor.workspace)
    typed = forms.read(shown.data, fields.values(), reader)[0] if isinstance(shown, Typed) else dict(shown)
    now = _current(actor, obj, record) | typed
    return conditions.unseen(known, now, reader), conditions.needed(known, now, reader)


def settle(sections: list[dict[str, Any]], unseen: set[str], needed: set[str]) -> None:
    """Hide the rows of a form that have no place on what stands in it, and mark those that are needed."""
    for row in (row for section in sections for row in section["fields"]):
        row["hidden"] = row["name"] in unseen and not row["errors"]
        row["required"] = row["required"] or row["name"] in needed


@require_POST
def answer(request: HttpRequest, plural: str) -> HttpResponse:
    """While a form is filled in: which of its fields are not seen, and which are needed. Nothing is written."""
    actor, obj = request.actor, object_or_404(request, plural)
    record = access.get(actor, obj, request.GET["record"]) if "record" in request.GET else None
    fields, named = access.writable(actor, obj), request.POST.get("only", "").split(",")
    sent = {name: field for name, field in fields.items() if name in named}
    unseen, needed = of_form(actor, obj, sent, Typed(request.POST), record)
    return JsonResponse({"unseen": sorted(unseen & fields.keys()), "needed": sorted(needed & fields.keys())})
