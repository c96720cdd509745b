"""A record's timeline as parts/timeline.html writes it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from babel.dates import format_date
from django.http import HttpRequest
from django.utils.translation import gettext as _

from trato.engine import access, layouts, objects, timeline
from trato.engine.history import SETTLED
from trato.engine.kinds import Json, Reader
from trato.engine.kinds.datetime import zone_of
from trato.engine.kinds.html import Pattern
from trato.engine.kinds.locales import locale_of
from trato.engine.models import HistoryEntry
from trato.engine.objects import LONGEST_TITLE, Field, Object
from trato.engine.timeline import Entry
from trato.engine.workspaces.actors import Actor

from . import together, words
from .changes import named_changes, refs_of_change
from .names import called
from .respond import base_of

MOMENTS = 20
BODIES = ("richtext", "longtext")
LABELLED, LINK = Pattern('<span class="muted">{}</span> {}'), Pattern('<a href="{}/{}">{}</a>')
PLAIN = re.compile(r"(?:<p>)?[^<]*(?:</p>)?")  # one paragraph without formatting: its words say all of it


@dataclass(frozen=True)
class Item:
    """How the records of one object look on a timeline: which fields are its text, which stand below it."""

    object: Object
    body: Field | None
    details: list[Field]

    @property
    def columns(self) -> set[str]:
        """What has to be read."""
        shown = [*self.details, *([self.body] if self.body else [])]
        return {"id", "title", "owner_id"} | {column for field in shown for column in field.columns}


def item_of(actor: Actor, obj: Object) -> Item:
    """The text of an item is its first long text; below it stands what its lists show besides."""
    fields = access.fields(actor, obj)
    body = next((field for field in fields.values() if field.kind.name in BODIES and not field.custom), None)
    left_out = {"title", "owner", obj.moment.at, obj.moment.about, body.name if body else ""}
    return Item(
        obj, body, [fields[name] for name in layouts.of(actor, obj).columns if name in fields and name not in left_out]
    )


def context(
    request: HttpRequest,
    obj: Object,
    record: Any,
    titles: Mapping[str, str] | None = None,
    lately: list[HistoryEntry] | None = None,
) -> dict[str, Any]:
    """One page of the timeline, as parts/timeline.html asks for it; ``titles`` and the latest writes are those the
    page knows already.
    """
    record_id = record.id
    actor, address = request.actor, f"{base_of(request)}/{obj.plural}/{record_id}/timeline"
    only, cursor = request.GET.get("only", ""), request.GET.get("after", "")[:300]
    kinds = [objects.get(plural) for plural in timeline.kinds_of_items()]
    offered = [kind for kind in kinds if access.may_see_any(actor, kind)]
    known = {kind.plural for kind in offered} | {"changes"}
    only = only if only in known else ""
    entries, after = timeline.page(
        actor, obj, record, only=[only] if only else (), cursor=cursor, limit=MOMENTS, lately=lately
    )
    pinned = [] if cursor or only else timeline.pinned(actor, obj, record_id)
    standing = {entry.moment for entry in pinned}
    entries = pinned + [entry for entry in entries if entry.moment is None or entry.moment not in standing]
    filters = [("", _("All")), *((kind.plural, called(kind).many) for kind in offered), ("changes", _("Changes"))]
    if not obj.composer:  # nothing is written down about it here
        filters = []
    asked = f"only={only}&" if only else ""
    return {
        # What happens with records it rolls up has their addresses, so then it hears of every item.
        "timeline_live": " ".join([obj.ref(record_id), *(kind.plural for kind in offered if obj.rollup)]),
        "timeline_url": f"{address}?{asked}".rstrip("?&"),
        "timeline_filters": [
            {"label": label, "url": f"{address}?only={name}" if name else address, "current": name == only}
            for name, label in filters
        ],
        "moments": _written(request, obj, record_id, entries, titles or {}),
        "timeline_next": f"{address}?{asked}after={after}" if after else "",
        "timeline_more": bool(cursor),
    }


def _written(
    request: HttpRequest, obj: Object, record_id: UUID, entries: list[Entry], titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The entries in words; one query an object for the items, one for the titles of all links in them."""
    actor = request.actor
    wanted: dict[str, list[UUID]] = defaultdict(list)
    for entry in entries:
        if entry.change is None:
            wanted[entry.object].append(entry.id)
    plans = {plural: item_of(actor, objects.get(plural)) for plural in wanted}
    rows: dict[tuple[str, UUID], dict[str, Any]] = {}
    here, refs = obj.ref(record_id), set()
    for plural, plan in plans.items():
        for row in access.visible(actor, plan.object).filter(id__in=wanted[plural]).values(*plan.columns):
            rows[plural, row["id"]] = row
            refs |= access.refs_in(plan.details, [row]) | {f"users/{row['owner_id']}"}
    fields = access.fields(actor, obj)
    for entry in entries:
        refs |= refs_of_change(fields, entry.change) if entry.change else {entry.on} - {here}
    reader = access.reader(actor, refs - titles.keys())
    reader = replace(reader, titles={**titles, **reader.titles})
    lines = []
    for entry in entries:
        if entry.change is not None:
            line = _change(fields, entry, reader)
            if line["meta"] or entry.change.action != SETTLED:  # what only Trato reads is no news
                lines.append(line)
        elif (entry.object, entry.id) in rows:
            lines.append(_item(plans[entry.object], entry, rows[entry.object, entry.id], here, reader))
    together.talked_of(lines)
    return _with_days(lines, reader)


