"""Invoices as PDF, and statements of account."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from trato.engine import access, files, objects
from trato.engine.kinds.date import Date
from trato.engine.kinds.money import Money, MoneyKind
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.queries import today
from trato.web.doors import file_answer
from trato.web.respond import base_of, page

from .. import actions, queries

_MONEY, _DAY = MoneyKind(), Date()


def may_read(actor: Actor) -> bool:
    """Whether somebody may see all that stands on an invoice."""
    sums = access.sees(actor, objects.get("invoices"), "net", "tax", "total", "open")
    return sums and access.sees(actor, objects.get("invoice-lines"), "price", "net")


def _account(request: HttpRequest, record_id: UUID) -> Any:
    """The account of a statement, for who may see the amounts on it; raises Absent, Forbidden."""
    actor = request.actor
    record = access.get(actor, objects.get("accounts"), record_id)
    owed, paid = (access.sees(actor, objects.get(p), n) for p, n in (("invoices", "total"), ("payments", "amount")))
    if not (owed and paid):
        raise access.Forbidden("accounts", "see")
    return record


@require_GET
def invoice(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """The PDF of an issued invoice, with the electronic invoice inside, for who may see its amounts."""
    record = access.get(request.actor, objects.get("invoices"), record_id)
    if not may_read(request.actor):
        raise access.Forbidden("invoices", "see")
    if record.status == "draft":
        raise Http404(str(record_id))
    held = queries.hold_invoices([record.id])[record.id]
    return file_answer(actions.issued(request.actor, held))


def _asked(request: HttpRequest, record: Any) -> tuple[str, date, date, list[str]]:
    """The currency and the days that the address asks for, and the currencies there are; this year where it doesn't."""
    day = today(request.actor)
    currencies = queries.currencies_of(request.actor, record.id) or [request.actor.workspace.currency]
    currency = request.GET.get("currency", "")
    return (
        currency if currency in currencies else currencies[0],
        _day(request.GET.get("since", ""), day.replace(month=1, day=1)),
        _day(request.GET.get("until", ""), day),
        currencies,
    )


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


@require_GET
def statement(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """What an account owed, what came and went, and what it owes now."""
    actor, record = request.actor, _account(request, record_id)
    currency, since, until, currencies = _asked(request, record)
    opening, entries = queries.statement(actor, record.id, currency, since, until)
    reader, named = access.reader(actor), actions.entry_words()

    def money(amount: Decimal) -> str:
        return _MONEY.plain(Money(amount, currency), reader)

    left = entries[-1].balance if entries else opening
    own = f"{base_of(request)}/accounts/{record.id}"
    asked = urlencode({"currency": currency, "since": since.isoformat(), "until": until.isoformat()})
    context = {
        "account": access.title(actor, objects.get("accounts"), record),
        "since": since.isoformat(),
        "until": until.isoformat(),
        "currency": currency,
        "currencies": currencies,
        "opening": money(opening),
        "rows": [
            {
                "day": _DAY.plain(each.day, reader),
                "what": named[each.what],
                "title": each.title,
                "url": f"{base_of(request)}/{each.ref}",
                "amount": money(each.amount),
                "balance": money(each.balance),
            }
            for each in entries
        ],
        "closing": money(abs(left)),
        "is_credit": left < 0,
        "pdf_url": f"{own}/statement.pdf?{asked}",
    }
    crumbs = [(objects.get("accounts").label_plural, f"{base_of(request)}/accounts/"), (context["account"], own)]
    return page(request, "billing/statement.html", context, title=_("Statement of account"), crumbs=crumbs)


@require_GET
def statement_pdf(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """The same on paper."""
    record = _account(request, record_id)
    currency, since, until, _currencies = _asked(request, record)
    content = actions.statement_pdf(request.actor, record, currency, since, until)
    name = files.safe_name(f"{_('Statement of account')} {record.title} {until.isoformat()}.pdf")
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type="application/pdf")
