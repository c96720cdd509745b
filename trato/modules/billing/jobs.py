"""What billing does in the background: payments settle, terms pass, reminders are due. Each may run twice."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import system_actor
from trato.engine.workspaces.members import every_workspace
from trato.engine.workspaces.models import Workspace

from . import actions, queries

logger = logging.getLogger("trato.jobs")
AGAIN = RetryStrategy(max_attempts=6, exponential_wait=5)


@app.task(name="trato.billing.settle", retry=AGAIN)
def settle(workspace: str) -> None:
    """Payments that came settle what they are for."""
    known = queries.workspace_of(workspace)
    if known is not None:
        with in_workspace(known.id):
            actions.settle_untouched(system_actor(known))


@app.periodic(cron="12 * * * *")
@app.task(name="trato.billing.hour", queueing_lock="trato.billing.hour", pass_context=False)
def every_hour(timestamp: int) -> None:
    """Every hour, since it is morning somewhere: what became overdue says so, and reminders are proposed."""
    for workspace in every_workspace():
        try:
            remind(workspace)
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("billing failed", extra={"workspace": str(workspace.id)})


def remind(workspace: Workspace, now: datetime | None = None) -> None:
    """What the hour does in one workspace, each part a transaction of its own."""
    day = (now or timezone.now()).astimezone(ZoneInfo(workspace.time_zone)).date()
    works: tuple[Callable[..., Any], ...] = (actions.turn_overdue, actions.propose_reminders)
    for work in works:
        done = actions.AT_ONCE
        while done == actions.AT_ONCE:  # no more than that in one transaction
            with in_workspace(workspace.id), translation.override(workspace.language):
                done = work(system_actor(workspace), day)
