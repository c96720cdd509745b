"""How the pages of an object look: sections, head and columns, arranged by dragging, by keys, or with a plain form.

The form holds the whole layout, in the order in which its parts stand in it. Every button but *Save* sends it, has
one thing moved, and shows what came of it: nothing is written until it is saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from trato.engine import administration, custom, objects
from trato.engine.custom import arranging
from trato.engine.objects import Object
from trato.engine.values import Problem, Refused
from trato.engine.workspaces.models import Role

from ...names import called, labels, object_or_404
from ...respond import said
from .frame import administrators, settings_url, show
from .sample import sample

#: What stands before the fields that are on no page, where a section has its key.
OFF = "off"
#: The lists beside the sections.
LISTS = ("head", "columns")


@dataclass
class Draft:
    """A layout while it is arranged: sections as ``[key, label, labels, names]``, and lists of names."""

    sections: list[dict[str, Any]] = field(default_factory=list)
    off: list[str] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, whole: Mapping[str, Any]) -> Draft:
        """The draft of a layout every part of which is said."""
        sections = [{"key": f"s{n}", **section} for n, section in enumerate(whole["sections"])]
        return cls(sections, list(whole["hidden"]), list(whole["head"]), list(whole["columns"]))

    @classmethod
    def sent(cls, data: QueryDict, known: Mapping[str, Any]) -> Draft:
        """The draft a form holds; without fields that are gone meanwhile, new ones among those on no page."""
        draft, here, seen = cls(), OFF, set[str]()
        places: dict[str, list[str]] = {OFF: draft.off}
        for item in data.getlist("item")[:1000]:
            if item.startswith("#"):
                here = item[1:]
                if here not in places and len(draft.sections) <= arranging.MOST_SECTIONS:
                    places[here] = []
                    draft.sections.append(_section(data, here, places[here]))
            elif item in known and item not in seen:
                seen.add(item)
                places.get(here, draft.off).append(item)
        draft.off += [name for name in known if name not in seen and name != "title"]
        for name in LISTS:
            given = [*data.getlist(name), *filter(None, data.getlist(f"add-{name}"))]
            setattr(draft, name, [one for one in dict.fromkeys(given) if one in known])
        for name in known:
            draft._put(name, data.get(f"to-{name}", ""))
        return draft

    def place(self, name: str) -> tuple[str, list[str]]:
        """The key of the section in which a field stands, and that section's fields."""
        found = next((one for one in self.sections if name in one["fields"]), None)
        return (found["key"], found["fields"]) if found else (OFF, self.off)

    def _put(self, name: str, key: str) -> None:
        """Move a field to the end of another section."""
        here, fields = self.place(name)
        target = self.off if key == OFF else next((one["fields"] for one in self.sections if one["key"] == key), None)
        if key != here and target is not None and name in fields:
            fields.remove(name)
            target.append(name)

    def do(self, what: str) -> None:
        """One step of the form: ``up:name`` and ``down:name`` among the sections, ``up-head:name``, ``drop-head:name``,
        ``section:`` for another one, ``remove:key``, ``raise:key`` and ``lower:key`` for a section.
        """
        verb, _colon, name = what.partition(":")
        step = -1 if verb.partition("-")[0] in ("up", "raise") else 1
        if verb in ("up", "down"):
            self._step(name, step)
        elif verb == "section":
            keys = {one["key"] for one in self.sections}
            key = next(f"s{n}" for n in range(len(keys) + 1) if f"s{n}" not in keys)
            self.sections.append({"key": key, "label": "", "labels": {}, "fields": []})
        elif verb in ("raise", "lower", "remove"):
            place = next((n for n, one in enumerate(self.sections) if one["key"] == name), None)
            if place is not None and verb == "remove":
                self.off[:0] = self.sections.pop(place)["fields"]
            elif place is not None:
                _shift(self.sections, place, step)
        else:
            verb, _dash, part = verb.partition("-")
            names = getattr(self, part) if part in LISTS else []
            if name in names and verb == "drop":
                names.remove(name)
            elif name in names and verb in ("up", "down"):
                _shift(names, names.index(name), step)

    def _step(self, name: str, step: int) -> None:
        """Move a field by one place; from the edge of a section into the next."""
        lists = [*(one["fields"] for one in self.sections), self.off]
        at = next((n for n, names in enumerate(lists) if name in names), None)
        if at is None:
            return
        names = lists[at]
        if 0 <= names.index(name) + step < len(names):
            _shift(names, names.index(name), step)
        elif 0 <= at + step < len(lists):
            names.remove(name)
            lists[at + step].insert(0 if step > 0 else len(lists[at + step]), name)

    def said(self) -> dict[str, Any]:
        """The layout as ``custom.set_layout`` takes it."""
        sections = [{name: one[name] for name in ("label", "labels", "fields")} for one in self.sections]
        return {"sections": sections, "hidden": self.off, "head": self.head, "columns": self.columns}


