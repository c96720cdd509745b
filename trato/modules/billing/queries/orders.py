"""What is ordered, delivered and billed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from trato.modules.catalog.models import TaxClass
from trato.modules.quoting.models import QuoteLine

from ..models import (
    Delivery,
    DeliveryLine,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
)
from ..rules import sums
from .base import ZERO, sums_of


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


def still_fits(delivery_id: UUID) -> bool:
    """Whether all that a delivery brings is left to be delivered."""
    lines = DeliveryLine.objects.filter(delivery_id=delivery_id, deleted_at=None)
    return all(
        quantity <= (to_deliver(line, delivery_id, but=line_id) or ZERO)
        for line_id, line, quantity in lines.values_list("id", "order_line_id", "quantity")
    )


def to_invoice(order_line: UUID, invoice: UUID, *, but: UUID) -> Decimal | None:
    """How much of an order's line can stand on an invoice; None where the invoice is of another order. A credit note
    may have what its own invoice has.
    """
    head = Invoice.objects.filter(id=invoice).values_list("order_id", "kind").first()
    line = OrderLine.objects.filter(id=order_line, order_id=head[0] if head else None, deleted_at=None).first()
    if line is None or head is None:
        return None
    if head[1] == "credit_note":
        return line.quantity
    hold_order(line.order_id)
    rows = InvoiceLine.objects.filter(order_line=line, deleted_at=None, invoice__deleted_at=None).exclude(id=but)
    invoiced, credited_ones = rows.filter(invoice__kind="invoice"), rows.filter(invoice__kind="credit_note")
    back = credited_ones.exclude(invoice__status="draft").aggregate(n=Sum("quantity"))["n"] or ZERO
    return line.quantity + back - (invoiced.aggregate(n=Sum("quantity"))["n"] or ZERO)


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


def advances(order_id: UUID, *, but: UUID) -> dict[UUID, dict[str | None, sums.Sum]]:
    """An order's invoices in advance, with what no credit note gave back and no other invoice took off yet."""
    rows = Invoice.objects.filter(order_id=order_id, kind="invoice", deleted_at=None)
    left = {each.id: sums_of(each.taxes) for each in rows.filter(is_advance=True).order_by("id")}
    if not left:
        return {}
    credits = Invoice.objects.filter(corrects_id__in=left, deleted_at=None).exclude(status="draft")
    taken = [(each, sums_of(taxes)) for each, taxes in credits.values_list("corrects_id", "taxes")]
    for deducted in rows.exclude(id=but).exclude(deducted=[]).values_list("deducted", flat=True):
        taken += [(UUID(each["invoice"]), sums_of([each])) for each in deducted]
    for invoice_id, classes in taken:
        for key, each in classes.items():
            before = left[invoice_id][key]
            left[invoice_id][key] = sums.Sum(before.net - each.net, before.tax - each.tax)
    return left


def numbers_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The numbers of invoices, "" where they have none yet."""
    rows = Invoice.objects.filter(id__in=list(ids)).values_list("id", "number")
    return {invoice_id: number or "" for invoice_id, number in rows}


def invoices_of(order_id: UUID) -> QuerySet:
    """All of an order's invoices and credit notes."""
    return Invoice.objects.filter(order_id=order_id, deleted_at=None)


def deliveries_of(order_id: UUID) -> QuerySet:
    """An order's deliveries, but for cancelled ones."""
    return Delivery.objects.filter(order_id=order_id, deleted_at=None).exclude(status="cancelled")


def is_followed(order_id: UUID) -> bool:
    """Whether an order ever had a delivery or an invoice here, cancelled and deleted ones too."""
    deliveries = Delivery.objects.filter(order_id=order_id).values("id")
    return deliveries.union(Invoice.objects.filter(order_id=order_id).values("id"), all=True)[:1].exists()


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


def status_problem(order_id: UUID, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
    """Why an order that is delivered or invoiced can't be cancelled or a draft again; nothing where it can."""
    if old is None or old["status"] == values["status"] or values["status"] not in ("draft", "cancelled"):
        return {}
    if deliveries_of(order_id).exists() or not is_balanced(order_id):
        return {"status": _("Some of it is on a delivery or an invoice; cancel or credit those first.")}
    return {}


def tax_classes(ids: Iterable[str | None]) -> list[TaxClass]:
    """The tax classes of these ids."""
    return list(TaxClass.objects.filter(id__in=[each for each in ids if each]))


def orders_of(plural: str, ids: Iterable[UUID]) -> set[UUID]:
    """The orders that these deliveries or invoices belong to, deleted ones too."""
    model = {"deliveries": Delivery, "invoices": Invoice}[plural]
    return set(model.objects.filter(id__in=list(ids)).exclude(order=None).values_list("order_id", flat=True))
