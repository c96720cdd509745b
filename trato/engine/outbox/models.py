"""The table of mails to people outside."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..workspaces.base import WorkspaceModel

STATES = {
    "waiting": _("On its way"),
    "sent": _("Sent"),
    "failed": _("Not sent"),
    "cancelled": _("Taken back"),
}


class Mail(WorkspaceModel):
    """One mail, written in the transaction of what it tells of and sent by a job; ``key`` says which, so that there is
    one however often it is asked for.

    ``to`` are ``[name, address]``, ``reply_to`` addresses, one a line; ``attachments`` values of file fields;
    ``object`` and ``record_id`` what it is about. ``unsubscribe``: where a mail program says for its reader that they
    want no more of them.
    """

    key = models.CharField(max_length=200)
    to = models.JSONField(default=list)
    reply_to = models.CharField(max_length=800, blank=True)
    sender = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    attachments = models.JSONField(default=list)
    unsubscribe = models.CharField(max_length=500, blank=True)
    object = models.CharField(max_length=60, blank=True)
    record_id = models.UUIDField(null=True)
    state = models.CharField(max_length=10, default="waiting")
    attempts = models.IntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    by_name = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="mail_key")]
        indexes = [
            models.Index(fields=["workspace", "state", "id"], name="mail_state"),
            models.Index(fields=["workspace", "record_id"], name="mail_record"),
        ]
