"""Invoices of subscriptions: what is due is charged, what was charged and not used is given back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.actions import action
from trato.engine.kinds import Reader
from trato.engine.kinds.currency import digits
from trato.engine.kinds.date import Date
from trato.engine.kinds.money import Money, MoneyKind
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor
from trato.modules.billing.actions.invoices import issue
from trato.modules.catalog.actions import line_for_totals
from trato.modules.catalog.queries import today
from trato.modules.catalog.rules.totals import line_amount

from .. import queries, rules
from ..models import Subscription, SubscriptionLine
from .course import course_of, refuse, write, write_line

DAY, MONEY = Date(), MoneyKind()
#: What an invoice takes over of its subscription.
LINKS = ("account", "contact", "owner")
HEAD = (
    *LINKS,
    *("currency", "prices", "rounding", "country", "reverse_charge", "discount_percent"),
    *("language", "terms", "days", "reference"),
)
_Charge = tuple[SubscriptionLine, rules.Piece]


@action(
    "subscriptions",
    label=_("Invoice what is due"),
    icon="file-invoice",
    undo=_("Write a credit note."),
    applies=lambda record: record.next_on is not None,
)
def bill(actor: Actor, record: Subscription) -> Record:
    """Write the invoice of the next period now, whenever it is due."""
    if record.next_on is None:
        raise refuse("", _now("There is nothing to invoice."))
    _bill(actor, record)
    return record


@action(
    "subscriptions",
    label=_("Invoiced elsewhere"),
    icon="file-check",
    undo=_("Can't be undone: charge what is missing with an invoice of its own."),
    applies=lambda record: record.status in ("active", "paused"),
)
def invoiced_elsewhere(actor: Actor, record: Subscription, *, until: Date(required=True)) -> Record:
    """What was invoiced by other means up to a day (the first one that was not) is not charged again."""
    if record.status not in ("active", "paused"):
        raise refuse("", _now("Begin it first."))
    course = course_of(record)
    if until <= course.start or until > rules.add_months(today(actor), 24):
        words = _now("Choose a day after %(day)s, within two years.") % {"day": course.start.isoformat()}
        raise refuse("until", words)
    for line in queries.lines_of([record.id])[record.id]:
        reached = until if line.until is None else min(line.until, until)
        if line.since is not None and line.since < until:
            write_line(actor, line, billed_until=max(reached, line.since))
    following = replace(course, billed_until=until).next_invoice(today(actor))
    write(actor, record, billed_until=until, next_on=following)
    return record


def bill_due(actor: Actor, subscription_id: UUID) -> int:
    """Write all invoices of a subscription that are due today, one for each period; how many there were. Who comes
    second finds nothing left to do.
    """
    record, made = queries.hold(subscription_id), 0
    while record.next_on is not None and record.next_on <= today(actor):
        made += _bill(actor, record)
    return made


def _bill(actor: Actor, record: Subscription) -> bool:
    """One invoice, or credit note, up to the end of the next period; False where the period came to nothing."""
    course = course_of(record)
    until = course.until()
    lines = queries.lines_of([record.id])[record.id]
    charged = [(line, piece) for line in lines if not line.is_optional for piece in _pieces(record, line, until)]
    made = _documents(actor, record, charged, until)
    for line in lines:
        reached = until if line.until is None else min(line.until, until)
        if line.since is not None and (line.since < until or line.billed_until):
            write_line(actor, line, billed_until=max(reached, line.since))
    following = replace(course, billed_until=until).next_invoice(today(actor))
    write(actor, record, billed_until=until, next_on=following)
    return made


def _pieces(record: Subscription, line: SubscriptionLine, until: date) -> list[rules.Piece]:
    """What is left to charge of a line, or to give back, before the document's discount."""
    places = digits(record.currency)
    amount = line_amount(line_for_totals(line), places)
    term = rules.Term(amount, line.since or record.starts_on, line.until, line.billed_until)
    months = rules.INTERVALS[record.interval]
    return [piece for piece in rules.pieces(term, record.starts_on, months, until, places) if piece.amount]


def _documents(actor: Actor, record: Subscription, charged: Sequence[_Charge], until: date) -> bool:
    """The invoice of what is charged; what was charged before and not used comes off the same tax class, and what is
    more than that is given back by a credit note.
    """
    key = queries.KEY.format(id=record.id, day=until.isoformat())
    if not charged or queries.was_billed(key):
        return False
    plain = [_whole(record, line, piece) for line, piece in charged if piece.whole and piece.amount > 0]
    owed, back = [], []
    for tax_class in dict.fromkeys(line.tax_class_id for line, _piece in charged):
        parts = [each for each in charged if each[0].tax_class_id == tax_class]
        parts = [(line, piece) for line, piece in parts if not piece.whole or piece.amount < 0]
        comes_to = sum((piece.amount for _line, piece in parts), Decimal(0))
        if comes_to:
            (owed if comes_to > 0 else back).append(_changes(record, parts, abs(comes_to)))
    if plain or owed:
        _write_document(actor, record, {"external_key": key, "invoice-lines": [*plain, *owed]})
    if back:
        _give_back(actor, record, f"{key}:back", back)
    return bool(plain or owed or back)


def _give_back(actor: Actor, record: Subscription, key: str, lines: list[dict[str, Any]]) -> None:
    corrected = queries.last_invoice(record.id, sum((line["price"].amount for line in lines), Decimal(0)))
    if corrected is None:
        words = _now(
            "There is no issued invoice of this subscription that this could be given back of. Issue it first."
        )
        raise refuse("", words)
    given = {"kind": "credit_note", "corrects": corrected.id, "reason": _now("Not used")}
    _write_document(actor, record, given | {"external_key": key, "invoice-lines": lines})


def _write_document(actor: Actor, record: Subscription, given: dict[str, Any]) -> None:
    head = {name: getattr(record, f"{name}_id" if name in LINKS else name) for name in HEAD}
    made = actions.create(actor, objects.get("invoices"), {**head, **given})
    if record.issues:
        made.refresh_from_db()
        issue(actor, made)


def _whole(record: Subscription, line: SubscriptionLine, piece: rules.Piece) -> dict[str, Any]:
    """The line of a whole period, as it was agreed."""
    return {
        "product": line.product_id,
        "description": f"{line.description or line.title}\n{_days(record, piece)}",
        "quantity": line.quantity,
        "unit": line.unit,
        "price": Money(line.price, line.price_currency),
        "discount_percent": line.discount_percent,
        "tax_class": line.tax_class_id,
        "position": line.position,
    }


def _changes(record: Subscription, parts: Sequence[_Charge], amount: Decimal) -> dict[str, Any]:
    """One line for the parts of periods of one tax class, which tells them all."""
    reader = Reader(language=record.language or "en")
    told = [
        f"{line.description or line.title}, {_days(record, piece)}: "
        f"{MONEY.plain(Money(piece.amount, record.currency), reader)}"
        for line, piece in parts
    ]
    line = parts[0][0]
    return {
        "description": "\n".join(told),
        "quantity": Decimal(1),
        "price": Money(amount, record.currency),
        "tax_class": line.tax_class_id,
        "position": line.position,
    }


def _days(record: Subscription, piece: rules.Piece) -> str:
    """The first and the last day of a piece, in the customer's language."""
    reader = Reader(language=record.language or "en")
    return f"{DAY.plain(piece.first, reader)} – {DAY.plain(piece.end - timedelta(days=1), reader)}"
