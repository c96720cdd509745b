"""Reminders of tasks by mail."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from trato.engine import access
from trato.engine.jobs import Run, job
from trato.engine.kinds import DateTime
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.members import every_workspace

from . import actions, queries
from .queries import Reminder

logger = logging.getLogger("trato.jobs")


@app.periodic(cron="* * * * *")
@app.task(name="trato.people.remind", queueing_lock="trato.people.remind", pass_context=False)
def call_reminders(timestamp: int) -> None:
    """Every minute: take up the reminders that have come, one workspace after the other."""
    for workspace in every_workspace():
        try:
            with in_workspace(workspace.id):
                actions.call_reminders(workspace)
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("reminders failed", extra={"workspace": str(workspace.id)})


@job("people.remind")
def remind(run: Run, task: str) -> None:
    """Mail one reminder to the task's owner. Run twice, it is mailed twice: better than never."""
    with in_workspace(run.workspace.id):
        found = queries.reminder_of(task)
        message = letter(found) if found else None
    if message:
        message.send()


def letter(reminder: Reminder) -> EmailMessage:
    """The mail of a reminder, in the language of who gets it (inside ``in_workspace``)."""
    actor, task = reminder.actor, reminder.task
    reader = access.reader(actor, task.about)
    with translation.override(actor.language):
        about = ", ".join(reader.titles[ref] for ref in task.about if ref in reader.titles)
        lines = [
            task.title,
            _("Due: %(when)s") % {"when": DateTime().plain(task.due_at, reader)} if task.due_at else "",
            _("About: %(names)s") % {"names": about} if about else "",
            f"{settings.TRATO_URL}{reader.base}/tasks/{task.id}",
        ]
        subject = _("Reminder: %(task)s") % {"task": task.title}
    return EmailMessage(" ".join(subject.split()), "\n\n".join(filter(None, lines)) + "\n", to=[reminder.address])
