"""What the pages of the forecast share: what was asked for, tabs, words for amounts, addresses of lists of deals."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from babel.numbers import format_compact_currency, format_percent
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from trato.engine import access
from trato.engine.kinds import Reader
from trato.engine.kinds.locales import locale_of, number
from trato.engine.kinds.lookups import MOST
from trato.engine.kinds.money import frame
from trato.engine.workspaces.actors import Actor
from trato.web.respond import base_of

from ..queries import figures, goals
from ..rules import periods, teams
from ..rules.periods import Period

#: What columns are called, and the tones of their marks.
LABELS = {"won": "good", "commit": "two", "best_case": "one", "pipeline": "three"}


def label_of(column: str) -> str:
    """What a column of the forecast is called."""
    said = {"won": _("Won"), "commit": _("Commit"), "best_case": _("Best case"), "pipeline": _("Pipeline")}
    return said[column]


@dataclass(frozen=True)
class Asked:
    """What the address asks for. ``wrong`` says what of it there is none of, which is taken as if it were not said."""

    actor: Actor
    reader: Reader
    base: str
    today: date
    period: Period
    teams: list[teams.Team]
    team: UUID | None
    wrong: str

    @classmethod
    def of(cls, request: HttpRequest) -> Asked:
        """What a request asks for; raises Forbidden for who may not see what forecasts are made of."""
        actor = request.actor
        if not figures.may_forecast(actor):
            raise access.Forbidden("deals", "see")
        today, wrong = figures.today(actor), ""
        period = periods.read(request.GET.get("length", ""), request.GET.get("from", ""), today)
        if period is None:
            wrong = _("There is no such period. This is the present quarter.")
            period = periods.period_of("quarter", today)
        known = goals.teams(actor)
        named = request.GET.get("team", "")
        team = next((one.id for one in known if str(one.id) == named), None)
        if named and team is None:
            wrong = _("There is no such team. These are all deals you may see.")
        return cls(actor, access.reader(actor), base_of(request), today, period, known, team, wrong)

    @property
    def owners(self) -> set[UUID | None] | None:
        """The people of the chosen team; None for everybody."""
        if self.team is None:
            return None
        reach = teams.below(self.teams, self.team)
        return {person for one in self.teams if one.id in reach for person in one.people}

    def url(self, place: str = "", **changed: Any) -> str:
        """The address of a page of the forecast with what is asked for, some of it changed."""
        said = {"length": self.period.length, "from": self.period.written, "team": self.team or ""} | changed
        query = urlencode({name: value for name, value in said.items() if value})
        return f"{self.base}/forecast{place}?{query}"

    def context(self, current: str) -> dict[str, Any]:
        """What the head of every page of the forecast needs: tabs, periods, teams."""
        places = {
            "": _("Forecast"),
            "/changes": _("What changed"),
            "/outlook": _("Outlook"),
            "/conversion": _("Conversion"),
        }
        lengths = {"month": _("Month"), "quarter": _("Quarter"), "year": _("Year")}
        language = self.reader.language
        return {
            "tabs": [
                {"label": label, "url": self.url(place), "current": place == current} for place, label in places.items()
            ],
            "lengths": [
                {
                    "label": label,
                    "url": self.url(current, length=length, **{"from": periods.period_of(length, self._kept).written}),
                    "current": length == self.period.length,
                }
                for length, label in lengths.items()
            ],
            "spanned": current != "/outlook",
            "period_name": self.period.name(language),
            "earlier_url": self.url(current, **{"from": self.period.shifted(-1).written}),
            "later_url": self.url(current, **{"from": self.period.shifted(1).written}),
            "present_url": self.url(current, **{"from": ""}),
            "hidden": [("length", self.period.length), ("from", self.period.written)],
            "team_choices": [(str(one.id), one.name, one.id == self.team) for one in self.teams],
            "page_url": f"{self.base}/forecast{current}",
            "wrong": self.wrong,
        }

    @property
    def _kept(self) -> date:
        """The day that stays in view when the length of periods is changed: today where it is in the period."""
        return self.today if self.period.first <= self.today < self.period.after else self.period.first

    def money(self, amount: Decimal | float, *, signed: bool = False) -> str:
        """An amount in the base currency without its small change, as the reader's language writes it."""
        exact = Decimal(amount).quantize(Decimal(1))
        words = frame(self.reader.language, self.reader.currency).format(number(abs(exact), 0, self.reader.language))
        return f"−{words}" if exact < 0 else f"+{words}" if signed and exact > 0 else words

    def compact(self, amount: float) -> str:
        """The same in few letters, for the scale of a chart: €1.2M."""
        return format_compact_currency(
            amount, self.reader.currency, locale=locale_of(self.reader.language), fraction_digits=1
        )

    def percent(self, share: Decimal | float | None, *, digits: int = 0) -> str:
        """A number of hundredths as the language writes it; "" for None."""
        if share is None:
            return ""
        form = "#,##0" + ("." + "0" * digits if digits else "") + "\u00a0%"
        return format_percent(Decimal(share) / 100, form, locale=locale_of(self.reader.language))

    def deals(self, *conditions: dict[str, Any], owners: Collection[UUID | None] | None = None) -> str:
        """The address of the list of deals that meet the conditions, of some owners; "" where these are too many for an
        address.
        """
        owned = owners_are(owners)
        if owned is None:
            return ""
        return f"{self.base}/deals/?{urlencode({'filter': json.dumps({'and': [*conditions, *owned]})})}"

    def column(self, column: str, period: Period, owners: Collection[UUID | None] | None = None) -> str:
        """The address of the deals behind one number of the forecast."""
        first, after = period.first.isoformat(), period.after.isoformat()
        day = "closed_at" if column == "won" else "close_date"
        which = condition("status", "won") if column == "won" else condition("status", "open")
        sure = [] if column == "won" else [condition("category", column)]
        span = [condition(day, first, "gte"), condition(day, after, "lt")]
        return self.deals(which, *sure, *span, owners=owners)


def condition(field: str, value: Any = None, op: str = "is") -> dict[str, Any]:
    """One condition of a filter."""
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


def shared_with(people: list[str]) -> dict[str, Any]:
    """That a deal is shared with one of some sellers."""
    return {"related": "deal-splits.deal", "any": condition("seller", people, "in")}


def owners_are(owners: Collection[UUID | None] | None) -> list[dict[str, Any]] | None:
    """That a deal is of one of these, or shared with one, as conditions; [] for everybody, None for more than a filter
    takes.
    """
    if owners is None:
        return []
    people = sorted(str(person) for person in owners if person is not None)
    if len(people) > MOST:
        return None
    said = [condition("owner", people, "in"), shared_with(people)] if people else []
    if None in owners or not people:
        said.append(condition("owner", op="empty"))
    return said if len(said) == 1 else [{"or": said}]
