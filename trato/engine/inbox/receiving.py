"""What becomes of a mail that came: modules are asked in turn, and the first that takes it says what it did.

A mail and what became of it are one transaction, together with how far the mailbox was read: whatever is killed in the
middle, none is lost and none is dealt with twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from email.utils import parseaddr
from enum import IntEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext_noop

from ..postgres.scope import in_workspace
from ..workspaces.actors import Actor, system_actor
from ..workspaces.models import Membership, Workspace
from .models import IncomingMail, Mailbox
from .parsing import Letter, read
from .reading import Arrived

logger = logging.getLogger("trato.mail")

NOBODY = gettext_noop("Nothing here was meant by it.")
OWN = gettext_noop("One of you, or Trato, wrote it.")
ELSEWHERE = gettext_noop("It came to another mailbox too, and was dealt with there.")
LEFT = {
    "reply": gettext_noop("A program wrote it by itself."),
    "bulk": gettext_noop("It went to many, such as a newsletter, or the mail server takes it for spam."),
    "report": gettext_noop("A report about a mail that is not Trato's."),
}
BROKEN = gettext_noop("Trato could not deal with it. It is kept here, and can be tried again.")


class Turn(IntEnum):
    """When a receiver is asked: for what was answered by name first, for what strangers write last."""

    ANSWERS = 1
    STRANGERS = 2


@dataclass(frozen=True)
class Became:
    """What a receiver did with a mail: English words that are marked for translation, and the record they are about."""

    words: str
    object: str = ""
    record_id: UUID | None = None


Receiver = Callable[[Actor, Mailbox, IncomingMail], Became | None]
_receivers: list[tuple[Turn, Receiver]] = []


def receives(turn: Turn) -> Callable[[Receiver], Receiver]:
    """Decorator: ``function(actor, mailbox, mail)`` is asked about every mail that nobody took before, inside the
    workspace, as Trato itself; it gives None for a mail that is not its own.
    """

    def register(function: Receiver) -> Receiver:
        _receivers.append((turn, function))
        _receivers.sort(key=lambda pair: pair[0])
        return function

    return register


def receive(workspace: Workspace, read_from: Mailbox, validity: int, arrived: Arrived) -> None:
    """Keep a mail, have it dealt with, and note that the mailbox is read up to it (outside any transaction).

    ``read_from`` is the mailbox as it was when reading began.
    """
    letter = read(arrived.raw, is_cut=arrived.is_cut)
    with in_workspace(workspace.id):
        _receive(workspace, read_from, validity, arrived, letter)


def pass_by(workspace: Workspace, read_from: Mailbox, validity: int, uid: int) -> None:
    """Note that a mailbox is read up to a mail that is gone, or came before reading began."""
    with in_workspace(workspace.id):
        _forward(read_from, validity, uid)


def _forward(read_from: Mailbox, validity: int, uid: int) -> Mailbox | None:
    """Move a mailbox on to a mail, locked; None where that was done before, or it is set up anew meanwhile."""
    # All are locked, in order: a mail that came to several is dealt with once.
    rows = {row.id: row for row in Mailbox.objects.select_for_update(of=("self",)).order_by("id")}
    mailbox = rows.get(read_from.id)
    if mailbox is None or not mailbox.is_on or mailbox.since != read_from.since:
        return None
    if mailbox.validity == validity and uid <= mailbox.last_uid:
        return None
    Mailbox.objects.filter(id=mailbox.id).update(validity=validity, last_uid=uid)
    return mailbox


def _receive(workspace: Workspace, read_from: Mailbox, validity: int, arrived: Arrived, letter: Letter) -> None:
    mailbox = _forward(read_from, validity, arrived.uid)
    if mailbox is None or IncomingMail.objects.filter(mailbox=mailbox, message_id=letter.message_id).exists():
        return
    mail = IncomingMail(mailbox=mailbox, received_at=arrived.at, **asdict(letter))
    mail.save(force_insert=True)
    _try(workspace, mailbox, mail)


def _keep(mail: IncomingMail, state: str, became: str, **where: Any) -> None:
    for name, value in (where | {"state": state, "became": became}).items():
        setattr(mail, name, value)
    mail.save(update_fields=["state", "became", *where])


def _try(workspace: Workspace, mailbox: Mailbox, mail: IncomingMail) -> None:
    """Have a mail dealt with; what a receiver can't deal with is undone, and holds nothing up."""
    if IncomingMail.objects.filter(message_id=mail.message_id, state="taken").exists():
        _keep(mail, "left", ELSEWHERE)
        return
    if _is_own(mail.sender):
        _keep(mail, "left", OWN)
        return
    try:
        with transaction.atomic():
            _deal(workspace, mailbox, mail)
    except (OperationalError, InterfaceError):
        raise  # the database is away: it is read again
    except Exception:
        logger.exception("a mail could not be dealt with", extra={"workspace": str(workspace.id)})
        _keep(mail, "failed", BROKEN)


def _is_own(sender: str) -> bool:
    """Whether a member, a mailbox or Trato itself wrote: what goes round is never dealt with."""
    address = sender.lower()
    own = Mailbox.objects.filter(address__iexact=address).exists()
    members = Membership.objects.filter(user__email=address, is_active=True)
    return own or address == parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower() or members.exists()


def _deal(workspace: Workspace, mailbox: Mailbox, mail: IncomingMail) -> None:
    """Ask the receivers, and keep what became of the mail."""
    actor = system_actor(workspace, "mail", mailbox.address)
    became: Became | None = None
    with translation.override(workspace.language):
        for _turn, receiver in _receivers:
            became = receiver(actor, mailbox, mail)
            if became is not None:
                break
    if became is None:
        _keep(mail, "left", LEFT.get(mail.automatic, NOBODY))
    else:
        _keep(mail, "taken", became.words, object=became.object, record_id=became.record_id)


def again(workspace: Workspace, mail_id: UUID) -> IncomingMail | None:
    """Deal once more with a mail that nobody took, or that failed (inside ``in_workspace``); None for no such."""
    rows = IncomingMail.objects.exclude(state="taken").select_for_update(of=("self",)).select_related("mailbox")
    mail = rows.filter(id=mail_id).first()
    if mail is not None:
        _try(workspace, mail.mailbox, mail)
    return mail
