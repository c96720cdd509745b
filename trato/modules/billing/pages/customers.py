"""What a customer sees behind the address in a mail: the invoice, its PDF, and the way to pay it."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from trato.engine import access, objects
from trato.engine.doors import Visit
from trato.engine.kinds.date import Date
from trato.engine.kinds.money import Money, MoneyKind
from trato.engine.values import Refused
from trato.web.doors import file_answer, public, secret_of, shown

from .. import actions, queries

_MONEY, _DAY = MoneyKind(), Date()


def _invoice(visit: Visit) -> Any:
    """The invoice behind the door, locked; raises access.Absent."""
    record = access.get(visit.actor, objects.get("invoices"), visit.door.record_id)
    return queries.hold_invoices([record.id])[record.id]


@public("invoice")
def see(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The invoice, how it stands, and what can be done with it."""
    return _page(request, visit, access.get(visit.actor, objects.get("invoices"), visit.door.record_id))


@public("invoice", "pdf")
def document(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The PDF."""
    return file_answer(actions.issued(visit.actor, _invoice(visit)))


@public("invoice", "pay", methods=("POST",))
def pay(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Open the provider's page for what is open of the invoice: amount and currency are the invoice's own."""
    invoice = _invoice(visit)
    place = request.build_absolute_uri(f"/p/{visit.workspace.slug}/{secret_of(request)}")
    try:
        address = actions.open_page(visit.actor, invoice, place, visit.door.email)
    except Refused as refused:
        return _page(request, visit, invoice, problem=str(refused.problems[0].message), status=422)
    return _page(request, visit, invoice, pay_url=address)


def _page(
    request: HttpRequest, visit: Visit, invoice: Any, *, pay_url: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    reader = actions.paper_reader(visit.actor, visit.door.language)

    def money(amount: Decimal) -> str:
        return _MONEY.plain(Money(amount, invoice.currency), reader)

    told = actions.data_of(visit.actor, invoice, visit.door.language)
    owed = invoice.kind == "invoice" and invoice.status in queries.OWED
    context = {
        "told": told,
        "total": money(invoice.total),
        "open": money(invoice.open) if owed else "",
        "due": _DAY.plain(invoice.due_on, reader) if owed else "",
        "is_overdue": invoice.status == "overdue",
        "stands": "" if owed else _stands(invoice.status),
        "may_pay": owed and not pay_url and actions.has_provider(),
        "pay_url": pay_url,
        "is_back": request.GET.get("paid") == "1" and owed,
        "problem": problem,
    }
    return shown(request, visit, "billing/public.html", context, title=told["title"], status=status)


def _stands(status: str) -> str:
    said = {"paid": _("This invoice is paid. Thank you."), "credited": _("This invoice was given back.")}
    return said.get(status, "")
