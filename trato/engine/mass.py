"""One change on many records: ticked ones or all that a filter leaves; at once for a few, as a job for many.

A job goes through the records in the order of their ids, so that each is met once, whatever the change does to the
filter; how far it is stands with the job, so that another run goes on there. All of it is one batch of history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from . import access, filters, jobs, objects
from .bulk.changing import Changing, Count
from .models import Job
from .objects import Object
from .postgres.scope import in_workspace
from .values import Problem, Refused
from .workspaces.actors import Actor
from .workspaces.ids import uuid7

#: Records that are changed at once, in the transaction of the request.
FEW = 200
#: Records a step changes.
CHUNK = 2_000
#: Records that may be ticked one by one.
MOST_TICKED = 10_000


@dataclass(frozen=True)
class Done:
    """A change that is made: its batch of history, and what became of the records."""

    batch: UUID
    count: Count


def chosen(actor: Actor, obj: Object, selection: Mapping[str, Any]) -> QuerySet:
    """The records the actor may see of a selection: ``{"ids": [...]}`` or ``{"filter": tree}`` (None for all).

    Raises Refused for what is no selection, filters.BadFilter.
    """
    rows = access.visible(actor, obj)
    if set(selection) == {"filter"}:
        return filters.narrow(actor, obj, rows, filters.parse(selection["filter"]))
    ids = selection.get("ids")
    if set(selection) != {"ids"} or not isinstance(ids, Sequence) or isinstance(ids, str):
        raise Refused([Problem("", "selection", _("Say which records: a list of ids, or a filter."))])
    if len(ids) > MOST_TICKED:
        told = _("At most %(n)s ids; use a filter for more.") % {"n": f"{MOST_TICKED:,}"}
        raise Refused([Problem("ids", "too_many", told)])
    return rows.filter(id__in=[access.as_uuid(each) for each in ids])


def begin(actor: Actor, obj: Object, selection: Mapping[str, Any], change: Mapping[str, Any]) -> Done | Job:
    """Change the selected records: a few in the running transaction, more by a job.

    Raises Refused, Forbidden, Absent, filters.BadFilter, with nothing changed.
    """
    rows = chosen(actor, obj, selection)
    ids = list(rows.order_by("id").values_list("id", flat=True)[: FEW + 1])
    batch, count = uuid7(), Count()
    changing = Changing(actor, obj, change, batch, count)
    if len(ids) <= FEW:
        with transaction.atomic():
            changing.step(ids)
        return Done(batch, count)
    label = _("Change of many %(what)s") % {"what": obj.label_plural}
    selection = {**selection, "ids": [str(each) for each in selection["ids"]]} if "ids" in selection else selection
    return jobs.enqueue(
        actor,
        "change",
        label,
        plural=obj.plural,
        selection=dict(selection),
        change=dict(change),
        batch=str(batch),
        until=str(uuid7()),
    )


@jobs.job("change")
def change_many(
    job: jobs.Run,
    *,
    plural: str,
    selection: Mapping[str, Any],
    change: Mapping[str, Any],
    batch: str,
    until: str,
) -> dict[str, Any]:
    """Change the records of a selection that were there when it was asked for (``until``).

    Every step is kept with how far it came; cancelled, what is done stays done, and can be undone as a batch.
    """

    def all_steps() -> dict[str, Any]:
        with in_workspace(job.workspace.id):
            actor, told = job.actor(), job.kept()
            kept, last = Count.of(told.get("count") or {}), told.get("after", "")
            obj = objects.get(plural)
            changing = Changing(actor, obj, change, UUID(batch), kept)
            total = chosen(actor, obj, selection).filter(id__lte=until).count()
        with translation.override(actor.language):
            while True:
                with in_workspace(job.workspace.id):
                    rows = chosen(actor, obj, selection).filter(id__lte=until)
                    rows = rows.filter(id__gt=last) if last else rows
                    ids = list(rows.order_by("id").values_list("id", flat=True)[:CHUNK])
                    if not ids:
                        return {"batch": batch, **kept.kept()}
                    changing.step(ids)
                    last = str(ids[-1])
                    job.keep(after=last, count=kept.kept())
                with in_workspace(job.workspace.id):
                    job.progress(kept.seen, max(total, kept.seen), kept.words())

    return jobs.insisting(all_steps)
