"""Invoices, reminders and statements on paper: PDFs with the workspace's letterhead in the customer's language; in
those of invoices is their electronic form (Factur-X, ZUGFeRD).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from facturx import generate_from_file

from trato.engine import doors, files, objects, outbox, printing
from trato.engine.actions import Problem, Refused, action
from trato.engine.kinds import Email, Reader
from trato.engine.kinds.currency import digits
from trato.engine.kinds.date import Date
from trato.engine.kinds.locales import number, regional
from trato.engine.kinds.money import Money, MoneyKind
from trato.engine.models import Record, StoredFile
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.models import Workspace

from .. import queries
from ..models import Invoice, InvoiceLine
from ..rules import einvoice
from .documents import write
from .orders import refuse

ZERO = Decimal(0)
_MONEY, _DAY = MoneyKind(), Date()


def language_of(invoice: Invoice, workspace: Workspace) -> str:
    """The language an invoice is written in."""
    return printing.speaks(invoice.language or (invoice.contact.language if invoice.contact else ""), workspace)


def paper_reader(actor: Actor, language: str) -> Reader:
    """How amounts and days are written to a customer of this language."""
    workspace = actor.workspace
    return Reader(
        language=regional(language, workspace.country),
        time_zone=workspace.time_zone,
        country=workspace.country,
        currency=workspace.currency,
    )


def address_of(invoice: Invoice) -> tuple[str, str] | None:
    """Whom mails about an invoice go to: its contact, else its account; None without an address."""
    for party in (invoice.contact, invoice.account):
        emails = party.emails if party else []
        if found := next((each for each in emails if each.get("primary")), next(iter(emails), None)):
            return party.title, found["address"]
    return None


def buyer_lines(invoice: Invoice) -> list[str]:
    """The address in the window of the envelope."""
    buyer = invoice.parties["buyer"]
    place = " ".join(part for part in (buyer["postcode"], buyer["city"]) if part)
    country = buyer["country"] if buyer["country"] != invoice.parties["seller"]["country"] else ""
    return [line for line in (buyer["name"], buyer["contact"], *buyer["lines"], place, country) if line]


# -- the electronic invoice -----------------------------------------------------------------------------------------


def bill_of(invoice: Invoice) -> einvoice.Bill:
    """An issued invoice as EN 16931 tells it."""
    seller, buyer = invoice.parties["seller"], invoice.parties["buyer"]
    classes = invoice.parties["classes"]
    deducted = queries.sums_of(invoice.deducted)

    def category(key: str | None, rate: Decimal) -> str:
        if invoice.reverse_charge:
            return einvoice.REVERSE_CHARGE
        said = classes.get(key or "", {}).get("category", "S")
        return "Z" if said == "S" and not rate else said

    rates = {each["class"]: Decimal(each["rate"] or 0) for each in invoice.taxes}
    first, second = ([*seller["lines"], "", ""])[:2]
    return einvoice.Bill(
        type=einvoice.CREDIT_NOTE if invoice.kind == "credit_note" else einvoice.INVOICE,
        number=invoice.number,
        issued=invoice.issued_on,
        currency=invoice.currency,
        seller=einvoice.Party(
            seller["name"], seller["country"], first, second, tax_number=seller["tax_number"], email=seller["email"]
        ),
        buyer=einvoice.Party(
            buyer["name"],
            buyer["country"],
            *([*buyer["lines"], "", ""])[:2],
            postcode=buyer["postcode"],
            city=buyer["city"],
            tax_number=buyer["tax_number"],
            email=buyer["email"],
        ),
        lines=[_bill_line(line, category, rates) for line in queries.invoice_lines(invoice.id)],
        taxes=[
            einvoice.Tax(
                category(each["class"], rates[each["class"]]),
                rates[each["class"]],
                Decimal(each["net"]),
                Decimal(each["tax"]),
                Decimal(each["discount"]) + (deducted[each["class"]].net if each["class"] in deducted else ZERO),
                classes.get(each["class"] or "", {}).get("reason", ""),
            )
            for each in invoice.taxes
        ],
        total=invoice.total,
        due=invoice.due_on,
        delivered=invoice.delivered_on or invoice.issued_on,
        terms=invoice.terms,
        note=invoice.reason if invoice.kind == "credit_note" else "",
        order=(invoice.order.number or "") if invoice.order else "",
        reference=invoice.reference,
        corrects=(invoice.corrects.number, invoice.corrects.issued_on) if invoice.corrects else None,
        iban=seller["iban"],
        digits=digits(invoice.currency),
    )


def _bill_line(line: InvoiceLine, category: Any, rates: Mapping[str | None, Decimal]) -> einvoice.Line:
    key = str(line.tax_class_id) if line.tax_class_id else None
    return einvoice.Line(
        name=line.description or line.title or "—",
        quantity=line.quantity,
        unit=line.unit,
        price=(line.net / line.quantity).quantize(Decimal("0.000001")).normalize(),
        net=line.net,
        category=category(key, rates.get(key, ZERO)),
        rate=rates.get(key, ZERO),
        code=(line.product.sku or "") if line.product else "",
    )


# -- PDFs -----------------------------------------------------------------------------------------------------------


def keep(actor: Actor, name: str, content: bytes) -> StoredFile:
    """A PDF in the workspace's store."""
    return files.store(actor, name, BytesIO(content))


