"""The outbox of notification mails: written with what is due, sent by a job, shown at most once.

A letter that was sent and not noted as sent goes again under the same Message-ID, which mail programs show once.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..postgres.scope import in_workspace
from ..workspaces.actors import Actor, actor_for_user
from ..workspaces.ids import uuid7
from ..workspaces.models import User, Workspace
from . import wording
from .models import Letter, Notification
from .wording import Line

AT_ONCE = 2000
MOST_LINES = 100
SALT = "trato.unsubscribe"


class NotSent(RuntimeError):
    """The mail server did not take a letter; it is tried again. The words name no address."""


def collect(now: datetime | None = None) -> list[UUID]:
    """Put what is due by now into letters, one a person; what was read meanwhile is not mailed. Returns the letters.

    In one transaction (inside ``in_workspace``), so that each notification is in one letter however often this runs.
    """
    now = now or timezone.now()
    rows = Notification.objects.filter(mail_at__lte=now).select_for_update(skip_locked=True, of=("self",))
    due: dict[UUID, list[UUID]] = defaultdict(list)
    everything = []
    for notification_id, user_id, read_at in rows.order_by("mail_at").values_list("id", "user_id", "read_at")[:AT_ONCE]:
        everything.append(notification_id)
        if read_at is None:
            due[user_id].append(notification_id)
    letters = [Letter(id=uuid7(), user_id=user_id, created_at=now) for user_id in due]
    Letter.objects.bulk_create(letters)
    Notification.objects.filter(id__in=everything).update(mail_at=None)
    for letter in letters:
        Notification.objects.filter(id__in=due[letter.user_id]).update(letter=letter)
    return [letter.id for letter in letters]


def send(workspace: Workspace, letter_id: Any) -> bool:
    """Send one letter that was not sent yet; False where there is nothing (any more) to send. Raises NotSent."""
    with in_workspace(workspace.id):
        rows = Letter.objects.filter(id=letter_id, sent_at=None)
        letter = rows.select_for_update(skip_locked=True, of=("self",)).select_related("user").first()
        if letter is None:
            return False
        message = written(workspace, letter)
        if message is not None:
            try:
                message.send()
            except (OSError, SMTPException) as error:
                raise NotSent(type(error).__name__) from None
        Letter.objects.filter(id=letter.id).update(sent_at=timezone.now())
        return message is not None


def written(workspace: Workspace, letter: Letter) -> EmailMessage | None:
    """The mail of a letter in its person's language; None where they left, or may see nothing of it any more."""
    user = letter.user
    actor = actor_for_user(user, workspace, "job")
    if actor is None:
        return None
    rows = Notification.objects.filter(letter=letter).order_by("-at", "-id")[: MOST_LINES + 1]
    with translation.override(user.language):
        told = [line for line in wording.lines(actor, rows) if line.address or line.title]
        if not told:
            return None
        return _mail(actor, user, letter, told)


def _mail(actor: Actor, user: User, letter: Letter, told: list[Line]) -> EmailMessage:
    name = actor.workspace.name
    subject = ngettext("News in %(workspace)s", "%(n)s news in %(workspace)s", len(told))
    blocks = [_block(line) for line in told[:MOST_LINES]]
    if len(told) > MOST_LINES:
        blocks.append(_("And more: %(address)s") % {"address": _absolute(f"/w/{actor.workspace.slug}/notifications")})
    leave = _absolute(f"/unsubscribe/{signing.dumps([str(actor.workspace.id), str(user.id)], salt=SALT)}")
    ways = _absolute(f"/w/{actor.workspace.slug}/settings/notifications")
    foot = [
        _("Choose your notifications: %(address)s") % {"address": ways},
        _("No such mails any more: %(address)s") % {"address": leave},
    ]
    headers = {
        "Message-ID": f"<{letter.id}@{urlsplit(settings.TRATO_URL).hostname}>",
        "List-Unsubscribe": f"<{leave}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    body = "\n\n".join(blocks) + "\n\n-- \n" + "\n".join(foot) + "\n"
    return EmailMessage(
        " ".join((subject % {"n": len(told), "workspace": name}).split()), body, to=[user.email], headers=headers
    )


def _block(line: Line) -> str:
    head = f"{line.title}: {line.text}" if line.title else line.text
    return "\n".join(filter(None, [head, f"    {line.snippet}" if line.snippet else "", _absolute(line.address)]))


def _absolute(address: str) -> str:
    return f"{settings.TRATO_URL}{address}" if address else ""


def leaving(token: str) -> tuple[UUID, UUID] | None:
    """The workspace and the person of an unsubscribe link; None where it is none of ours."""
    try:
        workspace, user = signing.loads(token, salt=SALT)
        return UUID(workspace), UUID(user)
    except (signing.BadSignature, ValueError, TypeError):
        return None
