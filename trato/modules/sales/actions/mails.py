"""Mails of strangers become leads; what known people write stands on their timelines."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from trato.engine import actions, inbox, objects
from trato.engine.inbox import Became, IncomingMail, Mailbox, Turn
from trato.engine.kinds.person_name import split_name
from trato.engine.kinds.texts import shorten
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor
from trato.modules.people.actions import write_down
from trato.modules.people.queries import at_address

from ..queries.leads import live_at

PURPOSE = "leads"
LEAD = gettext_noop("A new lead.")
KNOWN = gettext_noop("From somebody known; it stands on their timeline.")
LONGEST_NAME, LONGEST_WISH = 100, 20_000

inbox.purpose(
    PURPOSE,
    _("New senders become leads"),
    _("What known people and open leads write stands on their timelines. For a shared mailbox, not a person's own."),
)


@inbox.receives(Turn.STRANGERS)
def take(actor: Actor, mailbox: Mailbox, mail: IncomingMail) -> Became | None:
    """A person's answer to a mail of ours, such as a quote's; anything of a person to a mailbox for leads."""
    answered = inbox.answered(mail)
    if mail.automatic or not mail.sender or not (answered or PURPOSE in mailbox.purposes):
        return None
    # Who answers from another address than we wrote to is no stranger.
    addresses = [mail.sender, *(address for ours in answered for _name, address in ours.to)]
    known = next(filter(None, (_known(actor, address) for address in addresses)), None)
    if known is not None:
        write_down(actor, mail, known, known.owner_id)
        return Became(KNOWN, objects.of_record(known).plural, known.id)
    if PURPOSE not in mailbox.purposes:
        return None
    return Became(LEAD, "leads", actions.create(actor, objects.get("leads"), _values(mail)).id)


def _known(actor: Actor, address: str) -> Record | None:
    return live_at(actor, address) or at_address(actor, "contacts", address).first()


def _values(mail: IncomingMail) -> dict[str, Any]:
    """The lead that a mail becomes; it belongs to nobody until a rule gives it away."""
    name = split_name("" if "@" in mail.sender_name else mail.sender_name)
    wish = "\n\n".join(filter(None, (mail.subject, mail.text)))
    return {
        "first_name": name["first"][:LONGEST_NAME],
        "last_name": name["last"][:LONGEST_NAME],
        "emails": [{"address": mail.sender}],
        "wish": shorten(wish, LONGEST_WISH),
        "source": _now("E-mail"),
        "owner": None,
    }
