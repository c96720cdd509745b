"""Named reads of people."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from trato.engine import access, objects
from trato.engine.kinds.email import address_key
from trato.engine.kinds.recurrence import occurrences
from trato.engine.models import HistoryEntry, Key, Moment
from trato.engine.postgres.scope import current_workspace_id
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.models import Workspace

from .models import Account, Meeting, Task

#: Relationships of a record that its page shows.
MOST_TIES = 50
#: What a relationship says beside who is related to whom.
TOLD = ("since", "until", "note")
#: Levels of accounts one below the other, at most.
DEEPEST = 20
#: Writes of the workspace that are looked through for those on one's own records.
LATEST = 2000
#: A reminder that could not be sent for so long is not sent any more.
TOO_LATE = timedelta(days=1)
#: How long before it begins a meeting is told of.
SOON = timedelta(minutes=15)
#: Meetings looked at for those that begin soon, once and recurring each.
MOST_SOON = 2000


def upwards(account_id: UUID, pending: Callable[[UUID], Mapping[str, Any] | None]) -> Iterator[UUID]:
    """An account and those above it, also those in the recycle bin; ``pending`` gives changes that are not written yet.

    One hierarchy of the workspace changes at a time, so that two changes can't make a circle between them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"accounts {current_workspace_id()}"])
    current: UUID | None = account_id
    while current:
        yield current
        changed = pending(current)
        rows = Account.objects.filter(id=current).values_list("parent_id", flat=True)
        current = changed["parent"] if changed else rows.first()


def at_address(actor: Actor, plural: str, address: str) -> QuerySet:
    """The records of an object that an e-mail address reaches, as far as the actor sees them: the newest first."""
    found = Key.objects.filter(object=plural, key=address_key(address)).values("record_id")
    return access.visible(actor, objects.get(plural)).filter(id__in=found).order_by("-id")


def members(actor: Actor, record_id: Any) -> list[tuple[str, ...]]:
    """Who belongs to an account now, by a relationship whose type makes members: (object, id) pairs, as far as the
    actor may see the relationship.
    """
    day = _today(actor)
    ties = _ties(actor).filter(target=f"accounts/{record_id}", kind__is_membership=True)
    now = ties.filter(Q(until=None) | Q(until__gte=day), Q(since=None) | Q(since__lte=day))
    return [tuple(ref.split("/", 1)) for ref in now.values_list("source", flat=True)[:1000]]


def _today(actor: Actor) -> date:
    return timezone.now().astimezone(ZoneInfo(actor.time_zone)).date()


def _ties(actor: Actor) -> QuerySet:
    return access.visible(actor, objects.get("relationships"))


