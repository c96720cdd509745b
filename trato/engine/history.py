"""Every write leaves one row a record: who, when, through which face, from which source, each field's old and new
value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from . import access, merges
from .models import HistoryEntry
from .objects import Object
from .workspaces.actors import Actor
from .workspaces.ids import uuid7

#: Writes of a record that are looked through for the origins of its values.
LOOKED_THROUGH = 500
#: How the source of an undo begins; what follows is the batch it took back.
UNDO_OF = "undo:"
#: What deleting for good is called: no undo brings the record back, and its history holds no values.
DESTROYED = "destroyed"
#: What a merge, and its undo, are called.
MERGED, UNMERGED = "merged", "unmerged"
#: What it is called when a record follows its parts: taking those back brings it up to date again.
SETTLED = "settled"


@dataclass(frozen=True)
class Batch:
    """Writes that belong together and are undone together: one save, one import, one action."""

    id: UUID = field(default_factory=uuid7)
    action: str = ""


_batch: ContextVar[Batch | None] = ContextVar("trato_batch", default=None)


@contextmanager
def batch(action: str = "", batch_id: UUID | None = None) -> Iterator[Batch]:
    """Writes inside belong to one batch, called ``action`` in the history; nested ones join the outer."""
    outer = _batch.get()
    if outer is not None:
        yield outer
        return
    token = _batch.set(current := Batch(batch_id or uuid7(), action))
    try:
        yield current
    finally:
        _batch.reset(token)


@dataclass(frozen=True)
class Written:
    """One record as it was written: field name -> (old JSON, new JSON) for what changed."""

    record_id: UUID
    changes: Mapping[str, tuple[Any, Any]]
    version: int


def write(actor: Actor, obj: Object, action: str, rows: Iterable[Written]) -> UUID:
    """Add history rows in the running transaction; returns the id of their batch."""
    running = _batch.get() or Batch()
    HistoryEntry.objects.bulk_create(
        HistoryEntry(
            object=obj.plural,
            record_id=row.record_id,
            action=action if action == SETTLED else running.action or action,
            actor_kind=actor.kind,
            actor_id=actor.user_id,
            actor_name=actor.name,
            face=actor.face,
            source=actor.source,
            changes={name: list(pair) for name, pair in row.changes.items()},
            version=row.version,
            batch_id=running.id,
        )
        for row in rows
    )
    return running.id


def of_record(actor: Actor, obj: Object, record_id: Any) -> QuerySet:
    """The history of one record the actor may see, with that of the records that became part of it, newest first;
    raises access.Absent.
    """
    record = access.get(actor, obj, record_id)
    ids = [record.id, *merges.losers(obj.plural, record.id)]
    return HistoryEntry.objects.filter(record_id__in=ids, object=obj.plural).order_by("-id")


def shown(actor: Actor, obj: Object, entry: HistoryEntry) -> dict[str, list[Any]]:
    """The changes of an entry without the fields the actor may not see."""
    known = access.fields(actor, obj)
    return {name: pair for name, pair in entry.changes.items() if name in known}


def is_in_force(batch_id: Any) -> bool:
    """Whether a batch has writes that were not taken back."""
    return HistoryEntry.objects.filter(batch_id=batch_id, undone_at=None).exists()


def mark_undone(batch_id: UUID, *, undone: bool = True) -> None:
    """Say that a batch is undone, or in force again; where it is itself the undo of another, that one turns round."""
    for place, each in enumerate(undo_chain(batch_id)):
        rows = HistoryEntry.objects.filter(batch_id=each)
        rows.update(undone_at=timezone.now() if undone == (place % 2 == 0) else None)


def undo_chain(batch_id: UUID) -> list[UUID]:
    """The batch, the one it took back if it is itself an undo, the one that that took back, and so on."""
    chain = [batch_id]
    while True:
        first = HistoryEntry.objects.filter(batch_id=chain[-1]).first()
        if first is None or first.face != "undo" or not first.source.startswith(UNDO_OF):
            return chain
        chain.append(UUID(first.source.removeprefix(UNDO_OF)))


def lately(actor: Actor, obj: Object, record_id: Any) -> list[HistoryEntry]:
    """The newest writes of one record, as far back as the origins of its values are looked for; raises Absent."""
    record = access.get(actor, obj, record_id)
    return list(of_record(actor, obj, record).filter(record_id=record.id)[:LOOKED_THROUGH])


def provenance(actor: Actor, obj: Object, entries: Iterable[HistoryEntry]) -> dict[str, HistoryEntry]:
    """For each field the actor may see, the last of a record's ``entries`` (newest first) that wrote it: where the
    value came from, and when.
    """
    found: dict[str, HistoryEntry] = {}
    known = access.fields(actor, obj)
    for entry in entries:
        for name in known.keys() & entry.changes.keys():
            found.setdefault(name, entry)
    return found


def last(record_id: Any, action: str) -> HistoryEntry | None:
    """The latest write of that name of a record (who may see the record may see who made it)."""
    return HistoryEntry.objects.filter(record_id=record_id, action=action).order_by("-id").first()
