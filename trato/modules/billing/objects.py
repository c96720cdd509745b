"""What orders, deliveries, invoices and payments are called, how they are laid out, and what they may say."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine.kinds import Reader
from trato.engine.kinds.date import Date
from trato.engine.kinds.money import Money
from trato.engine.objects import Object, Span, register
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.objects import PricedDocumentObject, PricedLineObject

from . import actions, queries
from .models import (
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
)

SALES = _("Sales")
PRICES = ("currency", "prices", "rounding", "country", "reverse_charge", "discount_percent", "language", "terms")
SUMS = ("net", "tax", "total")
UPKEEP = (_("Record details"), ("owner", "created_at", "updated_at"))
OWED = {"field": "status", "op": "in", "value": ["issued", "partly_paid", "overdue"]}
Pending = Callable[[UUID], Mapping[str, Any] | None]


@register
class Orders(PricedDocumentObject):
    """What customers ordered."""

    model, name, plural = Order, "order", "orders"
    rolls_up_to = ("account",)
    label, label_plural, icon, group = _("Order"), _("Orders"), "clipboard-check", SALES
    help = _("What was agreed with a customer: to be delivered, and to be invoiced.")
    title_from = ("number", "external_key")
    dated_by = "ordered_on"
    board_by, board_sums = "status", ("total",)
    calendar_on = (Span("wanted_on"),)
    order = "-ordered_on"
    columns = ("title", "account", "status", "ordered_on", "total", "owner", "updated_at")
    head = ("account", "status", "ordered_on", "total")
    sections = (
        (_("Order"), ("account", "contact", "ordered_on", "wanted_on", "reference", "quote", "deal")),
        (_("Sums"), SUMS),
        (_("Delivery"), ("ship_to", "ship_by")),
        (_("Prices and terms"), PRICES),
        (_("More"), ("notes", "number", "external_key", "status")),
        UPKEEP,
    )
    mergeable = False
    filters = {
        "open": (
            _("To be done"),
            {"field": "status", "op": "in", "value": ["confirmed", "in_delivery", "delivered"]},
        ),
        "drafts": (_("Drafts"), {"field": "status", "op": "is", "value": "draft"}),
    }

    def verify(
        self, actor: Actor, record_id: UUID, values: Mapping[str, Any], old: Mapping[str, Any] | None, pending: Pending
    ) -> dict[str, str]:
        """What is delivered or invoiced is no draft again, nor cancelled; who may give what was taken off confirms."""
        wrong = super().verify(actor, record_id, values, old, pending)
        wrong = wrong or queries.status_problem(record_id, values, old)
        return wrong or actions.beyond_limit(actor, record_id, values, old)

    def settle(self, actor: Actor, record: Any) -> None:
        """The sums follow the lines."""
        actions.settle_order(actor, record)


@register
class OrderLines(PricedLineObject):
    """Lines of orders."""

    model, name, plural, within = OrderLine, "order line", "order-lines", "order"
    label, label_plural = _("Order line"), _("Order lines")
    columns = (*PricedLineObject.columns, "delivered", "invoiced")
    icon = "list-details"
    sections = (
        (
            _("Line"),
            ("order", "position", "product", "description", "quantity", "unit", "price", "discount_percent"),
        ),
        (_("More"), ("tax_class", "is_optional", "cost", "external_key")),
        (_("Sums"), ("net", "worth", "margin", "delivered", "invoiced")),
    )

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """As any line; and never less than was delivered or invoiced of it."""
        done = max(values.get("delivered") or 0, values.get("invoiced") or 0)
        if done and values.get("quantity") is not None and values["quantity"] < done:
            words = _now("%(n)s of this were delivered or invoiced already.")
            return {"quantity": words % {"n": f"{done.normalize():f}"}}
        return super().check(values, old)


@register
class Deliveries(Object):
    """What is on its way to customers."""

    model, name, plural = Delivery, "delivery", "deliveries"
    label, label_plural, icon, group = _("Delivery"), _("Deliveries"), "truck-delivery", SALES
    help = _("Goods of orders on their way, whole or in parts.")
    title_from = ("number", "tracking_number", "external_key")
    board_by = "status"
    calendar_on = (Span("shipped_on"), Span("delivered_on"))
    columns = ("title", "order", "status", "carrier", "tracking_number", "shipped_on", "delivered_on", "owner")
    head = ("order", "status", "carrier", "tracking_url")
    sections = (
        (_("Delivery"), ("order", "status", "shipped_on", "delivered_on")),
        (_("Tracking"), ("carrier", "tracking_number", "tracking_url")),
        (_("More"), ("notes", "number", "external_key")),
        UPKEEP,
    )
    mergeable = False
    filters = {"open": (_("On the way"), {"field": "status", "op": "in", "value": ["planned", "shipped"]})}

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """Nothing arrives before it was shipped."""
        shipped, arrived = values.get("shipped_on"), values.get("delivered_on")
        if shipped and arrived and arrived < shipped:
            return {"delivered_on": _now("It can't arrive before it was shipped.")}
        return {}

    def verify(
        self, actor: Actor, record_id: UUID, values: Mapping[str, Any], old: Mapping[str, Any] | None, pending: Pending
    ) -> dict[str, str]:
        """A delivery stays with its order, and one that was cancelled comes back only where its goods still fit."""
        if old is not None and old["order"] != values["order"]:
            return {"order": _now("A delivery stays with its order; write another one there.")}
        if old and old["status"] == "cancelled" != values["status"] and not queries.still_fits(record_id):
            return {"status": _now("What it brings is on other deliveries meanwhile.")}
        return {}

    def settle(self, actor: Actor, record: Any) -> None:
        """The order knows what is delivered."""
        actions.follow_order(actor, record.order_id)


@register
class DeliveryLines(Object):
    """What deliveries bring."""

    model, name, plural, within = DeliveryLine, "delivery line", "delivery-lines", "delivery"
    label, label_plural, icon = _("Delivery line"), _("Delivery lines"), "list-details"
    title_from = ()
    named_by = ("order_line",)
    order = "position"
    columns = ("position", "order_line", "quantity")
    sections = ((_("Line"), ("delivery", "position", "order_line", "quantity")),)

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """Nothing is delivered of nothing."""
        quantity = values.get("quantity")
        return {} if quantity is None or quantity > 0 else {"quantity": _now("Give a quantity above zero.")}

    def verify(
        self, actor: Actor, record_id: UUID, values: Mapping[str, Any], old: Mapping[str, Any] | None, pending: Pending
    ) -> dict[str, str]:
        """A line of the same order, and never more of it than was ordered."""
        left = queries.to_deliver(values["order_line"], values["delivery"], but=record_id)
        if left is None:
            return {"order_line": _now("This line belongs to another order.")}
        if values["quantity"] > left:
            words = _now("Only %(n)s of this are left to deliver.")
            return {"quantity": words % {"n": f"{left.normalize():f}"}}
        return {}


@register
class Invoices(PricedDocumentObject):
    """What customers owe, and what they get back."""

    model, name, plural = Invoice, "invoice", "invoices"
    guard, rolls_up_to = queries.guard_of(Invoice), ("account",)
    label, label_plural, icon, group = _("Invoice"), _("Invoices"), "file-invoice", SALES
    help = _("Invoices and credit notes. Once issued they have a number and stay as they are.")
    title_from = ("number", "external_key")
    dated_by = "supplied_on"
    board_by, board_sums = "status", ("open",)
    calendar_on = (Span("due_on"),)
    columns = ("title", "kind", "account", "status", "issued_on", "due_on", "total", "open", "owner")
    head = ("account", "status", "due_on", "total", "open")
    sections = (
        (
            _("Invoice"),
            ("account", "contact", "order", "corrects", "days", "delivered_on", "reference", "reason"),
        ),
        (_("Sums"), (*SUMS, "paid", "credited", "written_off", "open")),
        (
            _("Course"),
            ("kind", "status", "issued_on", "due_on", "paid_on", "reminded", "reminded_on", "document", "is_advance"),
        ),
        (_("Prices and terms"), PRICES),
        (_("Record details"), ("number", "external_key", "owner", "created_at", "updated_at")),
    )
    mergeable = False
    thaw = ("owner",)
    figures = (*SUMS, "paid", "open")
    backwards = {"corrects": _("Credit notes")}
    filters = {
        "owed": (_("Open"), OWED),
        "overdue": (_("Overdue"), {"field": "status", "op": "is", "value": "overdue"}),
        "drafts": (_("Drafts"), {"field": "status", "op": "is", "value": "draft"}),
        "credits": (_("Credit notes"), {"field": "kind", "op": "is", "value": "credit_note"}),
    }

    def frozen(self, values: Mapping[str, Any]) -> str:
        """Once issued, an invoice stays as it is."""
        if values.get("status") in (None, "draft"):
            return ""
        if values["kind"] == "credit_note":
            return _now("It is issued: a credit note stays as it is.")
        return _now("It is issued: an invoice stays as it is. Write a credit note instead.")

    def verify(
        self, actor: Actor, record_id: UUID, values: Mapping[str, Any], old: Mapping[str, Any] | None, pending: Pending
    ) -> dict[str, str]:
        """A credit note corrects an issued invoice of the same account and currency; nothing else corrects one."""
        if problems := super().verify(actor, record_id, values, old, pending):
            return problems
        watched = ("kind", "corrects", "account", "currency")
        if old is not None and all(old[name] == values[name] for name in watched):
            return {}
        return queries.corrects_problem(values)

    def settle(self, actor: Actor, record: Any) -> None:
        """The sums follow the lines."""
        actions.settle_invoice(actor, record)


@register
class InvoiceLines(PricedLineObject):
    """Lines of invoices."""

    model, name, plural, within = InvoiceLine, "invoice line", "invoice-lines", "invoice"
    label, label_plural = _("Invoice line"), _("Invoice lines")
    sections = (
        (
            _("Line"),
            ("invoice", "position", "product", "description", "quantity", "unit", "price", "discount_percent"),
        ),
        (_("More"), ("tax_class", "is_optional", "net", "order_line", "corrects")),
    )

    def verify(
        self, actor: Actor, record_id: UUID, values: Mapping[str, Any], old: Mapping[str, Any] | None, pending: Pending
    ) -> dict[str, str]:
        """In the invoice's currency; a line of its own order, and never more of it than was ordered."""
        if problems := super().verify(actor, record_id, values, old, pending):
            return problems
        if not values.get("order_line"):
            return {}
        left = queries.to_invoice(values["order_line"], values["invoice"], but=record_id)
        if left is None:
            return {"order_line": _now("This line belongs to another order.")}
        if values["quantity"] > left:
            words = _now("Only %(n)s of this are left to invoice.")
            return {"quantity": words % {"n": f"{left.normalize():f}"}}
        return {}


