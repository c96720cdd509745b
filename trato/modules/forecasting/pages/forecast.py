"""The forecast of a period: by seller and team, beside quotas and managers' calls; and the months around it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from trato.engine import access
from trato.web import charts, respond

from ..queries import figures, goals
from ..queries.figures import COLUMNS, Amount, Sums
from ..rules import teams
from ..rules.goals import attainment, pace
from ..rules.periods import Period
from .frame import LABELS, Asked, condition, label_of

#: Months the chart shows before the period and in all.
BEFORE, SHOWN = 6, 12
Goals = Mapping[tuple[UUID, str], goals.Set]


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The forecast of one period as a table: teams, their people, and what it comes to."""
    asked = Asked.of(request)
    found = figures.sums(asked.actor, asked.period.first, asked.period.after)
    table = _Table(asked, found)
    total = table.row(_All)
    context = {
        **asked.context(""),
        "rows": [table.row(one) for one in teams.rows(asked.teams, table.names, only=asked.team)],
        "total": total,
        "head": [label_of(column) for column in COLUMNS],
        "tiles": table.tiles(),
        "missing": sorted(found.missing),
        "rates_url": f"{asked.base}/exchange-rates/",
        "shared": found.shared,
        "undated": figures.undated(asked.actor, asked.owners),
        "undated_url": asked.deals(
            condition("status", "open"), condition("close_date", op="empty"), owners=asked.owners
        ),
        "months_url": asked.url("/months"),
    }
    return respond.page(request, "forecasting/forecast.html", context, title=_("Forecast"))


#: The row of all together.
_All = teams.Row(None, "", 0, frozenset(), True)


