"""What the clock brings to contracts and subscriptions; every job may run twice."""

import logging
from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from trato.engine.postgres.scope import in_workspace
from trato.engine.values import Refused
from trato.engine.workspaces.actors import Actor, system_actor
from trato.engine.workspaces.members import every_workspace
from trato.engine.workspaces.models import Workspace
from trato.modules.catalog.queries import today

from . import actions, queries

logger = logging.getLogger("trato.jobs")
#: Subscriptions invoiced in one transaction.
AT_ONCE = 50


@app.periodic(cron="17 * * * *")
@app.task(name="trato.subscriptions.pass", queueing_lock="trato.subscriptions.pass", pass_context=False)
def pass_time(timestamp: int) -> None:
    """Every hour, since days begin at other hours elsewhere: invoices, ends, renewals, reminders."""
    for workspace in every_workspace():
        try:
            invoice_due(workspace)
            with in_workspace(workspace.id):
                actions.pass_days(system_actor(workspace, "job"))
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("subscriptions failed", extra={"workspace": str(workspace.id)})


def invoice_due(workspace: Workspace) -> int:
    """Write every invoice that is due in a workspace, and close what has ended; how many there were."""
    made = _each(workspace, queries.due, actions.bill_due)
    _each(workspace, queries.ended, actions.finish)
    return made


def _each(
    workspace: Workspace,
    chosen: Callable[..., list[UUID]],
    do: Callable[[Actor, UUID], int],
) -> int:
    """Do it with every subscription there is, some in one transaction; one that is refused is told and left."""
    made, left = 0, set()
    while True:
        with in_workspace(workspace.id):
            actor = system_actor(workspace, "job")
            ids = [one for one in chosen(today(actor), AT_ONCE + len(left)) if one not in left][:AT_ONCE]
            for one in ids:
                try:
                    with transaction.atomic():
                        made += do(actor, one)
                except Refused as problem:
                    left.add(one)
                    logger.warning("a subscription was left", extra={"subscription": str(one), "why": str(problem)})
        if not ids:
            return made
