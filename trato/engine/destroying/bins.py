"""The recycle bin is emptied: what was chosen at once or by a job, what lies there too long every night."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import access, jobs, objects
from ..models import HistoryEntry, Job, Record
from ..objects import Object
from ..postgres.scope import in_workspace
from ..values import Problem, Refused
from ..workspaces.actors import Actor, system_actor
from ..workspaces.base import WorkspaceModel
from ..workspaces.ids import uuid7
from ..workspaces.models import Workspace
from .records import Destroying, scrub

#: Records that are deleted at once, that a step of a job deletes, and that may be ticked.
FEW, CHUNK, MOST = 50, 500, 10_000
JOB = "delete for good"


@dataclass(frozen=True)
class Destroyed:
    """What was done: its batch of history, and how many records it took."""

    batch: UUID
    count: int


def allowed(actor: Actor, obj: Object) -> bool:
    """Whether the actor may delete records of this object for good: who may delete them may."""
    return actor.rights.may(obj.plural, "delete")


def in_bin(actor: Actor, obj: Object) -> QuerySet:
    """The records in the bin that the actor may bring back or delete for good; raises Forbidden.

    What became part of another record, or went with the one it is part of, is no record of the bin: it goes with that.
    """
    access.require(actor, obj, "delete")
    return access.by_themselves(obj, access.visible(actor, obj, "change", deleted=True))


def begin(actor: Actor, obj: Object, ids: Iterable[Any] | None) -> Destroyed | Job:
    """Delete these records of the bin for good, or all of it (None): a few now, more by a job.

    Raises Forbidden, and Refused with nothing changed.
    """
    rows = in_bin(actor, obj)
    chosen = None if ids is None else [str(access.as_uuid(each)) for each in ids]
    if chosen is not None:
        if len(chosen) > MOST:
            told = _("At most %(n)s ids; use a filter for more.") % {"n": f"{MOST:,}"}
            raise Refused([Problem("ids", "too_many", told)])
        rows = rows.filter(id__in=chosen)
    some = list(rows.order_by("id").values_list("id", flat=True)[: FEW + 1])
    batch = uuid7()
    if len(some) <= FEW:
        with transaction.atomic():
            destroying = Destroying(actor, obj, batch)
            count = destroying.step(some)
            _scrub(destroying.gone)
        return Destroyed(batch, count)
    label = _("Deleting %(what)s for good") % {"what": obj.label_plural}
    asked = {"plural": obj.plural, "ids": chosen, "before": timezone.now().isoformat(), "batch": str(batch)}
    return jobs.enqueue(actor, JOB, label, **asked)


@jobs.job(JOB)
def destroy(job: jobs.Run, *, plural: str, ids: list[str] | None, before: str, batch: str) -> dict[str, Any]:
    """Delete what lay in the bin at that moment, some hundred records a step; cancelled, what is gone stays gone.

    Records that something alive can't be without are left, and counted.
    """

    def all_steps() -> dict[str, Any]:
        with in_workspace(job.workspace.id):
            actor, obj = job.actor(), objects.get(plural)
            told = job.kept()
            total = told.get("total") or _left(actor, obj, ids, before).count()
        done, left, last = told.get("done", 0), told.get("left", 0), None
        with translation.override(actor.language):
            while True:
                with in_workspace(job.workspace.id):
                    rows = _left(actor, obj, ids, before).order_by("id")
                    rows = rows.filter(id__gt=last) if last else rows
                    some = list(rows.values_list("id", flat=True)[:CHUNK])
                    if not some:
                        return {"batch": batch, "done": done, "left": left}
                    last = some[-1]
                    gone, kept = _one_step(actor, obj, UUID(batch), some)
                    done, left = done + gone, left + kept
                    job.keep(done=done, left=left, total=total)
                with in_workspace(job.workspace.id):
                    job.progress(done + left, max(total, done + left), _words(done, left))

    return jobs.insisting(all_steps)


def _left(actor: Actor, obj: Object, ids: list[str] | None, before: str) -> QuerySet:
    rows = in_bin(actor, obj).filter(deleted_at__lte=parse_datetime(before))
    return rows if ids is None else rows.filter(id__in=ids)


def _one_step(actor: Actor, obj: Object, batch: UUID, ids: list[UUID]) -> tuple[int, int]:
    """How many of these were deleted, and how many were left: where some can't go, all the others do."""
    destroying = Destroying(actor, obj, batch)
    try:
        with transaction.atomic():
            done = destroying.step(ids)
            _scrub(destroying.gone)
    except Refused:
        if len(ids) == 1:
            return 0, 1
        half = len(ids) // 2
        halves = [_one_step(actor, obj, batch, some) for some in (ids[:half], ids[half:])]
        return sum(done for done, _left in halves), sum(left for _done, left in halves)
    return done, 0


def _words(done: int, left: int) -> str:
    text = ngettext("%(n)s record deleted for good.", "%(n)s records deleted for good.", done) % {"n": f"{done:,}"}
    if left:
        told = ngettext("%(n)s is needed by others and stays.", "%(n)s are needed by others and stay.", left)
        text += " " + told % {"n": f"{left:,}"}
    return text


def _scrub(gone: Collection[UUID]) -> None:
    """Every table of the workspace that keeps JSON, but for records, whose links are emptied, and the history."""
    if not gone:
        return
    tables = [
        (model, field.name)
        for model in apps.get_models()
        if issubclass(model, WorkspaceModel) and not issubclass(model, (Record, HistoryEntry))
        for field in model._meta.local_fields
        if isinstance(field, models.JSONField)
    ]
    scrub(tables, gone)


def running(actor: Actor, plural: str) -> Job | None:
    """The newest job that empties this bin, of the actor or, to an administrator, of anybody."""
    rows = Job.objects.filter(name=JOB, arguments__plural=plural)
    mine = rows if actor.rights.admin else rows.filter(actor__user_id=str(actor.user_id))
    return mine.order_by("-id").first()


def tidy(workspace: Workspace) -> list[Job]:
    """Begin to delete for good what lies in the bin longer than the workspace keeps it (inside ``in_workspace``)."""
    if not workspace.bin_days:
        return []
    before = timezone.now() - timedelta(days=workspace.bin_days)
    begun = []
    actor = system_actor(workspace, "system", f"bin:{workspace.bin_days}")
    with translation.override(workspace.language):
        for obj in objects.all_objects():
            if in_bin(actor, obj).filter(deleted_at__lte=before).exists():
                label = _("Emptying the recycle bin: %(what)s") % {"what": obj.label_plural}
                told = {"plural": obj.plural, "ids": None, "before": before.isoformat(), "batch": str(uuid7())}
                begun.append(jobs.enqueue(actor, JOB, label, **told))
    return begun