def letter(actor: Actor, data: Mapping[str, Any], language: str) -> bytes:
    """A letter of paragraphs as PDF."""
    return printing.pdf("engine/plain.typ", data, language)


def issued(actor: Actor, invoice: Invoice) -> StoredFile:
    """The PDF of an issued invoice: made once, and the same ever after; with the electronic invoice inside where it
    can be one.
    """
    if invoice.document:
        return files.open_file(invoice.document["id"])[0]
    language = language_of(invoice, actor.workspace)
    with translation.override(language):
        made_at = datetime.combine(invoice.issued_on, time(), UTC)
        content = printing.pdf(
            "billing/invoice.typ", data_of(actor, invoice, language), language, standard="a-3b", made_at=made_at
        )
        bill = bill_of(invoice)
        if not einvoice.problems(bill):
            pdf = BytesIO(content)  # the library's own way with bytes goes over the disk
            generate_from_file(
                pdf,
                einvoice.xml(bill),
                flavor="factur-x",
                level="en16931",
                lang=language,
                afrelationship="alternative",
            )
            content = pdf.getvalue()
        stored = keep(actor, f"{invoice.number}.pdf".replace("/", "-"), content)
    write(actor, "invoices", invoice, {"document": files.described(stored)}, "printed")
    return stored


def lacks(invoice: Invoice) -> list[str]:
    """What keeps the electronic invoice out of the PDF of an issued invoice, in words; empty where it is in."""
    return einvoice.problems(bill_of(invoice))


def data_of(actor: Actor, invoice: Invoice, language: str) -> dict[str, Any]:
    """What the template of invoices is given, in the active language."""
    to = paper_reader(actor, language)
    is_credit = invoice.kind == "credit_note"

    def money(amount: Decimal) -> str:
        return _MONEY.plain(Money(amount, invoice.currency), to)

    title = (_now("Credit note %(number)s") if is_credit else _now("Invoice %(number)s")) % {"number": invoice.number}
    facts = [[_now("Date"), _DAY.plain(invoice.issued_on, to)]]
    if invoice.due_on:
        facts.append([_now("Due"), _DAY.plain(invoice.due_on, to)])
    if invoice.delivered_on:
        facts.append([_now("Supplied"), _DAY.plain(invoice.delivered_on, to)])
    if invoice.order and invoice.order.number:
        facts.append([_now("Order"), invoice.order.number])
    if invoice.reference:
        facts.append([_now("Your reference"), invoice.reference])
    if invoice.parties["buyer"]["tax_number"]:
        facts.append([_now("Your tax number"), invoice.parties["buyer"]["tax_number"]])
    return {
        "title": title,
        "to": buyer_lines(invoice),
        "facts": facts,
        "intro": _intro(invoice, to) if is_credit else "",
        "columns": [_now("No."), _now("Description"), _now("Quantity"), _now("Price"), _now("Tax"), _now("Amount")],
        "lines": _printed_lines(invoice, to, money),
        "sums": _printed_sums(invoice, to, money),
        "paragraphs": _closing(invoice, to, money),
    }


def _intro(invoice: Invoice, to: Reader) -> str:
    words = _now("For invoice %(number)s of %(day)s. %(reason)s")
    day = _DAY.plain(invoice.corrects.issued_on, to)
    return words % {"number": invoice.corrects.number, "day": day, "reason": invoice.reason}


def _percent(rate: Any, to: Reader) -> str:
    exact = Decimal(rate or 0).normalize()
    return f"{number(exact, max(-exact.as_tuple().exponent, 0), to.language)}\u00a0%"


def _printed_lines(invoice: Invoice, to: Reader, money: Any) -> list[list[str]]:
    rates = {each["class"]: each["rate"] for each in invoice.taxes}
    rows = []
    for place, line in enumerate(queries.invoice_lines(invoice.id), start=1):
        amount = _MONEY.plain(Money(line.price, invoice.currency), to)
        off = f" −{_percent(line.discount_percent, to)}" if line.discount_percent else ""
        exact = line.quantity.normalize()
        count = number(exact, max(-exact.as_tuple().exponent, 0), to.language)
        rate = _percent(rates.get(str(line.tax_class_id) if line.tax_class_id else None), to)
        rows.append([str(place), line.description, f"{count} {line.unit}".strip(), amount + off, rate, money(line.net)])
    return rows


