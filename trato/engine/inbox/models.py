"""The tables of mails that come in: the mailboxes that are read, and what became of each mail."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..workspaces.base import WorkspaceForeignKey, WorkspaceModel

SECURITIES = {
    "tls": _("TLS (usually port 993)"),
    "starttls": _("STARTTLS (usually port 143)"),
    "none": _("None, in the own network only"),
}
STATES = {
    "taken": _("Dealt with"),
    "left": _("Left"),
    "failed": _("Failed"),
}


class Mailbox(WorkspaceModel):
    """A mailbox on an IMAP server whose new mails are read every minute; reading changes nothing there.

    ``password`` is sealed. ``purposes`` are those of modules (``inbox.purpose``) that it serves; ``takes_answers``:
    mails name it besides their sender's address as where to reply. Read is what came after ``since``, up to
    ``last_uid`` of the folder that ``validity`` (UIDVALIDITY of RFC 3501; 0 for not read yet) names. ``trouble`` says
    why the last reading failed, ``failures`` how often in a row, ``next_at`` when it is tried again.
    """

    address = models.EmailField(max_length=254)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=993)
    security = models.CharField(max_length=8, default="tls")
    user = models.CharField(max_length=254)
    password = models.TextField()
    folder = models.CharField(max_length=200, default="INBOX")
    is_on = models.BooleanField(default=True)
    takes_answers = models.BooleanField(default=True)
    purposes = models.JSONField(default=list)
    since = models.DateTimeField(default=timezone.now)
    validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    trouble = models.CharField(max_length=20, blank=True)
    failures = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "address"], name="mailbox_once")]

    def __str__(self) -> str:
        return self.address


class IncomingMail(WorkspaceModel):
    """One mail that came, as text. ``message_id`` is its own, or made of what it consists of where it has none: once
    in a mailbox. ``automatic`` is "" for a person's, else ``reply``, ``bulk`` or ``report`` (of delivery, with the
    ``failures``: [{"address", "status", "words"}]). ``answers`` are the Message-IDs it names, the likeliest first.
    ``became`` says what a receiver did with it, ``object`` and ``record_id`` where; it is kept in English.
    """

    mailbox = WorkspaceForeignKey(Mailbox, models.CASCADE, related_name="+")
    message_id = models.CharField(max_length=300)
    sender = models.CharField(max_length=254, blank=True)
    sender_name = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    answers = models.JSONField(default=list)
    automatic = models.CharField(max_length=6, blank=True)
    failures = models.JSONField(default=list)
    notice = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=6, default="left")
    became = models.CharField(max_length=300, blank=True)
    object = models.CharField(max_length=60, blank=True)
    record_id = models.UUIDField(null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "mailbox", "message_id"], name="incoming_mail_once")
        ]
        indexes = [
            models.Index(fields=["workspace", "message_id"], name="incoming_mail_message"),
            models.Index(fields=["workspace", "state", "id"], name="incoming_mail_state"),
        ]

    def __str__(self) -> str:
        return self.subject
