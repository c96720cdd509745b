"""What of sales stands in My day: leads to touch, next steps, deals that went quiet."""

import json
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trato.engine import access, objects
from trato.modules.people.queries import today as day_of
from trato.web.panels import today
from trato.web.words import when

from ..queries import deals, leads


@today
def my_sales(request: HttpRequest) -> dict[str, Any]:
    """The boxes of sales, as far as there is something in them."""
    actor = request.actor
    if actor.user_id is None:
        return {}
    reader = access.reader(actor)
    found = [_to_touch(actor, reader), _next_steps(actor, reader), _stale(actor, reader)]
    return {"boxes": [box for box in found if box["lines"]]}


def _box(name: str, title: str, icon: str, url: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": f"my-{name}", "title": title, "icon": icon, "url": url, "lines": lines}


def _to_touch(actor: Any, reader: Any) -> dict[str, Any]:
    rows = leads.to_touch(actor) if "due_at" in access.fields(actor, objects.get("leads")) else []
    lines = [
        {
            "title": row["title"],
            "url": f"{reader.base}/leads/{row['id']}",
            "text": row["company"] if row["company"] != row["title"] else "",
            "when": when(row["due_at"], reader),
            "late": bool(row["due_at"] and row["due_at"] < reader.now),
        }
        for row in rows
    ]
    url = f"{reader.base}/leads/?{urlencode({'view': 'untouched'})}"
    return _box("leads", _("Leads to touch"), "user-search", url, lines)


def _next_steps(actor: Any, reader: Any) -> dict[str, Any]:
    _start, end = day_of(actor)
    lines = [
        {
            "title": row["title"],
            "url": f"{reader.base}/deals/{row['id']}",
            "text": row["next_step"],
            "when": when(row["next_step_at"], reader),
            "late": row["next_step_at"] < reader.now,
        }
        for row in deals.next_steps(actor, end)
    ]
    mine = {"field": "owner", "op": "is", "value": "me"}
    due = {"field": "next_step_at", "op": "lt", "value": (timezone.now() + timedelta(days=1)).date().isoformat()}
    tree = {"and": [mine, {"field": "status", "op": "is", "value": "open"}, due]}
    url = f"{reader.base}/deals/?{urlencode({'filter': json.dumps(tree)})}"
    return _box("steps", _("Next steps"), "alarm", url, lines)


def _stale(actor: Any, reader: Any) -> dict[str, Any]:
    lines = [
        {
            "title": row["title"],
            "url": f"{reader.base}/deals/{row['id']}",
            "text": ngettext("quiet for %(n)s day", "quiet for %(n)s days", row["quiet"]) % {"n": row["quiet"]},
            "when": None,
            "late": True,
        }
        for row in deals.stale(actor)
    ]
    url = f"{reader.base}/deals/?{urlencode({'view': 'quiet'})}"
    return _box("stale", _("Deals that went quiet"), "clock-pause", url, lines)
