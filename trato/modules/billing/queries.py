"""Named reads of billing: what is delivered, billed, open and paid."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from trato.engine import access, objects
from trato.engine.kinds.money import Money
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.models import TaxClass
from trato.modules.quoting.models import QuoteLine

from .models import (
    Checkout,
    Delivery,
    DeliveryLine,
    DunningLevel,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    Payment,
    PaymentAllocation,
    Reminder,
    Settings,
)
from .rules import sums

OWED = ("issued", "partly_paid", "overdue")
#: Invoices that are looked at for how somebody pays, the latest ones.
LATEST = 500
ZERO = Decimal(0)


def settings() -> Settings:
    """What the workspace decided about billing (inside ``in_workspace``); as usual where it decided nothing."""
    return Settings.objects.first() or Settings()


def sums_of(taxes: Iterable[Mapping[str, Any]]) -> dict[str | None, sums.Sum]:
    """A document's kept sums by tax class."""
    found: dict[str | None, sums.Sum] = defaultdict(sums.Sum)
    for each in taxes:
        before = found[each["class"]]
        found[each["class"]] = sums.Sum(before.net + Decimal(each["net"]), before.tax + Decimal(each["tax"]))
    return dict(found)


# -- orders ---------------------------------------------------------------------------------------------------------


def hold_order(order_id: UUID) -> Order:
    """The order, locked: who delivers or bills one waits for the others."""
    return Order.objects.select_for_update(of=("self",), no_key=True).defer("search", "title_key").get(id=order_id)


def lines_of(order_id: UUID) -> list[OrderLine]:
    """What was really ordered, in order."""
    rows = OrderLine.objects.filter(order_id=order_id, deleted_at=None, is_optional=False)
    return list(rows.defer("search", "title_key").order_by("position", "id"))


def delivered(order_id: UUID, *, but: UUID | None = None) -> dict[UUID, Decimal]:
    """How much is on deliveries that were not cancelled, by line of the order; ``but`` leaves a delivery line out."""
    rows = DeliveryLine.objects.filter(delivery__order_id=order_id, deleted_at=None, delivery__deleted_at=None)
    rows = rows.exclude(delivery__status="cancelled").exclude(id=but).order_by()
    return dict(rows.values("order_line_id").annotate(n=Sum("quantity")).values_list("order_line_id", "n"))


def to_deliver(order_line: UUID, delivery: UUID, *, but: UUID) -> Decimal | None:
    """How much of an order's line is left to be delivered; None where the delivery is of another order."""
    order_id = Delivery.objects.filter(id=delivery).values_list("order_id", flat=True).first()
    line = OrderLine.objects.filter(id=order_line, order_id=order_id, deleted_at=None).first()
    if line is None:
        return None
    hold_order(line.order_id)
    return line.quantity - delivered(line.order_id, but=but).get(line.id, ZERO)


@dataclass
class Billed:
    """What other documents say of a whole already: by line, by tax class, and how many documents there are."""

    lines: dict[UUID, sums.Piece] = field(default_factory=dict)
    classes: dict[str | None, sums.Sum] = field(default_factory=dict)
    count: int = 0

    def add(self, taxes: Iterable[Mapping[str, Any]], sign: int) -> None:
        """Count one more document, or with -1 take it off."""
        self.count += 1
        for key, each in sums_of(taxes).items():
            before = self.classes.get(key, sums.Sum())
            self.classes[key] = sums.Sum(before.net + sign * each.net, before.tax + sign * each.tax)

    def add_line(self, line: UUID, quantity: Decimal, net: Decimal | None) -> None:
        """Count one line more; negative ones take off."""
        before = self.lines.get(line, sums.Piece())
        self.lines[line] = sums.Piece(before.quantity + quantity, before.net + (net or ZERO))


