"""News from the history: who was given something, who is mentioned, and what changed in records people follow.

The history of a workspace is looked through set by set, never change by change: a change of 100,000 records makes one
notification a follower. Nothing is written where changes are made; the same stretch of history may be read twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from .. import access, objects
from ..models import HistoryEntry
from ..objects import Object
from ..workspaces.actors import Actor
from ..workspaces.models import Workspace
from . import follows, wishes
from .models import Follow, Gathering, Notification
from .person import person
from .rules import MARK, newly_mentioned
from .telling import News, actor_of, tell

#: So far back the history is read again: what was written before it became visible.
OVERLAP = timedelta(minutes=10)
#: A batch that changed more of somebody's followed records is told as one.
FEW = 3
#: Texts with mentions looked at in one go.
MOST_TEXTS = 1000


def gather(workspace: Workspace, now: datetime | None = None) -> int:
    """Tell what the history has to tell since the last time; returns how many notifications that made.

    Safe to run twice and in several processes (inside ``in_workspace``).
    """
    now = now or timezone.now()
    state = _state(now)
    if state is None:
        return 0
    since = max(state.through - OVERLAP, state.began_at)
    window = HistoryEntry.objects.filter(id__gte=floor(since), at__gte=since).exclude(face="undo")
    news: list[News] = []
    if window.exists():
        news = [*_given(workspace, since), *_mentioned(workspace, window), *_changed(workspace, window)]
    told = tell(workspace, news, now)
    Gathering.objects.filter(id=state.id).update(through=now)
    return told


def _state(now: datetime) -> Gathering | None:
    """The workspace's place in its history, locked; None while another process gathers. It begins where it is."""
    row = Gathering.objects.select_for_update(skip_locked=True, of=("self",)).first()
    if row is None and not Gathering.objects.exists():
        Gathering.objects.bulk_create([Gathering(began_at=now, through=now)], ignore_conflicts=True)
    return row


