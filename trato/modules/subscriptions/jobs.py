"""What the clock brings to contracts and subscriptions; every job may run twice."""

import logging
from collections.abc import Callable
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from procrastinate.contrib.django import app

from trato.engine import jobs
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import system_actor
from trato.engine.workspaces.members import every_workspace
from trato.engine.workspaces.models import Workspace
from trato.modules.catalog.queries import today

from . import actions, queries

logger = logging.getLogger("trato.jobs")
#: Subscriptions invoiced in one transaction; more of them that are due are a job that is seen and can be stopped.
AT_ONCE = 500
#: Subscriptions closed in one transaction.
CLOSED_AT_ONCE = 50
INVOICE = "subscriptions.invoice"


@app.periodic(cron="17 * * * *")
@app.task(name="trato.subscriptions.pass", queueing_lock="trato.subscriptions.pass", pass_context=False)
def pass_time(timestamp: int) -> None:
    """Every hour, since days begin at other hours elsewhere: invoices, ends, renewals, reminders."""
    for workspace in every_workspace():
        try:
            invoice_or_order(workspace)
            with in_workspace(workspace.id):
                actions.pass_days(system_actor(workspace, "job"))
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("subscriptions failed", extra={"workspace": str(workspace.id)})


def invoice_or_order(workspace: Workspace) -> None:
    """Invoice what is due in a workspace now, or where it is much by a job."""
    with in_workspace(workspace.id):
        actor = system_actor(workspace, "job")
        many = queries.waiting(today(actor)) > AT_ONCE
        if many and not jobs.under_way(INVOICE):
            with translation.override(workspace.language):
                jobs.enqueue(actor, INVOICE, str(_("Invoices of subscriptions")))
    if not many:
        invoice_due(workspace)


@jobs.job(INVOICE)
def invoice_many(job: jobs.Run) -> dict[str, Any]:
    """Invoice what is due, seen and stopped by administrators: what is written stays."""
    left = 0

    def tell(done: int, total: int, held_up: int) -> None:
        nonlocal left
        left = held_up
        told = [ngettext("%(n)s invoice.", "%(n)s invoices.", done) % {"n": f"{done:,}"}]
        if left:
            words = ngettext("%(n)s can't be invoiced.", "%(n)s can't be invoiced.", left)
            told.append(words % {"n": f"{left:,}"})
        with in_workspace(job.workspace.id):
            job.progress(done + left, max(total, done + left), " ".join(told))

    made = jobs.insisting(lambda: invoice_due(job.workspace, tell))
    return {"made": made, "left": left}


def invoice_due(workspace: Workspace, tell: Callable[[int, int, int], None] = lambda done, total, left: None) -> int:
    """Write every invoice that is due in a workspace, wave by wave, and close what has ended; how many there were.
    ``tell`` is told after each wave how many there are, how many were to be, and how many can't be invoiced.
    """
    made, total = 0, 0
    left: set[Any] = set()
    while True:
        with in_workspace(workspace.id), translation.override(workspace.language):
            actor = system_actor(workspace, "job")
            day = today(actor)
            total = total or queries.waiting(day)
            ids = [one for one in queries.due(day, AT_ONCE + len(left)) if one not in left][:AT_ONCE]
            wave = actions.bill_wave(actor, ids)
        if not ids:
            _finish_ended(workspace)
            return made
        made += wave.made
        left |= wave.left.keys()
        tell(made, total, len(left))


def _finish_ended(workspace: Workspace) -> None:
    """Close the subscriptions whose last day is over, some in one transaction."""
    while True:
        with in_workspace(workspace.id):
            actor = system_actor(workspace, "job")
            ids = queries.ended(today(actor), CLOSED_AT_ONCE)
            for one in ids:
                actions.finish(actor, one)
        if not ids:
            return
