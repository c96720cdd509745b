"""What follows from what: sums from lines, an order's course from its deliveries and invoices, an invoice's from its
payments. All of it can be done again at any time and comes to the same.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from trato.engine import actions, objects
from trato.engine.kinds.currency import digits
from trato.engine.kinds.money import Money
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.actions import settle
from trato.modules.catalog.queries import today

from .. import queries
from ..models import Invoice, InvoiceLine, Order, OrderLine, Payment
from ..rules import sums

ZERO = Decimal(0)
#: Digits that amounts keep before they are rounded to their currency.
KEPT = Decimal("0.0001")


def write(actor: Actor, plural: str, record: Any, given: Mapping[str, Any], verb: str) -> Any:
    """Write stored values that no person sets by hand to a locked record; raises Refused."""
    return actions.write(actor, objects.get(plural), record, given, verb=verb)


# -- orders ---------------------------------------------------------------------------------------------------------


def settle_order(actor: Actor, order: Order) -> None:
    """The sums of an order follow its lines, and so does what is still to be done."""
    settle(actor, objects.get("orders"), order)
    lines = [line for line in queries.lines_of(order.id) if _earn(line, order.currency)]
    OrderLine.objects.bulk_update(lines, ["worth", "worth_currency", "margin", "margin_currency"])
    if queries.is_followed(order.id):
        follow_order(actor, order.id)


def _earn(line: OrderLine, currency: str) -> bool:
    """Put into a line what it comes to before rounding, and what of it is left after its cost; whether that is new."""
    worth = margin = None
    if line.price is not None:
        worth = (line.quantity * line.price * (100 - (line.discount_percent or 0)) / 100).quantize(KEPT)
        margin = worth - line.cost if line.cost is not None else None
    found = (worth, "" if worth is None else currency, margin, "" if margin is None else currency)
    before = (line.worth, line.worth_currency, line.margin, line.margin_currency)
    line.worth, line.worth_currency, line.margin, line.margin_currency = found
    return found != before


def follow_order(actor: Actor, order_id: UUID) -> None:
    """Bring up to date how much of an order is delivered and invoiced, and how it stands."""
    order = queries.hold_order(order_id)
    sent, billed = queries.delivered(order_id), queries.billed(order_id)
    lines = queries.lines_of(order_id)
    for line in lines:
        now = sent.get(line.id, ZERO), billed.lines.get(line.id, sums.Piece()).quantity
        if now != (line.delivered, line.invoiced):
            OrderLine.objects.filter(id=line.id).update(delivered=now[0], invoiced=now[1])
    status = sums.order_status(
        order.status,
        [(line.quantity, sent.get(line.id, ZERO)) for line in lines],
        is_billed=billed.count > 0 and _all_billed(order, billed),
        is_followed=queries.is_followed(order_id),
    )
    if status != order.status:
        actions.bring_up_to_date(actor, objects.get("orders"), order, {"status": status})


def _all_billed(order: Order, billed: queries.Billed) -> bool:
    """Whether an order's invoices come to the order."""
    return all(billed.classes.get(key) == each for key, each in queries.sums_of(order.taxes).items())


# -- invoices -------------------------------------------------------------------------------------------------------


def settle_invoice(actor: Actor, invoice: Invoice) -> None:
    """The sums of an invoice follow its lines; where it completes an order, or a credit note its invoice, it takes
    exactly what is left. What was billed in advance and is settled with it comes off.
    """
    obj = objects.get("invoices")
    if invoice.status != "draft":
        return
    settle(actor, obj, invoice)
    invoice.refresh_from_db()
    if whole := _whole_of(invoice):
        _close(actor, invoice, whole)
    if invoice.order_id:
        follow_order(actor, invoice.order_id)


def _whole_of(invoice: Invoice) -> sums.Whole | None:
    """What a locked invoice is a part of: the order, or the invoice that a credit note corrects."""
    if invoice.kind == "credit_note" and invoice.corrects_id:
        corrected = queries.hold_invoices([invoice.corrects_id])[invoice.corrects_id]
        done = queries.credited(corrected.id, but=invoice.id)
        return _whole(queries.invoice_lines(corrected.id), corrected.taxes, done, {})
    if invoice.order_id:
        order = queries.hold_order(invoice.order_id)
        done = queries.billed(order.id, but=invoice.id)
        advances = {} if invoice.is_advance else queries.advances(order.id, but=invoice.id)
        return _whole(queries.lines_of(order.id), order.taxes, done, advances)
    return None


