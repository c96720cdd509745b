"""What mails that come in do to sequences: an answer ends them, a report of delivery says why they failed."""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_noop

from trato.engine import access, inbox, objects
from trato.engine.inbox import Became, IncomingMail, Mailbox, Turn
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor
from trato.modules.people.actions import write_down

from .. import queries
from ..models import Enrolment
from ..rules import delivery
from .sequences import end

ANSWERED = gettext_noop("An answer to a sequence, which has ended; it stands on the timeline.")
GOES_ON = gettext_noop("An automatic answer to a sequence, which goes on.")
BOUNCED = gettext_noop("A mail of a sequence could not be delivered; the sequence has ended.")
DELAYED = gettext_noop("A mail of a sequence is not delivered yet; the sequence goes on.")


@inbox.receives(Turn.ANSWERS)
def take(actor: Actor, mailbox: Mailbox, mail: IncomingMail) -> Became | None:
    """A mail that answers one of a sequence by what it names, or else comes from somebody in a sequence."""
    enrolment = next(filter(None, (queries.mailed(ours.key) for ours in inbox.answered(mail))), None)
    if enrolment is None and mail.sender and not mail.automatic:
        enrolment = next(iter(queries.under_way_at(actor, mail.sender)), None)
    person = _person(actor, enrolment) if enrolment else None
    if enrolment is None or person is None:
        return None
    place = objects.of_record(person).plural, person.id
    if mail.automatic == "report":
        if mail.failures:
            end(actor, enrolment, "failed", delivery.why(mail.failures))
        return Became(BOUNCED if mail.failures else DELAYED, *place)
    if mail.automatic:
        return Became(GOES_ON, *place)
    for one in queries.enrolments_of(enrolment.person):
        end(actor, one, "replied", _now("They answered by mail"))
    write_down(actor, mail, person, enrolment.owner_id)
    return Became(ANSWERED, *place)


def _person(actor: Actor, enrolment: Enrolment) -> Record | None:
    """Who is in the sequence; None where they were deleted meanwhile."""
    plural, record_id = objects.split_ref(enrolment.person)
    try:
        return access.get(actor, objects.get(plural), record_id)
    except access.Absent:
        return None
