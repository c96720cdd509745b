"""What the night brings: quotes whose last day is over."""

import logging

from procrastinate.contrib.django import app

from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.members import every_workspace

from . import actions

logger = logging.getLogger("trato.jobs")


@app.periodic(cron="7 * * * *")
@app.task(name="trato.quoting.expire", queueing_lock="trato.quoting.expire", pass_context=False)
def expire(timestamp: int) -> None:
    """Every hour, since it is midnight somewhere: quotes that were not answered in time are over."""
    for workspace in every_workspace():
        try:
            with in_workspace(workspace.id):
                actions.expire(workspace)
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("expiring quotes failed", extra={"workspace": str(workspace.id)})