class _Table:
    """The rows of the forecast, as the template draws them."""

    def __init__(self, asked: Asked, found: Sums) -> None:
        self.asked, self.found = asked, found
        self.quotas: Goals = goals.set_for(asked.actor, "quotas", asked.period)
        self.calls: Goals = goals.set_for(asked.actor, "forecast-calls", asked.period)
        chosen = asked.owners
        people = found.owners | {person for person, _covers in (*self.quotas, *self.calls)}
        people = people if chosen is None else people & chosen
        titles = access.titles(asked.actor, [f"users/{person}" for person in people if person])
        nobody = _("Nobody’s")
        self.names = {person: titles.get(f"users/{person}", "…") if person else nobody for person in people}

    def row(self, one: teams.Row) -> dict[str, Any]:
        """One person, one team, or all together."""
        asked, people = self.asked, set(self.names) if one is _All else set(one.people)
        amounts = {column: self.found.of(people, column) for column in COLUMNS}
        owners = asked.owners if one is _All else people
        won = amounts["won"].total
        quota, call = self._goal(self.quotas, one, people), self._goal(self.calls, one, set())
        at = attainment(won, quota.amount if quota else None)
        return {
            "name": _("All together") if one is _All else one.name,
            "depth": one.depth,
            "is_team": one.is_team,
            "cells": [
                {"text": asked.money(amount.total), "url": asked.column(column, asked.period, owners)}
                if amount.count or amount.total
                else {"text": "", "url": ""}
                for column, amount in amounts.items()
            ],
            "expected": asked.money(self._expected(amounts)),
            "call": self._said(call, "forecast-calls", one),
            "quota": self._said(quota, "quotas", one),
            "attained": asked.percent(at),
            "bar": str(round(min(at, Decimal(100)))) if at is not None else "",
        }

    def _expected(self, amounts: Mapping[str, Amount]) -> Decimal:
        """What is won, and of what is open as much as its probabilities say."""
        return amounts["won"].total + sum((amounts[column].weighted for column in COLUMNS[1:]), Decimal(0))

    def _goal(self, found: Goals, one: teams.Row, people: set[UUID | None]) -> goals.Set | None:
        """What is set for a row: for a team what is set for whoever is in it for the whole of it, else what its people
        have together.
        """
        if not one.is_team:
            return found.get((one.id, "person"))
        led = next((found[key] for person in one.leaders if (key := (person, "team")) in found), None)
        parts = [goal for (person, covers), goal in found.items() if person in people and covers == "person"]
        return led or (goals.Set(sum((part.amount for part in parts), Decimal(0)), ()) if parts else None)

    def _said(self, goal: goals.Set | None, plural: str, one: teams.Row) -> dict[str, str]:
        """A goal as it is shown, with where it is changed or, where there is none, set; of who may."""
        asked, rights = self.asked, self.asked.actor.rights
        if goal and goal.ids:
            only = f"{goal.ids[0]}" if len(goal.ids) == 1 else f"?{urlencode({'filter': ids_are(goal.ids)})}"
            return {"text": asked.money(goal.amount), "url": f"{asked.base}/{plural}/{only}", "why": goal.reason}
        own = plural == "quotas" and one.id == asked.actor.user_id and not rights.admin
        if goal or one.is_team or one.id is None or own or not rights.may(plural, "create"):
            return {"text": asked.money(goal.amount) if goal else "", "url": "", "why": ""}
        period, back = asked.period, asked.url()
        start = {"person": one.id, "length": period.length, "starts_on": period.first.isoformat(), "back": back}
        return {"text": "", "url": f"{asked.base}/{plural}/new?{urlencode(start)}", "why": ""}

    def tiles(self) -> list[dict[str, str]]:
        """What it comes to in large figures: won, open, to be expected, and how far that is from the quota."""
        asked, people = self.asked, set(self.names)
        amounts = {column: self.found.of(people, column) for column in COLUMNS}
        quota, won = self._goal(self.quotas, _All, people), amounts["won"].total
        tiles = [
            {
                "label": label_of(column),
                "text": asked.money(amount.total),
                "url": asked.column(column, asked.period, asked.owners),
                "note": ngettext("%(n)s deal", "%(n)s deals", amount.count) % {"n": amount.count},
            }
            for column, amount in amounts.items()
        ]
        expected = {"label": _("To be expected"), "text": asked.money(self._expected(amounts)), "url": ""}
        tiles.append(expected | {"note": _("won, and open by probability")})
        if quota:
            ahead = pace(won, quota.amount, asked.period.elapsed(asked.today)) or Decimal(0)
            words = _("%(amount)s ahead of the days") if ahead >= 0 else _("%(amount)s behind the days")
            note = words % {"amount": asked.money(abs(ahead))}
            at = {"label": _("Attained"), "text": asked.percent(attainment(won, quota.amount)), "url": ""}
            tiles.append(at | {"note": f"{_('of %(amount)s') % {'amount': asked.money(quota.amount)}} · {note}"})
        return tiles


def ids_are(ids: tuple[UUID, ...]) -> str:
    """The filter of some records."""
    return json.dumps(condition("id", [str(one) for one in ids], "in"))


@require_GET
def months(request: HttpRequest) -> HttpResponse:
    """The chart of the months around the period: asked for when the page stands, since it goes over a whole year."""
    asked = Asked.of(request)
    begin = asked.period.months()[0]
    first = begin if asked.period.length == "year" else begin.shifted(-BEFORE)
    shown = [first.shifted(at) for at in range(SHOWN)]
    found = figures.sums(asked.actor, shown[0].first, shown[-1].after, monthly=True)
    series = [
        charts.Series(label_of(column), [_mark(asked, found, column, month) for month in shown], LABELS[column])
        for column in COLUMNS
    ]
    names = [month.name(asked.reader.language, short=True) for month in shown]
    span = f"{shown[0].name(asked.reader.language)} – {shown[-1].name(asked.reader.language)}"
    chart = charts.plot(_("Month by month"), names, series, asked.compact)
    return render(request, "forecasting/months.html", {"chart": chart, "lead": span})


def _mark(asked: Asked, found: Sums, column: str, month: Period) -> charts.Mark:
    amount = found.of(asked.owners, column, month.first)
    if not amount.total:
        return charts.Mark(0.0)
    return charts.Mark(float(amount.total), asked.money(amount.total), asked.column(column, month, asked.owners))
