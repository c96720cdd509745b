"""The page of one record: its fields, what happened with it, and what belongs to it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from markupsafe import Markup

from trato.engine import access, actions, conditions, history, layouts, objects, seen, timeline, values, wholes
from trato.engine.kinds import Reader, Typed
from trato.engine.models import HistoryEntry
from trato.engine.objects import Field, Object

from .. import forms, moments, panels, together, words
from ..names import object_or_404
from ..respond import base_of, page, told_beside, wants_part
from . import lines, related, way
from .edit import began, shown_field

#: Kinds by whose values somebody is called or written to: the scheme of the address, the part of a value that it takes.
REACHED = {"phones": ("tel", "number"), "phone": ("tel", ""), "emails": ("mailto", "address"), "email": ("mailto", "")}


@require_GET
def record(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """Everything about one record; one in the recycle bin is shown to who may restore it."""
    actor, obj = request.actor, object_or_404(request, plural)
    found, deleted = _find(request, obj, record_id)
    fields = access.fields(actor, obj)
    current = values.of_record(obj, found, fields)
    lately = [] if deleted else history.lately(actor, obj, found)
    pointing = [] if deleted else related.of_record(request, obj, found)
    reader = access.reader(actor, forms.refs_of(fields.values(), current) | {f"users/{found.owner_id}"}, current)
    is_favourite = not deleted and not obj.within and seen.touch(actor, obj, found.id)
    may = not deleted and may_change(request, obj, found)
    frozen = "" if deleted else wholes.why_frozen(actor, obj, found)
    address = f"{base_of(request)}/{obj.plural}/{found.id}"
    title = access.title(actor, obj, found)
    context = {
        "record": {
            "ref": obj.ref(found.id),
            "title": title,
            "url": address,
            "icon": obj.icon,
            "avatar": obj.portrait,
            "label": obj.label,
            "subtitle": _subtitle(fields, current, reader),
        },
        "star": None if deleted or obj.within else {"url": f"{address}/favourite", "on": is_favourite},
        "reach": _reach(fields, current),
        "edit_url": f"{address}/edit" if may and (obj.thaw or not frozen) else "",
        "frozen": frozen,
        "history_url": f"{address}/history",
        "facts": [
            (fields[name].label, fields[name].kind.show(current[name], reader))
            for name in layouts.of(actor, obj).head
            if name in fields and not fields[name].kind.is_empty(current[name])
        ],
        "actions": offered(request, obj, found, title, address, frozen=bool(frozen)) if may else [],
        "deleted": _deleted(request, obj, found, reader) if deleted else None,
        "sections": _sections(
            request, obj, found, fields, current, reader=reader, lately=lately, may=may, frozen=bool(frozen)
        ),
        "way": None if deleted else way.of_record(request, obj, found, current, may=may and not frozen),
        "lines": [] if deleted else lines.of_record(request, obj, found, may=may and not frozen),
        "composer": composer(request, obj, found.id) if obj.composer and not deleted else None,
        "related": pointing,
        "together": None if deleted or obj.within else together.context(request, obj, found),
        "panels": [] if deleted else panels.panels_of(request, obj.plural, found),
        **({} if deleted else moments.context(request, obj, found, reader.titles, lately)),
    }
    crumbs = _crumbs(request, obj, found)
    answer = page(request, "record.html", context, title=title, crumbs=crumbs, part="parts/record.html")
    return told_beside(answer, request) if "X-Peek" in request.headers else answer


def _crumbs(request: HttpRequest, obj: Object, found: Any) -> list[tuple[Any, str]]:
    """Where the record belongs: to its list, or to the record it is part of."""
    base = base_of(request)
    if obj.whole is None:
        return [(obj.label_plural, f"{base}/{obj.plural}/")]
    ref = obj.whole.ref(getattr(found, f"{obj.within}_id"))
    title = access.titles(request.actor, [ref]).get(ref, str(obj.whole.label))
    return [(obj.whole.label_plural, f"{base}/{obj.whole.plural}/"), (title, f"{base}/{ref}")]


def _find(request: HttpRequest, obj: Object, record_id: Any) -> tuple[Any, bool]:
    """The record, and whether it is in the recycle bin; raises access.Absent."""
    try:
        return access.get(request.actor, obj, record_id), False
    except access.Absent:
        if not request.actor.rights.may(obj.plural, "delete"):
            raise
        return access.get(request.actor, obj, record_id, deleted=True), True


def may_change(request: HttpRequest, obj: Object, found: Any) -> bool:
    owners = access.owners_seen(request.actor, obj, "change")
    if owners is None or found.owner_id in owners:
        return True
    return access.visible(request.actor, obj, "change").filter(id=found.id).exists()


def _subtitle(fields: dict[str, Field], current: dict[str, Any], reader: Reader) -> Markup:
    """The first ways to reach a person or a body."""
    shown = [
        fields[name].kind.cell(current[name][:1], reader)
        for name in ("emails", "phones")
        if name in fields and current[name]
    ]
    return Markup(" · ").join(shown)


def _reach(fields: dict[str, Field], current: dict[str, Any]) -> list[dict[str, str]]:
    """The first phone and the first e-mail, as addresses a phone calls or writes to."""
    ways: dict[str, str] = {}
    for name, field in fields.items():
        value = current[name]
        if not value or field.kind.name not in REACHED:
            continue
        scheme, part = REACHED[field.kind.name]
        ways.setdefault(scheme, value[0][part] if part else value)
    told = {"tel": (_("Call"), "phone"), "mailto": (_("E-mail"), "mail")}
    return [
        {"label": label, "icon": icon, "url": f"{scheme}:{ways[scheme]}"}
        for scheme, (label, icon) in told.items()
        if scheme in ways
    ]


def _sections(
    request: HttpRequest,
    obj: Object,
    found: Any,
    fields: dict[str, Field],
    current: dict[str, Any],
    *,
    reader: Reader,
    lately: list[HistoryEntry],
    may: bool,
    frozen: bool,
) -> list[dict[str, Any]]:
    writable = wholes.open_fields(obj, access.writable(request.actor, obj), frozen) if may else {}
    origins = history.provenance(request.actor, obj, lately)
    return [
        {
            "label": label,
            "open": any(not field.kind.is_empty(current[field.name]) for field in section),
            "fields": [
                shown_field(
                    request,
                    obj,
                    found.id,
                    field,
                    current[field.name],
                    reader=reader,
                    origin=_origin(origins.get(field.name), reader),
                    may=field.name in writable,
                )
                for field in section
            ],
        }
        for label, section in forms.sections_of(request.actor, obj, _placed(fields, current, reader))
    ]


def _placed(fields: dict[str, Field], current: dict[str, Any], reader: Reader) -> dict[str, Field]:
    """The fields that have a place on such a record."""
    unseen = conditions.unseen(fields, current, reader)
    return {name: field for name, field in fields.items() if name not in unseen}


def _origin(entry: HistoryEntry | None, reader: Reader) -> str:
    """Where a value came from, and when: ``Ana, in the browser, 3 March 2026``."""
    if entry is None:
        return ""
    source = "" if entry.face == "undo" else entry.source.partition(":")[2] or entry.source
    exact = words.EXACT.plain(entry.at, reader)
    return ", ".join(part for part in (entry.actor_name, words.face(entry.face), source, exact) if part)


def offered(
    request: HttpRequest, obj: Object, found: Any, title: str, address: str, *, frozen: bool
) -> list[dict[str, Any]]:
    """The object's own actions that fit this record, and deleting."""
    offered = [
        {
            "label": known.label,
            "icon": known.icon,
            "url": f"{address}/{known.name}",
            "danger": False,
            "question": "",
            "form": bool(known.parameters),
            "prominent": known.prominent,
        }
        for known in actions.of(obj.plural).values()
        if known.applies(found)
    ]
    share = {"label": _("Share"), "icon": "share", "url": f"{address}/share", "danger": False, "question": ""}
    if not obj.within:
        offered.append(share | {"form": True, "prominent": False})
    if request.actor.rights.admin:
        why = {"label": _("Who may see this?"), "icon": "shield-question", "url": f"{address}/why"}
        offered.append(why | {"danger": False, "question": "", "form": True, "prominent": False})
    if not frozen and request.actor.rights.may(obj.plural, "delete"):
        if obj.mergeable:
            alike = {"label": _("Merge with another"), "icon": "arrows-join", "url": f"{address}/duplicates"}
            offered.append(alike | {"danger": False, "question": "", "form": True, "prominent": False})
        question = _("Delete “%(title)s”? It goes to the recycle bin.") % {"title": title}
        delete = {"label": _("Delete"), "icon": "trash", "url": f"{address}/delete", "danger": True}
        offered.append(delete | {"question": question, "form": False, "prominent": False})
    return offered


