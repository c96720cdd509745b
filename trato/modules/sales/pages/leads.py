"""Beside a lead: its clock, what is asked of it, what its points are made of, and who is known already."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from markupsafe import Markup

from trato.engine import access, objects
from trato.engine.duplicates.looking import like
from trato.engine.workspaces.actors import Actor
from trato.web.panels import panel
from trato.web.words import when

from ..queries import learning
from ..queries.ways import questions
from ..rules.leads import is_live, wish_of


def _rendered(template: str, context: dict[str, Any], request: HttpRequest) -> Markup:
    return Markup(render_to_string(template, context, request))  # noqa: S704 - templates of ours, escaped there


def _may_change(actor: Actor, record: Any) -> bool:
    return access.visible(actor, objects.get("leads"), "change").filter(id=record.id).exists()


@panel("leads")
def asked(request: HttpRequest, record: Any) -> Markup | None:
    """How long it waits for its first touch, and what is found out of it."""
    actor = request.actor
    if "answers" not in access.fields(actor, objects.get("leads")):
        return None
    reader, live = access.reader(actor), is_live(record.status)
    rows = [
        {"id": str(each["id"]), "words": each["name"], "met": said.get("met"), "note": said.get("note", "")}
        for each in questions()
        for said in [record.answers.get(str(each["id"]), {})]
    ]
    address = f"{reader.base}/leads/{record.id}"
    context = {
        "due": when(record.due_at, reader) if live and not record.touched_at else None,
        "late": bool(record.due_at and not record.touched_at and record.due_at < timezone.now()),
        "touched": when(record.touched_at, reader),
        "questions": rows if live or record.answers else [],
        "met": sum(row["met"] is True for row in rows),
        "answer_url": f"{address}/answer" if live and _may_change(actor, record) else "",
        "back": address,
    }
    return _rendered("sales/asked.html", context, request)


@panel("leads", "deals")
def points(request: HttpRequest, record: Any) -> Markup | None:
    """The rules that gave a record its points."""
    obj = objects.of_record(record)
    if "points" not in access.fields(request.actor, obj):
        return None
    rows = learning.points_of(request.actor.workspace, obj, record.id)
    if not rows:
        return None
    total = sum(row["points"] for row in rows)
    shown = [row | {"points": f"{row['points']:+d}"} for row in rows]
    return _rendered("sales/points.html", {"rows": shown, "total": total}, request)


@panel("leads")
def known_already(request: HttpRequest, record: Any) -> Markup | None:
    """Accounts and contacts that look like what the lead would become, to convert into them."""
    actor = request.actor
    if not is_live(record.status) or not _may_change(actor, record):
        return None
    reader = access.reader(actor)
    account, contact, _deal = wish_of(record)
    groups = (("accounts", "account", account), ("contacts", "contact", contact))
    found = [
        {
            "title": one.title,
            "url": f"{reader.base}/{plural}/{one.id}",
            "icon": objects.get(plural).icon,
            "why": ", ".join(one.why),
            "name": name,
            "value": f"{plural}/{one.id}",
        }
        for plural, name, values in groups
        if values and access.may_see_any(actor, objects.get(plural))
        for one in like(actor, objects.get(plural), values, limit=3)
    ]
    if not found:
        return None
    context = {"found": found, "convert_url": f"{reader.base}/leads/{record.id}/convert", "title": _("Known already?")}
    return _rendered("sales/known.html", context, request)
