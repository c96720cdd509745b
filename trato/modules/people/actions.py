"""Writes of people that have a name of their own."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor


@actions.action(
    "tasks",
    label=_("Mark as done"),
    icon="check",
    undo=_("Opens the task again."),
    applies=lambda task: task.done_at is None,
)
def complete(actor: Actor, record: Record) -> Record:
    """A task is done now; one that is done already stays as it is."""
    if record.done_at is not None:
        return record
    return actions.update(actor, objects.get("tasks"), record.id, {"done_at": timezone.now()})


@actions.action(
    "tasks",
    label=_("Open again"),
    icon="rotate",
    undo=_("Marks the task as done at the time it had."),
    applies=lambda task: task.done_at is not None,
)
def reopen(actor: Actor, record: Record) -> Record:
    """A task is not done after all."""
    return actions.update(actor, objects.get("tasks"), record.id, {"done_at": None})
