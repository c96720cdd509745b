"""Invoices and credit notes: issued with a number, and from then on only paid, credited or written off."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.actions import action
from trato.engine.kinds import Percent, Text
from trato.engine.kinds.currency import digits
from trato.engine.kinds.money import Money
from trato.engine.models import Record
from trato.engine.numbers import next_number, series
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.queries import today

from .. import queries
from ..models import Invoice, InvoiceLine
from ..rules import sums
from .documents import follow_invoice, follow_order, settle_invoice, write
from .orders import HEAD, LINE, refuse, taken
from .parties import parties_of
from .payments import give_back, use_credit

series("invoices", _("Invoices"), "INV-{year}-{0000}")
series("credit-notes", _("Credit notes"), "CN-{year}-{0000}")
ZERO = Decimal(0)


@action(
    "invoices",
    label=_("Issue"),
    icon="rosette-discount-check",
    prominent=True,
    undo=_("Can't be undone: it has its number and is the customer's. Write a credit note instead."),
    applies=lambda invoice: invoice.status == "draft",
)
def issue(actor: Actor, record: Invoice) -> Record:
    """Give the invoice its number and date; from now on it stays as it is. The customer's credit is used for it."""
    return issue_on(actor, record, today(actor))


def issue_on(actor: Actor, record: Invoice, day: date) -> Invoice:
    """Issue a locked draft with the date of this day; raises Refused."""
    if record.status != "draft":
        raise refuse(_now("It is issued already."))
    settle_invoice(actor, record)
    record.refresh_from_db()
    check(record, queries.invoice_lines(record.id))
    if record.kind == "credit_note":
        _check_credit(record)
    given = as_issued(record, day, queries.settings().days) | {"parties": parties_of(actor, [record])[0]}
    given["number"] = next_number("credit-notes" if record.kind == "credit_note" else "invoices", day)
    issued = write(actor, "invoices", record, given, "issued")
    if issued.kind == "credit_note":
        _credit(actor, issued)
    else:
        use_credit(actor, issued)
        follow_invoice(actor, issued)
    return issued


def as_issued(record: Invoice, day: date, usual_days: int) -> dict[str, Any]:
    """What a draft becomes when it is issued on a day, but for its number and who stands on it; ``usual_days`` to pay
    where it names none.
    """
    zero = Money(ZERO, record.currency)
    given: dict[str, Any] = {"status": "issued", "issued_on": day}
    given |= {"paid": zero, "credited": zero, "written_off": zero, "open": zero}
    if record.kind == "invoice":
        days = record.days if record.days is not None else usual_days
        given |= {"days": days, "due_on": day + timedelta(days=days), "open": Money(record.total, record.currency)}
    return given


def check(record: Invoice, lines: Sequence[InvoiceLine]) -> None:
    """Whether a draft with these lines, none of them optional, can be issued; raises Refused."""
    if not lines:
        raise refuse(_now("Add a line first: nothing is invoiced."))
    if gaps := [line.title for line in lines if line.price is None]:
        words = _now("There is no price for: %(lines)s. Give one, or add it to a price book.")
        raise refuse(words % {"lines": ", ".join(gaps[:5])}, "price")
    if any(each["rate"] is None for each in record.taxes):
        words = _now("No tax rate is known in %(country)s for some of the lines. Add it in the tax classes.")
        raise refuse(words % {"country": record.country or "—"}, "tax")
    if record.total < 0:
        raise refuse(_now("This comes to less than nothing; write a credit note instead."), "total")


def _check_credit(record: Invoice) -> None:
    """Whether what a credit note gives back is left of its invoice; raises Refused."""
    corrected = queries.hold_invoices([record.corrects_id])[record.corrects_id]
    done = queries.credited(corrected.id, but=record.id)
    if sums.excess(queries.sums_of(corrected.taxes), done.classes, queries.sums_of(record.taxes)):
        words = _now("This gives back more than is left of invoice %(number)s, of a tax class or in all.")
        raise refuse(words % {"number": corrected.number}, "credit")


