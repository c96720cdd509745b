"""The page of recurring revenue: what customers bring a month, and how it moves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET
from markupsafe import Markup

from trato.engine import access, objects
from trato.engine.kinds import Reader
from trato.engine.kinds.locales import locale_of
from trato.engine.kinds.money import Money, MoneyKind
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.queries import rates_on, today
from trato.modules.catalog.rules import convert
from trato.web import charts, respond
from trato.web.panels import destination, panel

from . import queries, rules

MONEY = MoneyKind()
#: Invoices shown beside a subscription.
INVOICES = 6
#: Months told of, the running one among them.
MONTHS = 13
TONES = {"new": "good", "reactivation": "good", "expansion": "good", "contraction": "bad", "churn": "bad"}


def may_look(actor: Actor) -> bool:
    """Whether the person sees subscriptions at all."""
    return access.may_see_any(actor, objects.get("subscriptions"))


destination(
    group=gettext_lazy("Sales"), label=gettext_lazy("Recurring revenue"), icon="repeat", place="revenue", may=may_look
)


@panel("subscriptions")
def invoices(request: HttpRequest, record: Any) -> Markup | None:
    """What was invoiced of a subscription, the newest first; no box where nothing was, or the person sees none."""
    actor, base = request.actor, respond.base_of(request)
    if not access.may_see_any(actor, objects.get("invoices")):
        return None
    reader = access.reader(actor)
    rows = [
        {
            "title": one.title or one.get_status_display(),
            "url": f"{base}/invoices/{one.id}",
            "detail": f"{MONEY.plain(Money(one.total, one.currency), reader)} · {one.get_status_display()}",
        }
        for one in queries.invoices_of(actor, record.id, INVOICES)
    ]
    html = render_to_string("subscriptions/invoices.html", {"rows": rows}, request) if rows else ""
    return Markup(html) if html else None  # noqa: S704 - a template of ours, escaped there


class Told:
    """Recurring revenue by the end of months, in the base currency at today's rates, and what each month moved."""

    def __init__(self, actor: Actor) -> None:
        self.actor, self.day = actor, today(actor)
        first = self.day.replace(day=1)
        self.months = [rules.add_months(first, back) for back in range(1 - MONTHS, 1)]
        #: The day that each month is told by: its last one, and today of the running one.
        self.ends = [rules.add_months(month, 1) for month in self.months[:-1]] + [self.day]
        self.rates = rates_on(actor.workspace.currency, self.day)
        self.missing: set[str] = set()
        found = queries.revenue(actor, [self.months[0], *self.ends])
        self.by_day = {day: self._in_base(found[day]) for day in found}

    def _in_base(self, found: dict[tuple[Any, str], Decimal]) -> dict[Any, Decimal]:
        base, sums = self.actor.workspace.currency, dict[Any, Decimal]()
        for (account, currency), amount in found.items():
            converted = convert(amount, currency, base, self.rates)
            if converted is None:
                self.missing.add(currency)
            else:
                sums[account] = sums.get(account, Decimal(0)) + converted
        return sums

    def total(self, day: date) -> Decimal:
        """What all customers bring a month on a day."""
        return sum(self.by_day[day].values(), Decimal(0))

    def moved(self, place: int) -> dict[str, Decimal]:
        """The movements of a month."""
        start = self.months[0] if place == 0 else self.ends[place - 1]
        known = queries.began_before(self.actor, start)
        return rules.movements(self.by_day[start], self.by_day[self.ends[place]], known)


def words() -> dict[str, str]:
    """What each movement is called."""
    return {
        "new": _("New customers"),
        "reactivation": _("Came back"),
        "expansion": _("Expansion"),
        "contraction": _("Contraction"),
        "churn": _("Churned"),
    }


