"""What stands on a quote, in the customer's language: for its PDF and for the page they see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trato.engine import printing
from trato.engine.kinds import Date, DateTime, Reader
from trato.engine.kinds import address as addresses
from trato.engine.kinds.datetime import zone_of
from trato.engine.kinds.locales import number, regional
from trato.engine.kinds.money import Money, MoneyKind
from trato.engine.workspaces.models import Workspace
from trato.modules.catalog.models import TaxClass
from trato.modules.people.models import Account, Contact

from .. import rules
from ..models import Quote, QuoteLine, Signature
from . import lines as lines_of

_money, _day, _moment = MoneyKind(), Date(), DateTime()


def reader_of(workspace: Workspace, language: str) -> Reader:
    """How values are written to a customer who reads this language."""
    return Reader(
        language=regional(language, workspace.country),
        time_zone=workspace.time_zone,
        country=workspace.country,
        currency=workspace.currency,
    )


def language_of(quote: Quote, workspace: Workspace) -> str:
    """The language a quote is written in."""
    return printing.speaks(quote.language, workspace)


def figure(value: Decimal, reader: Reader) -> str:
    """A number with as many digits after the point as it has."""
    exponent = value.normalize().as_tuple().exponent
    return number(value, max(0, -exponent if isinstance(exponent, int) else 0), reader.language)


def percent(value: Decimal, reader: Reader) -> str:
    """A percentage."""
    return f"{figure(value, reader)} %"


def content(workspace: Workspace, quote: Quote) -> dict[str, Any]:
    """Everything that stands on a quote as texts, in the active language's words and formats (inside
    ``in_workspace``). Lines are ``{id, description, quantity, price, discount, net, optional, chosen}``.
    """
    reader = reader_of(workspace, translation.get_language() or workspace.language)
    lines = lines_of(quote.id)
    return {
        "title": title_of(quote),
        "subject": quote.name,
        "to": receiver(quote, reader),
        "facts": facts(quote, reader),
        "intro": paragraphs(quote.intro),
        "lines": [_line(line, quote, reader) for line in lines if not line.is_optional],
        "options": [_line(line, quote, reader) for line in lines if line.is_optional],
        "sums": sums(quote, reader),
        "total": _money.plain(_amount(quote, "total"), reader),
        "total_label": _("Total"),
        "notes": notes(quote, reader),
        "terms": paragraphs(quote.terms),
        "heads": heads(),
    }


def title_of(quote: Quote) -> str:
    """What a quote is called to the customer."""
    named = rules.label(quote.number, quote.revision)
    return _("Quote %(number)s") % {"number": named} if named else _("Quote (draft)")


def heads() -> dict[str, str]:
    """The words of a quote's tables."""
    return {
        "description": _("Description"),
        "quantity": _("Quantity"),
        "price": _("Price"),
        "discount": _("Discount"),
        "net": pgettext("of a line", "Amount"),
        "options": _("Optional"),
        "chosen": _("Chosen"),
    }


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text; lines within one stay lines."""
    return [part.strip() for part in text.replace("\r", "").split("\n\n") if part.strip()]


def receiver(quote: Quote, reader: Reader) -> list[str]:
    """Whom a quote is for, as on an envelope: the account, the contact, and the first address of either."""
    account = Account.objects.filter(id=quote.account_id).only("title", "addresses").first()
    contact = (
        Contact.objects.filter(id=quote.contact_id).only("title", "addresses").first() if quote.contact_id else None
    )
    known = [party for party in (account, contact) if party]
    names = list(dict.fromkeys(party.title for party in known))
    street = next((party.addresses[0] for party in known if party.addresses), None)
    return names + (addresses.lines(_whole(street), reader) if street else [])


def _whole(parts: dict[str, str]) -> dict[str, str]:
    return {name: parts.get(name, "") for name in addresses.NAMES}


def facts(quote: Quote, reader: Reader) -> list[list[str]]:
    """Number, date and validity, each with its label."""
    made = timezone.localtime(quote.sent_at or timezone.now(), zone_of(reader.time_zone)).date()
    found = [[_("Number"), rules.label(quote.number, quote.revision)], [_("Date"), _day.plain(made, reader)]]
    if quote.valid_until:
        found.append([_("Valid until"), _day.plain(quote.valid_until, reader)])
    return [fact for fact in found if fact[1]]


def sums(quote: Quote, reader: Reader) -> list[list[str]]:
    """Net, the tax of each rate, and the total, as (label, amount)."""
    classes = dict(TaxClass.objects.values_list("id", "name"))
    found = []
    if quote.discount_percent:
        label = _("Discount of %(percent)s, taken off") % {"percent": percent(quote.discount_percent, reader)}
        off = sum((Decimal(tax["discount"]) for tax in quote.taxes), Decimal(0))
        found.append([label, _money.plain(Money(-off, quote.currency), reader)])
    found.append([_("Net"), _money.plain(_amount(quote, "net"), reader)])
    for tax in quote.taxes:
        if tax["rate"] is None or quote.reverse_charge:
            continue
        name = classes.get(UUID(tax["class"]), "") if tax["class"] else ""
        label = _("Tax %(rate)s") % {"rate": percent(Decimal(tax["rate"]), reader)} + (f" ({name})" if name else "")
        found.append([label, _money.plain(Money(Decimal(tax["tax"]), quote.currency), reader)])
    return found


def notes(quote: Quote, reader: Reader) -> list[str]:
    """How prices and taxes are to be read."""
    found = []
    if quote.reverse_charge:
        found.append(_("Reverse charge: the customer owes the tax."))
    elif quote.prices == "inclusive":
        found.append(_("Prices include tax."))
    if quote.rounding == "line" and not quote.reverse_charge:
        found.append(_("Tax is rounded for each line."))
    return found


def _amount(quote: Quote, name: str) -> Money:
    value = getattr(quote, name)
    return Money(value if value is not None else Decimal(0), quote.currency)


def _line(line: QuoteLine, quote: Quote, reader: Reader) -> dict[str, Any]:
    price = Money(line.price if line.price is not None else Decimal(0), quote.currency)
    net = Money(line.net if line.net is not None else Decimal(0), quote.currency)
    quantity = figure(line.quantity, reader)
    return {
        "id": str(line.id),
        "description": line.description or line.title,
        "quantity": f"{quantity} {line.unit}".strip(),
        "price": _money.plain(price, reader),
        "discount": percent(line.discount_percent, reader) if line.discount_percent else "",
        "net": _money.plain(net, reader),
        "chosen": line.is_chosen,
    }


def document(workspace: Workspace, quote: Quote, made_at: datetime | None = None) -> bytes:
    """The PDF of a quote as it is, in its language (inside ``in_workspace``)."""
    language = language_of(quote, workspace)
    with translation.override(language):
        return printing.pdf("quoting/quote.typ", content(workspace, quote), language, made_at=made_at)


def evidence(workspace: Workspace, quote: Quote, signed: Signature, fingerprint: str, options: Sequence[str]) -> bytes:
    """The PDF page that says who signed what, when and from where."""
    language = language_of(quote, workspace)
    with translation.override(language):
        reader = reader_of(workspace, language)
        rows = [
            [_("Document"), f"{title_of(quote)}: {quote.name}"],
            [_("Total"), _money.plain(_amount(quote, "total"), reader)],
            *([[_("Chosen options"), ", ".join(options)]] if options else []),
            [_("SHA-256 of the document"), signed.digest],
            [_("Signed by"), signed.name],
            [_("E-mail"), signed.email],
            [_("Time (UTC)"), f"{signed.at:%Y-%m-%d %H:%M:%S}"],
            [_("Internet address"), signed.address],
            [_("Browser"), signed.agent],
            [_("Certificate (SHA-256)"), fingerprint],
        ]
        data = {
            "title": _("Evidence of the signature"),
            "text": _(
                "The person named here accepted the document above this page, on the page behind the secret address "
                "that was sent to them. This file begins with that document, byte for byte; the seal covers all of it."
            ),
            "rows": [row for row in rows if row[1]],
            "drawing": signed.drawing,
            "typed": "" if signed.drawing else signed.name,
            "caption": _("Signature"),
        }
        return printing.pdf("quoting/evidence.typ", data, language, made_at=signed.at)


def day(value: date, reader: Reader) -> str:
    """A day as the customer writes it."""
    return _day.plain(value, reader)


def moment(value: datetime, reader: Reader) -> str:
    """A day and time as the customer writes it."""
    return _moment.plain(value, reader)
