"""Sending what is in the outbox: one mail a job, again after growing pauses, and never twice to be seen."""

from __future__ import annotations

import logging
from email.utils import formataddr, parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django.utils.translation import gettext_noop
from procrastinate.contrib.django import app

from .. import access, files
from ..postgres.scope import in_workspace
from ..workspaces.models import Workspace
from .models import Mail

logger = logging.getLogger("trato.mail")
#: Minutes until a mail that could not be sent is tried again; then it has failed.
PAUSES = (1, 5, 15, 60, 240, 720)
UNKNOWN = gettext_noop("The mail server doesn't take mail for this address.")
REFUSED = gettext_noop("The mail server refused this mail.")
AWAY = gettext_noop("The mail server did not answer.")
GONE = gettext_noop("A file of this mail is not there any more.")


def add(mail: Mail, minutes: int = 0) -> None:
    """Have a mail sent, in the running transaction."""
    deferrer = send.configure(schedule_in={"minutes": minutes}) if minutes else send
    deferrer.defer(workspace=str(mail.workspace_id), mail=str(mail.id))


@app.task(name="trato.outbox.send")
def send(workspace: str, mail: str) -> None:
    """Send one mail that waits; whoever holds it already goes on."""
    found = Workspace.objects.filter(id=workspace).first()
    if found is None:
        return
    with in_workspace(found.id):
        row = Mail.objects.select_for_update(skip_locked=True, of=("self",)).filter(id=mail, state="waiting").first()
        if row is not None:
            _try(row)


def _try(mail: Mail) -> None:
    """Send it now, or say why not and when again."""
    why, final = _leave(mail)
    mail.attempts += 1
    if not why:
        mail.state, mail.message, mail.ended_at = "sent", "", timezone.now()
    elif final or mail.attempts > len(PAUSES):
        mail.state, mail.message, mail.ended_at = "failed", why, timezone.now()
    else:
        mail.message = why
        add(mail, PAUSES[mail.attempts - 1])
    mail.save(update_fields=["state", "message", "attempts", "ended_at"])


def _leave(mail: Mail) -> tuple[str, bool]:
    """Hand a mail to the server: why it did not go ("" where it did), and whether it never will."""
    try:
        _message(mail).send()
    except access.Absent:
        return GONE, True
    except SMTPRecipientsRefused as error:
        return UNKNOWN, all(code >= 500 for code, _words in error.recipients.values())
    except SMTPResponseException as error:
        return REFUSED, error.smtp_code >= 500
    except (OSError, SMTPException) as error:
        logger.warning("mail refused: %s", type(error).__name__)  # its words would name the address
        return AWAY, False
    return "", False


def _message(mail: Mail) -> EmailMultiAlternatives:
    """The mail as it leaves: in the workspace's name, from Trato's address, under a Message-ID of its own."""
    headers = {"Message-ID": f"<{mail.id}@{urlsplit(settings.TRATO_URL).hostname}>"}
    if mail.unsubscribe:
        headers |= {"List-Unsubscribe": f"<{mail.unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        from_email=formataddr((mail.sender, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=[formataddr((name, address)) for name, address in mail.to],
        reply_to=mail.reply_to.splitlines() or None,
        headers=headers,
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for attached in mail.attachments:
        message.attach(*_file(attached))
    return message


def _file(attached: dict[str, Any]) -> tuple[str, bytes, str]:
    stored, content = files.open_file(attached["id"])
    with content:
        return stored.name, content.read(), stored.type
