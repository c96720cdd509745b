"""Work in the background: enqueued in the transaction of the change that causes it, seen and stopped by administrators.

The queue is procrastinate's (tables in the same database); this module adds what people see: a row with progress, a
way to cancel, and a retry with growing pauses.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate import JobContext
from procrastinate.contrib.django import app

from . import access, events
from .models import Job
from .postgres.scope import in_workspace
from .workspaces.actors import Actor, actor_for_user, system_actor
from .workspaces.models import User, Workspace

logger = logging.getLogger("trato.jobs")
ATTEMPTS = 5
#: Who began a job watches it for so long.
LOOKED_AWAY = timedelta(seconds=5)
#: Seconds between tries to reach a database that went away: four minutes in all.
PAUSES = (1, 2, 5, 10, 20, 30, 60, 120)
T = TypeVar("T")


class Cancelled(Exception):
    """Somebody cancelled the job; what was done so far stays, as the job's own message says."""


class GiveUp(Exception):
    """The job can't succeed however often it is tried; the message is shown to people."""


@dataclass(frozen=True)
class Kind:
    """A background function: ``function(run, **arguments)``, safe to run twice."""

    name: str
    function: Callable[..., Any]
    attempts: int


_kinds: dict[str, Kind] = {}


def job(name: str, attempts: int = ATTEMPTS) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: makes ``function(run: Run, **arguments)`` a job known as ``name``. Arguments are JSON."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        _kinds[name] = Kind(name, function, attempts)
        return function

    return decorate


def names() -> list[str]:
    """The jobs this process knows."""
    return sorted(_kinds)


def enqueue(actor: Actor, name: str, label: str, /, **arguments: Any) -> Job:
    """Add a job in the running transaction (inside ``in_workspace``): it is done only if the change that asks for it is
    kept.
    """
    row = Job.objects.create(name=name, label=label, arguments=arguments, actor=remember(actor))
    row.queue_id = _defer(actor.workspace.id, row.id)
    row.save(update_fields=["queue_id"])
    return row


def _defer(workspace_id: UUID, job_id: UUID, seconds: int = 0) -> int:
    deferrer = run_queued.configure(schedule_in={"seconds": seconds}) if seconds else run_queued
    return deferrer.defer(workspace_id=str(workspace_id), job_id=str(job_id))


def remember(actor: Actor) -> dict[str, Any]:
    """What of an actor is kept with a job: a token's limits, but never rights, which are read again when it runs."""
    return {
        "user_id": str(actor.user_id) if actor.user_id else None,
        "face": actor.face,
        "source": actor.source,
        "kind": actor.kind,
        "scopes": actor.rights.scopes,
    }


def recall(workspace: Workspace, kept: Mapping[str, Any]) -> Actor:
    """The actor a job acts for, with the rights of today; raises GiveUp when they are no longer a member."""
    if not kept.get("user_id"):
        return system_actor(workspace, kept.get("face", "job"), kept.get("source", ""))
    user = User.objects.filter(id=kept["user_id"]).first()
    actor = actor_for_user(user, workspace) if user else None
    if actor is None:
        raise GiveUp(_("The person who started this is no longer a member of the workspace."))
    limits = tuple(kept["scopes"]) if kept.get("scopes") is not None else None
    limited = replace(actor, rights=replace(actor.rights, scopes=limits))
    return limited.via(kept.get("face", "job"), kept.get("source", ""), kept.get("kind"))


class Run:
    """One run of a job: reports progress and learns whether it was cancelled. Each step is a transaction of its own."""

    def __init__(self, workspace: Workspace, job_id: UUID) -> None:
        self.workspace, self.job_id = workspace, job_id

    def actor(self) -> Actor:
        """The actor this job acts for (inside ``in_workspace``)."""
        return recall(self.workspace, Job.objects.get(id=self.job_id).actor)

    def kept(self) -> dict[str, Any]:
        """What an earlier run of this job kept of how far it came (inside ``in_workspace``)."""
        return dict(Job.objects.get(id=self.job_id).result)

    def keep(self, **told: Any) -> None:
        """Keep how far the job came, in the transaction of the step: another run goes on there."""
        Job.objects.filter(id=self.job_id).update(result=told)

    def progress(self, done: int, total: int | None = None, message: str | None = None) -> None:
        """Say how far the job is, in the transaction of the step; raises Cancelled when somebody asked to stop."""
        told: dict[str, Any] = {"done": done} | ({"total": total} if total is not None else {})
        if message is not None:
            told["message"] = message
        Job.objects.filter(id=self.job_id).update(**told)
        if Job.objects.filter(id=self.job_id, cancel_requested=True).exists():
            raise Cancelled


@app.task(name="trato.run_job", pass_context=True)
def run_queued(context: JobContext, workspace_id: str, job_id: str) -> None:
    """What the queue calls."""
    run_job(workspace_id, job_id, context.job.id)


def run_job(workspace_id: str, job_id: str, queue_id: int | None = None) -> None:
    """Run one job row: outside any transaction, so that the job decides its own steps.

    A job that was cancelled and started anew is in the queue twice; ``queue_id`` tells the entry that counts.
    """
    workspace = Workspace.objects.filter(id=workspace_id).first()
    if workspace is None:
        return
    with in_workspace(workspace.id):
        started = Job.objects.filter(id=job_id, state__in=("waiting", "running"))
        started = started.filter(queue_id=queue_id) if queue_id is not None else started
        row = started.first()
        if row is None or row.cancel_requested:
            started.update(state="cancelled", ended_at=timezone.now())
            return
        row.attempts += 1
        started.update(state="running", attempts=row.attempts, started_at=timezone.now(), message="")
    kind = _kinds.get(row.name)
    try:
        if kind is None:
            raise GiveUp(f"No job is called {row.name}.")
        result = kind.function(Run(workspace, row.id), **row.arguments)
    except Cancelled:
        _end(workspace, row.id, state="cancelled")
    except GiveUp as reason:
        _end(workspace, row.id, state="failed", message=str(reason))
    except Exception as error:
        logger.exception("job failed", extra={"job": str(row.id), "kind": row.name, "attempt": row.attempts})
        _try_again(workspace, row, kind, error)
    else:
        _end(workspace, row.id, state="done", result=result or {})