@register
class Payments(Object):
    """Money that came in or went back."""

    model, name, plural = Payment, "payment", "payments"
    guard = queries.guard_of(Payment)
    label, label_plural, icon, group = _("Payment"), _("Payments"), "cash", SALES
    help = _("Money that came in, in part or in advance too, and money that went back.")
    title_from = ("reference", "external_key", "amount")
    order = "-received_on"
    columns = ("title", "account", "kind", "amount", "received_on", "method", "credit", "owner")
    head = ("account", "amount", "received_on", "credit")
    sections = (
        (_("Payment"), ("account", "amount", "received_on", "method", "reference", "invoice")),
        (_("Course"), ("kind", "credit", "refunded", "refunds", "voided_on")),
        (_("More"), ("notes", "external_key")),
        UPKEEP,
    )
    mergeable = False
    thaw = ("owner", "notes", "method", "received_on", "invoice")
    prepared = ("credit", "refunded")
    backwards = {"refunds": _("Refunds")}
    filters = {
        "credit": (_("With credit left"), {"field": "credit", "op": "gt", "value": "0"}),
        "refunds": (_("Refunds"), {"field": "kind", "op": "is", "value": "refund"}),
    }

    def prepare(self, values: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        """What comes in is its payer's credit until it settles something."""
        amount = values.get("amount")
        if amount is None or (old and old["amount"] == amount):
            return
        if old is None:
            values["refunded"] = Money(Decimal(0), amount.currency)
        used = old["amount"].amount - old["credit"].amount if old and old["credit"] else Decimal(0)
        values["credit"] = Money(amount.amount - used, amount.currency)

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """More than nothing came in."""
        amount = values.get("amount")
        if amount is not None and amount.amount <= 0:
            return {"amount": _now("Give an amount above zero; what goes back is a refund.")}
        return {}

    def verify(
        self, actor: Actor, record_id: UUID, values: Mapping[str, Any], old: Mapping[str, Any] | None, pending: Pending
    ) -> dict[str, str]:
        """A reference of the bank comes once; the invoice it is for is the account's, issued, and in its currency."""
        if old and (problem := queries.used_problem(record_id, values)):
            return problem
        is_new = old is None or old["reference"] != values["reference"]
        known = queries.payment_with(values["account"], values["reference"], but=record_id) if is_new else None
        if known and values.get("reference"):
            words = _now("A payment with this reference is recorded already, of %(day)s.")
            return {"reference": words % {"day": Date().plain(known.received_on, Reader())}}
        if not values.get("invoice") or (old and old["invoice"] == values["invoice"]):
            return {}
        return queries.payable_problem(values["invoice"], values["account"], values["amount"].currency)

    def settle(self, actor: Actor, record: Any) -> None:
        """What is left of it, and what is open of its invoices, follow its allocations."""
        actions.follow_allocations(actor, record)

    def frozen(self, values: Mapping[str, Any]) -> str:
        """What went back, or was none, is not changed any more."""
        if values.get("voided_on"):
            return _now("This payment was voided; it stays for the record.")
        if values.get("kind") == "refund":
            return _now("A refund stays as it is. If the money came back, void it.")
        if values.get("refunded") and values["refunded"].amount:
            return _now("Part of this payment was given back. Void the refund first.")
        return ""


@register
class PaymentAllocations(Object):
    """Which payments settle which invoices."""

    model, name, plural, within = PaymentAllocation, "allocation", "payment-allocations", "payment"
    label, label_plural, icon = _("Allocation"), _("Allocations"), "arrows-split"
    title_from = ()
    named_by = ("payment",)
    columns = ("invoice", "amount", "created_at")
    sections = ((_("Allocation"), ("payment", "invoice", "amount")),)

    def verify(
        self, actor: Actor, record_id: UUID, values: Mapping[str, Any], old: Mapping[str, Any] | None, pending: Pending
    ) -> dict[str, str]:
        """Never more than is left of the payment, nor than is open of the invoice."""
        return queries.allocation_problem(values["payment"], values["invoice"], values["amount"], but=record_id)


@register
class DunningLevels(Object):
    """The steps of reminding."""

    model, name, plural = DunningLevel, "dunning level", "dunning-levels"
    label, label_plural, icon, group = _("Dunning level"), _("Dunning levels"), "bell-ringing", SALES
    help = _("When customers are reminded of what they owe, and in which words.")
    columns = ("title", "rank", "days", "grace", "fee", "is_automatic")
    order = "rank"
    sections = ((_("Dunning level"), ("name", "rank", "days", "grace", "fee", "is_automatic", "text")),)
    mergeable = False
    in_navigation, in_settings = False, True


@register
class Reminders(Object):
    """Reminders of invoices."""

    model, name, plural = Reminder, "reminder", "reminders"
    label, label_plural, icon, group = _("Reminder"), _("Reminders"), "mail-exclamation", SALES
    help = _("Reminders that are proposed, to be sent or dismissed, and those that were sent.")
    title_from = ()
    named_by = ("invoice", "level")
    columns = ("invoice", "level", "status", "sent_on", "created_at")
    sections = ((_("Reminder"), ("invoice", "level", "status", "sent_on")), UPKEEP)
    mergeable = False
    filters = {"proposed": (_("To be sent"), {"field": "status", "op": "is", "value": "proposed"})}
    thaw = ("owner",)

    def frozen(self, values: Mapping[str, Any]) -> str:
        """What was sent can't be called back."""
        return _now("It is sent: a reminder stays as it is.") if values.get("status") == "sent" else ""
