"""Who wants no mails of sequences: they say so by a link or their mail program, or somebody writes it down for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.doors import Visit
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor

from .. import queries
from ..models import OptOut
from .sequences import end

NO_MORE = {
    "label": _("No more mailings"),
    "icon": "mail-off",
    "undo": _("Mailings again."),
    "applies": lambda person: not person.no_mailings,
}
AGAIN = {
    "label": _("Mailings again"),
    "icon": "mail-check",
    "undo": _("No more mailings."),
    "applies": lambda person: person.no_mailings,
}


def leave(visit: Visit) -> None:
    """Whoever came through a door wants no mails of sequences: neither to this address, whichever record it stands on,
    nor to any other of theirs. Safe to run twice.
    """
    OptOut.objects.get_or_create(address=_plain(visit.door.email))
    person = objects.get(visit.door.object)
    record = person.rows().filter(id=visit.door.record_id, deleted_at=None).first()
    if record is not None and not record.no_mailings:
        _leave(visit.actor, record)


def _leave(actor: Actor, record: Record) -> None:
    """The person's own preference, and the end of every sequence with a mail to come."""
    person = objects.of_record(record)
    actions.write(actor, person, record, {"no_mailings": True}, verb="left the mailings")
    with translation.override(actor.workspace.language):
        why = _now("They don't want mails of sequences")
    for enrolment in queries.enrolments_of(person.ref(record.id)):
        if any(step.kind == "mail" for step in queries.steps_of(enrolment.sequence_id)[enrolment.steps_done :]):
            end(actor, enrolment, "stopped", why)


def stop_mailings(actor: Actor, record: Record) -> Record:
    """They said, by whatever way, that they want no mails of sequences."""
    for address in _addresses(record):
        OptOut.objects.get_or_create(address=address)
    _leave(actor, record)
    return record


def resume_mailings(actor: Actor, record: Record) -> Record:
    """They asked for such mails again: keep their words as a note."""
    OptOut.objects.filter(address__in=_addresses(record)).delete()
    actions.write(actor, objects.of_record(record), record, {"no_mailings": False}, verb="joined the mailings")
    return record


def _addresses(record: Any) -> list[str]:
    return [_plain(one["address"]) for one in record.emails if one.get("address")]


def _plain(address: str) -> str:
    return address.strip().lower()[:254]


def _for(plural: str, function: Callable[[Actor, Record], Record], words: dict[str, Any]) -> None:
    actions.action(plural, **words)(function)


for _plural in ("contacts", "leads"):
    _for(_plural, stop_mailings, NO_MORE)
    _for(_plural, resume_mailings, AGAIN)