def _credit(actor: Actor, credit: Invoice) -> None:
    """An issued credit note takes from what is open of its invoice; what was paid becomes the payer's credit."""
    invoice = queries.hold_invoices([credit.corrects_id])[credit.corrects_id]
    paid, _last = queries.paid(invoice.id)
    credited = queries.credited_total(invoice.id)
    written_off = min(invoice.written_off or ZERO, max(invoice.total - paid - credited, ZERO))
    if written_off != invoice.written_off:
        write(actor, "invoices", invoice, {"written_off": Money(written_off, invoice.currency)}, "credited")
    over = paid + credited + written_off - invoice.total
    if over > 0:
        give_back(actor, invoice, over)
    follow_invoice(actor, invoice)
    if invoice.order_id:
        follow_order(actor, invoice.order_id)


@action(
    "invoices",
    label=_("Write a credit note"),
    icon="receipt-refund",
    undo=_("Delete the draft of the credit note."),
    text=_("Makes a draft that gives back so many percent of the invoice; left empty, all that is left of it."),
    opens=True,
    applies=lambda invoice: invoice.kind == "invoice" and invoice.status not in ("draft", "credited"),
)
def credit(
    actor: Actor, record: Invoice, *, percent: Percent(minimum=1, maximum=100), reason: Text(required=True)
) -> Record:
    """A draft that gives back a part of the invoice, or without a percentage all that is left of it."""
    if record.kind != "invoice" or record.status == "draft":
        raise refuse(_now("Only invoices that were issued are credited; change or delete a draft."))
    done = queries.credited(record.id)
    lines = _rest(record, done) if percent in (None, 100) else _parts(record, done, percent)
    if not lines:
        raise refuse(_now("All of this invoice was given back already."))
    given = {
        **taken(record, (*HEAD, "order", "reference", "owner", "delivered_on")),
        "kind": "credit_note",
        "corrects": record.id,
        "reason": reason,
        "invoice-lines": lines,
    }
    if percent in (None, 100) and not done.count:
        given["discount_percent"] = record.discount_percent
    return actions.create(actor, objects.get("invoices"), given)


def _rest(record: Invoice, done: queries.Billed) -> list[dict[str, Any]]:
    """What is left of an invoice by its lines; where parts were given back, or billed in advance, by tax class."""
    if done.count or record.deducted:
        return _parts(record, done, Decimal(100))
    return [
        {**taken(line, (*LINE, "order_line")), "corrects": line.id, "position": place}
        for place, line in enumerate(queries.invoice_lines(record.id), start=1)
    ]


def _parts(record: Invoice, done: queries.Billed, percent: Decimal) -> list[dict[str, Any]]:
    """A line for each tax class with a percentage of it, at most what is left."""
    lines: list[dict[str, Any]] = []
    for key, whole in queries.sums_of(record.taxes).items():
        so_far = done.classes.get(key, sums.Sum())
        if record.prices == "inclusive":
            part = sums.percent_part(whole.net + whole.tax, so_far.net + so_far.tax, percent, digits(record.currency))
        else:
            part = sums.percent_part(whole.net, so_far.net, percent, digits(record.currency))
        if part:
            words = _now("%(percent)s %% of invoice %(number)s")
            description = words % {"percent": f"{percent.normalize():f}", "number": record.number}
            given = {"description": description, "price": Money(part, record.currency), "tax_class": key}
            lines.append({**given, "quantity": Decimal(1), "position": len(lines) + 1})
    return lines


@action(
    "invoices",
    label=_("Write off"),
    icon="eraser",
    undo=_("Expect it again."),
    text=_("What is open is lost, and expected no longer."),
    applies=lambda invoice: invoice.status in queries.OWED,
)
def write_off(actor: Actor, record: Invoice, *, reason: Text(required=True)) -> Record:
    """Expect what is open no longer: it is lost."""
    if record.status not in queries.OWED:
        raise refuse(_now("Nothing is open of this invoice."))
    lost = Money(record.written_off + record.open, record.currency)
    given = {"written_off": lost, "written_off_on": today(actor), "reason": reason}
    write(actor, "invoices", record, given, "written off")
    follow_invoice(actor, record)
    return record


@action(
    "invoices",
    label=_("Expect it again"),
    icon="rotate",
    undo=_("Write it off again."),
    applies=lambda invoice: invoice.status == "written_off",
)
def expect(actor: Actor, record: Invoice) -> Record:
    """What was written off is owed again."""
    if record.status != "written_off":
        raise refuse(_now("Nothing of this invoice is written off."))
    given = {"written_off": Money(ZERO, record.currency), "written_off_on": None}
    write(actor, "invoices", record, given, "expected")
    follow_invoice(actor, record)
    return record