def _printed_sums(invoice: Invoice, to: Reader, money: Any) -> list[list[Any]]:
    off = sum((Decimal(each["discount"]) for each in invoice.taxes), ZERO)
    sums: list[list[Any]] = []
    if off:
        sums.append([_now("Discount"), money(-off), False])
    for each in invoice.deducted:
        words = _now("Billed in advance, invoice %(number)s") % {"number": each["number"] or "—"}
        sums.append([words, money(-Decimal(each["net"])), False])
    sums.append([_now("Net"), money(invoice.net), False])
    for each in invoice.taxes:
        if Decimal(each["tax"]):
            words = _now("%(rate)s tax on %(net)s") % {
                "rate": _percent(each["rate"], to),
                "net": money(Decimal(each["net"])),
            }
            sums.append([words, money(Decimal(each["tax"])), False])
    total = _now("We give back") if invoice.kind == "credit_note" else _now("Total")
    return [*sums, [total, money(invoice.total), True]]


def _closing(invoice: Invoice, to: Reader, money: Any) -> list[str]:
    found = []
    if invoice.reverse_charge:
        found.append(_now("Reverse charge: the customer owes the tax."))
    found += [each["reason"] for each in invoice.parties["classes"].values() if each["reason"]]
    if invoice.due_on and invoice.kind == "invoice":
        words = _now("Please pay by %(day)s and name the number %(number)s.")
        found.append(words % {"day": _DAY.plain(invoice.due_on, to), "number": invoice.number})
    return [*found, *invoice.terms.splitlines()]


def statement_pdf(actor: Actor, account: Record, currency: str, since: date, until: date) -> bytes:
    """A statement of account as PDF, in the language of the workspace."""
    language = actor.workspace.language
    with translation.override(language):
        to = paper_reader(actor, language)
        opening, entries = queries.statement(actor, account.id, currency, since, until)
        named = entry_words()

        def money(amount: Decimal) -> str:
            return _MONEY.plain(Money(amount, currency), to)

        lines = [["", _now("Owed before"), "", money(opening)]]
        lines += [
            [_DAY.plain(each.day, to), f"{named[each.what]} {each.title}", money(each.amount), money(each.balance)]
            for each in entries
        ]
        owed = entries[-1].balance if entries else opening
        data = {
            "title": _now("Statement of account"),
            "to": [account.title],
            "facts": [[_now("From"), _DAY.plain(since, to)], [_now("To"), _DAY.plain(until, to)]],
            "columns": [_now("Day"), _now("What"), _now("Amount"), _now("Balance")],
            "lines": lines,
            "paragraphs": [_now("Owed on %(day)s: %(sum)s") % {"day": _DAY.plain(until, to), "sum": money(owed)}],
        }
        return printing.pdf("billing/statement.typ", data, language)


def entry_words() -> dict[str, str]:
    """What the lines of a statement are called."""
    return {
        "invoice": _now("Invoice"),
        "credit_note": _now("Credit note"),
        "write_off": _now("Written off"),
        "payment": _now("Payment"),
        "refund": _now("Refund"),
    }


# -- to the customer ------------------------------------------------------------------------------------------------


def pay_link(actor: Actor, invoice: Invoice, to: tuple[str, str]) -> tuple[str, str]:
    """The words and the address of the customer's page of an invoice."""
    name, email = to
    language = language_of(invoice, actor.workspace)
    _door, address = doors.make(
        actor, objects.get("invoices"), invoice.id, "invoice", name=name, email=email, language=language
    )
    return _now("See the invoice"), address


@action(
    "invoices",
    label=_("Send by mail"),
    icon="send",
    prominent=True,
    undo=_("Can't be undone: the mail is on its way."),
    text=_("Mails the PDF, and the address of a page where it can be seen and paid."),
    begins=lambda actor, invoice: {"email": (address_of(invoice) or ("", ""))[1]},
    applies=lambda invoice: invoice.status in ("issued", "partly_paid", "overdue", "paid", "credited"),
)
def send_invoice(actor: Actor, record: Invoice, *, email: Email() = "") -> Record:
    """The PDF and the address of a page where it can be seen and paid go to the customer; left empty, to the address
    of the contact, else of the account.
    """
    if record.status == "draft":
        raise refuse(_now("Issue it first: a draft is not sent."))
    known = address_of(record)
    if not (email or known):
        words = _now("Say to which address it goes: neither the contact nor the account has one.")
        raise Refused([Problem("email", "no_address", words)])
    to = (known[0] if known else record.account.title, email or known[1])
    language = language_of(record, actor.workspace)
    stored = issued(actor, record)
    with translation.override(language):
        told = data_of(actor, record, language)
        link = pay_link(actor, record, to)
        paragraphs = [_now("Attached you find our document %(title)s.") % {"title": told["title"]}]
        text, html = outbox.written(language, paragraphs, link)
    sent = len(outbox.of_record(actor, objects.get("invoices"), record.id))
    outbox.put(
        actor,
        key=f"invoice:{record.id}:sent:{sent + 1}",
        to=[to],
        subject=told["title"],
        text=text,
        html=html,
        attachments=[files.described(stored)],
        about=(objects.get("invoices"), record.id),
    )
    return record