@require_GET
def revenue(request: HttpRequest) -> HttpResponse:
    """Recurring revenue of the last twelve months; ``month=2026-10`` tells how that one moved."""
    if not may_look(request.actor):
        raise access.Absent("revenue")
    told, reader = Told(request.actor), access.reader(request.actor)
    labels = [format_date(month, "MMM yyyy", locale=locale_of(reader.language)) for month in told.months]
    keys = [f"{month:%Y-%m}" for month in told.months]
    asked = request.GET.get("month", "")
    place = keys.index(asked) if asked in keys else MONTHS - 1
    moves = [told.moved(each) for each in range(MONTHS)]
    starts = [told.months[0], *told.ends[:-1]]
    context = {
        "tiles": _tiles(request, told, moves, starts, reader),
        "plot": _plot(told, labels, keys, reader),
        "bars": _bars(told.total(starts[place]), moves[place], labels[place], reader),
        "head": [_("Month"), _("At its beginning"), *words().values(), _("At its end"), _("Kept")],
        "rows": [
            {
                "label": labels[each],
                "url": f"?{urlencode({'month': keys[each]})}",
                "current": each == place,
                "cells": [
                    _say(told.total(starts[each]), reader),
                    *(_say(moves[each][name], reader, signed=True) for name in rules.MOVEMENTS),
                    _say(told.total(told.ends[each]), reader),
                    _kept(told.total(starts[each]), moves[each], reader),
                ],
            }
            for each in reversed(range(MONTHS))
        ],
        "wrong": _("There is no such month here. This is the running one.") if asked and asked not in keys else "",
        "missing": sorted(told.missing),
        "nothing": not any(told.by_day.values()),
        "new_url": f"{reader.base}/subscriptions/new",
    }
    return respond.page(request, "subscriptions/revenue.html", context, title=_("Recurring revenue"))


def _say(amount: Decimal, reader: Reader, *, signed: bool = False) -> str:
    rounded = amount.quantize(Decimal(1))
    said = MONEY.plain(Money(rounded, reader.currency), reader)
    return f"+{said}" if signed and rounded > 0 else said


def _kept(start: Decimal, moves: dict[str, Decimal], reader: Reader) -> str:
    """Net revenue retention: what the customers of the beginning bring at the end, in percent of what they brought."""
    if not start:
        return "–"
    kept = start + moves["expansion"] + moves["contraction"] + moves["churn"]
    return f"{(kept / start * 100).quantize(Decimal('0.1')):f} %"


def _tiles(
    request: HttpRequest, told: Told, moves: list[dict[str, Decimal]], starts: list[date], reader: Reader
) -> list[dict[str, str]]:
    now, year_ago = told.total(told.day), told.total(told.ends[0])
    base = f"{reader.base}/subscriptions/"
    growth = f"{((now / year_ago - 1) * 100).quantize(Decimal('0.1')):+f} %" if year_ago else "–"
    churned = sum((-each["churn"] for each in moves[1:]), Decimal(0))
    began = sum((told.total(day) for day in starts[1:]), Decimal(0))
    rate = f"{(churned / began * 100).quantize(Decimal('0.1')):f} %" if began else "–"
    return [
        {"label": _("A month (MRR)"), "text": _say(now, reader), "url": f"{base}?view=active", "note": _("today")},
        {"label": _("A year (ARR)"), "text": _say(now * 12, reader), "url": "", "note": _("twelve times that")},
        {"label": _("Growth"), "text": growth, "url": "", "note": _("against a year ago")},
        {"label": _("Churn a month"), "text": rate, "url": "", "note": _("on average of twelve months")},
        {
            "label": _("Customers"),
            "text": f"{sum(1 for amount in told.by_day[told.day].values() if amount)}",
            "url": f"{base}?view=active",
            "note": _("with a subscription in force"),
        },
    ]


def _plot(told: Told, labels: list[str], keys: list[str], reader: Reader) -> charts.Plot:
    marks = [
        charts.Mark(float(told.total(end)), _say(told.total(end), reader), f"?{urlencode({'month': key})}")
        for end, key in zip(told.ends, keys, strict=True)
    ]
    said = charts.Series(_("A month (MRR)"), marks)
    return charts.plot(_("Recurring revenue"), labels, [said], lambda value: _say(Decimal(value), reader))


def _bars(start: Decimal, moves: dict[str, Decimal], label: str, reader: Reader) -> charts.Bars:
    """From what the month began with, over its movements, to what it ended with."""
    steps = [
        charts.Bar(said, float(moves[name]), _say(moves[name], reader, signed=True), tone=TONES[name])
        for name, said in words().items()
    ]
    end = start + sum(moves.values(), Decimal(0))
    return charts.waterfall(
        _("How %(month)s moved") % {"month": label},
        charts.Bar(_("At its beginning"), float(start), _say(start, reader)),
        steps,
        charts.Bar(_("At its end"), float(end), _say(end, reader)),
    )


urlpatterns = [path("revenue", revenue)]
