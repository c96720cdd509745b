"""What the clock brings: reminders of tasks, and meetings that begin soon."""

import logging
from collections.abc import Callable
from typing import Any

from procrastinate.contrib.django import app

from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.members import every_workspace
from trato.engine.workspaces.models import Workspace

from . import actions

logger = logging.getLogger("trato.jobs")


@app.periodic(cron="* * * * *")
@app.task(name="trato.people.remind", queueing_lock="trato.people.remind", pass_context=False)
def call_reminders(timestamp: int) -> None:
    """Every minute: tell of the reminders that have come."""
    _everywhere(actions.call_reminders)


@app.periodic(cron="*/5 * * * *")
@app.task(name="trato.people.meetings", queueing_lock="trato.people.meetings", pass_context=False)
def call_to_meetings(timestamp: int) -> None:
    """Every five minutes: tell of the meetings that begin soon."""
    _everywhere(actions.call_to_meetings)


def _everywhere(work: Callable[[Workspace], Any]) -> None:
    """Do it in one workspace after the other."""
    for workspace in every_workspace():
        try:
            with in_workspace(workspace.id):
                work(workspace)
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("reminders failed", extra={"workspace": str(workspace.id)})
