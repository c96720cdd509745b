"""Objects of the workspace's own: made, changed, put into the recycle bin, brought back, deleted for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from markupsafe import Markup

from trato.engine import access, custom
from trato.engine.kinds import Choice, Reader, Text, Typed, html
from trato.engine.values import Problem, Refused

from ...environment import icon
from ...respond import base_of, said
from .frame import administrators, ask, form, read, settings_url, step, table

OF_LANGUAGE = "label-"


class Icons(Choice):
    """A choice among icons, which are seen; their names are read aloud and told when one points at them."""

    grouped = True

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        chosen = self.typed(name, value, reader)
        radios = [
            Markup('<label class="icon-choice" title="{}">{}{}</label>').format(
                label,
                html.control(
                    offered,
                    {"class": "visually-hidden", "name": name, "id": f"{id}-{offered}", "checked": offered == chosen},
                    type="radio",
                ),
                icon(offered, str(label)),
            )
            for offered, label in self.offer.pairs()
        ]
        return html.fieldset(Markup("").join(radios), id=id, invalid=invalid, described_by=described_by)


@administrators
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The workspace's own objects, and those in the recycle bin."""
    place = settings_url(request, "objects")
    rows = [_row(request, row, place) for row in custom.listed_objects(request.actor)]
    rows += [_deleted_row(row, place) for row in custom.listed_objects(request.actor, deleted=True)]
    return table(
        request,
        _("Objects"),
        [_("Object"), _("Name in addresses")],
        rows,
        new=(f"{place}/new", _("New object")),
        nothing=(
            "box",
            _("No objects of your own"),
            _("Properties, projects, permits: add one, and it has lists, forms, search, imports, history and an API."),
        ),
        text=_("Kinds of records you add to those Trato comes with."),
    )


def _row(request: HttpRequest, row: Any, place: str) -> dict[str, Any]:
    question = _("Put “%(name)s” and all its records into the recycle bin? Nothing is lost; it can be brought back.")
    return {
        "title": row.label_plural,
        "subtitle": row.help,
        "url": f"{place}/{row.plural}",
        "cells": [row.plural],
        "actions": [
            step(_("Records"), f"{base_of(request)}/{row.plural}/", row.icon, link=True),
            step(_("Fields"), settings_url(request, f"fields/{row.plural}"), "forms", link=True),
            step(_("Layout"), settings_url(request, f"layouts/{row.plural}"), "layout", link=True),
            step(_("Delete"), f"{place}/{row.plural}/delete", "trash", question=question % {"name": row.label_plural}),
        ],
    }


def _deleted_row(row: Any, place: str) -> dict[str, Any]:
    return {
        "title": row.label_plural,
        "subtitle": _("in the recycle bin"),
        "url": "",
        "cells": [row.plural],
        "actions": [
            step(_("Bring back"), f"{place}/{row.plural}/restore", "arrow-back-up"),
            step(_("Delete for good"), f"{place}/{row.plural}/destroy", "trash", link=True),
        ],
    }


def _questions(request: HttpRequest, *, new: bool) -> list[tuple[Any, list[Any]]]:
    """The sections of the form; of an object that is there its words in other languages are asked too."""
    icons = Icons(required=True, choices=[(name, label) for name, label in custom.ICONS.items()])
    first = [
        ask("label", _("What one of them is called"), Text(required=True, max_length=100), _("Such as: Property")),
        ask(
            "label_plural", _("What several are called"), Text(required=True, max_length=100), _("Such as: Properties")
        ),
    ]
    if new:
        hint = _("Small letters, digits and hyphens; made of the words above if left empty. Can't be changed later.")
        first.append(ask("plural", _("Name in addresses and in the API"), Text(max_length=60), hint))
    first += [
        ask("icon", _("Icon"), icons),
        ask("name_label", _("What their name is called"), Text(max_length=100), _("Name, if left empty; or Address …")),
        ask("help", _("What they are for"), Text(max_length=300)),
    ]
    if new:
        return [("", first)]
    hint = _("One of them / several of them. Left empty, the words above are used.")
    words = [ask(f"{OF_LANGUAGE}{code}", _(name), Text(max_length=210), hint) for code, name in _languages(request)]
    return [("", first), (_("In other languages"), words)]


