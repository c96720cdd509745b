"""What administrators decide about data: fields of their own, the recycle bin, background jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, custom, jobs, objects
from trato.engine.kinds import KINDS, Bool, Choices, Invalid, LongText, Number, Option, Text, Typed
from trato.engine.objects import Object
from trato.engine.values import Problem, Refused

from ... import words
from ...names import object_or_404
from ...respond import base_of, said
from .frame import administrators, ask, form, may_restore, read, settings_url, show, step, table

STATES = {
    "waiting": gettext_lazy("Waiting"),
    "running": gettext_lazy("Running"),
    "done": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
    "cancelled": gettext_lazy("Stopped"),
}
BIN, JOBS = 100, 50

# -- fields an administrator adds -----------------------------------------------------------------------------------


@administrators
@require_GET
def fields(request: HttpRequest, plural: str = "") -> HttpResponse:
    """The workspace's own fields of one object."""
    known = objects.all_objects()
    obj = object_or_404(request, plural) if plural else known[0]
    place = settings_url(request, "fields")
    rows = [_field_row(row, f"{place}/{obj.plural}") for row in custom.listed(request.actor, obj)]
    rows += [_field_row(row, f"{place}/{obj.plural}") for row in custom.listed(request.actor, obj, archived=True)]
    return table(
        request,
        _("Fields"),
        [_("Field"), _("Kind"), ""],
        rows,
        new=(f"{place}/{obj.plural}/new", _("New field")),
        nothing=(
            "forms",
            _("No fields of your own"),
            _("Add one, and it is on every form, list, filter, import, export and in the API at once."),
        ),
        tabs=[
            {"label": one.label_plural, "url": f"{place}/{one.plural}", "current": one is obj, "count": None}
            for one in known
        ],
        text=_("Fields you add to what Trato brings along."),
    )


def _field_row(row: Any, place: str) -> dict[str, Any]:
    archived = row.archived_at is not None
    turn = ("restore", _("Bring back"), "arrow-back-up") if archived else ("archive", _("Archive"), "archive")
    question = "" if archived else _("Archive this field? It disappears everywhere; its values are kept.")
    marks = [_("archived")] if archived else [_("required")] if row.required else []
    return {
        "title": row.label,
        "subtitle": row.name,
        "url": f"{place}/{row.name}",
        "cells": [str(KINDS[row.kind].label), ", ".join(marks + ([_("unique")] if row.unique else []))],
        "actions": [step(turn[1], f"{place}/{row.name}/{turn[0]}", turn[2], question=question)],
    }


@administrators
def field_new(request: HttpRequest, plural: str) -> HttpResponse:
    """Add a field: first its kind is chosen, then its settings."""
    obj = object_or_404(request, plural)
    kind = request.GET.get("kind", "")
    place = settings_url(request, f"fields/{obj.plural}")
    if kind not in KINDS:
        return _choose_kind(request, obj, place)
    return _field_form(request, obj, kind, None, place=place, address=f"{place}/new?kind={kind}")


def _choose_kind(request: HttpRequest, obj: Object, place: str) -> HttpResponse:
    """What kind of value the new field holds; the answer leads to its form."""
    rows = [
        {"title": str(kind.label), "subtitle": "", "url": f"{place}/new?kind={name}", "cells": [], "actions": []}
        for name, kind in sorted(KINDS.items(), key=lambda pair: str(pair[1].label))
    ]
    heading = _("New field of %(object)s") % {"object": obj.label_plural}
    text = _("What kind of value does it hold? This can't be changed later.")
    return table(request, heading, [_("Kind")], rows, nothing=("forms", "", ""), text=text)


@administrators
def field(request: HttpRequest, plural: str, name: str) -> HttpResponse:
    """Change what may be changed of a field."""
    obj = object_or_404(request, plural)
    known = [*custom.listed(request.actor, obj), *custom.listed(request.actor, obj, archived=True)]
    row = next((one for one in known if one.name == name), None)
    if row is None:
        raise access.Absent(name)
    place = settings_url(request, f"fields/{obj.plural}")
    return _field_form(request, obj, row.kind, row, place=place, address=f"{place}/{row.name}")


