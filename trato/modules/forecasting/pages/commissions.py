"""What people earn by their commission plans, month by month, and on what."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from trato.engine import access
from trato.engine.kinds import Money, MoneyKind, Reader
from trato.engine.kinds.locales import number
from trato.web import respond

from ..models import COUNTS
from ..queries import commissions, figures
from ..queries.commissions import Statement
from ..rules import periods

_MONEY = MoneyKind()


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
    found, missing = commissions.statements(actor, month)
    products = {f"products/{one.sort[1]}" for each in found for one in each.earned if one.sort[0] == "product"}
    reader = access.reader(actor, {*products, *(f"users/{each.person}" for each in found)})
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
        "statements": [_told(each, reader) for each in found],
        "plans_url": f"{reader.base}/commission-plans/" if commissions.sees_all(actor) else "",
    }
    return respond.page(request, "forecasting/commissions.html", context, title=_("Commissions"))


def _told(each: Statement, reader: Reader) -> dict[str, Any]:
    """A statement as it is drawn."""
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
            for sale in each.sales
        ],
    }


def _sort(sort: tuple[str, Any], reader: Reader) -> str:
    kind, what = sort
    if kind == "product":
        return reader.titles.get(f"products/{what}", "…")
    return what if kind == "category" else _("Without a rate") if kind == "none" else _("Everything else")


def _money(amount: Any, reader: Reader) -> str:
    return _MONEY.plain(Money(round(amount, 2), reader.currency), reader)