def billed(order_id: UUID, *, but: UUID | None = None) -> Billed:
    """What an order's invoices bill of it, drafts too, less what issued credit notes took back."""
    found = Billed()
    counted = Q(kind="invoice") | (Q(kind="credit_note") & ~Q(status="draft"))
    rows = Invoice.objects.filter(counted, order_id=order_id, deleted_at=None).exclude(id=but)
    signs = {}
    for invoice_id, kind, taxes in rows.values_list("id", "kind", "taxes"):
        signs[invoice_id] = 1 if kind == "invoice" else -1
        found.add(taxes, signs[invoice_id])
    lines = InvoiceLine.objects.filter(invoice_id__in=signs, deleted_at=None).exclude(order_line=None)
    for invoice_id, line, quantity, net in lines.values_list("invoice_id", "order_line_id", "quantity", "net"):
        sign = signs[invoice_id]
        found.add_line(line, sign * quantity, sign * (net or ZERO))
    return found


def credited(invoice_id: UUID, *, but: UUID | None = None) -> Billed:
    """What issued credit notes gave back of an invoice."""
    found = Billed()
    rows = Invoice.objects.filter(corrects_id=invoice_id, deleted_at=None).exclude(status="draft").exclude(id=but)
    ids = []
    for credit_id, taxes in rows.values_list("id", "taxes"):
        ids.append(credit_id)
        found.add(taxes, 1)
    lines = InvoiceLine.objects.filter(invoice_id__in=ids, deleted_at=None).exclude(corrects=None)
    for line, quantity, net in lines.values_list("corrects_id", "quantity", "net"):
        found.add_line(line, quantity, net)
    return found


def credited_total(invoice_id: UUID) -> Decimal:
    """What issued credit notes give back of an invoice, with tax."""
    rows = Invoice.objects.filter(corrects_id=invoice_id, deleted_at=None).exclude(status="draft")
    return rows.aggregate(n=Sum("total"))["n"] or ZERO


def advances(order_id: UUID, *, but: UUID) -> list[tuple[Invoice, dict[str | None, sums.Sum]]]:
    """An order's invoices in advance, with what no credit note gave back and no other invoice took off yet."""
    rows = Invoice.objects.filter(order_id=order_id, kind="invoice", deleted_at=None)
    left = {each.id: sums_of(each.taxes) for each in rows.filter(is_advance=True).order_by("id")}
    if not left:
        return []
    credits = Invoice.objects.filter(corrects_id__in=left, deleted_at=None).exclude(status="draft")
    taken = [(each, sums_of(taxes)) for each, taxes in credits.values_list("corrects_id", "taxes")]
    for deducted in rows.exclude(id=but).exclude(deducted=[]).values_list("deducted", flat=True):
        taken += [(UUID(each["invoice"]), sums_of([each])) for each in deducted]
    for invoice_id, classes in taken:
        for key, each in classes.items():
            before = left[invoice_id][key]
            left[invoice_id][key] = sums.Sum(before.net - each.net, before.tax - each.tax)
    return [(each, left[each.id]) for each in rows.filter(id__in=left).order_by("id")]


def invoices_of(order_id: UUID) -> QuerySet:
    """All of an order's invoices and credit notes."""
    return Invoice.objects.filter(order_id=order_id, deleted_at=None)


def deliveries_of(order_id: UUID) -> QuerySet:
    """An order's deliveries, but for cancelled ones."""
    return Delivery.objects.filter(order_id=order_id, deleted_at=None).exclude(status="cancelled")


def has_deliveries(order_id: UUID) -> bool:
    """Whether an order ever had a delivery, cancelled and deleted ones too."""
    return Delivery.objects.filter(order_id=order_id).exists()


def order_of_quote(quote_id: UUID) -> Order | None:
    """The order that a quote became."""
    return Order.objects.filter(quote_id=quote_id, deleted_at=None).exclude(status="cancelled").first()


def quoted_lines(quote_id: UUID) -> list[QuoteLine]:
    """What was accepted of a quote: its lines, and of the optional ones those that were chosen."""
    rows = QuoteLine.objects.filter(Q(is_optional=False) | Q(is_chosen=True), quote_id=quote_id, deleted_at=None)
    return list(rows.defer("search", "title_key").order_by("position", "id"))


