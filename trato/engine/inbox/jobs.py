"""Reading mailboxes every minute, each by a job of its own, so that none waits for a slow server of another."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from ..postgres.scope import in_workspace
from ..workspaces.members import every_workspace
from ..workspaces.models import Workspace
from . import receiving
from .models import Mailbox
from .reading import Box, Trouble, opened

logger = logging.getLogger("trato.mail")
#: Mails of one mailbox that are read in one go.
AT_ONCE = 200
#: Minutes until a mailbox that could not be read is tried again: a password refused too often locks many an account.
PAUSES = (1, 5, 15, 60)


@app.periodic(cron="* * * * *")
@app.task(name="trato.inbox.minute", queueing_lock="trato.inbox.minute", pass_context=False)
def every_minute(timestamp: int) -> None:
    """Have every mailbox read whose turn it is."""
    now = timezone.now()
    for workspace in every_workspace():
        with in_workspace(workspace.id):
            rows = Mailbox.objects.filter(Q(next_at=None) | Q(next_at__lte=now), is_on=True)
            due = list(rows.order_by("id").values_list("id", flat=True))
        for mailbox_id in due:
            add(workspace.id, mailbox_id)


def add(workspace_id: UUID, mailbox_id: UUID) -> None:
    """Have one mailbox read soon, unless it waits for that already; never twice at once."""
    lock = f"trato.inbox:{mailbox_id}"
    with suppress(AlreadyEnqueued), transaction.atomic():
        read.configure(lock=lock, queueing_lock=lock).defer(workspace=str(workspace_id), mailbox=str(mailbox_id))


@app.task(name="trato.inbox.read")
def read(workspace: str, mailbox: str) -> None:
    """Read what is new in one mailbox."""
    known = Workspace.objects.filter(id=workspace).first()
    if known is None:
        return
    with in_workspace(known.id):
        row = Mailbox.objects.filter(id=mailbox, is_on=True).first()
    if row is not None:
        read_now(known, row)


def read_now(workspace: Workspace, mailbox: Mailbox) -> int:
    """Read what is new in a mailbox, and note how that went (outside any transaction); how many mails there were."""
    done = 0
    try:
        with opened(mailbox) as box:
            for uid in box.fresh()[:AT_ONCE]:
                _one(workspace, mailbox, box, uid)
                done += 1
    except Trouble as trouble:
        failures = mailbox.failures + 1
        pause = PAUSES[min(failures, len(PAUSES)) - 1]
        told = {"trouble": trouble.code, "failures": failures, "next_at": timezone.now() + timedelta(minutes=pause)}
        logger.info("a mailbox could not be read: %s", trouble.code, extra={"workspace": str(workspace.id)})
    else:
        told = {"trouble": "", "failures": 0, "next_at": None, "read_at": timezone.now()}
    with in_workspace(workspace.id):
        Mailbox.objects.filter(id=mailbox.id).update(**told)
    return done


def _one(workspace: Workspace, mailbox: Mailbox, box: Box, uid: int) -> None:
    arrived = box.get(uid)
    if arrived is None or arrived.at < mailbox.since.replace(microsecond=0):  # servers tell whole seconds
        receiving.pass_by(workspace, mailbox, box.validity, uid)
    else:
        receiving.receive(workspace, mailbox, box.validity, arrived)
