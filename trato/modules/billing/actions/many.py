"""Many invoices at once: each is what it would be on its own, with the same history, but they are written set-wise."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from trato.engine import history, objects
from trato.engine.bulk import Made, Maker
from trato.engine.numbers import next_numbers
from trato.engine.values import Refused
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.actions import day_of, reckon
from trato.modules.catalog.queries import tax_table, today

from .. import queries
from ..rules import sums
from .documents import follow_invoice
from .invoices import as_issued, check
from .parties import parties_of
from .payments import use_credit

ZERO = Decimal(0)


def make_invoices(
    actor: Actor, given: Sequence[Mapping[str, Any]], issues: Collection[int], batch_id: UUID
) -> dict[int, Refused]:
    """Make invoices of no order of these values, as ``actions.create`` takes them, and issue those of the places
    ``issues`` today, with numbers in their order. Those that can't be made or issued are left, each with why, by their
    places. Raises Forbidden, and django.db.IntegrityError or DataError where a rule of the database is broken.
    """
    maker = Maker(actor, objects.get("invoices"), batch_id)
    made: dict[int, Made] = {}
    left: dict[int, Refused] = {}
    table = cache(tax_table)
    for place, each in enumerate(maker.make(given)):
        try:
            if isinstance(each, Refused):
                raise each
            _reckon(actor, each, table)
            if place in issues:
                check(each.record, [line.record for line in each.parts])
            made[place] = each
        except Refused as refused:
            left[place] = refused
    issued = [each for place, each in made.items() if place in issues]
    _issue(actor, issued)
    maker.write(list(made.values()))
    _follow(actor, issued)
    return left


def _reckon(actor: Actor, made: Made, table: Callable[..., Callable[[Any], Decimal | None]]) -> None:
    """Bring the sums of a draft up to date, as it does itself when its lines are written."""
    record, lines = made.record, sorted(made.parts, key=lambda line: (line.record.position, line.record.id))
    day = day_of(actor, made.obj, record)
    rate_of = table(record.country, day, record.reverse_charge)
    found = reckon(actor, record, [line.record for line in lines], day=day, rate_of=rate_of)
    for line in lines:
        line.follow_record()
    made.follow(found, history.SETTLED)


def _issue(actor: Actor, drafts: Sequence[Made]) -> None:
    """Give them date, parties and, last, their numbers."""
    if not drafts:
        return
    day, usual_days = today(actor), queries.settings().days
    parties = parties_of(actor, [each.record for each in drafts])
    queries.hold_purses(each.record.account_id for each in drafts)
    numbers = next_numbers("invoices", day, len(drafts))
    for each, party, number in zip(drafts, parties, numbers, strict=True):
        each.follow(as_issued(each.record, day, usual_days) | {"parties": party, "number": number}, "issued")


def _follow(actor: Actor, issued: Sequence[Made]) -> None:
    """Let what customers paid in advance settle their invoices; what comes to nothing is paid."""
    credit = queries.in_credit(each.record.account_id for each in issued)
    day = today(actor)
    ids = [
        each.record.id
        for each in issued
        if (each.record.account_id, each.record.currency) in credit or _stands(each.record, day) != "issued"
    ]
    held = queries.hold_invoices(ids)
    for invoice in (held[each] for each in ids):
        use_credit(actor, invoice)
        follow_invoice(actor, invoice)


def _stands(record: Any, day: date) -> str:
    """How an invoice that was just issued stands before any payment."""
    return sums.status_of(record.total, paid=ZERO, credited=ZERO, written_off=ZERO, due=record.due_on, today=day)
