"""Exports over the API: asked for, made in the background, fetched as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _

from trato.engine import access, jobs, objects
from trato.engine.exports import runs
from trato.engine.models import ExportRun
from trato.engine.objects import Object
from trato.engine.values import Problem, Refused
from trato.engine.views import Settings

from .endpoint import Answer, Call
from .listing import limit_of
from .problems import Failure
from .uploads import handed_out
from .views import settings_of

#: Member -> its type; ``filter`` is a tree as in lists; what isn't said is as the ``view`` says.
MEMBERS: dict[str, tuple[type, str]] = {
    "object": (str, ""),
    "format": (str, "csv"),
    "fields": (list, ""),
    "filter": (dict, ""),
    "sort": (str, ""),
    "view": (str, ""),
}


def listed(call: Call) -> Answer:
    """The caller's own exports, newest first."""
    words = call.parameters("limit", "before")
    rows = runs.listed(call.actor)
    if words.get("before"):
        rows = rows.filter(id__lt=runs.get(call.actor, words["before"]).id)
    limit = limit_of(words)
    found = list(rows[: limit + 1])
    after = str(found[limit - 1].id) if len(found) > limit else None
    return Answer({"data": [run_json(run) for run in found[:limit]], "next": after})


def create(call: Call) -> Answer:
    """Ask for an export: ``{"object": "contacts", "format": "csv", "fields": [...], "filter": {...}, "sort": ""}``."""
    call.parameters()
    given = call.only(*MEMBERS)
    problems = [
        Problem(name, "type", _("This is of the wrong type."))
        for name, (kind, _default) in MEMBERS.items()
        if name in given and not isinstance(given[name], kind)
    ]
    if not given.get("object"):
        problems.append(Problem("object", "required", _("Fill in this field.")))
    if not all(isinstance(name, str) for name in given.get("fields") or []):
        problems.append(Problem("fields", "type", _("Give a list of field names.")))
    if problems:
        raise Refused(problems)
    obj = objects.get(given["object"])
    run = runs.start(call.actor, obj, given.get("format", "csv"), **_choices(call, obj, given))
    return Answer(run_json(run), 202, {"Location": f"/api/v1/exports/{run.id}"})


def _choices(call: Call, obj: Object, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is exported; a view gives what isn't said, and its filter holds beside the other."""
    kept = settings_of(call.actor, obj, given["view"]) if given.get("view") else Settings()
    trees = [tree for tree in (kept.filter, given.get("filter")) if tree]
    return {
        "fields": given.get("fields") or (["id", *kept.columns] if kept.columns else None),
        "filter": {"and": trees} if len(trees) > 1 else next(iter(trees), None),
        "order": given.get("sort", kept.sort),
    }


def read(call: Call, run_id: str) -> Answer:
    """How far an export is."""
    call.parameters()
    return Answer(run_json(runs.get(call.actor, run_id)))


def fetch(call: Call, run_id: str) -> FileResponse:
    """The file of an export that is done."""
    call.parameters()
    run = runs.get(call.actor, run_id)
    access.require(call.actor, objects.get(run.object), "export")
    if run.file_id is None:
        raise Failure("conflict", _("This export has no file yet: it is %(state)s.") % {"state": run.state})
    return handed_out(run.file_id)


def cancel(call: Call, run_id: str) -> Answer:
    """Stop an export that is not done."""
    call.parameters()
    run = runs.get(call.actor, run_id)
    if run.job_id is None or not jobs.cancel(call.actor, run.job_id):
        raise Refused([Problem("state", "state", _("This export has ended already."))])
    return Answer(run_json(runs.get(call.actor, run_id)))


def run_json(run: ExportRun) -> dict[str, Any]:
    """An export as JSON; ``file`` is the address of the file once there is one."""
    plain = ("id", "object", "format", "state", "message", "rows", "created_at", "ended_at")
    file = f"/api/v1/exports/{run.id}/file" if run.file_id else None
    return {name: getattr(run, name) for name in plain} | {"file": file}
