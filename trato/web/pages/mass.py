"""What is done with many records of a list: ticked ones, or all that its filter and words find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, actions, history, jobs, mass, objects, search
from trato.engine.kinds import Typed
from trato.engine.models import Job
from trato.engine.objects import Field, Object
from trato.engine.values import Problem, Refused

from .. import forms, listing, words
from ..names import called, object_or_404
from ..respond import back, base_of, go, page, said
from .settings.frame import ask

#: What can be done with each chosen field, by the form's word for it.
SET, EMPTY, ADD, REMOVE = "set", "empty", "add", "remove"
MOST_FIELDS = 20
#: Titles of the records that were left, on the page of a run.
SHOWN = 100


@require_POST
def bulk(request: HttpRequest, plural: str) -> HttpResponse:
    """Ask what is still to be known, or do it: at once for a few records, as a job with a page of its own for many."""
    obj, name = object_or_404(request, plural), request.POST.get("action", "")
    if name == "merge":
        query = "&".join(f"id={access.as_uuid(each)}" for each in request.POST.getlist("id")[: mass.FEW])
        return go(request, f"{base_of(request)}/{obj.plural}/merge?{query}")
    known = actions.of(obj.plural).get(name)
    if known is None and name not in {"edit", "delete"}:
        raise Http404(name)
    if known is not None and not known.parameters:
        return _begin(request, obj, {"action": name})
    if name == "delete":
        return _begin(request, obj, {"delete": True})
    return _asked(request, obj, name)


def _asked(request: HttpRequest, obj: Object, name: str) -> HttpResponse:
    """The form of a change, and what it says when it is sent."""
    reader = access.reader(request.actor)
    writable = _writable(request, obj)
    if name == "edit":
        fields = {each: writable[each] for each in _chosen(request) if each in writable}
        change, problems = _edit(request, fields, reader)
    else:
        known = actions.of(obj.plural)[name]
        fields = {each: ask(each, words.parameter(each), kind) for each, kind in known.parameters.items()}
        given, problems = forms.read(request.POST, fields.values(), reader)
        change = {"action": name, "parameters": {each: fields[each].kind.dump(value) for each, value in given.items()}}
    if request.POST.get("do") == "1" and not problems and fields:
        try:
            return _begin(request, obj, change)
        except Refused as refused:
            problems = refused.problems
    return _form(request, obj, name, fields, problems if request.POST.get("do") == "1" else [])


def _writable(request: HttpRequest, obj: Object) -> dict[str, Field]:
    """What can be given to many records alike: nothing that is unique, and no file."""
    known = access.writable(request.actor, obj)
    return {name: field for name, field in known.items() if not field.unique and field.kind.name != "file"}


def _chosen(request: HttpRequest) -> list[str]:
    """The fields of the form so far, the one just added, without the one just taken out."""
    names = dict.fromkeys([*request.POST.getlist("field"), request.POST.get("more", "")])
    return [name for name in names if name and name != request.POST.get("without")][:MOST_FIELDS]


def _edit(request: HttpRequest, fields: Mapping[str, Field], reader: Any) -> tuple[dict[str, Any], list[Problem]]:
    change: dict[str, dict[str, Any]] = {SET: {}, ADD: {}, REMOVE: {}}
    filled = [field for name, field in fields.items() if request.POST.get(f"how-{name}") != EMPTY]
    given, problems = forms.read(request.POST, filled, reader)
    for name, field in fields.items():
        how = request.POST.get(f"how-{name}", SET)
        if how == EMPTY:
            change[SET][name] = field.kind.dump(field.kind.empty)
        elif name in given:
            change[how if how in {ADD, REMOVE} and field.kind.many else SET][name] = field.kind.dump(given[name])
    return change, problems


def _form(
    request: HttpRequest, obj: Object, name: str, fields: Mapping[str, Field], problems: list[Problem]
) -> HttpResponse:
    actor = request.actor
    typed = request.POST.getlist("field") if name == "edit" else list(fields) if "do" in request.POST else []
    given, _unread = forms.read(request.POST, fields.values(), access.reader(actor))
    reader = access.reader(actor, forms.refs_of(fields.values(), given))
    count = _count(request, obj)
    known = actions.of(obj.plural).get(name)
    one = called(obj).one if count == 1 else called(obj).many
    heading = f"{known.label if known else _('Change')}: {count:,} {one}"
    context = {
        "heading": heading,
        "action": request.get_full_path(),
        "name": name,
        "chosen": [("all", "1")] if request.POST.get("all") else [("id", each) for each in request.POST.getlist("id")],
        "back": _place(request, obj),
        "rows": [
            forms.row(
                field,
                Typed(request.POST) if each in typed else ([] if field.kind.many else field.kind.empty),
                reader,
                forms.errors_of(problems, each),
            )
            | {"how": request.POST.get(f"how-{each}", SET), "ways": _ways(field) if name == "edit" else []}
            for each, field in fields.items()
        ],
        "offered": [(each, field.label) for each, field in _writable(request, obj).items() if each not in fields]
        if name == "edit"
        else [],
        "problems": forms.summary(problems, fields),
        "undo": known.undo if known else _("All of it is undone in one step."),
    }
    crumbs = [(obj.label_plural, _place(request, obj))]
    return page(
        request,
        "mass/form.html",
        context,
        part="mass/form_part.html",
        title=heading,
        crumbs=crumbs,
        status=422 if problems else 200,
    )


def _ways(field: Field) -> list[tuple[str, str]]:
    ways = [(SET, _("becomes"))]
    if field.kind.many:
        ways = [(ADD, _("also gets")), (REMOVE, _("loses")), (SET, _("becomes"))]
    return ways if field.required else [*ways, (EMPTY, _("is emptied"))]


def _selection(request: HttpRequest, obj: Object) -> dict[str, Any]:
    """What was ticked, or everything the list finds, whose address this one carries on."""
    if not request.POST.get("all"):
        return {"ids": request.POST.getlist("id")}
    state = listing.state_of(request, obj)
    tree = listing.whole_filter(obj, state)
    if not state.words:
        return {"filter": tree}
    found = search.ids(request.actor, state.words, [obj], mass.MOST_TICKED).get(obj.plural, [])
    rows = mass.chosen(request.actor, obj, {"filter": tree}).filter(id__in=[record_id for record_id, _rank in found])
    return {"ids": [str(each) for each in rows.values_list("id", flat=True)]}


def _count(request: HttpRequest, obj: Object) -> int:
    return mass.chosen(request.actor, obj, _selection(request, obj)).count()


def _place(request: HttpRequest, obj: Object) -> str:
    """The list as it was."""
    said_so = request.GET.urlencode()
    return f"{base_of(request)}/{obj.plural}/" + (f"?{said_so}" if said_so else "")


def _begin(request: HttpRequest, obj: Object, change: Mapping[str, Any]) -> HttpResponse:
    """Do it: a toast with undo for a few, the page of the run for many."""
    with transaction.atomic():
        begun = mass.begin(request.actor, obj, _selection(request, obj), change)
    address = back(request, _place(request, obj))
    if isinstance(begun, Job):
        return go(request, f"{base_of(request)}/changes/{begun.id}")
    text = begun.count.words()
    if begun.count.reasons:
        text += " " + begun.count.reasons[0][1]
    return said(request, address, text, begun.batch if begun.count.done else None)


@require_GET
def run(request: HttpRequest, job_id: Any) -> HttpResponse:
    """A change of many records while it runs and when it is over."""
    job, actor = jobs.own(request.actor, job_id, "change"), request.actor
    obj, running = objects.get(job.arguments["plural"]), job.state in {"waiting", "running"}
    told = job.result.get("count", job.result)
    address, batch = f"{base_of(request)}/changes/{job.id}", job.arguments["batch"]
    refs = [each["record"] for each in told.get("records", [])][:SHOWN]
    reader = access.reader(actor, refs)
    refused = sum(told.get("refused", {}).values())
    context = {
        "run": {
            "url": address,
            "running": running,
            "failed": job.state == "failed",
            "state": _state(job),
            "done": job.done,
            "total": job.total,
            "message": job.message,
            "when": words.when(job.ended_at or job.created_at, reader),
            "who": str(request.user) if job.actor.get("user_id") == str(actor.user_id) else "",
        },
        "figures": [
            (_("Done"), told.get("done", 0)),
            (_("So already"), told.get("unchanged", 0)),
            (_("Left unchanged"), refused),
        ],
        "reasons": sorted(told.get("refused", {}).items(), key=lambda pair: -pair[1]),
        "left": [
            {"title": reader.titles[each["record"]], "url": f"{reader.base}/{each['record']}", "reason": each["reason"]}
            for each in told.get("records", [])[:SHOWN]
            if each["record"] in reader.titles
        ],
        "cancel_url": f"{address}/cancel" if running else "",
        "undo_url": f"{base_of(request)}/undo/{batch}" if not running and history.is_in_force(batch) else "",
        "list_url": f"{base_of(request)}/{obj.plural}/",
    }
    crumbs = [(obj.label_plural, f"{base_of(request)}/{obj.plural}/")]
    return page(request, "mass/run.html", context, title=job.label, crumbs=crumbs)


def _state(job: Job) -> str:
    return {
        "waiting": _("It begins in a moment"),
        "running": _("Under way"),
        "done": _("Done"),
        "failed": _("Failed"),
        "cancelled": _("Stopped"),
    }[job.state]


@require_POST
def cancel(request: HttpRequest, job_id: Any) -> HttpResponse:
    """Stop it: what is done stays done, and can be undone."""
    job = jobs.own(request.actor, job_id, "change")
    jobs.cancel(request.actor, job.id)
    return go(request, f"{base_of(request)}/changes/{job.id}")
