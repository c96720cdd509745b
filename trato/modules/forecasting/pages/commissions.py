"""What people earn by their commission plans, month by month, and on what; months are closed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, objects
from trato.engine.kinds import DateTime, Money, MoneyKind, Reader
from trato.engine.kinds.locales import number
from trato.engine.values import Refused
from trato.engine.workspaces.actors import Actor
from trato.web import respond

from .. import actions
from ..models import COUNTS, ClosedMonth
from ..queries import closing, commissions, figures
from ..queries.commissions import Statement
from ..rules import periods
from ..rules.periods import Period

#: The field that says what a sale is worth.
WORTH = {"deals": "value", "invoices": "net"}
_MONEY, _DATETIME = MoneyKind(), DateTime()


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The statements of a month (``month=2026-07``, else the present one): one's own, or everybody's."""
    actor = request.actor
    if not commissions.may_look(actor):
        raise access.Forbidden("commission-plans", "see")
    today, wrong = figures.today(actor), ""
    month = periods.read("month", request.GET.get("month", ""), today)
    if month is None:
        month, wrong = periods.period_of("month", today), _("There is no such month. This is the present one.")
    found, missing = closing.statements(actor, month)
    products = {f"products/{one.sort[1]}" for each in found for one in each.earned if one.sort[0] == "product"}
    closed = closing.closed(month)
    people = {each.person for each in found} | ({closed.closed_by_id} if closed else set())
    reader = access.reader(actor, {*products, *(f"users/{person}" for person in people)})
    told = [plural for plural, field in WORTH.items() if field in access.fields(actor, objects.get(plural))]
    sales = {f"{sale.plural}/{sale.id}" for each in found for sale in each.sales if sale.plural in told}
    seen = access.titles(actor, sales)
    base = f"{respond.base_of(request)}/commissions"

    def url(by: int) -> str:
        return f"{base}?{urlencode({'month': month.shifted(by).written})}"

    context = {
        "month": month.name(reader.language),
        "earlier_url": url(-1),
        "later_url": url(1),
        "present_url": base,
        "wrong": wrong,
        "missing": sorted(missing),
        "statements": [_told(each, reader, seen) for each in found],
        "plans_url": f"{reader.base}/commission-plans/" if commissions.sees_all(actor) else "",
        **_closing(actor, month, closed, reader, base),
    }
    return respond.page(request, "forecasting/commissions.html", context, title=_("Commissions"))


def _closing(actor: Actor, month: Period, of: ClosedMonth | None, reader: Reader, base: str) -> dict[str, str]:
    """Whether the month is closed, since when, and what the actor may do about it."""
    last, may = closing.last_closed(), commissions.sees_all(actor)
    closed = last is not None and month.first <= last.month
    by = reader.titles.get(f"users/{of.closed_by_id}", "") if of else ""
    return {
        "written": month.written,
        "closed": _("Closed") if closed else "",
        "closed_on": _DATETIME.plain(of.closed_at, reader) if of else "",
        "closed_by": by,
        "close_url": f"{base}/close" if may and closing.may_close(actor, month, last) else "",
        "reopen_url": f"{base}/reopen" if may and last is not None and month.first == last.month else "",
    }


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Keep the statements of ``month`` as they are."""

    def write(month: Period) -> str:
        count = actions.close_month(request.actor, month)
        return ngettext(
            "Closed, with %(n)s statement. What changes from now on is corrected in the next month.",
            "Closed, with %(n)s statements. What changes from now on is corrected in the next month.",
            count,
        ) % {"n": count}

    return _written(request, write)


@require_POST
def reopen(request: HttpRequest) -> HttpResponse:
    """Open ``month`` again, the one that was closed last."""

    def write(month: Period) -> str:
        actions.reopen_month(request.actor, month)
        return _("The month is open again; its statements follow the plans and sales as they are now.")

    return _written(request, write)


def _written(request: HttpRequest, write: Callable[[Period], str]) -> HttpResponse:
    base = f"{respond.base_of(request)}/commissions"
    month = periods.read("month", request.POST.get("month", ""), figures.today(request.actor))
    if month is None:
        return respond.said(request, base, _("There is no such month. Nothing was changed."), error=True)
    where = f"{base}?{urlencode({'month': month.written})}"
    try:
        return respond.said(request, where, write(month))
    except Refused as refused:
        return respond.said(request, where, " ".join(str(one.message) for one in refused.problems), error=True)


def _told(each: Statement, reader: Reader, seen: Mapping[str, str]) -> dict[str, Any]:
    """A statement as it is drawn; of its sales those are told one by one that the reader may see."""
    shown = [sale for sale in each.sales if f"{sale.plural}/{sale.id}" in seen]
    return {
        "person": reader.titles.get(f"users/{each.person}", "…"),
        "plan": each.plan,
        "counts": str(dict(COUNTS)[each.counts]),
        "share": ""
        if each.share == 100
        else _("%(share)s %% of the plan") % {"share": number(each.share, 0, reader.language)},
        "sold": _money(each.sold, reader),
        "commission": _money(each.commission, reader),
        "lines": [
            {
                "sort": _sort(one.sort, reader),
                "sold": _money(one.sold, reader),
                "earned": _money(one.commission, reader),
            }
            for one in each.earned
        ],
        "sales": [
            {
                "title": sale.title,
                "url": f"{reader.base}/{sale.plural}/{sale.id}",
                "amount": _money(sale.amount, reader),
            }
            for sale in shown
        ],
        "hidden": len(each.sales) - len(shown),
        "corrections": [
            {
                "month": periods.period_of("month", one.month).name(reader.language),
                "amount": _money(one.commission, reader),
            }
            for one in each.corrections
        ],
    }


def _sort(sort: tuple[str, Any], reader: Reader) -> str:
    kind, what = sort
    if kind == "product":
        return reader.titles.get(f"products/{what}", "…")
    return what if kind == "category" else _("Without a rate") if kind == "none" else _("Everything else")


def _money(amount: Any, reader: Reader) -> str:
    return _MONEY.plain(Money(round(amount, 2), reader.currency), reader)
