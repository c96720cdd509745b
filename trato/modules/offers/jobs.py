"""What the night brings: what could be offered to whom."""

import logging

from procrastinate.contrib.django import app

from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.members import every_workspace

from . import actions

logger = logging.getLogger("trato.jobs")


@app.periodic(cron="41 1 * * *")
@app.task(name="trato.offers.find", queueing_lock="trato.offers.find", pass_context=False)
def find(timestamp: int) -> None:
    """Every night: find the products bought together, and what customers may want next."""
    for workspace in every_workspace():
        try:
            with in_workspace(workspace.id):
                actions.find(workspace)
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("offers were not found", extra={"workspace": str(workspace.id)})
