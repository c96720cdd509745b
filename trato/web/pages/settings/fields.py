"""The fields an administrator adds: which there are, and the form of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, custom, objects
from trato.engine.kinds import KINDS, Bool, Choice, Choices, Invalid, Number, Option, Text, Typed
from trato.engine.objects import Field, Object
from trato.engine.values import Problem, Refused

from ...names import object_or_404
from ...respond import go, said
from . import choices, retired, unique
from .conditions import questions
from .formulas import Expression
from .frame import administrators, ask, form, read, settings_url, step, table

#: What a default may mean that is not the same for everybody, by kind.
RELATIVE = {
    "date": ("today", gettext_lazy("The day it is made")),
    "datetime": ("now", gettext_lazy("The moment it is made")),
    "user": ("me", gettext_lazy("Who makes it")),
}
#: Kinds whose default is written, and those of which nothing said means none.
WRITTEN = ("text", "number", "percent", "choice", "country", "language", "currency", "timezone")
KEPT: Mapping[str, Any] = dict.fromkeys(RELATIVE)
WHEN = ("visible_when", "required_when")


@administrators
@require_GET
def fields(request: HttpRequest, plural: str = "") -> HttpResponse:
    """The workspace's own fields of one object."""
    known = objects.all_objects()
    obj = object_or_404(request, plural) if plural else known[0]
    place = settings_url(request, "fields")
    rows = [_field_row(row, f"{place}/{obj.plural}") for row in custom.listed(request.actor, obj)]
    rows += [_field_row(row, f"{place}/{obj.plural}") for row in custom.listed(request.actor, obj, archived=True)]
    rows += [
        {
            "title": str(known.label),
            "subtitle": known.name,
            "url": f"{place}/{obj.plural}/of/{known.name}",
            "cells": [str(known.kind.label), _("built in")],
            "actions": [],
        }
        for known in obj.fields(request.actor.workspace).values()
        if not known.own
    ]
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
        text=_("Fields you add to those Trato comes with."),
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


def _questions(request: HttpRequest, obj: Object, kind: str, row: Any) -> list[Any]:
    """The settings every field has, and those of its kind (named ``option-…``)."""
    new = row is None
    asked = [ask("label", _("Label"), Text(required=True, max_length=100))]
    if new:
        hint = _("Small letters, digits and _; made of the label if left empty. Can't be changed later.")
        asked.append(ask("name", _("Name in the API"), Text(max_length=60), hint))
    asked.append(ask("help", _("Help"), Text(max_length=300), _("Shown below the field in forms.")))
    if kind == "formula":
        digits = KINDS[kind].options[1]
        writing = Expression(settings_url(request, f"fields/{obj.plural}"), request.actor, obj, row.name if row else "")
        asked.append(ask("option-expression", _("Formula"), writing, _("Nobody fills it in; it is always up to date.")))
        asked.append(_option(digits))
        return asked
    asked += [_option(option) for option in KINDS[kind].options]
    asked.append(ask("required", _("Required"), Bool(tristate=False)))
    if kind in RELATIVE:
        hint = _("What a new record begins with.")
        asked.append(ask("relative", _("Default"), Choice(choices=[RELATIVE[kind]]), hint))
    elif kind in WRITTEN:
        asked.append(ask("default", _("Default"), Text(max_length=255), _("What a new record begins with.")))
    asked += questions(obj)
    if not KINDS[kind].many:
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
        kind = choices.ChoiceLines(required=option.required)
        hint = choices.HINT
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
            value = choices.read(value)
        elif option.type == "integer":
            value = int(value)
        options[option.name] = value
    return options


def _when(obj: Object, name: str) -> dict[str, Any]:
    """The conditions of a field as its form shows them."""
    said = custom.overlay_of(obj, name)
    return {each: said[each] for each in WHEN}


@administrators
def builtin(request: HttpRequest, plural: str, name: str) -> HttpResponse:
    """What the workspace says of a field that every workspace has: an overlay, which can be emptied again."""
    obj = object_or_404(request, plural)
    known = obj.builtin.get(name)
    if known is None:
        raise access.Absent(name)
    place = settings_url(request, f"fields/{obj.plural}")
    asked = [
        ask(
            "label",
            _("Label"),
            Text(max_length=100),
            _("Left empty it is called “%(label)s”.") % {"label": known.label},
        ),
        ask("help", _("Help"), Text(max_length=300), _("Shown below the field in forms.")),
    ]
    if not known.readonly and not custom.needed_always(obj, known):
        asked += [
            ask("required", _("Required"), Bool(tristate=False)),
            ask("hidden", _("Hidden"), Bool(tristate=False)),
        ]
    if isinstance(known.kind, Choice | Choices):
        asked.append(ask("choices", _("Choices"), choices.ChoiceLines(fixed=True), choices.HINT))
    asked += [] if known.readonly or custom.needed_always(obj, known) else questions(obj)
    said_of = custom.overlay_of(obj, name)
    shown: Any = said_of | {"choices": choices.written(said_of["choices"] or _declared(known))}
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            given = read(request, asked)
            if "choices" in given:
                lines = choices.read(given["choices"] or "")
                given["choices"] = [] if lines == choices.read(choices.written(_declared(known))) else lines
            with transaction.atomic():
                custom.set_overlay(request.actor, obj, name, given)
            return said(request, place, _("Saved."))
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    address = f"{place}/of/{name}"
    more = retired.steps(request, obj, access.fields(request.actor, obj).get(name))
    return form(request, known.label, [("", asked)], shown, action=address, problems=problems, cancel=place, steps=more)


