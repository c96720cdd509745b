"""The import wizard: choose a file, say where its columns go, follow it, take it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, objects
from trato.engine.imports import preview, runs
from trato.engine.imports.rows import NAME, NAME_PARTS
from trato.engine.kinds import Text
from trato.engine.models import ImportRun
from trato.engine.objects import Object
from trato.engine.postgres.scope import in_workspace
from trato.engine.values import Problem, Refused

from .. import forms, words
from ..respond import base_of, go, page, said
from . import import_questions
from .settings.frame import ask

STATES = {
    "draft": gettext_lazy("Not started"),
    "waiting": gettext_lazy("Waiting"),
    "running": gettext_lazy("Running"),
    "done": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
    "cancelled": gettext_lazy("Stopped"),
    "undoing": gettext_lazy("Being undone"),
    "undone": gettext_lazy("Undone"),
    "partly": gettext_lazy("Undone in part"),
    "expired": gettext_lazy("Expired"),
}
ACCEPTED = ".csv,.tsv,.txt,.xlsx,.vcf,.vcard,.ndjson,.jsonl,.json"
OUTCOMES = {
    "created": ("create", "good", gettext_lazy("new")),
    "updated": ("update", "info", gettext_lazy("updated")),
    "unchanged": ("", "info", gettext_lazy("unchanged")),
    "skipped": ("skip", "warning", gettext_lazy("skipped")),
    "failed": ("fail", "danger", gettext_lazy("refused")),
}
ON_MATCH = {
    "update": (
        gettext_lazy("Overwrite"),
        gettext_lazy("What the file says replaces what is there; empty cells change nothing."),
    ),
    "fill": (gettext_lazy("Fill in"), gettext_lazy("Only what is still empty is filled in.")),
    "skip": (gettext_lazy("Leave as it is"), gettext_lazy("The row of the file is passed over.")),
}
PREVIEWED, PROBLEMS = 20, 50


def _importable(request: HttpRequest) -> list[Object]:
    actor = request.actor
    return [obj for obj in objects.all_objects() if obj.importable and actor.rights.may(obj.plural, "import")]


def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; posted, it is kept and looked at, and nothing is written yet."""
    offered = _importable(request)
    if not offered:
        raise access.Forbidden("records", "import")
    chosen = request.POST.get("object") or request.GET.get("object") or "contacts"
    obj = next((one for one in offered if one.plural == chosen), offered[0])
    error = ""
    if request.method == "POST":
        sent = request.FILES.get("file")
        try:
            if sent is None:
                raise Refused([Problem("file", "required", _("Choose a file first."))])
            with transaction.atomic():
                run = runs.draft(request.actor, obj, sent.name or "", sent)
            return go(request, f"{base_of(request)}/import/{run.id}")
        except Refused as refused:
            error = " ".join(str(problem.message) for problem in refused.problems)
    reader = access.reader(request.actor)
    context = {
        "action": f"{base_of(request)}/import",
        "objects": [
            {"plural": one.plural, "label": one.label_plural, "icon": one.icon, "current": one is obj}
            for one in offered
        ],
        "accept": ACCEPTED,
        "limit": f"{runs.LARGEST // 2**30} GB",
        "error": error,
        "runs": [_listed(request, run, reader) for run in runs.listed(request.actor).select_related("user")[:20]],
    }
    return page(request, "import/upload.html", context, title=_("Import"), status=422 if error else 200)


def _listed(request: HttpRequest, run: ImportRun, reader: Any) -> dict[str, Any]:
    return {
        "file_name": run.file_name,
        "url": f"{base_of(request)}/import/{run.id}",
        "object_label": _label(run),
        "when": words.when(run.created_at, reader),
        "who": str(run.user or ""),
        "state": run.state,
        "state_label": str(STATES.get(run.state, run.state)),
        **{name: getattr(run, name) for name in OUTCOMES},
    }


def _label(run: ImportRun) -> str:
    return str(objects.get(run.object).label_plural) if objects.is_known(run.object) else run.object


def one(request: HttpRequest, run_id: Any) -> HttpResponse:
    """A draft's columns and preview, or how far a started import is."""
    run = runs.get(request.actor, run_id)
    if run.state != "draft":
        return _followed(request, run)
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            if _read_differently(request, run):
                return _mapping(request, run, [])
            _fix(request, run)
            if "preview" in request.POST:
                runs.choose(request.actor, run, **_decisions(request, run))
            else:
                with transaction.atomic():
                    runs.start(request.actor, run, **_decisions(request, run))
                return go(request, f"{base_of(request)}/import/{run.id}")
        except Refused as refused:
            problems = refused.problems
            run.mapping = _columns(request, run)
    return _mapping(request, run, problems)


