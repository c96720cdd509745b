"""Imports over the API: a file is sent with what to do with it, done in the background, followed and undone."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from trato.engine import objects
from trato.engine.imports import runs
from trato.engine.imports.work import written
from trato.engine.models import ImportRun
from trato.engine.values import Problem, Refused

from .endpoint import Answer, Call
from .listing import BOOLEANS, choice, limit_of
from .problems import bad_request
from .uploads import sent_file
from .wire import BadJson, decode

#: The parts of the form beside the file.
HINTS = ("encoding", "delimiter", "sheet", "header")
DECISIONS = (
    "mapping",
    "match",
    "on_match",
    "create_links",
    "country",
    "numbers",
    "dates",
    "lawful_basis",
    "source",
)
WORDS = ("object", "start", *HINTS, *DECISIONS)


def listed(call: Call) -> Answer:
    """The imports the caller may look at, newest first."""
    words = call.parameters("limit", "before")
    rows = runs.listed(call.actor)
    if words.get("before"):
        rows = rows.filter(id__lt=runs.get(call.actor, words["before"]).id)
    limit = limit_of(words)
    found = list(rows[: limit + 1])
    more = len(found) > limit
    return Answer(
        {"data": [run_json(run) for run in found[:limit]], "next": str(found[limit - 1].id) if more else None}
    )


def create(call: Call) -> Answer:
    """Send a file: it is imported (202), or with ``start=false`` only looked at (201)."""
    call.parameters()
    sent = sent_file(call, runs.LARGEST)
    words = _words(call)
    if not words.get("object"):
        raise Refused([Problem("object", "required", _("Fill in this field."))])
    hints = {name: words[name] for name in ("encoding", "delimiter", "sheet") if words.get(name)}
    if "header" in words:
        hints["has_header"] = choice("header", words["header"], BOOLEANS)
    begin = choice("start", words.get("start", "true"), BOOLEANS)
    decisions = _from_form(words)
    run = runs.draft(call.actor, objects.get(words["object"]), sent.name or "", sent.file, **hints)
    if not begin:
        return _answer(run, 201)
    try:
        _start(call, run, decisions)
    except Refused:
        runs.discard(run)
        raise
    return _answer(run, 202)


def read(call: Call, run_id: str) -> Answer:
    """How far an import is."""
    call.parameters()
    return _answer(runs.get(call.actor, run_id))


def start(call: Call, run_id: str) -> Answer:
    """Begin an import that was only looked at, as decided."""
    call.parameters()
    given = call.only(*DECISIONS, optional=True)
    run = runs.get(call.actor, run_id)
    _start(call, run, _from_json(given))
    return _answer(run, 202)


def cancel(call: Call, run_id: str) -> Answer:
    """Stop an import; what was done so far stays and can be undone."""
    call.parameters()
    run = runs.get(call.actor, run_id)
    if not runs.cancel(call.actor, run):
        raise Refused([Problem("state", "state", _("This import has ended already."))])
    return _answer(runs.get(call.actor, run_id))


def undo(call: Call, run_id: str) -> Answer:
    """Undo everything an import did: at once (200), or in the background when it is much (202)."""
    call.parameters()
    run = runs.get(call.actor, run_id)
    done = runs.take_back(call.actor, run)
    return _answer(runs.get(call.actor, run_id), 200 if done else 202)


def problems(call: Call, run_id: str) -> Answer:
    """The rows that were not taken over as they stand, with their line and the reason."""
    words = call.parameters("limit", "cursor")
    run = runs.get(call.actor, run_id)
    limit, after = limit_of(words), words.get("cursor", "0")
    if not after.isdecimal() or len(after) > 15:
        raise bad_request("cursor", "page", _("This page address is not valid any more; start from the first page."))
    rows = list(run.problems.filter(line__gt=int(after)).order_by("line", "id")[: limit + 1])
    data = [
        {"line": row.line, "field": row.field, "message": row.message, "outcome": row.outcome, "row": row.row}
        for row in rows[:limit]
    ]
    return Answer({"data": data, "next": str(data[-1]["line"]) if len(rows) > limit else None})


def _words(call: Call) -> dict[str, str]:
    """The parts of the form; raises Failure 400, Refused."""
    unknown = [
        Problem(name[:80], "unknown", _("There is no such field.")) for name in call.request.POST if name not in WORDS
    ]
    if unknown:
        raise Refused(unknown)
    return {name: text.strip() for name, text in call.request.POST.items()}


def _from_form(words: dict[str, str]) -> dict[str, Any]:
    """The decisions of a form's parts."""
    given: dict[str, Any] = {name: words[name] for name in DECISIONS if name in words}
    if "match" in given:
        given["match"] = [name.strip() for name in given["match"].split(",") if name.strip()]
    if "mapping" in given:
        try:
            given["mapping"] = decode(given["mapping"].encode("utf-8", "replace"))
        except BadJson as error:
            raise Refused([Problem("mapping", "json", str(error))]) from None
    if "create_links" in given:
        given["create_links"] = choice("create_links", given["create_links"], BOOLEANS)
    return _from_json(given)


def _from_json(given: dict[str, Any]) -> dict[str, Any]:
    """The decisions, each of its type; raises Refused."""
    mapping, match = given.get("mapping", {}), given.get("match", [])
    wrong = []
    if not (isinstance(mapping, dict) and all(isinstance(name, str) for name in mapping.values())):
        wrong.append(Problem("mapping", "mapping", _("Give an object of columns and field names.")))
    if not (isinstance(match, list) and all(isinstance(name, str) for name in match)):
        wrong.append(Problem("match", "match", _("Give a list of field names.")))
    if not isinstance(given.get("create_links", False), bool):
        wrong.append(Problem("create_links", "bool", _("This is true or false.")))
    texts = ("on_match", "country", "numbers", "dates", "lawful_basis", "source")
    wrong += [
        Problem(name, "text", _("Write text here.")) for name in texts if not isinstance(given.get(name, ""), str)
    ]
    if wrong:
        raise Refused(wrong)
    return given


def _start(call: Call, run: ImportRun, decisions: dict[str, Any]) -> None:
    unknown = [name for name in decisions.get("mapping", {}) if name not in run.format["header"]]
    if unknown:
        words = _("The file has no column “%(name)s”.")
        raise Refused([Problem("mapping", "unknown", words % {"name": name[:80]}) for name in unknown[:20]])
    runs.start(call.actor, run, **decisions)


def _answer(run: ImportRun, status: int = 200) -> Answer:
    return Answer(run_json(run), status, {"Location": f"/api/v1/imports/{run.id}"} if status != 200 else {})


def run_json(run: ImportRun) -> dict[str, Any]:
    """An import as JSON: what was decided, how far it is, what became of the rows."""
    plain = ("id", "object", "file_name", "state", "message", "rows", "total", "created", "updated", "unchanged")
    times = ("skipped", "failed", "created_at", "started_at", "ended_at")
    told = {name: getattr(run, name) for name in (*plain, *times)}
    read_as = {name: run.format.get(name) for name in ("format", "encoding", "delimiter", "header", "sheet", "notes")}
    options = {name: run.options.get(name) for name in ("match", "on_match", "create_links", "country")} | written(run)
    return told | {"batch": run.batch_id, "mapping": run.mapping, "read_as": read_as} | options
