"""What sales does in the background: giving leads away, clocks, points and chances. Each may run twice."""

import logging
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.members import every_workspace
from trato.engine.workspaces.models import Workspace

from .actions import leads, quiet, scoring
from .queries.ways import workspace_of

logger = logging.getLogger("trato.jobs")
AGAIN = RetryStrategy(max_attempts=6, exponential_wait=5)


def add(task: Any, actor: Actor, ids: Iterable[Any], **arguments: Any) -> None:
    """Add one of these tasks for some records in the running transaction."""
    task.defer(workspace=str(actor.workspace.id), ids=[str(each) for each in ids], **arguments)


def _within(workspace: str, work: Callable[[Workspace], Any]) -> None:
    known = workspace_of(workspace)
    with in_workspace(known.id):
        work(known)


def _uuids(ids: Iterable[str]) -> list[UUID]:
    return [UUID(each) for each in ids]


@app.task(name="trato.sales.arrive", retry=AGAIN)
def arrive(workspace: str, ids: list[str], by: str, by_hand: bool) -> None:
    """New leads are given away, and their clocks start."""
    _within(workspace, lambda known: leads.arrive(known, _uuids(ids), UUID(by) if by else None, by_hand))


@app.task(name="trato.sales.touch", retry=AGAIN)
def touch(workspace: str, ids: list[str]) -> None:
    """Leads were touched."""
    _within(workspace, lambda known: leads.touch(known, _uuids(ids)))


@app.task(name="trato.sales.rate_leads", retry=AGAIN)
def rate_leads(workspace: str, ids: list[str]) -> None:
    """Points of some leads, after they were written."""
    _within(workspace, lambda known: scoring.give_points(known, "leads", _uuids(ids)))


@app.task(name="trato.sales.rate_deals", retry=AGAIN)
def rate_deals(workspace: str, ids: list[str]) -> None:
    """Points and chances of some deals, after they were written or something happened with them."""
    _within(workspace, lambda known: _rate_deals(known, _uuids(ids)))


def _rate_deals(workspace: Workspace, ids: list[UUID]) -> None:
    scoring.give_points(workspace, "deals", ids)
    scoring.rate(workspace, ids)
    quiet.mark(workspace, ids)


@app.periodic(cron="23 2 * * *")
@app.task(name="trato.sales.night", queueing_lock="trato.sales.night", pass_context=False)
def every_night(timestamp: int) -> None:
    """Every night: take up leads again, learn from the closed deals, rate what is open, and mark what went quiet."""
    for workspace in every_workspace():
        try:
            night(workspace)
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("rating failed", extra={"workspace": str(workspace.id)})


def night(workspace: Workspace) -> None:
    """What the night does in one workspace, each part a transaction of its own."""
    for work in (leads.recycle_due, scoring.relearn, scoring.rate, _all_points, quiet.mark):
        with in_workspace(workspace.id):
            work(workspace)


def _all_points(workspace: Workspace) -> None:
    for plural in ("leads", "deals"):
        scoring.give_points(workspace, plural)
