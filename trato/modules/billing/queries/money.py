"""What is open and paid."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from trato.engine.kinds.money import Money

from ..models import (
    Invoice,
    InvoiceLine,
    Payment,
    PaymentAllocation,
)
from .base import OWED, ZERO
from .orders import credited_total
from .purses import hold_purses, hold_purses_of


def invoice_lines(invoice_id: UUID) -> list[InvoiceLine]:
    """The lines of an invoice, in order."""
    rows = InvoiceLine.objects.filter(invoice_id=invoice_id, deleted_at=None, is_optional=False)
    return list(rows.defer("search", "title_key").select_related("tax_class", "product").order_by("position", "id"))


def hold_invoices(ids: Iterable[UUID]) -> dict[UUID, Invoice]:
    """Invoices, locked in the order of their ids after the purses of their accounts."""
    ids = set(ids)
    hold_purses_of(Invoice, ids)
    rows = Invoice.objects.filter(id__in=ids, deleted_at=None).defer("search", "title_key").order_by("id")
    return {each.id: each for each in rows.select_for_update(of=("self",), no_key=True)}


def hold_payment(payment_id: UUID) -> Payment:
    """A payment, locked after the purse of its account."""
    hold_purses_of(Payment, [payment_id])
    return Payment.objects.select_for_update(of=("self",), no_key=True).defer("search", "title_key").get(id=payment_id)


def open_invoices(account_id: UUID, currency: str) -> list[Invoice]:
    """What an account owes in a currency, locked, the oldest first."""
    hold_purses([account_id])
    rows = Invoice.objects.filter(
        account_id=account_id, currency=currency, kind="invoice", status__in=OWED, deleted_at=None
    )
    held = rows.defer("search", "title_key").order_by("id").select_for_update(of=("self",), no_key=True)
    return sorted(held, key=lambda invoice: (invoice.due_on, invoice.id))


def payments_with_credit(account_id: UUID, currency: str) -> list[Payment]:
    """An account's payments in a currency of which something is left, locked, the oldest first."""
    hold_purses([account_id])
    rows = Payment.objects.filter(account_id=account_id, amount_currency=currency, credit__gt=0, deleted_at=None)
    meant = Q(invoice=None) | ~Q(invoice__status__in=OWED)  # not for another invoice that is open
    held = rows.filter(meant, voided_on=None).defer("search", "title_key").order_by("id")
    return list(held.select_for_update(of=("self",), no_key=True))


def in_credit(account_ids: Iterable[UUID]) -> set[tuple[UUID, str]]:
    """Which of these accounts paid in advance, and in which currency."""
    rows = Payment.objects.filter(account_id__in=set(account_ids), credit__gt=0, voided_on=None, deleted_at=None)
    return set(rows.order_by().values_list("account_id", "amount_currency").distinct())


def settled_by(payment_id: UUID) -> set[UUID]:
    """The invoices that a payment settles, or did."""
    return set(PaymentAllocation.objects.filter(payment_id=payment_id).values_list("invoice_id", flat=True))


def payment_with(account_id: UUID, reference: str, *, but: UUID) -> Payment | None:
    """The account's payment with a reference that is recorded already."""
    rows = Payment.objects.filter(account_id=account_id, reference=reference, voided_on=None, deleted_at=None)
    return rows.exclude(id=but).first()


def untouched_payments(most: int = 1000) -> list[UUID]:
    """Payments of which nothing was used, and whose account owes something in their currency."""
    owed = Invoice.objects.filter(
        account=OuterRef("account"), currency=OuterRef("amount_currency"), status__in=OWED, deleted_at=None
    )
    rows = Payment.objects.filter(Exists(owed), kind="payment", voided_on=None, deleted_at=None, credit=F("amount"))
    return list(rows.order_by("id").values_list("id", flat=True)[:most])


def allocations_of(*, payment: UUID | None = None, invoice: UUID | None = None) -> list[PaymentAllocation]:
    """What a payment settles, or an invoice is settled by, in the order it was."""
    rows = PaymentAllocation.objects.filter(deleted_at=None)
    rows = rows.filter(payment_id=payment) if payment else rows.filter(invoice_id=invoice)
    return list(rows.select_related("payment", "invoice").order_by("id"))


def paid(invoice_id: UUID) -> tuple[Decimal, date | None]:
    """What payments settled of an invoice, and the day of the last one."""
    rows = PaymentAllocation.objects.filter(invoice_id=invoice_id, deleted_at=None, payment__deleted_at=None)
    found = list(rows.values_list("amount", "payment__received_on"))
    return sum((amount for amount, _day in found), ZERO), max((day for _amount, day in found), default=None)


