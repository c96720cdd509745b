"""What changed since a moment, for pages that can't listen and so ask again and again."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from .. import access, objects
from ..models import HistoryEntry, Moment
from ..workspaces.actors import Actor
from .comments import HISTORY
from .gathering import floor
from .models import Comment, Notification
from .person import person

#: Writes that become visible so much later than they were made are still told.
SLACK = timedelta(seconds=5)
MOST = 200
OLDEST = timedelta(hours=1)

Change = dict[str, Any]


def since(actor: Actor, after: Any) -> tuple[str, list[Change]]:
    """The place to ask from next time, and what changed as the live stream tells it: ``{"ref", "object", "by",
    "about"}``, of records the actor may see. A strange or very old place begins now.
    """
    now = timezone.now()
    start = _moment(after)
    following = str(floor(now - SLACK))
    if start is None or not now - OLDEST < start <= now:
        return following, []
    writes = HistoryEntry.objects.filter(id__gte=floor(start)).order_by("id")
    rows = list(writes.values_list("object", "record_id", "actor_name")[:MOST])
    changes = _visible(actor, _on_records(rows))
    if Notification.objects.filter(user_id=person(actor), at__gte=start).exists():
        changes.append({"ref": "", "object": "notifications", "by": "", "about": []})
    return following, changes


def _moment(after: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp((UUID(str(after)).int >> 80) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _on_records(rows: list[tuple[str, UUID, str]]) -> dict[tuple[str, UUID], str]:
    """Who changed which record last; a comment's write counts for its record."""
    ids = [record_id for plural, record_id, _name in rows if plural == HISTORY]
    places = {row[0]: row[1:] for row in Comment.objects.filter(id__in=ids).values_list("id", "object", "record_id")}
    found: dict[tuple[str, UUID], str] = {}
    for plural, record_id, name in rows:
        place = places.get(record_id) if plural == HISTORY else (plural, record_id)
        if place and objects.is_known(place[0]):
            found[place] = name
    return found


def _visible(actor: Actor, changed: dict[tuple[str, UUID], str]) -> list[Change]:
    ids: dict[str, list[UUID]] = defaultdict(list)
    for plural, record_id in changed:
        ids[plural].append(record_id)
    seen = {
        (plural, record_id)
        for plural, some in ids.items()
        for gone in (False, True)
        for record_id in access.visible(actor, objects.get(plural), deleted=gone)
        .filter(id__in=some)
        .values_list("id", flat=True)
    }
    about = _about(actor, [record_id for _plural, record_id in seen])
    return [
        {"ref": f"{plural}/{record_id}", "object": plural, "by": name, "about": about.get(record_id, [])}
        for (plural, record_id), name in changed.items()
        if (plural, record_id) in seen
    ]


def _about(actor: Actor, ids: list[UUID]) -> dict[UUID, list[str]]:
    """What items are about, as far as the actor may see that."""
    moments = Moment.objects.filter(item_id__in=ids).values_list("item_id", "object", "record_id", "item_object")
    pairs = [
        (item_id, f"{plural}/{record_id}")
        for item_id, plural, record_id, item in moments
        if (moment := objects.get(item).moment) and actor.rights.field(item, moment.about) != "hidden"
    ]
    known = access.titles(actor, {ref for _item, ref in pairs})
    found: dict[UUID, list[str]] = defaultdict(list)
    for item_id, ref in pairs:
        if ref in known:
            found[item_id].append(ref)
    return found