def _questions(kind: str, new: bool) -> list[Any]:
    """The settings every field has, and those of its kind (named ``option-…``)."""
    asked = [ask("label", _("Label"), Text(required=True, max_length=100))]
    if new:
        hint = _("Small letters, digits and _; made of the label if left empty. Can't be changed later.")
        asked.append(ask("name", _("Name in the API"), Text(max_length=60), hint))
    asked.append(ask("help", _("Help"), Text(max_length=300), _("Shown below the field in forms.")))
    asked += [_option(option) for option in KINDS[kind].options]
    asked.append(ask("required", _("Required"), Bool(tristate=False)))
    if new and not KINDS[kind].many:
        asked.append(ask("unique", _("Unique"), Bool(tristate=False), _("No two records may have the same value.")))
    return asked


def _option(option: Option) -> Any:
    """The question about one setting of a kind."""
    name, hint = f"option-{option.name}", option.help
    if option.type == "integer":
        kind: Any = Number(digits=0, minimum=option.minimum, maximum=option.maximum, required=option.required)
    elif option.type == "objects":
        kind = Choices(
            choices=[(obj.plural, str(obj.label_plural)) for obj in objects.all_objects()], required=option.required
        )
    elif option.type == "choices":
        kind, hint = LongText(required=option.required), _("One a line: the label, or value = label.")
    else:
        kind = Text(max_length=200, required=option.required)
    return ask(name, option.label, kind, hint)


