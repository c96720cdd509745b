"""What the clock brings to outreach; every job may run twice."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.members import every_workspace
from trato.engine.workspaces.models import Workspace

from .actions import promises, sequences

logger = logging.getLogger("trato.jobs")


@app.periodic(cron="*/5 * * * *")
@app.task(name="trato.outreach.steps", queueing_lock="trato.outreach.steps", pass_context=False)
def take_steps(timestamp: int) -> None:
    """Every five minutes: end the sequences of whoever answered, then do the steps whose time has come."""
    for workspace in every_workspace():
        try:
            steps(workspace)
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("sequences failed", extra={"workspace": str(workspace.id)})


def steps(workspace: Workspace) -> int:
    """Take all steps that are due in one workspace, some in one transaction; how many there were."""
    now, taken = timezone.now(), 0
    with in_workspace(workspace.id):
        sequences.notice(workspace)
    while True:
        with in_workspace(workspace.id):
            found = sequences.advance(workspace, now)
        taken += found
        if not found:
            return taken


@app.periodic(cron="13 * * * *")
@app.task(name="trato.outreach.promises", queueing_lock="trato.outreach.promises", pass_context=False)
def pass_days(timestamp: int) -> None:
    """Every hour, since days end at other hours elsewhere: promises whose day has passed are broken."""
    for workspace in every_workspace():
        try:
            while True:
                with in_workspace(workspace.id):
                    if not promises.break_overdue(workspace):
                        break
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("promises failed", extra={"workspace": str(workspace.id)})
