"""Cards of a board are moved by changing the field of its columns; administrators say what a column asks for."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trato.engine import access, actions, gatekeeping, gates, history
from trato.engine.actions import Conflict
from trato.engine.boards import BadBoard
from trato.engine.kinds import Invalid, Typed
from trato.engine.objects import Field, Object
from trato.engine.values import Problem, Refused

from .. import forms, listing
from ..names import labels, object_or_404
from ..respond import base_of, toast
from .boards import Board, one


@require_POST
def move(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """Move a card to the column ``to`` by an update of the field ``by``. Answers the card; 422 with a form where fields
    are needed there, 409 where somebody moved it meanwhile.
    """
    actor, obj = request.actor, object_or_404(request, plural)
    fields = access.fields(actor, obj)
    state = listing.state_of(request, obj)
    try:
        shown = Board.of(request, obj, fields, state, f"{base_of(request)}/{obj.plural}/")
        given = _moved(request, shown, fields)
        with history.batch() as batch:
            record = update_moved(request, obj, record_id, given)
    except BadBoard as problem:
        return HttpResponse(str(problem), status=400, content_type="text/plain")
    except Refused as refused:
        return _refused(request, obj, fields, refused.problems)
    except Conflict as conflict:
        words = _("%(who)s moved this meanwhile. The board shows where it is now.")
        who = conflict.entries[-1].actor_name if conflict.entries else _("Somebody")
        return HttpResponse(words % {"who": who}, status=409, content_type="text/plain")
    answer = one(request, shown, str(record.id))
    return toast(answer, request, _("“%(title)s” was moved.") % {"title": record.title or obj.label}, batch.id)


def _moved(request: HttpRequest, shown: Board, fields: dict[str, Field]) -> dict[str, Any]:
    """The values a move sets: that of the column, and those of the fields the dialog asked for. Raises Refused."""
    asked = [fields[name] for name in request.POST.getlist("ask") if name in fields and name != shown.by.name]
    given, problems = forms.read(request.POST, asked, access.reader(request.actor))
    to = request.POST.get("to", "")
    try:
        given[shown.by.name] = shown.by.kind.clean(to or None, access.reader(request.actor))
    except Invalid as problem:
        problems.append(Problem(shown.by.name, problem.code, str(problem)))
    if problems:
        raise Refused(problems)
    return given


def update_moved(request: HttpRequest, obj: Object, record_id: Any, given: dict[str, Any]) -> Any:
    """Write the move; what others changed meanwhile stays, unless they moved it too. Raises Conflict, Refused."""
    text = request.POST.get("version", "")
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    try:
        return actions.update(request.actor, obj, record_id, given, version=version)
    except Conflict as conflict:
        if any(set(entry.changes) & set(given) for entry in conflict.entries) or not conflict.entries:
            raise
        return actions.update(request.actor, obj, record_id, given, version=conflict.record.version)


def _refused(request: HttpRequest, obj: Object, fields: dict[str, Field], problems: list[Problem]) -> HttpResponse:
    """What is needed to enter the column, to be filled in at once; of all else only what is wrong."""
    writable = access.writable(request.actor, obj)
    asked = [fields[name] for name in request.POST.getlist("ask") if name in writable]
    asked += [fields[p.field] for p in problems if p.code == "required" and p.field in writable]
    asked = list({field.name: field for field in asked}.values())
    if not asked or any(problem.field not in writable for problem in problems):
        said = labels(request.actor, obj)
        lines = [f"{said[p.field]}: {p.message}" if p.field in fields else str(p.message) for p in problems]
        return HttpResponse("\n".join(lines), status=400, content_type="text/plain")
    again = set(request.POST.getlist("ask"))
    reader = access.reader(request.actor)
    rows = [
        forms.row(
            field,
            Typed(request.POST) if field.name in again else [] if field.kind.many else field.kind.empty,
            reader,
            forms.errors_of(problems, field.name) if field.name in again else (),
            prefix="gate-",
        )
        for field in asked
    ]
    return render(request, "parts/gate_asks.html", {"fields": rows}, status=422)


def gate(request: HttpRequest, plural: str) -> HttpResponse:
    """The form of what a column asks for, in a dialog; posted, it is set."""
    obj = object_or_404(request, plural)
    if not request.actor.rights.admin:
        raise Http404("gate")
    data = request.POST if request.method == "POST" else request.GET
    by, value, problems = data.get("by", ""), data.get("value", ""), []
    if request.method == "POST":
        days = data.get("stale_days", "").strip()
        try:
            if days and not (days.isascii() and days.isdigit() and len(days) < 7):
                raise Refused([Problem("stale_days", "number", _("Give a whole number of days."))])
            needed, limit = data.getlist("needed"), int(days) if days else None
            gatekeeping.set_gate(request.actor, obj, by, value, needed=needed, stale_days=limit)
            return HttpResponse(status=204)
        except Refused as refused:
            problems = refused.problems
    known = gates.of(obj).get(by, {}).get(value)
    fields = access.writable(request.actor, obj)
    chosen = data.getlist("needed") if problems else known.required if known else []
    context = {
        "action": f"{base_of(request)}/{obj.plural}/gate",
        "by": by,
        "value": value,
        "choices": [
            {"name": name, "label": field.label, "chosen": name in chosen}
            for name, field in fields.items()
            if name != by
        ],
        "stale_days": data.get("stale_days", "") if problems else known.stale_days or "" if known else "",
        "problems": [str(problem.message) for problem in problems],
    }
    return render(request, "parts/gate.html", context, status=422 if problems else 200)
