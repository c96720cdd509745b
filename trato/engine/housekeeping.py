"""What is tidied up every night, one workspace after the other."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from . import destroying, doors, files, inbox, outbox
from .postgres.scope import in_workspace
from .workspaces.members import every_workspace

logger = logging.getLogger("trato.jobs")
#: How long mails that left, and secret addresses that open nothing any more, are remembered.
REMEMBERED = timedelta(days=365)
#: How long mails that came are kept, which are strangers' words; what became of them stays.
KEPT = timedelta(days=90)


@app.periodic(cron="23 3 * * *")
@app.task(name="trato.sweep_files", queueing_lock="trato.sweep_files", pass_context=False)
def sweep_files(timestamp: int) -> None:
    """Every night: drop files in the store that no row of their workspace names."""
    for workspace in every_workspace():
        try:
            with in_workspace(workspace.id):
                dropped = files.sweep(workspace.id)
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("sweeping files failed", extra={"workspace": str(workspace.id)})
        else:
            if dropped:
                logger.info("%s files without a row were dropped", dropped, extra={"workspace": str(workspace.id)})


@app.periodic(cron="41 2 * * *")
@app.task(name="trato.empty_bins", queueing_lock="trato.empty_bins", pass_context=False)
def empty_bins(timestamp: int) -> None:
    """Every night: begin to delete for good what lies in recycle bins longer than its workspace keeps it."""
    for workspace in every_workspace():
        try:
            with in_workspace(workspace.id):
                destroying.tidy(workspace)
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("emptying the recycle bin failed", extra={"workspace": str(workspace.id)})


@app.periodic(cron="52 3 * * *")
@app.task(name="trato.forget_mails", queueing_lock="trato.forget_mails", pass_context=False)
def forget_mails(timestamp: int) -> None:
    """Every night: forget mails and secret addresses that were over long ago."""
    now = timezone.now()
    for workspace in every_workspace():
        with in_workspace(workspace.id):
            outbox.sweep(now - REMEMBERED)
            doors.sweep(now - REMEMBERED)
            inbox.sweep(now - KEPT)
