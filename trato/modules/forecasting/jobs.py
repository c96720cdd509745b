"""What the night brings: a picture of how all deals stand."""

import logging

from procrastinate.contrib.django import app

from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.members import every_workspace

from . import actions

logger = logging.getLogger("trato.jobs")


@app.periodic(cron="17 0 * * *")
@app.task(name="trato.forecasting.states", queueing_lock="trato.forecasting.states", pass_context=False)
def keep_states(timestamp: int) -> None:
    """Every night: keep how deals stand, so that forecasts can say what changed since."""
    for workspace in every_workspace():
        try:
            with in_workspace(workspace.id):
                actions.keep_states(workspace)
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("deal states were not kept", extra={"workspace": str(workspace.id)})
