"""Writes of people that have a name of their own."""

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, jobs, objects
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor, system_actor
from trato.engine.workspaces.members import starts_with
from trato.engine.workspaces.models import Workspace

from . import queries
from .models import Task

#: The relationships a workspace begins with: words, words the other way round, whether it makes a member.
USUAL_RELATIONSHIPS = (
    (_("works at"), _("employs"), False),
    (_("member of"), _("has member"), True),
    (_("partner of"), _("partner of"), False),
    (_("parent of"), _("child of"), False),
    (_("decides for"), _("is decided by"), False),
    (_("refers"), _("was referred by"), False),
)
#: Reminders taken up in one go.
AT_ONCE = 500


@actions.action(
    "tasks",
    label=_("Mark as done"),
    icon="check",
    prominent=True,
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
    prominent=True,
    undo=_("Marks the task as done at the time it had."),
    applies=lambda task: task.done_at is not None,
)
def reopen(actor: Actor, record: Record) -> Record:
    """A task is not done after all."""
    return actions.update(actor, objects.get("tasks"), record.id, {"done_at": None})


@starts_with
def usual_relationships(workspace: Workspace) -> None:
    """Give a new workspace the relationship types most want, in its language."""
    actor, types = system_actor(workspace), objects.get("relationship-types")
    with translation.override(workspace.language):
        for words, back, member in USUAL_RELATIONSHIPS:
            values = {"name": str(words), "reverse_name": str(back), "is_membership": member}
            actions.create(actor, types, values)


def call_reminders(workspace: Workspace) -> int:
    """Add a job for every reminder of the workspace that has come; each only once, however often and in how many
    processes this runs. Returns how many (inside ``in_workspace``).
    """
    now = timezone.now()
    with transaction.atomic():
        due = list(queries.reminders_due(now).select_for_update(skip_locked=True).values_list("id", "title")[:AT_ONCE])
        for task_id, title in due:
            label = _now("Reminder: %(task)s") % {"task": title}
            jobs.enqueue(system_actor(workspace, "job"), "people.remind", label[:200], task=str(task_id))
        Task.objects.filter(id__in=[task_id for task_id, _title in due]).update(reminded_at=now)
    return len(due)
