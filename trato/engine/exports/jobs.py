"""The background jobs of exports."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from tempfile import TemporaryFile
from typing import Any

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access, files, filters, jobs, objects, paging
from ..models import ExportRun
from ..postgres.scope import in_workspace
from ..values import Refused
from . import runs

#: Bytes of an exported file, at most.
LARGEST = 16 * 2**30
#: Rows between two reports of progress.
STEP = 20_000


@jobs.job("export")
def carry_out(job: jobs.Run, run_id: str) -> dict[str, Any]:
    """Write an export to a temporary file, then keep it; run again, it begins anew."""
    try:
        with in_workspace(job.workspace.id):
            run = ExportRun.objects.get(id=run_id)
            actor = job.actor()
            export = runs.plan(actor, objects.get(run.object), run.format, **run.options)
            ExportRun.objects.filter(id=run_id).update(state="running")
        with TemporaryFile(prefix="trato-export-") as file:
            done = _write(job, run_id, export, file)
            file.seek(0)
            with in_workspace(job.workspace.id):
                stored = files.store(actor, export.file_name, file, largest=LARGEST)
                _end(run_id, state="done", rows=done, file=stored)
    except jobs.Cancelled:
        with in_workspace(job.workspace.id):
            _end(run_id, state="cancelled", message=_("Cancelled."))
        raise
    except (access.Forbidden, Refused, filters.BadFilter, paging.BadPage) as reason:
        words = _("You may not export this any more.") if isinstance(reason, access.Forbidden) else str(reason)
        with in_workspace(job.workspace.id):
            _end(run_id, state="failed", message=words)
        raise jobs.GiveUp(words) from reason
    return {"rows": done}


def _write(job: jobs.Run, run_id: str, export: runs.Export, file: Any) -> int:
    """Write the file's bytes and return the number of rows. Progress goes over a connection of its own, since the rows
    are read in one transaction; a cancel is heard there.
    """
    done = 0

    def tell(rows: int) -> None:
        nonlocal done
        if rows // STEP > done // STEP:
            teller.submit(_progress, job, run_id, rows).result()
        done = rows

    with ThreadPoolExecutor(1, "export progress") as teller:
        try:
            for block in runs.stream(export, tell):
                file.write(block)
        finally:
            teller.submit(connections.close_all).result()
    return done


def _progress(job: jobs.Run, run_id: str, rows: int) -> None:
    with in_workspace(job.workspace.id):
        ExportRun.objects.filter(id=run_id).update(rows=rows)
        job.progress(rows)


def _end(run_id: str, **values: Any) -> None:
    ExportRun.objects.filter(id=run_id).update(ended_at=timezone.now(), **values)