def _languages(request: HttpRequest) -> list[tuple[str, str]]:
    """The languages beside the workspace's own, in which its words are given first."""
    return [(code, name) for code, name in settings.LANGUAGES if code != request.actor.workspace.language]


def _given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What was answered, as ``custom`` takes it; raises Refused."""
    given = {name: value for name, value in asked.items() if not name.startswith(OF_LANGUAGE)}
    pairs = {name.removeprefix(OF_LANGUAGE): text for name, text in asked.items() if name.startswith(OF_LANGUAGE)}
    given["labels"] = {code: [part.strip() for part in text.split("/")] for code, text in pairs.items() if text}
    return given


def _shown(row: Any) -> dict[str, Any]:
    """The form's values of an object that is there."""
    plain = {name: getattr(row, name) for name in ("label", "label_plural", "icon", "name_label", "help")}
    words = {f"{OF_LANGUAGE}{code}": " / ".join(pair) for code, pair in row.labels.items()}
    return plain | words


@administrators
def new(request: HttpRequest) -> HttpResponse:
    """Add an object; its fields are next."""
    sections, shown, problems = _questions(request, new=True), {"icon": "box"}, list[Problem]()
    if request.method == "POST":
        try:
            given = _given(read(request, [field for _label, section in sections for field in section]))
            given["plural"] = given["plural"] or slugify(given["label_plural"])[:60]
            row = custom.add_object(request.actor, given)
            words = _("“%(name)s” is there. Add its fields now.") % {"name": row.label_plural}
            return said(request, settings_url(request, f"fields/{row.plural}"), words)
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    place = settings_url(request, "objects")
    return form(
        request,
        _("New object"),
        sections,
        shown,
        action=f"{place}/new",
        problems=problems,
        cancel=place,
        submit=_("Add"),
    )


@administrators
def change(request: HttpRequest, plural: str) -> HttpResponse:
    """Change what an object is called."""
    row = next((one for one in custom.listed_objects(request.actor) if one.plural == plural), None)
    if row is None:
        raise access.Absent(plural)
    sections = _questions(request, new=False)
    shown: Any = _shown(row)
    problems: list[Problem] = []
    place = settings_url(request, "objects")
    if request.method == "POST":
        try:
            given = _given(read(request, [field for _label, section in sections for field in section]))
            custom.change_object(request.actor, plural, given)
            return said(request, place, _("Saved."))
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    address = f"{place}/{plural}"
    return form(request, row.label_plural, sections, shown, action=address, problems=problems, cancel=place)


@administrators
@require_POST
def turn(request: HttpRequest, plural: str, turn: str) -> HttpResponse:
    """Put an object into the recycle bin, or bring it back."""
    if turn == "delete":
        custom.bury_object(request.actor, plural)
        words = _("It is in the recycle bin with all its records.")
    else:
        custom.revive_object(request.actor, plural)
        words = _("It is back with all its records.")
    return said(request, settings_url(request, "objects"), words)


@administrators
def destroy(request: HttpRequest, plural: str) -> HttpResponse:
    """Delete an object in the recycle bin for good; its name is typed again."""
    row = next((one for one in custom.listed_objects(request.actor, deleted=True) if one.plural == plural), None)
    if row is None:
        raise access.Absent(plural)
    hint = _("Type %(name)s") % {"name": row.plural}
    asked = [ask("confirm", _("Name in addresses"), Text(required=True, max_length=60), hint)]
    shown: Any = {}
    problems: list[Problem] = []
    place = settings_url(request, "objects")
    if request.method == "POST":
        try:
            custom.destroy_object(request.actor, plural, read(request, asked)["confirm"])
            return said(request, place, _("It is being deleted; settings › jobs shows how far it is."))
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    return form(
        request,
        _("Delete “%(name)s” for good") % {"name": row.label_plural},
        [("", asked)],
        shown,
        action=f"{place}/{plural}/destroy",
        problems=problems,
        text=_("All its records, their history and its fields are deleted. This can't be undone."),
        submit=_("Delete for good"),
        cancel=place,
    )
