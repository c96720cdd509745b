"""What happened with a record, newest first: the activities about it and about those it stands for, and its own
changes.

Two sources are read by key and merged: moments (items placed on the record, or on records it rolls up) and history.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from . import access, history, objects
from .models import HistoryEntry, Moment
from .objects import Object
from .workspaces.actors import Actor

MOST_ROLLED_UP = 2000


@dataclass(frozen=True)
class Entry:
    """One line of a timeline: an item (``object``, ``id``) or a change (``change``); ``at`` and
    ``key`` say its place.
    """

    at: datetime
    key: UUID
    object: str
    id: UUID
    pinned: bool = False
    moment: UUID | None = None
    on: str = ""
    change: HistoryEntry | None = None


def covered(actor: Actor, obj: Object, record_id: UUID) -> list[UUID]:
    """The record itself and the records whose timelines it rolls up, as far as the actor may see them."""
    ids = [record_id]
    linked = []
    for source in (*obj.rollup, *_rolled_up_to(obj)):
        if callable(source):
            pairs = source(actor, record_id)
            for plural in {plural for plural, _id in pairs}:
                wanted = [target for place, target in pairs if place == plural]
                ids += access.visible(actor, objects.get(plural)).filter(id__in=wanted).values_list("id", flat=True)
            continue
        plural, _dot, name = source.partition(".")
        other = objects.get(plural)
        if actor.rights.field(plural, name) != "hidden":
            rows = access.visible(actor, other).filter(**{other.builtin[name].columns[0]: record_id})
            linked.append(rows.order_by("-id").values_list("id", flat=True)[:MOST_ROLLED_UP])
    if linked:  # in one statement, however many objects there are
        ids += linked[0].union(*linked[1:], all=True) if len(linked) > 1 else linked[0]
    return list(dict.fromkeys(ids))


def _rolled_up_to(obj: Object) -> Iterator[str]:
    """The links, such as deals.account, by which records say themselves that their timelines are shown there."""
    for other in objects.all_objects():
        for name in other.rolls_up_to:
            if other.builtin[name].points_at(obj.plural):
                yield f"{other.plural}.{name}"


def seen_condition(actor: Actor, kinds: Iterable[str]) -> Q:
    """The moments whose items the actor may see, by the items' owners and shares, as one SQL condition."""
    condition = Q(pk__in=[])
    whole = []
    for plural in kinds:
        obj = objects.get(plural)
        owners = access.owners_seen(actor, obj)
        if owners is None:
            whole.append(plural)
        elif actor.rights.token_allows(plural, "see"):
            own = Q(owner_id__in=owners) | Q(item_id__in=access.shared_ids(actor, obj))
            condition |= Q(item_object=plural) & own
    return condition | Q(item_object__in=whole)


def kinds_of_items() -> list[str]:
    """The objects whose records stand on timelines."""
    return [obj.plural for obj in objects.all_objects() if obj.moment]


def page(
    actor: Actor,
    obj: Object,
    record_id: Any,
    *,
    only: Iterable[str] = (),
    cursor: str = "",
    limit: int = 30,
    lately: list[HistoryEntry] | None = None,
) -> tuple[list[Entry], str | None]:
    """One page of a record's timeline and the cursor of the next; ``only`` names objects, or ``changes``. Who has read
    the record's latest writes already gives them as ``lately``, for the first page.

    Raises access.Absent where the record can't be seen.
    """
    record_id = access.get(actor, obj, record_id).id
    wanted = list(only)
    kinds = [kind for kind in kinds_of_items() if not wanted or kind in wanted]
    before = _decode(cursor)
    entries = _moments(actor, covered(actor, obj, record_id), kinds, before, limit + 1) if kinds else []
    if not wanted or "changes" in wanted:
        known = lately if lately is not None and not before else _writes(obj, record_id, before, limit + 1)
        entries += _changes(actor, obj, known[: limit + 1])
    entries.sort(key=lambda entry: (entry.at, entry.key), reverse=True)
    more = len(entries) > limit
    entries = entries[:limit]
    return entries, _encode(entries[-1]) if more else None


def pinned(actor: Actor, obj: Object, record_id: UUID) -> list[Entry]:
    """The entries pinned to this record, newest first."""
    rows = Moment.objects.filter(seen_condition(actor, kinds_of_items()), record_id=record_id, is_pinned=True)
    return [_entry(row, record_id) for row in rows.order_by("-at", "-id")[:20]]


def pin(actor: Actor, obj: Object, record_id: Any, moment_id: Any, *, on: bool) -> None:
    """Pin an entry to the top of a record's timeline, or let it go; raises Absent, Forbidden."""
    access.get(actor, obj, record_id, "change")
    rows = Moment.objects.filter(
        seen_condition(actor, kinds_of_items()), id=access.as_uuid(moment_id), record_id=record_id
    )
    if not rows.update(is_pinned=on):
        raise access.Absent(str(moment_id))


# An item about several of the records stands here once: for the record itself where it is about it too.
SQL = """
SELECT DISTINCT ON (m.at, m.item_id) m.* FROM unnest(%s::uuid[]) AS r (id)
CROSS JOIN LATERAL (
    {one}
) m ORDER BY m.at DESC, m.item_id DESC, (m.record_id = %s) DESC, m.id DESC LIMIT %s
"""


def _moments(
    actor: Actor, ids: list[UUID], kinds: list[str], before: tuple[datetime, UUID] | None, limit: int
) -> list[Entry]:
    """The newest items on many records, of which the first is the page's own: the newest few of each by index, then
    the newest of those.
    """
    rows = Moment.objects.filter(seen_condition(actor, kinds))
    if before:
        rows = rows.filter(Q(at__lt=before[0]) | Q(at=before[0], item_id__lt=before[1]), at__lte=before[0])
    rows = rows.order_by("-at", "-item_id")
    if len(ids) == 1:
        return [_entry(row, ids[0]) for row in rows.filter(record_id=ids[0])[:limit]]
    one, parameters = rows.extra(where=["engine_moment.record_id = r.id"])[:limit].query.sql_with_params()
    found = Moment.objects.raw(SQL.format(one=one), [ids, *parameters, ids[0], limit])
    return [_entry(row, ids[0]) for row in found]


def _entry(row: Moment, record_id: UUID) -> Entry:
    pinned = row.is_pinned and row.record_id == record_id
    return Entry(row.at, row.item_id, row.item_object, row.item_id, pinned, row.id, f"{row.object}/{row.record_id}")


def _writes(obj: Object, record_id: UUID, before: tuple[datetime, UUID] | None, limit: int) -> list[HistoryEntry]:
    rows = HistoryEntry.objects.filter(record_id=record_id, object=obj.plural)
    if before:
        rows = rows.filter(at__lte=before[0]).exclude(at=before[0], id__gte=before[1])
    return list(rows.order_by("-id")[:limit])


def _changes(actor: Actor, obj: Object, rows: Iterable[HistoryEntry]) -> list[Entry]:
    entries = []
    for row in rows:
        row.changes = history.shown(actor, obj, row)
        entries.append(Entry(row.at, row.id, obj.plural, row.record_id, change=row))
    return entries


def _encode(entry: Entry) -> str:
    text = json.dumps([entry.at.isoformat(), str(entry.key)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[datetime, UUID] | None:
    """Where the page before ended; a cursor that is none starts from the top."""
    try:
        at, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
        return (moment, UUID(str(key))) if moment.tzinfo else None
    except (ValueError, TypeError, RecursionError):
        return None