def overpaid(invoice: Invoice) -> Decimal:
    """What was paid of an invoice beyond what it comes to; zero or less where nothing was."""
    gone = credited_total(invoice.id) + (invoice.written_off or ZERO)
    return paid(invoice.id)[0] + gone - (invoice.total or ZERO)


def given_back(payment_id: UUID) -> Decimal:
    """What was refunded of a payment."""
    rows = Payment.objects.filter(refunds_id=payment_id, deleted_at=None, voided_on=None)
    return rows.aggregate(n=Sum("amount"))["n"] or ZERO


def allocated(payment_id: UUID) -> Decimal:
    """What of a payment settles invoices."""
    rows = PaymentAllocation.objects.filter(payment_id=payment_id, deleted_at=None)
    return rows.aggregate(n=Sum("amount"))["n"] or ZERO


def payable_problem(invoice_id: UUID, account_id: UUID, currency: str) -> dict[str, str]:
    """Why an invoice can't be paid by this account in this currency; nothing where it can."""
    invoice = Invoice.objects.filter(id=invoice_id, deleted_at=None).first()
    if invoice is None or invoice.account_id != account_id:
        return {"invoice": _("This invoice is another account's.")}
    if invoice.kind != "invoice" or invoice.status == "draft":
        return {"invoice": _("Only invoices that were issued are paid.")}
    if invoice.currency != currency:
        return {"amount": _("The invoice is in %(currency)s.") % {"currency": invoice.currency}}
    return {}


def used_problem(payment_id: UUID, values: Mapping[str, Any]) -> dict[str, str]:
    """Why a payment that settles invoices can't be of this amount or account; nothing where it can."""
    used = allocations_of(payment=payment_id)
    if any(each.invoice.account_id != values["account"] for each in used):
        return {"account": _("It settles invoices of another account. Take these allocations away first.")}
    settled = sum((each.amount for each in used), ZERO)
    if used and (values["amount"].amount < settled or values["amount"].currency != used[0].amount_currency):
        words = _("%(sum)s %(currency)s of it settle invoices. Take allocations away first.")
        return {"amount": words % {"sum": f"{settled.normalize():f}", "currency": used[0].amount_currency}}
    return {}


def allocation_problem(payment_id: UUID, invoice_id: UUID, amount: Money, *, but: UUID) -> dict[str, str]:
    """Why a payment can't settle so much of an invoice; nothing where it can."""
    if amount.amount <= 0:
        return {"amount": _("Give an amount above zero.")}
    payment = hold_payment(payment_id)
    if payment.kind == "refund" or payment.voided_on:
        return {"payment": _("Only payments that came in settle invoices.")}
    if payment.amount_currency != amount.currency:
        return {"amount": _("The payment is in %(currency)s.") % {"currency": payment.amount_currency}}
    if problem := payable_problem(invoice_id, payment.account_id, amount.currency):
        return problem
    invoice = hold_invoices([invoice_id])[invoice_id]
    others = PaymentAllocation.objects.filter(deleted_at=None).exclude(id=but)
    of_payment = others.filter(payment_id=payment_id).aggregate(n=Sum("amount"))["n"] or ZERO
    of_invoice = others.filter(invoice_id=invoice_id).aggregate(n=Sum("amount"))["n"] or ZERO
    left = payment.amount - of_payment - given_back(payment_id)
    owed = invoice.total - (invoice.credited or ZERO) - (invoice.written_off or ZERO) - of_invoice
    if amount.amount > min(left, owed):
        words = _("Only %(left)s of the payment are left, and %(owed)s of the invoice are open.")
        return {"amount": words % {"left": f"{left.normalize():f}", "owed": f"{owed.normalize():f}"}}
    return {}


def corrects_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with what a credit note says it corrects."""
    if values.get("kind") != "credit_note":
        return {"corrects": _("Only a credit note corrects an invoice.")} if values.get("corrects") else {}
    if not values.get("corrects"):
        return {"corrects": _("Name the invoice that this credit note corrects.")}
    found = Invoice.objects.filter(id=values["corrects"], kind="invoice", deleted_at=None).exclude(status="draft")
    invoice = found.first()
    if invoice is None:
        return {"corrects": _("Only invoices that were issued are corrected; change a draft itself.")}
    if invoice.account_id != values["account"] or invoice.currency != values["currency"]:
        return {"corrects": _("A credit note has the account and the currency of its invoice.")}
    return {}