def _item(plan: Item, entry: Entry, row: dict[str, Any], here: str, reader: Reader) -> dict[str, Any]:
    details = [(field, field.read(row)) for field in plan.details]
    meta = [LABELLED.format(f.label, f.kind.cell(value, reader)) for f, value in details if not f.kind.is_empty(value)]
    if entry.on and entry.on != here and entry.on in reader.titles:
        meta.append(LINK.format(reader.base, entry.on, reader.titles[entry.on]))
    place, _slash, record_id = (entry.on or here).partition("/")
    text = plan.body.read(row) if plan.body else ""
    title, body = row["title"] or str(plan.object.label), plan.body.kind.show(text, reader) if text else ""
    said = " ".join(plan.body.kind.plain(text, reader).split()) if text else ""
    if said and said[:LONGEST_TITLE] == title:  # it has no subject, so its text gave the title
        title, body = (title, "") if said == title and PLAIN.fullmatch(text) else (str(plan.object.label), body)
    return {
        "ref": plan.object.ref(entry.id),
        "icon": plan.object.icon,
        "title": title,
        "body": body,
        "who": reader.titles.get(f"users/{row['owner_id']}", ""),
        "at": entry.at,
        "when": words.when(entry.at, reader),
        "url": f"{reader.base}/{plan.object.plural}/{entry.id}",
        "pinned": entry.pinned,
        "pin_url": f"{reader.base}/{place}/{record_id}/pin/{entry.moment}?on={int(not entry.pinned)}"
        if entry.on == here
        else "",
        "meta": meta,
        "comments": 0,
        "comment_url": f"{reader.base}/{plan.object.plural}/{entry.id}#comments",
    }


def _change(fields: dict[str, Field], entry: Entry, reader: Reader) -> dict[str, Any]:
    """A write of the record itself; what it changed stands below it."""
    change = entry.change
    told = {name: field for name, field in fields.items() if not (field.readonly and isinstance(field.kind, Json))}
    what = [] if change.action == "created" else named_changes(told, change, reader)
    return {
        "ref": "",
        "icon": "history",
        "title": words.write(change.action),
        "body": "",
        "who": change.actor_name,
        "at": entry.at,
        "when": words.when(entry.at, reader),
        "url": "",
        "pinned": False,
        "pin_url": "",
        "comments": 0,
        "comment_url": f"{reader.base}/{entry.object}/{entry.id}/comments?entry={entry.key}",
        "meta": [LABELLED.format(label, diff) for label, diff in what],
    }


def _with_days(lines: list[dict[str, Any]], reader: Reader) -> list[dict[str, Any]]:
    """The first line of each month carries its name."""
    last = None
    zone, locale = zone_of(reader.time_zone), locale_of(reader.language)
    for line in lines:
        local = line["at"].astimezone(zone)
        month = (local.year, local.month)
        new = month != last and not line["pinned"]
        line["day"] = format_date(local.date(), "LLLL y", locale=locale).capitalize() if new else ""
        last = last if line["pinned"] else month
    return lines
