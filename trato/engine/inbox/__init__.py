"""Mails that come in: mailboxes read over IMAP, and modules that say what a mail becomes (docs/adr/0030).

@receives(Turn.ANSWERS)
def answered(actor, mailbox, mail) -> Became | None: ...
"""

from .listing import answered, listed, retry, sweep
from .mailboxes import answers_to, purpose, purposes, reseal_passwords
from .models import IncomingMail, Mailbox
from .receiving import Became, Turn, receives

__all__ = [
    "Became",
    "IncomingMail",
    "Mailbox",
    "Turn",
    "answered",
    "answers_to",
    "listed",
    "purpose",
    "purposes",
    "receives",
    "reseal_passwords",
    "retry",
    "sweep",
]