def is_balanced(order_id: UUID) -> bool:
    """Whether nothing of an order is billed, or all of it was credited."""
    found = billed(order_id)
    drafts = Invoice.objects.filter(order_id=order_id, kind="invoice", status="draft", deleted_at=None)
    return not drafts.exists() and all(each == sums.Sum() for each in found.classes.values())


def tax_classes(ids: Iterable[str | None]) -> list[TaxClass]:
    """The tax classes of these ids."""
    return list(TaxClass.objects.filter(id__in=[each for each in ids if each]))


# -- invoices and payments ------------------------------------------------------------------------------------------


def invoice_lines(invoice_id: UUID) -> list[InvoiceLine]:
    """The lines of an invoice, in order."""
    rows = InvoiceLine.objects.filter(invoice_id=invoice_id, deleted_at=None, is_optional=False)
    return list(rows.defer("search", "title_key").select_related("tax_class", "product").order_by("position", "id"))


def hold_invoices(ids: Iterable[UUID]) -> dict[UUID, Invoice]:
    """Invoices, locked in the order of their ids."""
    rows = Invoice.objects.filter(id__in=set(ids), deleted_at=None).defer("search", "title_key").order_by("id")
    return {each.id: each for each in rows.select_for_update(of=("self",), no_key=True)}


def hold_payment(payment_id: UUID) -> Payment:
    """A payment, locked."""
    return Payment.objects.select_for_update(of=("self",), no_key=True).defer("search", "title_key").get(id=payment_id)


def open_invoices(account_id: UUID, currency: str) -> list[Invoice]:
    """What an account owes in a currency, locked, the oldest first."""
    rows = Invoice.objects.filter(
        account_id=account_id, currency=currency, kind="invoice", status__in=OWED, deleted_at=None
    )
    held = rows.defer("search", "title_key").order_by("id").select_for_update(of=("self",), no_key=True)
    return sorted(held, key=lambda invoice: (invoice.due_on, invoice.id))


def payments_with_credit(account_id: UUID, currency: str) -> list[Payment]:
    """An account's payments in a currency of which something is left, locked, the oldest first."""
    rows = Payment.objects.filter(account_id=account_id, amount_currency=currency, credit__gt=0, deleted_at=None)
    held = rows.filter(voided_on=None, invoice=None).defer("search", "title_key").order_by("id")
    return list(held.select_for_update(of=("self",), no_key=True))


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


# -- accounts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How an account stands with us in one currency."""

    currency: str
    open: Decimal
    overdue: Decimal
    credit: Decimal
    aged: list[Decimal]


def standing(actor: Actor, account_id: UUID, today: date) -> list[Standing]:
    """What an account owes and has to its credit, by currency, as far as the actor may see invoices and payments."""
    debts: dict[str, list[sums.Debt]] = defaultdict(list)
    seen = access.visible(actor, objects.get("invoices")).filter(account_id=account_id, kind="invoice")
    for invoice_id, currency, due, left in seen.filter(status__in=OWED).values_list("id", "currency", "due_on", "open"):
        debts[currency].append(sums.Debt(invoice_id, due, left))
    payments = access.visible(actor, objects.get("payments")).filter(account_id=account_id, credit__gt=0)
    credits = dict(payments.order_by().values_list("amount_currency").annotate(n=Sum("credit")))
    return [
        Standing(
            currency,
            sum((debt.open for debt in debts[currency]), ZERO),
            sum((debt.open for debt in debts[currency] if debt.due < today), ZERO),
            credits.get(currency, ZERO),
            sums.aged(debts[currency], today),
        )
        for currency in sorted(debts.keys() | credits.keys())
    ]


def punctuality(actor: Actor, account_id: UUID) -> sums.Punctuality | None:
    """How an account paid its latest invoices, as far as the actor may see them; None where it paid none yet."""
    rows = access.visible(actor, objects.get("invoices")).filter(account_id=account_id, kind="invoice", status="paid")
    paid_ones = rows.exclude(paid_on=None).order_by("-paid_on")[:LATEST]
    return sums.punctuality(paid_ones.values_list("due_on", "paid_on"))


