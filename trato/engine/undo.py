"""Taking back what was done, from its history: create, update, delete and restore, one batch at a time: a small one
whole or not at all, a large one as a job, in steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import access, actions, history, jobs, merging, objects, wholes
from .bulk.undoing import Tally, Undoing
from .models import HistoryEntry, Job, Merge
from .postgres.scope import in_workspace
from .values import Problem, Refused
from .workspaces.actors import Actor
from .workspaces.ids import uuid7

UNDOABLE = frozenset({"created", "updated", "deleted", "restored"})
#: Writes a batch may have to be taken back one by one; more of them go set-wise.
FEW = 200
#: Writes that are taken back where they are made, not here.
ELSEWHERE = frozenset({"shared", "unshared", history.DESTROYED})

TakesBack = Callable[[Actor, HistoryEntry], None]
_beside: dict[str, TakesBack] = {}


def takes_back(name: str) -> Callable[[TakesBack], TakesBack]:
    """Decorator of ``function(actor, row)``: how one write of what is no record is taken back (a saved view); ``name``
    is what its history calls it. It raises Absent, Forbidden, Refused.
    """

    def register(function: TakesBack) -> TakesBack:
        _beside[name] = function
        return function

    return register


def _is_known(row: HistoryEntry) -> bool:
    """Whether what was written is taken back here at all."""
    return row.action not in ELSEWHERE and (row.object in _beside or objects.is_known(row.object))


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
    if HistoryEntry.objects.filter(batch_id=access.as_uuid(batch_id), action=history.DESTROYED).exists():
        raise _refuse("destroyed", _("What was deleted for good can't be brought back."))
    if is_large(batch_id):
        return _undo_large(actor, access.as_uuid(batch_id))
    rows = entries_of(actor, batch_id)
    if all(row.undone_at for row in rows if row.action != history.SETTLED):
        raise _refuse("undone", _("This was undone already."))
    if any(row.action == history.UNMERGED for row in rows):
        return merging.merge_again(actor, rows)
    problems = [reason for row in rows if row.action != history.SETTLED and (reason := _obstacle(row))]
    if problems:
        raise Refused(problems[:20])
    with transaction.atomic(), history.batch() as batch, wholes.settling(actor.via("undo")):
        for row in rows:
            _take_back(actor.via("undo", f"{history.UNDO_OF}{rows[0].batch_id}"), row)
        history.mark_undone(rows[0].batch_id)
    return batch.id


def is_large(batch_id: Any) -> bool:
    """Whether a batch is of many writes, all of them of the generic kind."""
    rows = HistoryEntry.objects.filter(batch_id=access.as_uuid(batch_id))
    many = rows.order_by("id").values_list("id")[FEW : FEW + 1].exists()
    return many and not rows.exclude(action__in=(*UNDOABLE, history.SETTLED)).exists()


def begin(actor: Actor, batch_id: Any) -> UUID | Job:
    """Take a batch back: now, if it is of few writes, else by a job, in steps that each stay done.

    Raises as ``undo``; a job leaves records alone that can't be taken back, and counts them.
    """
    merged = Merge.objects.filter(batch_id=access.as_uuid(batch_id)).exists()
    if merged or not is_large(batch_id):
        return undo(actor, batch_id)
    return enqueue(actor, access.as_uuid(batch_id), "undo", _("Undo of many changes"))


def enqueue(actor: Actor, batch_id: UUID, job: str, label: str, **arguments: Any) -> Job:
    """Have a large batch taken back by this job, which calls ``carry_out``; raises Refused, Absent."""
    require_left(actor, batch_id)
    told = {"batch_id": str(batch_id), "new_batch": str(uuid7())} | arguments
    return jobs.enqueue(actor, job, label, **told)


def carry_out(job: jobs.Run, batch_id: str, new_batch: str) -> Tally:
    """The steps of a job that takes a large batch back, outside of any transaction; each of them stays done when it is
    cancelled or killed, and another run goes on with the rest. Raises jobs.Cancelled; how far it came, the job's
    message says then.
    """

    def all_steps() -> Tally:
        with in_workspace(job.workspace.id):
            actor = job.actor()
            undoing = Undoing(actor, UUID(batch_id), UUID(new_batch))
        tally, more = undoing.tally, True
        with translation.override(actor.language):
            while more:
                with in_workspace(job.workspace.id):
                    more = undoing.step()
                with in_workspace(job.workspace.id):
                    job.progress(tally.done + tally.refused.total(), tally.total, tally.words())
        return tally

    return jobs.insisting(all_steps)


@jobs.job("undo")
def take_back(job: jobs.Run, batch_id: str, new_batch: str) -> dict[str, Any]:
    """Undo a large batch."""
    return told(carry_out(job, batch_id, new_batch))


def last_job(batch_id: Any) -> Job | None:
    """The newest job that took, or takes, this batch back."""
    rows = Job.objects.filter(name__in=("undo", "undo import"), arguments__batch_id=str(batch_id))
    return rows.order_by("-id").first()


def told(tally: Tally) -> dict[str, Any]:
    """What became of the records, as the result of a job."""
    refused = [{"record": ref, "reason": reason} for ref, reason in tally.reasons]
    return {"undone": tally.done, "of": tally.total, "refused": dict(tally.refused), "records": refused}


def require_left(actor: Actor, batch_id: UUID) -> None:
    """Refuse an undo of a large batch that is another's, or undone; raises Absent, Refused."""
    rows = HistoryEntry.objects.filter(batch_id=batch_id).exclude(action=history.SETTLED)
    if not actor.rights.admin and rows.exclude(actor_id=actor.user_id).exists():
        raise access.Absent(str(batch_id))
    if not rows.filter(undone_at=None).exists():
        raise _refuse("undone", _("This was undone already."))


def _undo_large(actor: Actor, batch_id: UUID) -> UUID:
    require_left(actor, batch_id)
    with transaction.atomic():
        undoing = Undoing(actor, batch_id, uuid7())
        while undoing.step():
            pass
        later = undoing.tally.refused["later"]
        if later:
            words = ngettext(
                "%(n)d record was changed since; undo that first. Nothing was undone.",
                "%(n)d records were changed since; undo that first. Nothing was undone.",
                later,
            )
            raise _refuse("later", words % {"n": later})
        if undoing.tally.refused:
            raise _refuse("rights", undoing.tally.reasons[0][1])
    return undoing.new_batch


def _refuse(code: str, message: str) -> Refused:
    return Refused([Problem("", code, message)])


def _verb(row: HistoryEntry) -> str:
    """What a row did: its action, or for a named action what the record shows: its first version was made by it."""
    if row.action in UNDOABLE or row.action == history.DESTROYED:
        return row.action
    return "created" if row.version == 1 else "updated"


def _obstacle(row: HistoryEntry) -> Problem | None:
    """Why a write can't be taken back: later, not undone writes of the same record that stand on it."""
    if not _is_known(row):
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
    verb = _verb(row)
    if row.action == history.SETTLED:  # what it followed from is taken back, and so it follows again
        return None
    try:
        if row.object in _beside:
            return _beside[row.object](actor, row)
        obj = objects.get(row.object)
        if verb == "created":
            actions.delete(actor, obj, row.record_id)
        elif verb == "deleted":
            actions.restore(actor, obj, row.record_id)
        elif verb == "restored":
            actions.delete(actor, obj, row.record_id)
        else:
            actions.update(actor, obj, row.record_id, old_values(actor, row.changes), put_back=True)
        return None
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
    return own and row.undone_at is None and _is_known(row)
