"""Taking back what was done, from its history: create, update, delete and restore, one batch at a time, whole or not at
all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from . import access, actions, history, merging, objects
from .bulk.undoing import Undoing
from .models import HistoryEntry, Merge
from .values import Problem, Refused
from .workspaces.actors import Actor

UNDOABLE = frozenset({"created", "updated", "deleted", "restored"})
#: Writes a batch may have to be taken back one by one; more of them go set-wise.
FEW = 200
#: Writes that are taken back where they are made, not here.
ELSEWHERE = frozenset({"shared", "unshared"})


def entries_of(actor: Actor, batch_id: Any) -> list[HistoryEntry]:
    """The writes of a batch, newest first, if the actor made them or is an administrator; raises Absent."""
    rows = list(HistoryEntry.objects.filter(batch_id=access.as_uuid(batch_id)).order_by("-id"))
    if not rows or not (actor.rights.admin or all(row.actor_id == actor.user_id for row in rows)):
        raise access.Absent(str(batch_id))
    return rows


def undo(actor: Actor, batch_id: Any) -> UUID:
    """Take a batch back as a new batch, whose id is returned.

    Raises Refused, with a reason and nothing changed, when it was undone before, when later changes stand on it, or
    when the actor may not change one of its records any more; Absent when there is no such batch for the actor.
    """
    if Merge.objects.filter(batch_id=access.as_uuid(batch_id)).exists():
        return merging.unmerge(actor, access.as_uuid(batch_id))
    if _is_large(batch_id):
        return _undo_large(actor, access.as_uuid(batch_id))
    rows = entries_of(actor, batch_id)
    if all(row.undone_at for row in rows):
        raise _refuse("undone", _("This was undone already."))
    if any(row.action == history.UNMERGED for row in rows):
        return merging.merge_again(actor, rows)
    problems = [reason for row in rows if (reason := _obstacle(row))]
    if problems:
        raise Refused(problems[:20])
    with transaction.atomic(), history.batch() as batch:
        for row in rows:
            _take_back(actor.via("undo", f"{history.UNDO_OF}{rows[0].batch_id}"), row)
        history.mark_undone(rows[0].batch_id)
    return batch.id


def _is_large(batch_id: Any) -> bool:
    """Whether a batch is of many writes, all of them of the generic kind."""
    rows = HistoryEntry.objects.filter(batch_id=access.as_uuid(batch_id))
    many = rows.order_by("id").values_list("id")[FEW : FEW + 1].exists()
    return many and not rows.exclude(action__in=UNDOABLE).exists()


def _undo_large(actor: Actor, batch_id: UUID) -> UUID:
    rows = HistoryEntry.objects.filter(batch_id=batch_id)
    if not actor.rights.admin and rows.exclude(actor_id=actor.user_id).exists():
        raise access.Absent(str(batch_id))
    if not rows.filter(undone_at=None).exists():
        raise _refuse("undone", _("This was undone already."))
    return Undoing(actor, batch_id).run()


def _refuse(code: str, message: str) -> Refused:
    return Refused([Problem("", code, message)])


def _verb(row: HistoryEntry) -> str:
    """What a row did: its action, or for a named action what its changes show."""
    return row.action if row.action in UNDOABLE else "updated"


def _obstacle(row: HistoryEntry) -> Problem | None:
    """Why a write can't be taken back: later, not undone writes of the same record that stand on it."""
    if row.action in ELSEWHERE or not objects.is_known(row.object):
        return Problem(
            "", "elsewhere", _("This is changed back where it was made: in the record's sharing, or in settings.")
        )
    later = HistoryEntry.objects.filter(record_id=row.record_id, object=row.object, id__gt=row.id, undone_at=None)
    later = later.exclude(batch_id=row.batch_id).exclude(face="undo")
    fields = set(row.changes)
    for entry in later.order_by("id")[:200]:
        if _verb(row) == "updated" and _verb(entry) == "updated" and not fields & set(entry.changes):
            continue
        words = _("%(who)s changed this record later (%(what)s); undo that first.")
        what = ", ".join(sorted(fields & set(entry.changes)) or [entry.action])
        return Problem("", "later", words % {"who": entry.actor_name, "what": what})
    return None


def _take_back(actor: Actor, row: HistoryEntry) -> None:
    """The opposite of one write, through the same actions as any write."""
    obj, verb = objects.get(row.object), _verb(row)
    try:
        if verb == "created":
            actions.delete(actor, obj, row.record_id)
        elif verb == "deleted":
            actions.restore(actor, obj, row.record_id)
        elif verb == "restored":
            actions.delete(actor, obj, row.record_id)
        else:
            actions.update(actor, obj, row.record_id, old_values(actor, row.changes))
    except (access.Absent, access.Forbidden):
        raise _refuse("rights", _("You may not change all of these records any more. Nothing was undone.")) from None


def old_values(actor: Actor, changes: dict[str, Any]) -> dict[str, Any]:
    """What the fields held before, as far as they still exist."""
    return {name: pair[0] for name, pair in changes.items()}


def undoable(rows: Iterable[HistoryEntry]) -> bool:
    """Whether a batch can be offered for undo at all."""
    return any(row.undone_at is None for row in rows)


def may_undo(actor: Actor, row: HistoryEntry) -> bool:
    """Whether undoing this write can be offered to the actor; whether it works is only known when it is tried."""
    own = actor.rights.admin or row.actor_id == actor.user_id
    return own and row.undone_at is None and row.action not in ELSEWHERE and objects.is_known(row.object)
