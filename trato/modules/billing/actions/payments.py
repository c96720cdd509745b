"""Money that comes in and goes back: no cent of it is lost, made, or counted twice."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, history, objects
from trato.engine.actions import Problem, Refused, action
from trato.engine.kinds import Choice, Date, MoneyKind, Text
from trato.engine.kinds.money import Money
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.ids import uuid7
from trato.modules.catalog.queries import today

from .. import queries
from ..models import METHODS, Invoice, Payment, PaymentAllocation
from ..rules import sums
from .documents import follow_invoice, follow_payment
from .orders import refuse

ZERO = Decimal(0)
_dump = MoneyKind().dump


def _usual(actor: Actor) -> dict[str, Any]:
    return {"received_on": today(actor), "method": "transfer"}


@action(
    "invoices",
    label=_("Record a payment"),
    icon="cash",
    prominent=True,
    undo=_("Void the payment."),
    text=_("Money that came in for this invoice, in part or whole. What is too much stays the customer's credit."),
    begins=lambda actor, invoice: {"amount": Money(invoice.open, invoice.currency), **_usual(actor)},
    applies=lambda invoice: invoice.kind == "invoice" and invoice.status in queries.OWED,
)
def record_payment(
    actor: Actor,
    record: Invoice,
    *,
    amount: MoneyKind(),
    received_on: Date(),
    method: Choice(choices=METHODS),
    reference: Text(),
) -> Record:
    """Money came in for this invoice: all that is open where no amount is given. What is too much stays the customer's
    credit.
    """
    if record.status not in queries.OWED:
        raise refuse(_now("Nothing is open of this invoice. Record it as a payment of the account."))
    given = {
        "amount": amount or Money(record.open, record.currency),
        "received_on": received_on or today(actor),
        "method": method or "transfer",
        "reference": reference or None,
        "account": record.account_id,
        "invoice": record.id,
    }
    return take(actor, given)


@action(
    "accounts",
    label=_("Record a payment"),
    icon="cash",
    undo=_("Void the payment."),
    text=_("It settles the invoice that is open for exactly that amount, else the oldest ones; the rest is credit."),
    begins=lambda actor, account: _usual(actor),
    applies=lambda account: account.lifecycle in ("customer", "advocate", "former"),
)
def take_payment(
    actor: Actor,
    record: Any,
    *,
    amount: MoneyKind(required=True),
    received_on: Date(),
    method: Choice(choices=METHODS),
    reference: Text(),
) -> Record:
    """Money came in from this account: it settles the oldest open invoices, and is its credit beyond that."""
    given = {
        "amount": amount,
        "received_on": received_on or today(actor),
        "method": method or "transfer",
        "reference": reference or None,
        "account": record.id,
    }
    return take(actor, given)


def take(actor: Actor, given: dict[str, Any]) -> Payment:
    """Write a payment down and let it settle what it is for; raises Refused, Forbidden."""
    made = actions.create(actor, objects.get("payments"), given)
    return settle_with(actor, queries.hold_payment(made.id))


def settle_with(actor: Actor, payment: Payment) -> Payment:
    """Let what is left of a locked payment settle the invoice it is for, then, unless it is for one, the oldest."""
    if not payment.credit or payment.credit <= 0:
        return payment
    if payment.invoice_id:
        invoices = [each for each in queries.hold_invoices([payment.invoice_id]).values() if each.open]
    else:
        invoices = queries.open_invoices(payment.account_id, payment.amount_currency)
    debts = [sums.Debt(each.id, each.due_on, each.open) for each in invoices if each.status in queries.OWED]
    settled, _left = sums.allocate(payment.credit, debts)
    for invoice in invoices:
        if invoice.id in settled:
            _allocate(actor, payment, invoice, settled[invoice.id])
    follow_payment(actor, payment)
    return payment


def follow_allocations(actor: Actor, payment: Payment) -> None:
    """Bring a locked payment and all invoices that it settles, or settled, up to date; what was settled otherwise
    meanwhile is its payer's credit.
    """
    for invoice in queries.hold_invoices(queries.settled_by(payment.id)).values():
        if (over := queries.overpaid(invoice)) > 0:
            give_back(actor, invoice, over)
        follow_invoice(actor, invoice)
    follow_payment(actor, payment)


def follow_payments(actor: Actor, ids: Iterable[UUID]) -> None:
    """Bring the invoices of payments that were deleted, restored or changed up to date, and what is left of those."""
    for payment_id in sorted(ids):
        payment = queries.hold_payment(payment_id)
        if payment.deleted_at is None:
            follow_allocations(actor, payment)
        else:
            for invoice in queries.hold_invoices(queries.settled_by(payment.id)).values():
                follow_invoice(actor, invoice)


def use_credit(actor: Actor, invoice: Invoice) -> None:
    """Let what the customer paid in advance settle an invoice that was just issued."""
    left = invoice.total
    for payment in queries.payments_with_credit(invoice.account_id, invoice.currency):
        if left <= 0:
            return
        part = min(left, payment.credit)
        _allocate(actor, payment, invoice, part)
        follow_payment(actor, payment)
        left -= part


def _allocate(actor: Actor, payment: Payment, invoice: Invoice, amount: Decimal) -> None:
    """One payment settles so much of an invoice, both locked. Who may record payments may not see allocations of their
    own making as a right: it follows from the payment.
    """
    row = PaymentAllocation.objects.create(
        id=uuid7(), payment=payment, invoice=invoice, amount=amount, amount_currency=payment.amount_currency
    )
    changes = {
        "payment": (None, str(payment.id)),
        "invoice": (None, str(invoice.id)),
        "amount": (None, _dump(Money(amount, payment.amount_currency))),
    }
    history.write(
        actor, objects.get("payment-allocations"), history.SETTLED, [history.Written(row.id, changes, row.version)]
    )
    follow_invoice(actor, invoice)


def release(actor: Actor, allocation: PaymentAllocation, amount: Decimal) -> None:
    """A payment settles so much less of an invoice: what is taken away becomes its payer's credit again."""
    obj, currency = objects.get("payment-allocations"), allocation.amount_currency
    old, left = allocation.amount, allocation.amount - amount
    if left > 0:
        allocation.amount = left
    else:
        allocation.deleted_at = timezone.now()
    allocation.version += 1
    allocation.save(update_fields=["amount", "deleted_at", "version"])
    changed = {"amount": (_dump(Money(old, currency)), _dump(Money(max(left, ZERO), currency)))}
    history.write(actor, obj, history.SETTLED, [history.Written(allocation.id, changed, allocation.version)])
    follow_payment(actor, queries.hold_payment(allocation.payment_id))