def _stored(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The kind's options as they are kept, from the form."""
    options = {}
    for option in KINDS[kind].options:
        value = given.get(f"option-{option.name}")
        if value in (None, "", []):
            continue
        if option.type == "choices":
            value = [_choice(line) for line in value.splitlines() if line.strip()]
        elif option.type == "integer":
            value = int(value)
        options[option.name] = value
    return options


def _choice(line: str) -> dict[str, str]:
    value, sign, label = line.partition("=")
    return {"value": value.strip(), "label": (label if sign else value).strip()}


def _shown(kind: str, row: Any) -> dict[str, Any]:
    """The form's values of a field that is there."""
    if row is None:
        return {}
    shown = {"label": row.label, "help": row.help, "required": row.required}
    for option in KINDS[kind].options:
        value = row.options.get(option.name, option.default)
        if option.type == "choices":
            value = "\n".join(_line(item) for item in value or [])
        shown[f"option-{option.name}"] = list(value or []) if option.type == "objects" else value
    return shown


def _line(item: Any) -> str:
    if isinstance(item, str):
        return item
    same = item.get("label", item["value"]) == item["value"]
    return item["value"] if same else f"{item['value']} = {item['label']}"


def _field_form(request: HttpRequest, obj: Object, kind: str, row: Any, *, place: str, address: str) -> HttpResponse:
    asked = _questions(kind, row is None)
    shown: Any = _shown(kind, row)
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            given = read(request, asked)
            settings = {key: value for key, value in given.items() if not key.startswith("option-")}
            settings["options"] = _stored(kind, given)
            if row is None:
                name = settings["name"] or slugify(settings["label"]).replace("-", "_")[:60]
                custom.add(request.actor, obj, settings | {"name": name, "kind": kind})
            else:
                custom.change(request.actor, obj, row.name, settings | {"default": row.default})
            return said(request, place, _("Saved. The field is on every page, in imports, exports and the API."))
        except (Refused, Invalid) as refused:
            shown = Typed(request.POST)
            problems = refused.problems if isinstance(refused, Refused) else [Problem("", refused.code, str(refused))]
    heading = row.label if row else _("New field: %(kind)s") % {"kind": KINDS[kind].label}
    return form(request, heading, [("", asked)], shown, action=address, problems=problems, cancel=place)


@administrators
@require_POST
def field_turn(request: HttpRequest, plural: str, name: str, turn: str) -> HttpResponse:
    """Archive a field, or bring it back."""
    obj = object_or_404(request, plural)
    custom.archive(request.actor, obj, name, archived=turn == "archive")
    text = _("The field is archived; its values are kept.") if turn == "archive" else _("The field is back.")
    return said(request, settings_url(request, f"fields/{obj.plural}"), text)


# -- the recycle bin ------------------------------------------------------------------------------------------------


@require_GET
def recycle_bin(request: HttpRequest, plural: str = "") -> HttpResponse:
    """What was deleted and can be restored, the latest first."""
    known = may_restore(request)
    if not known:
        raise access.Forbidden(plural or "records", "delete")
    obj = next((one for one in known if one.plural == plural), known[0])
    place, base = settings_url(request, "bin"), f"{base_of(request)}/{obj.plural}"
    deleted = access.visible(request.actor, obj, "change", deleted=True).order_by("-deleted_at", "-id")
    reader = access.reader(request.actor)
    rows = [
        {
            "title": row["title"] or str(obj.label),
            "subtitle": "",
            "url": f"{base}/{row['id']}",
            "cells": [words.when(row["deleted_at"], reader)["text"]],
            "actions": [step(_("Restore"), f"{base}/{row['id']}/restore", "arrow-back-up")],
        }
        for row in deleted.values("id", "title", "deleted_at")[:BIN]
    ]
    tabs = [
        {"label": one.label_plural, "url": f"{place}/{one.plural}", "current": one is obj, "count": None}
        for one in known
    ]
    return table(
        request,
        _("Recycle bin"),
        [_("Record"), _("Deleted")],
        rows,
        nothing=("trash", _("Nothing was deleted"), _("What is deleted stays here until it is restored.")),
        tabs=tabs,
        text=_("Deleted records, the latest first."),
    )


# -- jobs -----------------------------------------------------------------------------------------------------------


@administrators
@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    """What runs in the background, and what became of it."""
    address, state = settings_url(request, "jobs"), request.GET.get("state", "")
    state = state if state in STATES else ""
    found, more = jobs.listed(request.actor, state, request.GET.get("before", ""), JOBS)
    reader = access.reader(request.actor, {f"users/{row.actor.get('user_id')}" for row in found})
    asked = f"state={state}&" if state else ""
    context = {
        "jobs": [_job(row, reader, address) for row in found],
        "running": any(row.state in ("waiting", "running") for row in found),
        "filters": [
            {
                "label": label,
                "url": f"{address}?state={name}" if name else address,
                "current": name == state,
                "count": None,
            }
            for name, label in words.named(STATES, ("", _("All")))
        ],
        "previous_url": address if request.GET.get("before") else "",
        "next_url": f"{address}?{asked}before={found[-1].id}" if more else "",
    }
    return show(request, "jobs", _("Jobs"), context, text=_("Imports, exports and other long work."))


def _job(row: Any, reader: Any, address: str) -> dict[str, Any]:
    took = (row.ended_at - row.started_at).total_seconds() if row.ended_at and row.started_at else None
    return {
        "label": row.label,
        "name": row.name,
        "state": row.state,
        "state_label": str(STATES.get(row.state, row.state)),
        "done": row.done,
        "total": row.total,
        "message": row.message,
        "attempts": row.attempts,
        "who": reader.titles.get(f"users/{row.actor.get('user_id')}", "Trato"),
        "when": words.when(row.started_at or row.created_at, reader),
        "took": "" if took is None else ngettext("%(n)s second", "%(n)s seconds", round(took)) % {"n": round(took)},
        "cancel_url": f"{address}/{row.id}/cancel" if row.state in ("waiting", "running") else "",
        "retry_url": f"{address}/{row.id}/retry" if row.state in ("failed", "cancelled") else "",
        "url": "",
    }


@administrators
@require_POST
def job_turn(request: HttpRequest, job_id: Any, turn: str) -> HttpResponse:
    """Stop a job, or try one again."""
    done = jobs.cancel(request.actor, job_id) if turn == "cancel" else jobs.retry(request.actor, job_id)
    text = {
        ("cancel", True): _("The job stops at its next step."),
        ("retry", True): _("The job is tried again."),
    }.get((turn, done), _("The job had ended already."))
    return said(request, settings_url(request, "jobs"), text)
