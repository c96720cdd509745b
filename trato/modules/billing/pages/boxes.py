"""Boxes on record pages: how an account stands and pays, and the papers of an invoice."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup

from trato.engine import access, objects, outbox
from trato.engine.kinds.money import Money, MoneyKind
from trato.modules.catalog.queries import today
from trato.web.panels import panel
from trato.web.respond import base_of
from trato.web.words import when

from .. import actions, queries
from ..rules.sums import Punctuality
from .papers import may_read

_MONEY = MoneyKind()


@panel("accounts")
def standing(request: HttpRequest, record: Any) -> Markup | None:
    """What the account owes, and how punctually it pays; no box where it never had to do with money."""
    actor = request.actor
    if not (
        access.sees(actor, objects.get("invoices"), "open") and access.sees(actor, objects.get("payments"), "credit")
    ):
        return None
    stands = queries.standing(actor, record.id, today(actor))
    pays = queries.punctuality(actor, record.id)
    if not stands and pays is None:
        return None
    reader = access.reader(actor)

    def money(amount: Decimal, currency: str) -> str:
        return _MONEY.plain(Money(amount, currency), reader)

    rows = [
        {
            "open": money(each.open, each.currency),
            "overdue": money(each.overdue, each.currency) if each.overdue else "",
            "credit": money(each.credit, each.currency) if each.credit else "",
        }
        for each in stands
    ]
    context = {
        "rows": rows,
        "pays": told(pays) if pays else "",
        "statement_url": f"{base_of(request)}/accounts/{record.id}/statement",
    }
    return _made("billing/standing.html", context, request)


def told(pays: Punctuality) -> str:
    """How somebody pays, in a sentence."""
    days = round(abs(pays.days_late))
    if pays.days_late > 0:
        words = ngettext("Usually pays %(n)s day late", "Usually pays %(n)s days late", days) % {"n": days}
    elif pays.days_late < 0:
        words = ngettext("Usually pays %(n)s day early", "Usually pays %(n)s days early", days) % {"n": days}
    else:
        words = _("Usually pays on the day")
    share = _("%(percent)s %% of %(n)s on time") % {"percent": round(pays.on_time * 100), "n": pays.count}
    return f"{words}; {share}."


@panel("invoices")
def papers(request: HttpRequest, record: Any) -> Markup | None:
    """The PDF of an issued invoice, what was paid of it, and which mails told of it."""
    actor = request.actor
    if record.status == "draft":
        return None
    reader = access.reader(actor)
    mails = outbox.of_record(actor, objects.get("invoices"), record.id)
    kept = queries.allocations_of(invoice=record.id)
    titles = access.titles(actor, [f"payments/{each.payment_id}" for each in kept])
    payments = [
        {
            "title": titles[f"payments/{each.payment_id}"],
            "url": f"{base_of(request)}/payments/{each.payment_id}",
            "amount": _MONEY.plain(Money(each.amount, each.amount_currency), reader),
        }
        for each in kept
        if f"payments/{each.payment_id}" in titles
    ]
    context = {
        "pdf_url": f"{base_of(request)}/invoices/{record.id}/pdf" if may_read(actor) else "",
        "lacks": actions.lacks(record),
        "payments": payments,
        "mails": [
            {"subject": mail.subject, "state": mail.state, "when": when(mail.created_at, reader)} for mail in mails
        ],
    }
    return _made("billing/papers.html", context, request)


def _made(template: str, context: dict[str, Any], request: HttpRequest) -> Markup:
    html = render_to_string(template, context, request)
    return Markup(html)  # noqa: S704 - a template of ours, escaped there