def give_back(actor: Actor, invoice: Invoice, over: Decimal) -> None:
    """What was paid of an invoice beyond what it comes to now becomes its payers' credit, the latest payment first."""
    kept = {each.id: each for each in queries.allocations_of(invoice=invoice.id)}
    for key, amount in sums.released(over, [(each.id, each.amount) for each in kept.values()]).items():
        release(actor, kept[key], amount)


@action(
    "payments",
    label=_("Settle open invoices"),
    icon="arrows-split",
    prominent=True,
    undo=_("Void the payment, and record it anew."),
    applies=lambda payment: bool(payment.credit),
)
def allocate(actor: Actor, record: Payment) -> Record:
    """Let what is left of a payment settle the oldest open invoices of its account."""
    if not record.credit or record.credit <= 0:
        raise refuse(_now("Nothing is left of this payment."))
    if record.invoice_id:
        actions.write(actor, objects.get("payments"), record, {"invoice": None})
        record.invoice_id = None
    return settle_with(actor, record)


@action(
    "payments",
    label=_("Give back"),
    icon="arrow-back-up",
    undo=_("Void the refund."),
    text=_("Money goes back to the customer: at most what is left of the payment."),
    begins=lambda actor, payment: {
        "amount": Money(payment.credit, payment.amount_currency),
        "received_on": today(actor),
    },
    applies=lambda payment: bool(payment.credit),
)
def refund(
    actor: Actor,
    record: Payment,
    *,
    amount: MoneyKind(),
    received_on: Date(),
    reference: Text(),
    notes: Text(),
) -> Record:
    """Money goes back to the customer: at most what is left of the payment."""
    left = Money(record.credit or ZERO, record.amount_currency)
    amount = amount or left
    if amount.currency != left.currency or not 0 < amount.amount <= left.amount:
        words = _now("At most %(left)s %(currency)s of this payment can be given back.")
        told = words % {"left": f"{left.amount.normalize():f}", "currency": left.currency}
        raise Refused([Problem("amount", "range", told)])
    given_back = {
        "account": record.account_id,
        "amount": amount,
        "received_on": received_on or today(actor),
        "method": record.method,
        "reference": reference or None,
        "notes": notes or "",
    }
    made = actions.create(actor, objects.get("payments"), given_back)
    nothing = Money(ZERO, left.currency)
    given = {"kind": "refund", "refunds": record.id, "credit": nothing}
    made = actions.write(actor, objects.get("payments"), made, given, verb=history.SETTLED)
    follow_payment(actor, record)
    return made


@action(
    "payments",
    label=_("Void"),
    icon="ban",
    undo=_("Record it anew."),
    text=_("It was no payment after all: what it settled is open again."),
    applies=lambda payment: payment.voided_on is None,
)
def void(actor: Actor, record: Payment, *, notes: Text(required=True)) -> Record:
    """It was no payment after all: what it settled is open again."""
    if record.voided_on:
        raise refuse(_now("It is voided already."))
    if queries.given_back(record.id):
        raise refuse(_now("Part of it was given back. Void the refund first."))
    kept = queries.allocations_of(payment=record.id)
    invoices = queries.hold_invoices({each.invoice_id for each in kept})
    told = "\n".join(text for text in (record.notes, notes, record.reference) if text)
    record = actions.write(
        actor,
        objects.get("payments"),
        record,
        {"voided_on": today(actor), "notes": told, "reference": None},
        verb="voided",
    )
    for each in kept:
        release(actor, each, each.amount)
    record.refresh_from_db()
    follow_payment(actor, record)
    for invoice in invoices.values():
        follow_invoice(actor, invoice)
    if record.refunds_id:
        follow_payment(actor, queries.hold_payment(record.refunds_id))
    return record


def settle_untouched(actor: Actor) -> int:
    """Let payments that came by a form, a file or the API settle what they are for; how many did. Safe to run twice."""
    done = 0
    for payment_id in queries.untouched_payments():
        payment = queries.hold_payment(payment_id)
        if payment.credit == payment.amount:
            settle_with(actor, payment)
            done += payment.credit != payment.amount
    return done
