"""The invoices of many subscriptions that are due, set-wise: as one by one, some hundred in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import DataError, IntegrityError, transaction

from trato.engine import objects
from trato.engine.bulk import write_many
from trato.engine.values import Refused
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.ids import uuid7
from trato.modules.billing.actions import make_invoices
from trato.modules.catalog.queries import today

from .. import queries
from ..models import Subscription
from .invoicing import Bill, bill_next, next_bill


@dataclass
class Wave:
    """What became of some subscriptions: how many were invoiced, and why others were left as they are."""

    made: int = 0
    left: dict[UUID, str] = field(default_factory=dict)


def bill_wave(actor: Actor, ids: Sequence[UUID]) -> Wave:
    """Write the next invoice of each of these subscriptions that is due today. One that can't be invoiced says why, and
    doesn't hold up the others. Who comes second finds nothing left to do.
    """
    try:
        with transaction.atomic():
            wave = _together(actor, ids)
    except (IntegrityError, DataError, Refused):  # whoever breaks a rule of the database is found alone
        wave = _apart(actor, ids)
    held = queries.hold_all(wave.left)
    told = [(record, {"held_up": wave.left[record.id][:LONGEST]}) for record in held]
    write_many(actor, objects.get("subscriptions"), told, uuid7())
    return wave


#: How long a reason is told.
LONGEST = Subscription._meta.get_field("held_up").max_length


def _together(actor: Actor, ids: Sequence[UUID]) -> Wave:
    wave, bills = Wave(), list[Bill]()
    records = queries.hold_due(ids, today(actor))
    lines = queries.lines_of(record.id for record in records)
    for record in records:
        try:
            bills.append(next_bill(record, lines[record.id]))
        except Refused as refused:
            wave.left[record.id] = reason(refused)
    known = queries.billed(bill.key for bill in bills)
    # What is given back depends on the invoices there are: it is rare, and looked at one by one.
    apart = {bill.record.id for bill in bills if bill.back and bill.key not in known}
    _write(actor, [bill for bill in bills if bill.record.id not in apart], known, wave)
    alone = _apart(actor, [record.id for record in records if record.id in apart])
    return Wave(wave.made + alone.made, wave.left | alone.left)


def _write(actor: Actor, bills: Sequence[Bill], known: set[str], wave: Wave) -> None:
    """The invoices of these subscriptions, and what becomes of these."""
    batch, day = uuid7(), today(actor)
    charged = [bill for bill in bills if bill.charged and bill.key not in known]
    issues = {place for place, bill in enumerate(charged) if bill.record.issues}
    refused = make_invoices(actor, [bill.invoice for bill in charged], issues, batch)
    wave.made += len(charged) - len(refused)
    wave.left |= {charged[place].record.id: reason(why) for place, why in refused.items()}
    done = [bill for bill in bills if bill.record.id not in wave.left]
    lines = [each for bill in done for each in bill.lines_after()]
    write_many(actor, objects.get("subscription-lines"), lines, batch)
    write_many(actor, objects.get("subscriptions"), [(bill.record, bill.after(day)) for bill in done], batch)


def _apart(actor: Actor, ids: Iterable[UUID]) -> Wave:
    """The same, one subscription after the other."""
    wave = Wave()
    for subscription_id in ids:
        try:
            with transaction.atomic():
                for record in queries.hold_due([subscription_id], today(actor)):
                    wave.made += bill_next(actor, record)
        except Refused as refused:
            wave.left[subscription_id] = reason(refused)
    return wave


def reason(refused: Refused) -> str:
    """Why something can't be invoiced, in words that name the fields."""
    fields = objects.get("invoice-lines").builtin | objects.get("invoices").builtin
    named = [(fields.get(problem.field.rpartition("/")[2]), problem.message) for problem in refused.problems]
    return " ".join(dict.fromkeys(f"{known.label}: {words}" if known else words for known, words in named))