@dataclass(frozen=True)
class Entry:
    """One line of a statement of account: ``amount`` is what it adds to what is owed."""

    day: date
    what: str
    ref: str
    title: str
    amount: Decimal
    balance: Decimal = ZERO


def statement(actor: Actor, account_id: UUID, currency: str, since: date, until: date) -> tuple[Decimal, list[Entry]]:
    """What was owed at the beginning of ``since``, and what came and went up to ``until``, with the balance after
    each; as far as the actor may see invoices and payments.
    """
    found: list[Entry] = []
    invoices = access.visible(actor, objects.get("invoices")).filter(account_id=account_id, currency=currency)
    wanted = ("id", "kind", "title", "issued_on", "total", "written_off", "written_off_on")
    for row in invoices.exclude(status="draft").filter(issued_on__lte=until).values(*wanted):
        ref = f"invoices/{row['id']}"
        sign = 1 if row["kind"] == "invoice" else -1
        found.append(Entry(row["issued_on"], row["kind"], ref, row["title"], sign * row["total"]))
        if row["written_off_on"] and row["written_off_on"] <= until:
            found.append(Entry(row["written_off_on"], "write_off", ref, row["title"], -row["written_off"]))
    payments = access.visible(actor, objects.get("payments")).filter(account_id=account_id, amount_currency=currency)
    payments = payments.filter(received_on__lte=until, voided_on=None)
    for row in payments.values("id", "kind", "title", "received_on", "amount"):
        sign = -1 if row["kind"] == "payment" else 1
        found.append(
            Entry(row["received_on"], row["kind"], f"payments/{row['id']}", row["title"], sign * row["amount"])
        )
    found.sort(key=lambda entry: (entry.day, entry.ref))
    opening = sum((entry.amount for entry in found if entry.day < since), ZERO)
    balance, told = opening, []
    for entry in found:
        if entry.day >= since:
            balance += entry.amount
            told.append(Entry(entry.day, entry.what, entry.ref, entry.title, entry.amount, balance))
    return opening, told


# -- reminders ------------------------------------------------------------------------------------------------------


def levels() -> list[DunningLevel]:
    """The steps of reminding, in order."""
    return list(DunningLevel.objects.filter(deleted_at=None).order_by("rank"))


def overdue(today: date) -> QuerySet:
    """All invoices of the workspace that are owed longer than they should be."""
    return Invoice.objects.filter(kind="invoice", status__in=OWED, due_on__lt=today, deleted_at=None)


def turned_overdue(today: date) -> QuerySet:
    """Invoices that became overdue and don't say so yet."""
    return overdue(today).exclude(status="overdue")


def reminded_of(ids: Iterable[UUID]) -> set[UUID]:
    """Those of these invoices that have a reminder waiting."""
    return set(
        Reminder.objects.filter(invoice_id__in=list(ids), status="proposed", deleted_at=None).values_list(
            "invoice_id", flat=True
        )
    )


def was_reminded(invoice_id: UUID, level_id: UUID) -> bool:
    """Whether an invoice had this step already, sent or not."""
    return Reminder.objects.filter(invoice_id=invoice_id, level_id=level_id, deleted_at=None).exists()


def proposed(invoice_id: UUID) -> Reminder | None:
    """The reminder of an invoice that waits to be sent, locked."""
    rows = Reminder.objects.filter(invoice_id=invoice_id, status="proposed", deleted_at=None)
    return rows.defer("search", "title_key").select_for_update(of=("self",), no_key=True).first()


# -- payment pages --------------------------------------------------------------------------------------------------


def checkout(provider: str, key: str) -> Checkout | None:
    """The payment page of a provider that it calls by this key, locked."""
    return Checkout.objects.select_for_update(of=("self",)).filter(provider=provider, key=key).first()


def open_checkout(invoice: Invoice, now: Any) -> Checkout | None:
    """A payment page of an invoice that can still be used, for what is open now."""
    rows = Checkout.objects.filter(invoice=invoice, state="open", amount=F("invoice__open"), expires_at__gt=now)
    return rows.order_by("-id").first()
