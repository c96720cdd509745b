"""From an accepted quote to what was delivered and invoiced."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.actions import Problem, Refused, action
from trato.engine.kinds import Percent, Text
from trato.engine.kinds.currency import digits
from trato.engine.kinds.money import Money
from trato.engine.models import Record
from trato.engine.numbers import next_number, series
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.actions import approvals_needed
from trato.modules.catalog.queries import today

from .. import queries
from ..models import Delivery, Invoice, Order
from ..rules import sums
from .documents import follow_order, write

series("orders", _("Orders"), "SO-{year}-{0000}")
series("deliveries", _("Deliveries"), "DN-{year}-{0000}")
ZERO = Decimal(0)
#: What a document takes over from the one it comes from.
HEAD = ("account", "contact", "currency", "prices", "rounding", "country", "reverse_charge", "language", "terms")
LINE = ("product", "description", "quantity", "unit", "price", "discount_percent", "tax_class")
LIVE = ("confirmed", "in_delivery", "delivered")


def refuse(words: str, code: str = "state") -> Refused:
    """The refusal of a whole action, in words."""
    return Refused([Problem("", code, words)])


def taken(record: Any, names: Iterable[str]) -> dict[str, Any]:
    """Stored values of a record to make another with."""
    found: dict[str, Any] = {}
    for name in names:
        if hasattr(record, f"{name}_id"):
            found[name] = getattr(record, f"{name}_id")
        elif hasattr(record, f"{name}_currency"):
            amount = getattr(record, name)
            found[name] = None if amount is None else Money(amount, getattr(record, f"{name}_currency"))
        else:
            found[name] = getattr(record, name)
    return found


@action(
    "orders",
    label=_("Confirm"),
    icon="check",
    prominent=True,
    undo=_("Can't be undone: the number is given. Cancel the order instead."),
    applies=lambda order: order.status == "draft",
)
def confirm(actor: Actor, record: Order) -> Record:
    """A draft becomes an order, with a number."""
    if record.status != "draft":
        raise refuse(_now("This order is confirmed already."))
    if not queries.lines_of(record.id):
        raise refuse(_now("Add a line first: nothing is ordered."))
    if problem := beyond_limit(
        actor, record.id, {"status": "confirmed", "quote": record.quote_id}, {"status": "draft"}
    ):
        raise refuse(problem["status"], "approval")
    given = {"status": "confirmed"}
    if not record.number:
        given["number"] = next_number("orders", record.ordered_on)
    write(actor, "orders", record, given, "confirmed")
    if account := queries.no_customer_yet(record.account_id):  # who orders is one
        write(actor, "accounts", account, {"lifecycle": "customer"}, "became a customer")
    return record


def beyond_limit(
    actor: Actor, order_id: UUID, values: Mapping[str, Any], old: Mapping[str, Any] | None
) -> dict[str, str]:
    """Why the actor may not confirm a draft: more was taken off by hand than they may give. What became of a quote was
    approved there.
    """
    came = old is not None and old["status"] == "draft" and values["status"] not in ("draft", "cancelled")
    if not came or values.get("quote"):
        return {}
    problems = approvals_needed(actor, objects.get("orders"), queries.hold_order(order_id))
    words = _now("Somebody who may give more has to confirm this order. %(why)s")
    return {"status": words % {"why": " ".join(problems)}} if problems else {}


@action(
    "orders",
    label=_("Cancel the order"),
    icon="x",
    undo=_("Change the status back."),
    applies=lambda order: order.status in ("draft", "confirmed"),
)
def cancel(actor: Actor, record: Order) -> Record:
    """Nobody wants it any more; what was delivered or invoiced has to be taken back first."""
    if queries.deliveries_of(record.id).exists():
        raise refuse(_now("Some of it is on a delivery; cancel that first."))
    if not queries.is_balanced(record.id):
        raise refuse(_now("Some of it is invoiced; credit or delete those invoices first."))
    return write(actor, "orders", record, {"status": "cancelled"}, "cancelled")


@action(
    "orders",
    label=_("Close"),
    icon="archive",
    undo=_("Change the status back."),
    applies=lambda order: order.status in ("delivered", "invoiced"),
)
def close(actor: Actor, record: Order) -> Record:
    """Nothing is left to be done with it."""
    if record.status not in ("delivered", "invoiced"):
        raise refuse(_now("This order is not done yet."))
    return write(actor, "orders", record, {"status": "closed"}, "closed")


# -- deliveries -----------------------------------------------------------------------------------------------------


@action(
    "orders",
    label=_("Deliver the rest"),
    icon="truck-delivery",
    prominent=True,
    undo=_("Cancel the delivery."),
    text=_("Makes a delivery of all that is not on one yet. For a part, lower its quantities or take lines out."),
    opens=True,
    applies=lambda order: order.status in ("confirmed", "in_delivery", "invoiced"),
)
def deliver(actor: Actor, record: Order, *, carrier: Text(), tracking_number: Text()) -> Record:
    """A delivery of all that was not delivered yet; less of it is taken out of its lines."""
    if record.status in ("draft", "cancelled", "closed"):
        raise refuse(_now("Confirm the order first: only confirmed ones are delivered."))
    queries.hold_order(record.id)
    sent = queries.delivered(record.id)
    rest = [(line.id, line.quantity - sent.get(line.id, ZERO)) for line in queries.lines_of(record.id)]
    lines = [
        {"order_line": line, "quantity": left, "position": place}
        for place, (line, left) in enumerate(rest, start=1)
        if left > 0
    ]
    if not lines:
        raise refuse(_now("Everything is on a delivery already."))
    given = {
        "order": record.id,
        "number": next_number("deliveries", today(actor)),
        "carrier": carrier or "",
        "tracking_number": tracking_number or "",
        "delivery-lines": lines,
    }
    return actions.create(actor, objects.get("deliveries"), given)


@action(
    "deliveries",
    label=_("Shipped"),
    icon="truck",
    prominent=True,
    undo=_("The status and the day it had come back."),
    applies=lambda delivery: delivery.status == "planned",
)
def ship(actor: Actor, record: Delivery) -> Record:
    """It is on its way since today."""
    given = {"status": "shipped", "shipped_on": record.shipped_on or today(actor)}
    return actions.update(actor, objects.get("deliveries"), record.id, given)


@action(
    "deliveries",
    label=_("Arrived"),
    icon="package",
    prominent=True,
    undo=_("The status and the day it had come back."),
    applies=lambda delivery: delivery.status in ("planned", "shipped"),
)
def arrive(actor: Actor, record: Delivery) -> Record:
    """The customer has it since today."""
    if record.status == "cancelled":
        raise refuse(_now("This delivery was cancelled."))
    given = {"status": "delivered", "delivered_on": record.delivered_on or today(actor)}
    return actions.update(actor, objects.get("deliveries"), record.id, given)


@action(
    "deliveries",
    label=_("Cancel the delivery"),
    icon="x",
    undo=_("Change the status back, as long as nothing else was delivered instead."),
    applies=lambda delivery: delivery.status != "cancelled",
)
def call_off(actor: Actor, record: Delivery) -> Record:
    """It does not take place: what it brings is to be delivered again."""
    written = actions.update(actor, objects.get("deliveries"), record.id, {"status": "cancelled"})
    follow_order(actor, record.order_id)
    return written


# -- invoices of orders ---------------------------------------------------------------------------------------------


def _draft(actor: Actor, record: Order, lines: list[Mapping[str, Any]], **given: Any) -> Invoice:
    head = taken(record, (*HEAD, "reference", "owner"))
    return actions.create(actor, objects.get("invoices"), {**head, "order": record.id, **given, "invoice-lines": lines})


def _billable(record: Order) -> queries.Billed:
    """What is billed of an order, locked; raises Refused where there is nothing to be billed."""
    held = queries.hold_order(record.id)
    if held.status in ("draft", "cancelled"):
        raise refuse(_now("Confirm the order first: only confirmed ones are invoiced."))
    billed = queries.billed(record.id)
    whole = queries.sums_of(held.taxes)
    if billed.count and all(billed.classes.get(key) == each for key, each in whole.items()):
        raise refuse(_now("Everything is invoiced already."))
    return billed


def _pieces(record: Order, quantities: Mapping[Any, Decimal]) -> list[Mapping[str, Any]]:
    """Lines of an invoice for so much of each line of the order."""
    wanted = [line for line in queries.lines_of(record.id) if quantities.get(line.id, ZERO) > 0]
    return [
        {**taken(line, LINE), "quantity": quantities[line.id], "order_line": line.id, "position": place}
        for place, line in enumerate(wanted, start=1)
    ]


@action(
    "orders",
    label=_("Invoice the rest"),
    icon="file-invoice",
    prominent=True,
    undo=_("Delete the draft of the invoice."),
    opens=True,
    applies=lambda order: order.status in LIVE,
)
def invoice_rest(actor: Actor, record: Order) -> Record:
    """A draft of all that was not invoiced yet; what was billed in advance comes off."""
    billed = _billable(record)
    left = {
        line.id: line.quantity - billed.lines.get(line.id, sums.Piece()).quantity
        for line in queries.lines_of(record.id)
    }
    lines = _pieces(record, left)
    if not lines:
        raise refuse(_now("Everything is invoiced already."))
    return _draft(actor, record, lines, discount_percent=record.discount_percent)


@action(
    "orders",
    label=_("Invoice what was delivered"),
    icon="file-invoice",
    undo=_("Delete the draft of the invoice."),
    opens=True,
    applies=lambda order: order.status in ("in_delivery", "delivered"),
)
def invoice_delivered(actor: Actor, record: Order) -> Record:
    """A draft of what is on deliveries and was not invoiced yet."""
    billed = _billable(record)
    sent = queries.delivered(record.id)
    due = {line: n - billed.lines.get(line, sums.Piece()).quantity for line, n in sent.items()}
    lines = _pieces(record, due)
    if not lines:
        raise refuse(_now("All that was delivered is invoiced already."))
    return _draft(actor, record, lines, discount_percent=record.discount_percent)


@action(
    "orders",
    label=_("Invoice in advance"),
    icon="percentage",
    undo=_("Delete the draft of the invoice."),
    text=_("Makes the draft of an invoice of a part of the order; the invoice of the rest takes it off."),
    opens=True,
    applies=lambda order: order.status in LIVE,
)
def invoice_advance(actor: Actor, record: Order, *, percent: Percent(required=True, minimum=1, maximum=100)) -> Record:
    """A draft of a part of the order, by tax class; the invoice of the rest takes it off."""
    billed = _billable(record)
    lines: list[Mapping[str, Any]] = []
    words = _now("%(percent)s %% in advance, order %(order)s")
    for key, whole in queries.sums_of(record.taxes).items():
        done = billed.classes.get(key, sums.Sum())
        with_tax = record.prices == "inclusive"
        total, so_far = (each.net + each.tax if with_tax else each.net for each in (whole, done))
        part = sums.percent_part(total, so_far, percent, digits(record.currency))
        if part:
            description = words % {"percent": f"{percent.normalize():f}", "order": record.title}
            given = {"description": description, "price": Money(part, record.currency), "tax_class": key}
            lines.append({**given, "quantity": Decimal(1), "position": len(lines) + 1})
    if not lines:
        raise refuse(_now("This part of the order comes to nothing."))
    return _draft(actor, record, lines, is_advance=True)
