"""Invoices of subscriptions: what is due is charged, what was charged and not used is given back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    bill_next(actor, record)
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
        made += bill_next(actor, record)
    return made


@dataclass(frozen=True)
class Bill:
    """What the next period of a subscription comes to: the lines of an invoice, and those of a credit note."""

    record: Subscription
    lines: list[SubscriptionLine]
    until: date
    charged: list[dict[str, Any]]
    back: list[dict[str, Any]]

    @property
    def key(self) -> str:
        """What its invoice is known by elsewhere: there is never a second one."""
        return queries.KEY.format(id=self.record.id, day=self.until.isoformat())

    @property
    def invoice(self) -> dict[str, Any]:
        """The values of the invoice."""
        return {**_head(self.record), "external_key": self.key, "invoice-lines": self.charged}

    def lines_after(self) -> list[tuple[SubscriptionLine, dict[str, Any]]]:
        """What becomes of the subscription's lines once it is written."""
        reached = [(line, self.until if line.until is None else min(line.until, self.until)) for line in self.lines]
        return [
            (line, {"billed_until": max(day, line.since)})
            for line, day in reached
            if line.since is not None and (line.since < self.until or line.billed_until)
        ]

    def after(self, day: date) -> dict[str, Any]:
        """What becomes of the subscription."""
        following = replace(course_of(self.record), billed_until=self.until).next_invoice(day)
        return {"billed_until": self.until, "next_on": following, "held_up": ""}


def next_bill(record: Subscription, lines: list[SubscriptionLine]) -> Bill:
    """The bill of a subscription up to the end of the next period; what was charged before and not used comes off the
    same tax class, and what is more than that is given back. Raises Refused where a line has no price.
    """
    until = course_of(record).until()
    found = [(line, piece) for line in lines if not line.is_optional for piece in _pieces(record, line, until)]
    if gaps := list(dict.fromkeys(line.title for line, _piece in found if line.price is None)):
        words = _now("There is no price for: %(lines)s. Give one, or add it to a price book.")
        raise refuse("", words % {"lines": ", ".join(gaps[:5])}, "price")
    charged = [(line, piece) for line, piece in found if piece.amount]
    plain = [_whole(record, line, piece) for line, piece in charged if piece.whole and piece.amount > 0]
    owed, back = [], []
    for tax_class in dict.fromkeys(line.tax_class_id for line, _piece in charged):
        parts = [each for each in charged if each[0].tax_class_id == tax_class]
        parts = [(line, piece) for line, piece in parts if not piece.whole or piece.amount < 0]
        comes_to = sum((piece.amount for _line, piece in parts), Decimal(0))
        if comes_to:
            (owed if comes_to > 0 else back).append(_changes(record, parts, abs(comes_to)))
    return Bill(record, lines, until, [*plain, *owed], back)


def bill_next(actor: Actor, record: Subscription) -> bool:
    """Write the invoice, or credit note, of the next period of a locked subscription; False where there is none."""
    bill = next_bill(record, queries.lines_of([record.id])[record.id])
    made = bool(bill.charged or bill.back) and not queries.billed([bill.key])
    if made and bill.charged:
        _write_document(actor, record, bill.invoice)
    if made and bill.back:
        _give_back(actor, bill)
    for line, given in bill.lines_after():
        write_line(actor, line, **given)
    write(actor, record, **bill.after(today(actor)))
    return made


def _pieces(record: Subscription, line: SubscriptionLine, until: date) -> list[rules.Piece]:
    """What is left to charge of a line, or to give back, before the document's discount."""
    places = digits(record.currency)
    amount = line_amount(line_for_totals(line), places)
    term = rules.Term(amount, line.since or record.starts_on, line.until, line.billed_until)
    return rules.pieces(term, record.starts_on, rules.INTERVALS[record.interval], until, places)


def _give_back(actor: Actor, bill: Bill) -> None:
    corrected = queries.last_invoice(bill.record.id, sum((line["price"].amount for line in bill.back), Decimal(0)))
    if corrected is None:
        words = _now(
            "There is no issued invoice of this subscription that this could be given back of. Issue it first."
        )
        raise refuse("", words)
    given = {**_head(bill.record), "kind": "credit_note", "corrects": corrected.id, "reason": _now("Not used")}
    _write_document(actor, bill.record, {**given, "external_key": f"{bill.key}:back", "invoice-lines": bill.back})


def _head(record: Subscription) -> dict[str, Any]:
    """What a document takes over of its subscription."""
    return {name: getattr(record, f"{name}_id" if name in LINKS else name) for name in HEAD}


def _write_document(actor: Actor, record: Subscription, given: dict[str, Any]) -> None:
    made = actions.create(actor, objects.get("invoices"), given)
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