def insisting(do: Callable[[], T]) -> T:
    """What ``do()`` gives; when the database goes away in the middle, wait until it is back and do it again."""
    for pause in PAUSES:
        try:
            return do()
        except (OperationalError, InterfaceError):
            logger.warning("the database went away during a job; trying again in %s seconds", pause)
            connection.close()
            time.sleep(pause)
    return do()


def _end(workspace: Workspace, job_id: UUID, **values: Any) -> None:
    def end() -> None:
        with in_workspace(workspace.id):
            Job.objects.filter(id=job_id).update(ended_at=timezone.now(), **values)
            _tell_end(workspace, job_id)

    insisting(end)


def _tell_end(workspace: Workspace, job_id: UUID) -> None:
    """Tell the event of a job that somebody waits for: one they began, and had the time to look away from."""
    row = Job.objects.filter(id=job_id).exclude(state="cancelled").first()
    if row is None or row.ended_at is None or not row.actor.get("user_id"):
        return
    if row.state == "failed" or row.ended_at - row.created_at > LOOKED_AWAY:
        with suppress(GiveUp):  # they left
            events.emit(recall(workspace, row.actor), "jobs.ended", job=row.id)


def _try_again(workspace: Workspace, row: Job, kind: Kind | None, error: Exception) -> None:
    """After 2, 4, 8, ... minutes again; after the last attempt the job has failed and says why."""
    message = f"{type(error).__name__}"
    if kind is None or row.attempts >= kind.attempts:
        _end(workspace, row.id, state="failed", message=message)
        return

    def again() -> None:
        with in_workspace(workspace.id):
            queue_id = _defer(workspace.id, row.id, seconds=60 * 2**row.attempts)
            Job.objects.filter(id=row.id).update(state="waiting", message=message, queue_id=queue_id)

    insisting(again)


def own(actor: Actor, job_id: Any, name: str = "") -> Job:
    """A job the actor began, or any to an administrator; to a limited token only those of tokens limited alike. Of one
    kind where ``name`` says so. Raises access.Absent.
    """
    row = Job.objects.filter(id=access.as_uuid(job_id), **({"name": name} if name else {})).first()
    mine = row is not None and row.actor.get("user_id") == str(actor.user_id)
    if row is None or not (mine or actor.rights.admin) or not _within(actor, row):
        raise access.Absent(str(job_id))
    return row


def _within(actor: Actor, row: Job) -> bool:
    """Whether a job lies within the limits of the actor's token: nobody stops, or reads of, more than they could do."""
    limits = actor.rights.scopes
    return limits is None or set(row.actor.get("scopes") or ()) == set(limits)


def cancel(actor: Actor, job_id: UUID) -> bool:
    """Ask a job to stop: at once when it waits, at its next step when it runs. False when it had ended already."""
    rows = Job.objects.filter(id=job_id)
    waiting = rows.filter(state="waiting").update(state="cancelled", cancel_requested=True, ended_at=timezone.now())
    return bool(waiting or rows.filter(state="running").update(cancel_requested=True))


def under_way(name: str) -> bool:
    """Whether a job of this name waits or runs in the workspace."""
    return Job.objects.filter(name=name, state__in=("waiting", "running")).exists()


def ended(job_id: UUID) -> bool:
    """Whether a job waits no more and doesn't run."""
    return not Job.objects.filter(id=job_id, state__in=("waiting", "running")).exists()


def retry(actor: Actor, job_id: UUID) -> bool:
    """Run a failed or cancelled job again; False when it is neither."""
    rows = Job.objects.filter(id=job_id, state__in=("failed", "cancelled"))
    with transaction.atomic():
        if not rows.update(state="waiting", attempts=0, cancel_requested=False, message="", ended_at=None):
            return False
        Job.objects.filter(id=job_id).update(queue_id=_defer(actor.workspace.id, job_id))
    return True


def rescue(seconds: int = 60) -> int:
    """Put jobs back that a killed worker left behind (its heartbeat stopped), or whose end could not be written because
    the database was away; returns how many. Run when a worker starts, and again and again.
    """
    with connection.cursor() as cursor:
        cursor.execute(  # a job that fails for a reason of its own ends well in the queue: its row says how it went
            "UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL, "
            "scheduled_at = now() + %s * interval '1 second' WHERE status = 'failed' AND task_name = %s",
            [seconds, run_queued.name],
        )
        unended = cursor.rowcount
        cursor.execute(
            "UPDATE procrastinate_jobs j SET status = 'todo', worker_id = NULL WHERE status = 'doing' AND NOT EXISTS "
            "(SELECT 1 FROM procrastinate_workers w"
            " WHERE w.id = j.worker_id AND w.last_heartbeat > now() - %s * interval '1 second')",
            [seconds],
        )
        return unended + cursor.rowcount


def listed(actor: Actor, state: str = "", before: str = "", limit: int = 50) -> tuple[list[Job], bool]:
    """The workspace's jobs, the newest first, of one state or all; whether there are more after these. Raises
    access.Absent.
    """
    rows = Job.objects.order_by("-id")
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(id__lt=access.as_uuid(before)) if before else rows
    found = list(rows[: limit + 1])
    return found[:limit], len(found) > limit