def _deleted(request: HttpRequest, obj: Object, found: Any, reader: Reader) -> dict[str, Any]:
    entry = history.last(found.id, "deleted")
    return {
        "by": entry.actor_name if entry else _("Somebody"),
        "when": words.when(found.deleted_at, reader),
        "restore_url": f"{base_of(request)}/{obj.plural}/{found.id}/restore",
        "destroy_url": f"{base_of(request)}/settings/bin/{obj.plural}/destroy",
        "id": str(found.id),
    }


@require_GET
def timeline_part(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """The timeline alone: by kind, or its next page."""
    obj = object_or_404(request, plural)
    found = access.get(request.actor, obj, record_id)
    context = moments.context(request, obj, found)
    context["timeline_more"] = context["timeline_more"] and wants_part(request)
    return _alone(request, obj, found, "parts/timeline.html", context, title=_("Timeline"))


@require_http_methods(["GET", "POST"])
def composer_part(request: HttpRequest, plural: str, record_id: Any, kind: str) -> HttpResponse:
    """The composer for another kind of item; what was typed already is sent along and stays. Nothing is written."""
    obj = object_or_404(request, plural)
    found = access.get(request.actor, obj, record_id)
    context = {"form": composer(request, obj, found.id, kind)}
    return _alone(request, obj, found, "parts/composer.html", context, title=_("Write down"))


def _alone(
    request: HttpRequest, obj: Object, found: Any, part: str, context: dict[str, Any], *, title: str
) -> HttpResponse:
    """A part of a record's page: bare to htmx, in the frame to a browser without scripts."""
    base = base_of(request)
    crumbs = [
        (obj.label_plural, f"{base}/{obj.plural}/"),
        (access.title(request.actor, obj, found), f"{base}/{obj.ref(found.id)}"),
    ]
    return page(request, "part.html", context | {"part": part}, title=title, crumbs=crumbs, part=part)


def composer(request: HttpRequest, obj: Object, record_id: Any, kind: str = "") -> dict[str, Any] | None:
    """The short form that writes down what happened with a record; None where the person may create no item."""
    actor = request.actor
    kinds = [objects.get(plural) for plural in timeline.kinds_of_items()]
    kinds = [one for one in kinds if one.in_navigation and actor.rights.may(one.plural, "create")]
    if not kinds:
        return None
    current = next((one for one in kinds if one.plural == kind), kinds[0])
    address = f"{base_of(request)}/{obj.plural}/{record_id}"
    # A task is given to somebody as it is written; whose note it is, is known.
    left_out = {current.moment.about, "tags"} | ({"owner"} - set(current.head))
    writable = access.writable(actor, current)
    start = forms.beginnings(actor, writable)
    first = next((section for _label, section in forms.sections_of(actor, current, writable)), [])
    needed = [field for field in writable.values() if field.required and field.kind.is_empty(start[field.name])]
    fields = {field.name: field for field in [*first, *needed] if field.name not in left_out}
    start |= {"owner": actor.user_id}
    typed, _unread = forms.read(request.POST, fields.values(), access.reader(actor))
    reader = access.reader(actor, forms.refs_of(fields.values(), typed) | {f"users/{actor.user_id}"})
    rows = []
    for name, field in fields.items():
        value = field.kind.empty if start[name] is None else start[name]
        value = Typed(request.POST) if name in request.POST else value
        rows.append(forms.row(field, [] if field.kind.many and value is None else value, reader, prefix="composer-"))
    return {
        "tabs": [
            {
                "label": one.label,
                "icon": one.icon,
                "url": f"{address}/composer/{one.plural}",
                "current": one is current,
            }
            for one in kinds
        ],
        "action": f"{base_of(request)}/{current.plural}/new",
        "submit": _("Save"),
        "fields": rows,
        "problems": [],
        "hidden": [
            (current.moment.about, obj.ref(record_id)),
            ("only", ",".join([*fields, current.moment.about])),
            ("began", began()),
            ("back", address),
        ],
    }