def _without_hidden(
    actor: Actor, plural: str, names: Iterable[str], rows: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The rows, in which those of the named fields that the actor's role hides are empty."""
    obj = objects.get(plural)
    hidden = {name: obj.builtin[name].kind.empty for name in set(names) - access.fields(actor, obj).keys()}
    return [row | hidden for row in rows]


def ties_of(actor: Actor, ref: str) -> list[dict[str, Any]]:
    """The relationships of one record seen from it, newest first and those that ended last: each with the other's ref,
    the words from this side, and the dates. At most ``MOST_TIES``.
    """
    wanted = ("id", "source", "target", "since", "until", "note", "kind__name", "kind__reverse_name")
    ties = _ties(actor).filter(Q(source=ref) | Q(target=ref)).order_by("-id").values(*wanted)[:MOST_TIES]
    rows = _without_hidden(actor, "relationships", TOLD, ties)
    day = _today(actor)
    rows.sort(key=lambda row: bool(row["until"] and row["until"] < day))
    found = [(row, side == "source") for row in rows for side in ("source", "target") if row[side] == ref]
    return [
        {
            "id": row["id"],
            "other": row["target"] if forward else row["source"],
            "words": row["kind__name"] if forward else row["kind__reverse_name"],
            "forward": forward,
            "since": row["since"],
            "until": row["until"],
            "ended": bool(row["until"] and row["until"] < day),
            "note": row["note"],
        }
        for row, forward in found
    ]


def today(actor: Actor, now: datetime | None = None) -> tuple[datetime, datetime]:
    """The beginning and the end of the person's own day."""
    zone = ZoneInfo(actor.time_zone)
    midnight = datetime.combine((now or timezone.now()).astimezone(zone).date(), time(), zone)
    return midnight, datetime.combine(midnight.date() + timedelta(days=1), time(), zone)


TOLD_OF_TASKS = ("due_at", "priority", "about")
TASK = ("id", "title", "due_at", "priority", "about", "version")


def open_tasks(actor: Actor, now: datetime | None = None) -> dict[str, list[dict[str, Any]]]:
    """The person's own open tasks: ``overdue``, those of ``today`` (due, or to be reminded of by now), and the next few
    that come ``soon``. To whom their role hides when tasks are due, all come soon.
    """
    now = now or timezone.now()
    start, end = today(actor, now)
    tasks = objects.get("tasks")
    mine = access.visible(actor, tasks).filter(owner_id=actor.user_id, done_at=None).values(*TASK)
    if not {"due_at", "remind_at"} <= access.fields(actor, tasks).keys():
        return {
            "overdue": [],
            "today": [],
            "soon": _without_hidden(actor, "tasks", TOLD_OF_TASKS, mine.order_by("id")[:50]),
        }
    reminded, mine = Q(remind_at__lte=now), mine.order_by("due_at", "id")
    due = Q(due_at__gte=start, due_at__lt=end)
    found = {
        "overdue": mine.filter(due_at__lt=start)[:50],
        "today": mine.filter(Q(due_at__gte=start) | Q(due_at=None), due | reminded)[:50],
        "soon": mine.exclude(reminded).filter(Q(due_at__gte=end, due_at__lt=end + timedelta(days=7)) | Q(due_at=None))[
            :10
        ],
    }
    return {name: _without_hidden(actor, "tasks", TOLD_OF_TASKS, rows) for name, rows in found.items()}


def open_tasks_about(actor: Actor, record_id: UUID, limit: int = 6) -> list[dict[str, Any]]:
    """What is still to be done about a record, by anybody: the most pressing first."""
    about = Moment.objects.filter(record_id=record_id, item_object="tasks").values("item_id")
    rows = access.visible(actor, objects.get("tasks")).filter(id__in=about, done_at=None)
    found = rows.order_by("due_at", "id").values("id", "title", "due_at", "owner_id")[:limit]
    return _without_hidden(actor, "tasks", ("due_at",), found)


def reminders_due(now: datetime) -> QuerySet:
    """Open tasks of somebody whose reminder has come and was not sent, of all the workspace."""
    rows = Task.objects.filter(remind_at__gt=now - TOO_LATE, remind_at__lte=now, done_at=None, deleted_at=None)
    return rows.filter(Q(reminded_at=None) | Q(reminded_at__lt=F("remind_at"))).exclude(owner=None)


def meetings_soon(workspace: Workspace, now: datetime) -> list[tuple[UUID, datetime, set[UUID]]]:
    """The meetings of the workspace that begin within ``SOON``: id, when, and the members who own them or take part."""
    last = now + SOON
    rows = Meeting.objects.filter(deleted_at=None)
    wanted = ("id", "happened_at", "recurrence", "time_zone", "owner_id", "participants")
    once = rows.filter(recurrence="", happened_at__gte=now, happened_at__lt=last).values_list(*wanted)
    recurring = rows.exclude(recurrence="").filter(happened_at__lt=last).values_list(*wanted)
    found = []
    for meeting_id, first, rule, zone, owner, refs in [*once[:MOST_SOON], *recurring[:MOST_SOON]]:
        people = {UUID(ref.removeprefix("users/")) for ref in refs or () if ref.startswith("users/")} | {owner}
        for at in occurrences(rule, first, zone or workspace.time_zone, now, last):
            found.append((meeting_id, at, people - {None}))
    return found


def meetings_of(actor: Actor, first: datetime, last: datetime) -> list[dict[str, Any]]:
    """Meetings the person owns or takes part in that take place in [first, last), recurring ones at each date, by
    time.
    """
    rows = access.visible(actor, objects.get("meetings"))
    mine = Q(owner_id=actor.user_id) | Q(participants__contains=[f"users/{actor.user_id}"])
    once = rows.filter(mine, recurrence="", happened_at__gte=first, happened_at__lt=last)
    recurring = rows.exclude(recurrence="").filter(mine, happened_at__lt=last)
    wanted = ("id", "title", "happened_at", "ends_at", "place", "recurrence", "time_zone", "about")
    found = [*once.values(*wanted)[:200], *recurring.values(*wanted)[:500]]
    dates = [date for row in found for date in _on(row, actor, first, last)]
    return sorted(_without_hidden(actor, "meetings", ("place", "about"), dates), key=lambda row: row["at"])


def _on(row: Mapping[str, Any], actor: Actor, first: datetime, last: datetime) -> list[dict[str, Any]]:
    """One meeting at each of its dates in a stretch of time, as ``at`` and ``until``."""
    length = (row["ends_at"] - row["happened_at"]) if row["ends_at"] else None
    dates = occurrences(
        row["recurrence"], row["happened_at"], row["time_zone"] or actor.workspace.time_zone, first, last
    )
    return [dict(row) | {"at": at, "until": at + length if length else None} for at in dates]


def changed_in_mine(actor: Actor, limit: int = 12) -> list[HistoryEntry]:
    """The latest writes by others on records the person owns, newest first, one line a record."""
    records = [obj.plural for obj in objects.all_objects()]  # members, roles and the like have a history too
    newest = HistoryEntry.objects.order_by("-id")[:LATEST]  # so many are read, however much was imported
    lately = HistoryEntry.objects.filter(id__in=newest.values("id")).exclude(actor_id=actor.user_id)
    lately = lately.filter(object__in=records, at__gte=timezone.now() - timedelta(days=14)).defer("changes")
    found: dict[Any, HistoryEntry] = {}
    for entry in lately.order_by("-id")[:400]:
        found.setdefault(entry.record_id, entry)
    mine: set[Any] = set()
    for plural in {entry.object for entry in found.values()}:
        wanted = [entry.record_id for entry in found.values() if entry.object == plural]
        rows = access.visible(actor, objects.get(plural)).filter(owner_id=actor.user_id, id__in=wanted)
        mine.update(rows.values_list("id", flat=True))
    return [entry for entry in found.values() if entry.record_id in mine][:limit]