def _declared(known: Field) -> list[dict[str, str]]:
    """The choices of a built-in field as its module declares them."""
    offer = getattr(known.kind, "offer", None)
    if offer is None:
        return []
    return [
        {"value": value, "label": str(label), "colour": offer.colours[value]} for value, label in offer.labels.items()
    ]


def _shown(kind: str, row: Any) -> dict[str, Any]:
    """The form's values of a field that is there."""
    if row is None:
        return {}
    shown = {"label": row.label, "help": row.help, "required": row.required, "unique": row.unique}
    if isinstance(row.default, Mapping) and "relative" in row.default:
        shown["relative"] = row.default["relative"]
    elif kind in WRITTEN:
        shown["default"] = "" if row.default is None else str(row.default)
    for option in KINDS[kind].options:
        value = row.options.get(option.name, option.default)
        if option.type == "choices":
            value = choices.written(value or [])
        shown[f"option-{option.name}"] = list(value or []) if option.type == "objects" else value
    return shown


def _more(request: HttpRequest, obj: Object, row: Any) -> list[dict[str, Any]]:
    """What else can be done with a field: see whether it is unique, move what holds a retired choice."""
    steps = retired.steps(request, obj, access.fields(request.actor, obj).get(f"custom.{row.name}"))
    if unique.is_running(custom.last_job(obj, row.name)):
        told = _("It is being looked into whether the field is unique.")
        steps.append({"text": told, "url": unique.place_of(request, obj, row.name), "title": _("See how far it is")})
    return steps


def _field_form(request: HttpRequest, obj: Object, kind: str, row: Any, *, place: str, address: str) -> HttpResponse:
    asked = _questions(request, obj, kind, row)
    shown: Any = _shown(kind, row) | (_when(obj, f"custom.{row.name}") if row else {})
    problems: list[Problem] = []
    shared: list[custom.Shared] = []
    if request.method == "POST":
        try:
            given = read(request, asked)
            settings = {key: value for key, value in given.items() if not key.startswith("option-")}
            settings["options"] = _stored(kind, given)
            when = {name: settings.pop(name) for name in WHEN if name in settings}
            if relative := settings.pop("relative", ""):
                settings["default"] = {"relative": relative}
            if row is None:
                name = settings["name"] or slugify(settings["label"]).replace("-", "_")[:60]
                with transaction.atomic():
                    custom.add(request.actor, obj, settings | {"name": name, "kind": kind})
                    custom.set_overlay(request.actor, obj, f"custom.{name}", when)
            else:
                settings = {"default": KEPT.get(kind, row.default)} | settings
                with transaction.atomic():
                    custom.change(request.actor, obj, row.name, settings)
                    custom.set_overlay(request.actor, obj, f"custom.{row.name}", when)
                if settings.get("unique") and unique.is_running(custom.last_job(obj, row.name)):
                    return go(request, unique.place_of(request, obj, row.name))
            return said(request, place, _("Saved. The field is on every page, in imports, exports and the API."))
        except (Refused, Invalid) as refused:
            shown = Typed(request.POST)
            problems = refused.problems if isinstance(refused, Refused) else [Problem("", refused.code, str(refused))]
            shared = refused.shared if isinstance(refused, custom.NotUnique) else []
    heading = row.label if row else _("New field: %(kind)s") % {"kind": KINDS[kind].label}
    more = _more(request, obj, row) if row else []
    more += [
        {"text": f"“{each['value']}”", **record}
        for each in unique.shared_values(request, [{"value": one.value, "records": one.records} for one in shared])
        for record in each["records"]
    ]
    return form(request, heading, [("", asked)], shown, action=address, problems=problems, cancel=place, steps=more)


@administrators
@require_POST
def field_turn(request: HttpRequest, plural: str, name: str, turn: str) -> HttpResponse:
    """Archive a field, or bring it back."""
    obj = object_or_404(request, plural)
    custom.archive(request.actor, obj, name, archived=turn == "archive")
    text = _("The field is archived; its values are kept.") if turn == "archive" else _("The field is back.")
    return said(request, settings_url(request, f"fields/{obj.plural}"), text)
