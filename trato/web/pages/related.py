"""The boxes of a record's page with what points at it."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest

from trato.engine import related
from trato.engine.objects import Object
from trato.engine.related import Pointing

from .. import forms
from ..respond import base_of


def of_record(request: HttpRequest, obj: Object, found: Any) -> list[dict[str, Any]]:
    """The records of other objects whose links point here, the newest few of each, as parts/record.html says."""
    here = f"{obj.plural}/{found.id}"
    groups = [_group(request, here, link) for link in related.of_record(request.actor, obj, found.id)]
    return [group for group in groups if group["items"] or group["add_url"]]


def _group(request: HttpRequest, here: str, link: Pointing) -> dict[str, Any]:
    other, field = link.object, link.field
    base, back = f"{base_of(request)}/{other.plural}/", f"{base_of(request)}/{here}"
    named = f"{other.label_plural} · {field.label}" if link.several else other.label_plural
    may_add = not (other.within or field.readonly) and request.actor.rights.may(other.plural, "create")
    return {
        "label": str(other.backwards.get(field.name) or named),
        "icon": other.icon,
        "count": link.count,
        "all_url": f"{base}?{forms.query(filter=json.dumps(link.condition, separators=(',', ':')))}",
        "add_url": f"{base}new?{forms.query(**{field.name: here, 'back': back})}" if may_add else "",
        "items": [
            {"title": title or str(other.label), "url": f"{base}{record_id}", "detail": "", "icon": other.icon}
            for record_id, title in link.newest
        ],
    }
