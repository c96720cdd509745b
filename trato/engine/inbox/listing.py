"""The mails that came, for administrators, and which mails of ours they answer, for receivers."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from .. import access
from ..decisions import require
from ..outbox.models import Mail
from ..workspaces.actors import Actor
from . import receiving
from .models import IncomingMail

AT_ONCE = 50
#: The Message-ID of a mail of the outbox; its host may have changed since.
OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^<>]*>", re.IGNORECASE)


def listed(actor: Actor, state: str = "", before: Any = "") -> tuple[list[IncomingMail], bool]:
    """Mails that came, the newest first, of one state or all; whether there are more. Raises NotAdministrator,
    Absent.
    """
    require(actor)
    rows = IncomingMail.objects.select_related("mailbox").order_by("-id")
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(id__lt=access.as_uuid(before)) if before else rows
    found = list(rows[: AT_ONCE + 1])
    return found[:AT_ONCE], len(found) > AT_ONCE


def retry(actor: Actor, mail_id: Any) -> IncomingMail:
    """Deal once more with a mail that nobody took, or that failed; as it is then. Raises NotAdministrator, Absent."""
    require(actor)
    mail = receiving.again(actor.workspace, access.as_uuid(mail_id))
    if mail is None:
        raise access.Absent(str(mail_id))
    return mail


def answered(mail: IncomingMail) -> list[Mail]:
    """The mails of the outbox that a mail answers, or reports of, the likeliest first: what In-Reply-To names, then
    References from the right to the left (RFC 5322). A Message-ID of ours is a secret of who got the mail.
    """
    ids = [UUID(found[1]) for one in mail.answers if (found := OURS.fullmatch(one))]
    known = {row.id: row for row in Mail.objects.filter(id__in=ids).defer("text", "html")}
    return [known[one] for one in ids if one in known]


def sweep(before: datetime) -> int:
    """Forget mails that came before a moment (inside ``in_workspace``); how many."""
    return IncomingMail.objects.filter(received_at__lt=before).delete()[0]
