"""The background jobs of imports."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access, jobs, undo
from ..models import ImportRun, Job
from ..postgres.scope import in_workspace
from ..values import Refused
from . import work

COUNTS = ("rows", *work.RESULTS)


@jobs.job("import")
def carry_out(job: jobs.Run, run_id: str) -> dict[str, Any]:
    """Do an import, or go on with one that was interrupted."""
    try:
        run = jobs.insisting(lambda: work.carry_out(job.workspace.id, run_id, job.actor, job.progress))
    except jobs.Cancelled:
        _end(job, run_id, "cancelled", _("Cancelled. What was done so far stays, and can be undone."))
        raise
    except work.Superseded as other:
        raise jobs.GiveUp(_("This import is done or at work elsewhere (%(state)s).") % {"state": other}) from None
    except (access.Forbidden, access.Absent, Refused, jobs.GiveUp) as reason:
        words = _("You may not import this any more.") if isinstance(reason, access.Forbidden) else str(reason)
        _end(job, run_id, "failed", words)
        raise jobs.GiveUp(words) from reason
    except Exception:
        _give_up_at_last(job, run_id)
        raise
    return {name: getattr(run, name) for name in COUNTS}


@jobs.job("undo import")
def take_back(job: jobs.Run, run_id: str, batch_id: str, new_batch: str) -> dict[str, Any]:
    """Undo an import in steps; what can't be taken back is counted and stays."""
    try:
        tally = undo.carry_out(job, batch_id, new_batch)
    except jobs.Cancelled:
        with in_workspace(job.workspace.id):
            words = Job.objects.get(id=job.job_id).message
        _end(job, run_id, "partly", words)
        raise
    except jobs.GiveUp as reason:
        _end(job, run_id, "partly", str(reason))
        raise
    _end(job, run_id, "undone" if tally.whole else "partly", tally.words())
    return undo.told(tally)


def _end(job: jobs.Run, run_id: str, state: str, message: str) -> None:
    with in_workspace(job.workspace.id):
        ImportRun.objects.filter(id=run_id).update(state=state, message=message, ended_at=timezone.now())


def _give_up_at_last(job: jobs.Run, run_id: str) -> None:
    """After the last attempt the import itself has failed; before, it stays as it is and is gone on with."""
    with in_workspace(job.workspace.id):
        last = Job.objects.filter(id=job.job_id, attempts__gte=jobs.ATTEMPTS).exists()
    if last:
        _end(
            job,
            run_id,
            "failed",
            _("It stopped because of an error on our side. What was done so far is kept, and can be undone."),
        )
