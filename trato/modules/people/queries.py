"""Named reads of people."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone

from trato.engine import access, objects
from trato.engine.models import HistoryEntry
from trato.engine.workspaces.actors import Actor

from .rules import occurrences


def members(actor: Actor, record_id: Any) -> list[tuple[str, str]]:
    """Who belongs to an account by a relationship whose type rolls up, now: (object, id) pairs the actor may see the tie of."""
    ties = _ties(actor).filter(target=f"accounts/{record_id}", kind__is_membership=True, until=None)
    return [tuple(ref.split("/", 1)) for ref in ties.values_list("source", flat=True)[:1000]]


def _ties(actor: Actor) -> QuerySet:
    return access.visible(actor, objects.get("relationships"))


def ties_of(actor: Actor, ref: str) -> list[dict[str, Any]]:
    """The relationships of one record seen from it: each with the other's ref, the words from this side, and the dates."""
    wanted = ("id", "source", "target", "since", "until", "note", "kind__name", "kind__reverse_name")
    found = [(row, True) for row in _ties(actor).filter(source=ref).values(*wanted)]
    found += [(row, False) for row in _ties(actor).filter(target=ref).values(*wanted)]
    return [
        {
            "id": row["id"],
            "other": row["target"] if forward else row["source"],
            "words": row["kind__name"] if forward else row["kind__reverse_name"],
            "forward": forward,
            "since": row["since"],
            "until": row["until"],
            "note": row["note"],
        }
        for row, forward in found
    ]


def today(actor: Actor, now: datetime | None = None) -> tuple[datetime, datetime]:
    """The beginning and the end of the person's own day."""
    zone = ZoneInfo(actor.time_zone)
    midnight = datetime.combine((now or timezone.now()).astimezone(zone).date(), time(), zone)
    return midnight, datetime.combine(midnight.date() + timedelta(days=1), time(), zone)


TASK = ("id", "title", "due_at", "priority", "about", "version")


def open_tasks(actor: Actor, now: datetime | None = None) -> dict[str, list[dict[str, Any]]]:
    """The person's own open tasks that are ``overdue`` or due ``today``, and the next few that come ``soon``."""
    start, end = today(actor, now)
    mine = access.visible(actor, objects.get("tasks")).filter(owner_id=actor.user_id, done_at=None)
    mine = mine.order_by("due_at", "id").values(*TASK)
    return {
        "overdue": list(mine.filter(due_at__lt=start)[:50]),
        "today": list(mine.filter(due_at__gte=start, due_at__lt=end)[:50]),
        "soon": list(mine.filter(Q(due_at__gte=end, due_at__lt=end + timedelta(days=7)) | Q(due_at=None))[:10]),
    }


def meetings_of(actor: Actor, first: datetime, last: datetime) -> list[dict[str, Any]]:
    """Meetings the person owns or takes part in that take place in [first, last), recurring ones at each date, by time."""
    rows = access.visible(actor, objects.get("meetings"))
    mine = Q(owner_id=actor.user_id) | Q(participants__contains=[f"users/{actor.user_id}"])
    once = rows.filter(mine, recurrence="", happened_at__gte=first, happened_at__lt=last)
    recurring = rows.exclude(recurrence="").filter(mine, happened_at__lt=last)
    wanted = ("id", "title", "happened_at", "ends_at", "place", "recurrence", "time_zone", "about")
    found = [*once.values(*wanted)[:200], *recurring.values(*wanted)[:500]]
    return sorted((date for row in found for date in _on(row, actor, first, last)), key=lambda row: row["at"])


def _on(row: Mapping[str, Any], actor: Actor, first: datetime, last: datetime) -> list[dict[str, Any]]:
    """One meeting at each of its dates in a stretch of time, as ``at`` and ``until``."""
    length = (row["ends_at"] - row["happened_at"]) if row["ends_at"] else None
    dates = occurrences(row["recurrence"], row["happened_at"], row["time_zone"] or actor.time_zone, first, last)
    return [dict(row) | {"at": at, "until": at + length if length else None} for at in dates]


def changed_in_mine(actor: Actor, limit: int = 12) -> list[HistoryEntry]:
    """The latest writes by others on records the person owns, newest first, one line a record."""
    records = [obj.plural for obj in objects.all_objects()]  # members, roles and the like have a history too
    lately = HistoryEntry.objects.exclude(actor_id=actor.user_id).filter(object__in=records)
    lately = lately.filter(at__gte=timezone.now() - timedelta(days=14))
    found: dict[Any, HistoryEntry] = {}
    for entry in lately.order_by("-id")[:400]:
        found.setdefault(entry.record_id, entry)
    mine: set[Any] = set()
    for plural in {entry.object for entry in found.values()}:
        wanted = [entry.record_id for entry in found.values() if entry.object == plural]
        rows = access.visible(actor, objects.get(plural)).filter(owner_id=actor.user_id, id__in=wanted)
        mine.update(rows.values_list("id", flat=True))
    return [entry for entry in found.values() if entry.record_id in mine][:limit]