def floor(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment."""
    return UUID(int=(int(moment.timestamp() * 1000) << 80) | (0x7 << 76) | (0b10 << 62))


# The last owner of each record that others gave away, by who got it and in which batch; of mails that came, whoever
# writes them down tells.
GIVEN = """
SELECT person, object, batch_id, actor_id, max(actor_name), count(*), max(record_id::text)::uuid, max(id::text)::uuid
FROM (SELECT DISTINCT ON (record_id, batch_id) changes #>> '{owner,1}' AS person, object, batch_id, actor_id,
          actor_name, record_id, id
      FROM engine_historyentry
      WHERE workspace_id = %s AND id >= %s AND at >= %s AND face NOT IN ('undo', 'mail') AND changes ? 'owner'
      ORDER BY record_id, batch_id, id DESC) AS last
WHERE person IS NOT NULL AND person IS DISTINCT FROM actor_id::text
GROUP BY person, object, batch_id, actor_id
"""


def _given(workspace: Workspace, since: datetime) -> Iterator[News]:
    """Records that somebody else made somebody's."""
    with connection.cursor() as cursor:
        cursor.execute(GIVEN, [workspace.id, floor(since), since])
        rows = cursor.fetchall()
    for given_to, plural, batch, by, name, count, record_id, last in rows:
        actor = actor_of(workspace, UUID(given_to))
        obj = objects.get(plural) if objects.is_known(plural) else None
        if actor is None or obj is None or not access.may_see_any(actor, obj):
            continue
        one = count == 1
        if one and not access.visible(actor, obj).filter(id=record_id).exists():
            continue
        yield News(
            person(actor),
            "assigned",
            f"assigned:{plural}/{record_id}" if one else f"assigned:{batch}:{plural}",
            last,
            object=plural,
            record_id=record_id if one else None,
            by_id=by,
            by_name=name,
            count=count,
        )


def _mentioned(workspace: Workspace, window: QuerySet[HistoryEntry]) -> Iterator[News]:
    """People mentioned in the texts of records."""
    texts = window.exclude(face="import").annotate(text=Cast("changes", TextField())).filter(text__contains=MARK)
    for entry in texts.order_by("-id")[:MOST_TEXTS]:
        if not objects.is_known(entry.object):
            continue
        obj = objects.get(entry.object)
        for name, (old, new) in entry.changes.items():
            for user_id in newly_mentioned(old, new):
                actor = actor_of(workspace, user_id)
                if actor is None or user_id == entry.actor_id or name not in access.fields(actor, obj):
                    continue
                if not access.visible(actor, obj).filter(id=entry.record_id).exists():
                    continue
                if wishes.of(actor).follow_mention:
                    follows.begin([user_id], obj.plural, entry.record_id)
                yield News(
                    user_id,
                    "mention",
                    f"mention:{obj.plural}/{entry.record_id}",
                    entry.id,
                    object=obj.plural,
                    record_id=entry.record_id,
                    by_id=entry.actor_id,
                    by_name=entry.actor_name,
                )


def _changed(workspace: Workspace, window: QuerySet[HistoryEntry]) -> Iterator[News]:
    """What others changed in records that people follow."""
    told = window.exclude(action="created")
    for plural in told.order_by().values_list("object", flat=True).distinct():
        if not objects.is_known(plural):
            continue
        obj = objects.get(plural)
        rows = told.filter(object=plural)
        for user_id in _interested(obj, rows):
            actor = actor_of(workspace, user_id)
            if actor is not None:
                yield from _for_follower(actor, obj, rows)


def _interested(obj: Object, rows: QuerySet[HistoryEntry]) -> set[UUID]:
    """Who follows some of the changed records, by a row or by owning them, and wants to hear of it."""
    changed = rows.values("record_id")
    found = set(
        Follow.objects.filter(object=obj.plural, is_on=True, record_id__in=changed)
        .values_list("user_id", flat=True)
        .distinct()
    )
    owners = obj.rows().filter(id__in=changed).exclude(owner=None).order_by()
    found |= set(owners.values_list("owner_id", flat=True).distinct())
    chosen = wishes.of_people(found)
    return {
        user_id
        for user_id, wish in chosen.items()
        if wish.channels.in_app("changed") or wish.channels.mail("changed") != "none"
    }


def _for_follower(actor: Actor, obj: Object, rows: QuerySet[HistoryEntry]) -> Iterator[News]:
    rows_of_mine = Follow.objects.filter(user_id=person(actor), object=obj.plural, record_id=OuterRef("record_id"))
    followed = Q(Exists(rows_of_mine.filter(is_on=True, created_at__lte=OuterRef("at"))))
    if wishes.of(actor).follow_own:
        own = obj.rows().filter(owner_id=person(actor)).values("id")
        followed |= Q(record_id__in=own) & ~Q(Exists(rows_of_mine.filter(is_on=False)))
    there = access.visible(actor, obj).values("id")
    gone = access.visible(actor, obj, deleted=True).values("id")
    mine = rows.filter(followed).filter(Q(record_id__in=there) | Q(record_id__in=gone))
    mine = mine.exclude(actor_id=person(actor))
    mine = mine.exclude(changes__has_key="owner", changes__owner__1=str(person(actor)))  # told as given
    counted = mine.order_by().values("batch_id").annotate(n=Count("record_id", distinct=True))
    few = []
    for batch in counted:
        if batch["n"] <= FEW:
            few.append(batch["batch_id"])
        else:
            yield from _of_batch(actor, obj, mine.filter(batch_id=batch["batch_id"]), batch["batch_id"])
    yield from _one_by_one(actor, obj, mine.filter(batch_id__in=few))


def _since(actor: Actor, keys: list[str]) -> dict[str, UUID]:
    """Up to which write things were told to the actor already."""
    rows = Notification.objects.filter(user_id=person(actor), key__in=keys)
    return dict(rows.values_list("key", "source"))


def _of_batch(actor: Actor, obj: Object, rows: QuerySet[HistoryEntry], batch_id: UUID) -> Iterator[News]:
    key = f"changed:{batch_id}:{obj.plural}"
    before = _since(actor, [key]).get(key)
    rows = rows.filter(id__gt=before) if before else rows
    last = rows.order_by("-id").only("id", "actor_id", "actor_name").first()
    if last is not None:
        count = rows.order_by().aggregate(n=Count("record_id", distinct=True))["n"]
        yield News(
            person(actor),
            "changed",
            key,
            last.id,
            object=obj.plural,
            by_id=last.actor_id,
            by_name=last.actor_name,
            count=count,
        )


def _one_by_one(actor: Actor, obj: Object, rows: QuerySet[HistoryEntry]) -> Iterator[News]:
    writes: dict[UUID, list[HistoryEntry]] = defaultdict(list)
    for row in rows.order_by("id").only("id", "record_id", "actor_id", "actor_name", "action")[:MOST_TEXTS]:
        writes[row.record_id].append(row)
    keys = {record_id: f"changed:{obj.plural}/{record_id}" for record_id in writes}
    before = _since(actor, list(keys.values()))
    for record_id, entries in writes.items():
        known: Any = before.get(keys[record_id])
        new = [entry for entry in entries if known is None or entry.id > known]
        if new:
            yield News(
                person(actor),
                "changed",
                keys[record_id],
                new[-1].id,
                object=obj.plural,
                record_id=record_id,
                by_id=new[-1].actor_id,
                by_name=new[-1].actor_name,
                count=len(new),
                details={"action": new[-1].action},
            )
