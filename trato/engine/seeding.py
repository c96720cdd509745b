"""Sample data: made to look lived in, and taken away again. Not for records of people's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from . import access, actions, history, jobs, objects
from .administration import require
from .models import HistoryEntry, Job
from .objects import Object
from .postgres.scope import in_workspace
from .workspaces.actors import Actor
from .workspaces.models import Workspace

#: The source that the history names for sample records.
SOURCE = "demo"
STEP = 100


#: What modules tell in a workspace that asks for samples.
_stories: list[Callable[[Actor], None]] = []


def story(function: Callable[[Actor], None]) -> Callable[[Actor], None]:
    """Decorator: the function makes a module's sample records, acting for who asked (inside ``in_workspace``). A story
    that goes on from another imports it, and so is told after it.
    """
    _stories.append(function)
    return function


def go_on(actor: Actor, told: Callable[[Actor], None]) -> Job:
    """Have the other stories told after one that was told already (inside ``in_workspace``). It takes a minute, which
    whoever starts Trato for the first time need not wait for.
    """
    return jobs.enqueue(actor, "go on with demo", _("The demo data"), told=_name(told))


def _name(one: Callable[[Actor], None]) -> str:
    return f"{one.__module__}.{one.__qualname__}"


@jobs.job("go on with demo")
def tell_the_rest(run: jobs.Run, *, told: str) -> dict[str, Any]:
    """One story after the other, each whole or not at all, until the samples are taken away again. Safe to run twice:
    it is kept which were told.
    """
    for one in _stories:
        with in_workspace(run.workspace.id):
            known = run.kept().get("told", [told])
            if _name(one) not in known and Workspace.objects.filter(id=run.workspace.id, is_demo=True).exists():
                one(run.actor())
                run.keep(told=[*known, _name(one)])
    return {}


def order(actor: Actor) -> Job:
    """Make sample records in the background (inside ``in_workspace``). Raises NotAdministrator."""
    require(actor)
    return jobs.enqueue(actor, "make demo", _("The demo data"))


@jobs.job("make demo")
def tell(run: jobs.Run) -> dict[str, Any]:
    """All stories, whole or not at all. Safe to run twice: the flag says whether they were told."""
    with in_workspace(run.workspace.id):
        told = not Workspace.objects.filter(id=run.workspace.id, is_demo=False).update(is_demo=True)
        for one in () if told else _stories:
            one(run.actor())
    return {}


def backdate(obj: Object, record_id: Any, moment: datetime) -> None:
    """Say that a sample record, and its first history entry, were made at an earlier moment."""
    obj.model.objects.filter(id=record_id).update(created_at=moment, updated_at=moment)
    HistoryEntry.objects.filter(object=obj.plural, record_id=record_id, action="created").update(at=moment)


def remove(actor: Actor) -> Job | None:
    """Take the sample records away in the background; None where there are none (any more). Raises NotAdministrator."""
    require(actor)
    # The flag is turned conditionally: of two people who ask at once, one starts the job.
    if not Workspace.objects.filter(id=actor.workspace.id, is_demo=True).update(is_demo=False):
        return None
    return jobs.enqueue(actor, "remove demo", _("Removal of the demo data"))


@jobs.job("remove demo")
def carry_out(run: jobs.Run) -> dict[str, Any]:
    """Put what the demo brought into the recycle bin; what people added themselves stays. Safe to run twice."""
    with in_workspace(run.workspace.id):
        made = HistoryEntry.objects.filter(source=SOURCE, action="created").values_list("object", "record_id")
        wanted = [(plural, record_id) for plural, record_id in made if objects.is_known(plural)]
    done = 0
    for at in range(0, len(wanted), STEP):
        with in_workspace(run.workspace.id):
            actor = run.actor()
            with history.batch(batch_id=run.job_id):
                done += sum(_forget(actor, plural, record_id) for plural, record_id in wanted[at : at + STEP])
            run.progress(min(at + STEP, len(wanted)), len(wanted))
    return {"deleted": done}


def _forget(actor: Actor, plural: str, record_id: UUID) -> bool:
    try:
        actions.delete(actor, objects.get(plural), record_id, frozen_too=True)
    except access.Absent:  # deleted already, by a person or by an attempt before this one
        return False
    return True