def _whole(lines: Any, taxes: Any, done: queries.Billed, advances: Mapping[Any, Any]) -> sums.Whole:
    pieces = {line.id: sums.Piece(line.quantity, line.net or ZERO) for line in lines}
    keys = {line.id: _class_of(line) for line in lines}
    return sums.Whole(pieces, queries.sums_of(taxes), done.lines, done.classes, done.count, advances, keys)


def _class_of(line: Any) -> str | None:
    return str(line.tax_class_id) if line.tax_class_id else None


def _close(actor: Actor, invoice: Invoice, whole: sums.Whole) -> None:
    """Take off what was billed in advance; what is left of the whole stands in place of what rounding would make."""
    lines = queries.invoice_lines(invoice.id)
    of = "corrects_id" if invoice.kind == "credit_note" else "order_line_id"
    found = sums.settled(
        [sums.Part(getattr(line, of), line.quantity, line.net or ZERO) for line in lines],
        [_class_of(line) for line in lines],
        queries.sums_of(invoice.taxes),
        whole,
        digits(invoice.currency),
    )
    for line, net in zip(lines, found.nets, strict=True):
        if net != line.net:
            InvoiceLine.objects.filter(id=line.id).update(net=net)
    numbers = queries.numbers_of({document for document, _key, _sum in found.deducted})
    deducted = [
        {"invoice": str(document), "number": numbers[document], "class": key, "net": str(off.net), "tax": str(off.tax)}
        for document, key, off in found.deducted
    ]
    _put_sums(actor, invoice, found.classes, deducted)


def _put_sums(
    actor: Actor, invoice: Invoice, closed: Mapping[str | None, sums.Sum], deducted: list[dict[str, Any]]
) -> None:
    """Write a document's sums by tax class; what its lines come to beyond the net and what was billed in advance stays
    visible as discount.
    """
    kept = {each["class"]: each for each in invoice.taxes}
    lines: dict[str | None, Decimal] = {}
    for line in queries.invoice_lines(invoice.id):
        lines[_class_of(line)] = lines.get(_class_of(line), ZERO) + (line.net or ZERO)
    for each in deducted:
        lines[each["class"]] -= Decimal(each["net"])
    taxes = [
        {
            "class": key,
            "rate": kept.get(key, {}).get("rate"),
            "net": str(each.net),
            "tax": str(each.tax),
            "discount": str(lines.get(key, ZERO) - each.net),
        }
        for key, each in closed.items()
    ]
    net, tax = (sum((getattr(each, name) for each in closed.values()), ZERO) for name in ("net", "tax"))
    found = {"net": net, "tax": tax, "total": net + tax}
    given = {name: Money(amount, invoice.currency) for name, amount in found.items()}
    given_all = {**given, "taxes": taxes, "deducted": deducted}
    actions.bring_up_to_date(actor, objects.get("invoices"), invoice, given_all)


def follow_invoice(actor: Actor, invoice: Invoice, day: date | None = None) -> None:
    """Bring up to date what is paid and open of a locked invoice that was issued, and how it stands."""
    if invoice.kind != "invoice" or invoice.status == "draft":
        return
    day = day or today(actor)
    total = invoice.total or ZERO
    paid, last = queries.paid(invoice.id)
    credited = queries.credited_total(invoice.id)
    written_off = invoice.written_off or ZERO
    status = sums.status_of(total, paid=paid, credited=credited, written_off=written_off, due=invoice.due_on, today=day)
    amounts = {"paid": paid, "credited": credited, "open": total - paid - credited - written_off}
    given: dict[str, Any] = {name: Money(amount, invoice.currency) for name, amount in amounts.items()}
    given |= {"status": status, "paid_on": last if status == "paid" else None}
    actions.bring_up_to_date(actor, objects.get("invoices"), invoice, given)


def follow_payment(actor: Actor, payment: Payment) -> None:
    """Bring up to date what is left of a locked payment."""
    back, used = queries.given_back(payment.id), queries.allocated(payment.id)
    left = ZERO if payment.kind == "refund" or payment.voided_on else payment.amount - used - back
    amounts = {"refunded": back, "credit": left}
    given = {name: Money(amount, payment.amount_currency) for name, amount in amounts.items()}
    actions.bring_up_to_date(actor, objects.get("payments"), payment, given)