def _shift(things: list[Any], place: int, step: int) -> None:
    other = place + step
    if 0 <= other < len(things):
        things[place], things[other] = things[other], things[place]


def _section(data: QueryDict, key: str, names: list[str]) -> dict[str, Any]:
    words = {code: data.get(f"label-{key}-{code}", "").strip() for code, _name in settings.LANGUAGES}
    told = {code: text for code, text in words.items() if text}
    return {"key": key, "label": data.get(f"label-{key}", ""), "labels": told, "fields": names}


@administrators
def layout(request: HttpRequest, plural: str = "") -> HttpResponse:
    """How an object looks to everybody, or to the role of the address; posted, one step of arranging it."""
    obj = object_or_404(request, plural) if plural else objects.all_objects()[0]
    role = administration.role(request.GET["role"]) if request.GET.get("role") else None
    role_id = role.id if role else None
    place = settings_url(request, f"layouts/{obj.plural}")
    address = f"{place}?role={role_id}" if role else place
    if request.method != "POST":
        return _page(request, obj, role, Draft.of(custom.whole_layout(request.actor, obj, role_id)))
    draft, what = Draft.sent(request.POST, custom.placeable(request.actor, obj)), request.POST.get("do", "")
    if what == "save":
        try:
            custom.set_layout(request.actor, obj, role_id, draft.said())
            return said(request, address, _("Saved. It is how these pages look from now on."))
        except Refused as refused:
            return _page(request, obj, role, draft, problems=refused.problems)
    if what == "reset":
        custom.set_layout(request.actor, obj, role_id, dict(custom.NO_LAYOUT))
        return said(request, address, _("The layout is the default again."))
    if what == "copy":
        draft = _copied(request, obj)
    draft.do(what)
    if what == "preview":
        return render(request, "parts/layout_sample.html", sample(request, obj, role, draft.said()))
    return _page(request, obj, role, draft)


def _copied(request: HttpRequest, obj: Object) -> Draft:
    """What another layout says, to go on from: of a role, everybody's, or what holds without any."""
    source = request.POST.get("source", "")
    if source in ("", "declared"):
        return Draft.of(custom.whole_layout(request.actor, obj, own=source == ""))
    return Draft.of(custom.whole_layout(request.actor, obj, administration.role(source).id))


def _page(
    request: HttpRequest, obj: Object, role: Role | None, draft: Draft, *, problems: list[Problem] | None = None
) -> HttpResponse:
    """The page of the editor; to htmx the form alone."""
    problems, roles = problems or [], administration.roles()
    place = settings_url(request, f"layouts/{obj.plural}")
    address = f"{place}?role={role.id}" if role else place
    context = sample(request, obj, role, draft.said()) | {
        "tabs": [
            {"label": called(one).many, "url": settings_url(request, f"layouts/{one.plural}"), "current": one is obj}
            for one in objects.all_objects()
        ],
        "address": address,
        "place": place,
        "roles": [(str(one.id), str(one), one == role, _has_own(obj, one.id)) for one in roles],
        "role": str(role) if role else "",
        "has_own": _has_own(obj, role.id if role else None),
        "languages": [pair for pair in settings.LANGUAGES if pair[0] != request.actor.workspace.language],
        "dirty": request.method == "POST",
        "problems": [{"id": "", "label": "", "message": str(problem.message)} for problem in problems],
        "sections": draft.sections,
        "draft": draft,
        "labels": labels(request.actor, obj),
        "required": {
            name
            for name, known in custom.placeable(request.actor, obj).items()
            if known.required and not known.readonly
        },
        "lists": _lists(request, obj, draft),
        "off_key": OFF,
    }
    heading = _("Layout: %(objects)s") % {"objects": called(obj).many}
    text = _(
        "What stands where on the pages of these records. It is no right: what a page leaves out stays in filters, "
        "imports and the API."
    )
    return show(request, "layout", heading, context, text=text, status=422 if problems else 200)


def _has_own(obj: Object, role_id: UUID | None) -> bool:
    return custom.layout_of(obj, role_id) != dict(custom.NO_LAYOUT)


def _lists(request: HttpRequest, obj: Object, draft: Draft) -> list[dict[str, Any]]:
    """The facts of the head and the columns of lists: what is in them, and what could be."""
    said, known = labels(request.actor, obj), custom.placeable(request.actor, obj)
    words = {
        "head": (_("Head"), _("The facts beside a record's name, where they are filled in.")),
        "columns": (_("Columns of lists"), _("With which a list begins; each person and each view may choose others.")),
    }
    return [
        {
            "name": name,
            "label": words[name][0],
            "text": words[name][1],
            "names": getattr(draft, name),
            "offered": sorted(
                ((one, said[one]) for one in known if one not in getattr(draft, name)),
                key=lambda pair: pair[1].casefold(),
            ),
        }
        for name in LISTS
    ]