def _columns(request: HttpRequest, run: ImportRun) -> dict[str, str]:
    """Column -> target, as chosen in the form."""
    return {
        name: request.POST.get(f"column-{n}", run.mapping.get(name, "")) for n, name in enumerate(run.format["header"])
    }


def _decisions(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    data = request.POST
    return {
        "mapping": _columns(request, run),
        "match": data.getlist("match"),
        "on_match": data.get("on_match", "update"),
        "create_links": "create_links" in data,
        **{
            name: data[name].replace(import_questions.AS_FOUND, "")
            for name in ("country", "numbers", "dates")
            if name in data
        },
        "lawful_basis": data.get("basis", ""),
        "source": data.get("source", ""),
    }


def _read_differently(request: HttpRequest, run: ImportRun) -> bool:
    """Look at the file again where encoding, delimiter, header or sheet were set otherwise; raises Refused."""
    data, now = request.POST, run.format
    hints: dict[str, Any] = {
        name: data[name]
        for name in ("encoding", "delimiter", "sheet")
        if data.get(name) and data[name] != now.get(name)
    }
    if "has_header" in data and (data["has_header"] == "true") != now["has_header"]:
        hints["has_header"] = data["has_header"] == "true"
    if hints:
        kept = {name: now[name] for name in ("encoding", "delimiter", "sheet") if now.get(name)}
        runs.read_as(request.actor, run, **({**kept, "has_header": now["has_header"]} | hints))
    return bool(hints)


def _fix(request: HttpRequest, run: ImportRun) -> None:
    """Cells put right in the preview: fix-<line>-<column>."""
    for name, text in request.POST.items():
        parts = name.split("-")
        if parts[0] == "fix" and len(parts) == 3 and all(part.isascii() and part.isdigit() for part in parts[1:]):
            runs.fix(request.actor, run, int(parts[1][:9]), int(parts[2][:6]), text[:10_000])


def _mapping(request: HttpRequest, run: ImportRun, problems: list[Problem]) -> HttpResponse:
    actor, obj = request.actor, objects.get(run.object)
    known, reader = access.fields(actor, obj), access.reader(actor)
    tried = None
    if not problems:
        try:
            tried = preview.preview(actor, run, PREVIEWED)
        except Refused as refused:
            problems = refused.problems
    sample = (run.format.get("sample") or [[]])[0]
    options = run.options
    context = {
        "action": f"{base_of(request)}/import/{run.id}",
        "file": {
            "name": run.file_name,
            "rows": run.total,
            "size": words.file_size(run.file.size) if run.file else "",
            "guess": import_questions.guess(run),
        },
        "object_label": obj.label_plural,
        "formats": [forms.row(field, value, reader) for field, value in import_questions.of_format(run)],
        "written": [forms.row(field, value, reader) for field, value in import_questions.of_writing(run)],
        "columns": [
            {
                "index": n,
                "header": name,
                "sample": sample[n] if n < len(sample) else "",
                "chosen": run.mapping.get(name, ""),
                "problem": "",
            }
            for n, name in enumerate(run.format["header"])
        ],
        "targets": [(str(obj.label), runs.choices(actor, obj))],
        "match": [
            {"name": name, "label": known[name].label, "chosen": name in options.get("match", [])}
            for name in _matchable(run, known)
        ],
        "on_match": [
            {"name": name, "label": label, "help": text, "chosen": name == options.get("on_match", "update")}
            for name, (label, text) in ON_MATCH.items()
        ],
        "create_links": options.get("create_links", False),
        "source": forms.row(
            ask("source", _("Source"), Text(max_length=200), _("Where the file comes from; kept with each value.")),
            options.get("source", ""),
            reader,
        ),
        "basis": forms.row(
            ask("basis", _("Lawful basis"), Text(max_length=200), _("Why you may keep this data: contract, consent …")),
            options.get("lawful_basis", ""),
            reader,
        ),
        "preview": _preview(run, tried),
        "estimate": _duration(tried.seconds) if tried else "",
        "problems": forms.summary(problems, {}),
        "cancel_url": f"{base_of(request)}/import",
    }
    title = _("Import %(file)s") % {"file": run.file_name}
    crumbs = [(_("Import"), f"{base_of(request)}/import")]
    return page(request, "import/mapping.html", context, title=title, crumbs=crumbs, status=422 if problems else 200)


def _matchable(run: ImportRun, known: dict[str, Any]) -> list[str]:
    """The fields that the file fills, and so can be recognised by."""
    filled = set(run.mapping.values())
    if NAME in filled:
        filled |= {name for name in NAME_PARTS.values() if name in ("first_name", "last_name")}
    return [name for name in known if name in filled]


def _preview(run: ImportRun, tried: preview.Preview | None) -> dict[str, Any]:
    if tried is None:
        return {"headers": [], "rows": [], "counts": [], "looked_at": 0}
    mapped = [n for n, (_name, target) in enumerate(tried.columns) if target]
    return {
        "headers": [tried.columns[n][0] for n in mapped],
        "rows": [
            {
                "line": row.line,
                "outcome": OUTCOMES[row.result][0],
                "outcome_label": str(OUTCOMES[row.result][2]),
                "problem": row.problem,
                "cells": [
                    {
                        "text": row.cells[n].text,
                        "problem": str(row.cells[n].problem),
                        "read": row.cells[n].read,
                        "fix": f"fix-{row.line}-{n}",
                    }
                    for n in mapped
                    if n < len(row.cells)
                ],
            }
            for row in tried.rows
        ],
        "counts": [
            (str(label), tried.counts[name], kind)
            for name, (_short, kind, label) in OUTCOMES.items()
            if tried.counts[name]
        ],
        "looked_at": len(tried.rows),
    }


def _duration(seconds: int) -> str:
    if seconds < 90:
        return ngettext("about a second", "about %(n)s seconds", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    return ngettext("about a minute", "about %(n)s minutes", minutes) % {"n": minutes}


def _followed(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """An import that was started: how far it is, and what became of its rows."""
    reader = access.reader(request.actor)
    address, running = f"{base_of(request)}/import/{run.id}", run.state in ("waiting", "running", "undoing")
    undoing = run.state == "undoing" and run.job is not None
    problems = list(run.problems.order_by("line")[:PROBLEMS])
    known = access.fields(request.actor, objects.get(run.object))
    refused = run.failed + run.skipped
    started = run.started_at or run.created_at
    seconds = ((run.ended_at or reader.now) - started).total_seconds()
    rate = round(run.rows / seconds) if run.rows and seconds > 1 and not undoing else 0
    context = {
        "run": {
            **_listed(request, run, reader),
            "url": address,
            "running": running,
            "undoing": undoing,
            "done": run.job.done if undoing else run.rows,
            "total": run.job.total if undoing else run.total,
            "rate": ngettext("%(n)s row a second.", "%(n)s rows a second.", rate) % {"n": rate} if rate else "",
            "message": run.message,
        },
        "cancel_url": f"{address}/cancel" if running else "",
        "undo_url": f"{address}/undo"
        if run.state in ("done", "cancelled", "failed", "partly") and run.created + run.updated
        else "",
        "errors_url": f"{address}/problems.csv" if problems else "",
        "list_url": f"{base_of(request)}/{run.object}/?sort=-updated_at" if run.created + run.updated else "",
        "again_url": f"{base_of(request)}/import?object={run.object}",
        "problems": [
            {
                "line": problem.line,
                "field": known[problem.field].label if problem.field in known else problem.field,
                "message": problem.message,
                "text": ", ".join(str(cell) for cell in problem.row if cell)[:200],
            }
            for problem in problems
        ],
        "problems_more": max(0, refused - len(problems)) if problems else 0,
    }
    crumbs = [(_("Import"), f"{base_of(request)}/import")]
    return page(request, "import/run.html", context, title=run.file_name, crumbs=crumbs)


@require_POST
def cancel(request: HttpRequest, run_id: Any) -> HttpResponse:
    """Stop an import after the rows it is at."""
    run = runs.get(request.actor, run_id)
    stopped = runs.cancel(request.actor, run)
    text = _("The import stops after the rows it is at.") if stopped else _("The import had ended already.")
    return said(request, f"{base_of(request)}/import/{run.id}", text)


@require_POST
def undo(request: HttpRequest, run_id: Any) -> HttpResponse:
    """Take the whole import back, or nothing of it."""
    run = runs.get(request.actor, run_id)
    address = f"{base_of(request)}/import/{run.id}"
    try:
        with transaction.atomic():
            done = runs.take_back(request.actor, run)
    except Refused as refused:
        return said(request, address, " ".join(str(p.message) for p in refused.problems), error=True)
    return said(request, address, _("The import is undone.") if done else _("The import is being undone."))


@require_GET
def problems_file(request: HttpRequest, run_id: Any) -> StreamingHttpResponse:
    """The rows that were not taken over, with the reasons, as CSV."""
    run = runs.get(request.actor, run_id)
    response = StreamingHttpResponse(_inside(request, run), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="problems.csv"'
    return response


def _inside(request: HttpRequest, run: ImportRun) -> Iterator[bytes]:
    """A stream is read after the request's transaction has ended, so it has one of its own."""
    with in_workspace(request.actor.workspace.id):
        yield from runs.problems_file(run)
