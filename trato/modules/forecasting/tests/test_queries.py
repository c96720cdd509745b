"""What forecasts add up to: worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from trato.modules.forecasting.queries import figures, goals
from trato.modules.forecasting.queries.figures import COLUMNS
from trato.modules.forecasting.rules.periods import Period

from .conftest import Make

if TYPE_CHECKING:
    from tests.cast import As, Cast

pytestmark = pytest.mark.django_db
QUARTER = Period("quarter", date(2026, 7, 1))


def totals(found: figures.Sums, *people: Any) -> list[tuple[int, int, int]]:
    """(total, weighted, count) of each column, of some people or all."""
    whose = {person.id if person else None for person in people} or None
    return [tuple(int(part) for part in found.of(whose, column)) for column in COLUMNS]


def test_deals_count_where_and_when_they_belong(deal: Make, cast: Cast, as_: As) -> None:
    deal(1000, "2026-07-01", category="commit")  # 20 %: 200
    deal(2000, "2026-09-30", category="commit", probability=90)  # 1,800
    deal(400, "2026-08-15", category="best_case", owner=cast.member)  # 80
    deal(50, "2026-08-15", stage="Offer", owner=cast.member)  # pipeline, 25
    deal(7777, "2026-08-15", category="omitted")
    deal(7777, "2026-10-01")
    deal(7777, None)
    deal(None, "2026-08-15")  # worth nothing yet, but a deal
    deal(300, "2026-01-01", stage="Signed", on="2026-07-31")
    deal(7777, "2026-08-15", stage="Signed", on="2026-06-30")
    deal(7777, "2026-08-15", stage="Gone", on="2026-08-15")
    with as_(cast.owner) as actor:
        found = figures.sums(actor, QUARTER.first, QUARTER.after)
        assert totals(found) == [(300, 300, 1), (3000, 2000, 2), (400, 80, 1), (50, 25, 2)]
        assert totals(found, cast.member) == [(0, 0, 0), (0, 0, 0), (400, 80, 1), (50, 25, 1)]
        months = figures.sums(actor, QUARTER.first, QUARTER.after, monthly=True)
        commit = [months.of(None, "commit", date(2026, month, 1)).total for month in (7, 8, 9)]
        assert commit == [1000, 0, 2000]
        assert months.of(None, "won", date(2026, 7, 1)).total == 300
        assert figures.undated(actor, None) == 1 and figures.undated(actor, {cast.member.id}) == 0


def test_a_day_is_that_of_the_readers_clock(deal: Make, cast: Cast, as_: As, stages: Any, make: Make) -> None:
    """22:30 of the last of June in UTC is July in Madrid."""
    won = make(
        *("deals",),
        name="Late",
        value={"amount": "5", "currency": "EUR"},
        stage=stages["Signed"].id,
        opened_at="2026-01-01T00:00:00Z",
        closed_at="2026-06-30T22:30:00Z",
    )
    assert won.status == "won"
    cast.owner.time_zone = "Europe/Madrid"
    cast.owner.save()
    with as_(cast.owner) as actor:
        assert figures.sums(actor, QUARTER.first, QUARTER.after).of(None, "won").total == 5
    with as_(cast.manager) as actor:  # on UTC
        assert figures.sums(actor, QUARTER.first, QUARTER.after).of(None, "won").total == 0


def test_other_currencies_come_in_by_the_rate_of_the_day(deal: Make, make: Make, cast: Cast, as_: As) -> None:
    for day, rate in (("2026-01-01", "1.25"), ("2026-08-01", "2")):
        make("exchange-rates", base="EUR", currency="USD", day=day, rate=rate)
    deal(100, None, currency="USD", stage="Signed", on="2026-07-10")  # at 1.25: 80
    deal(100, None, currency="USD", stage="Signed", on="2026-08-10")  # at 2: 50
    deal(100, "2026-07-15", currency="USD", category="commit", probability=50)  # open: at today's 2: 50, weighted 25
    deal(9, "2026-07-15", currency="CHF", category="commit")
    with as_(cast.owner) as actor:
        found = figures.sums(actor, QUARTER.first, QUARTER.after)
        assert totals(found)[:2] == [(130, 130, 2), (50, 25, 2)]
        assert found.missing == {"CHF"}
        monthly = figures.sums(actor, QUARTER.first, QUARTER.after, monthly=True)
        assert [monthly.of(None, "won", date(2026, month, 1)).total for month in (7, 8)] == [80, 50]


def test_a_deal_shared_by_sellers_counts_for_each_by_their_share(deal: Make, make: Make, cast: Cast, as_: As) -> None:
    shared = deal(1000, "2026-08-15", category="commit", probability=40, owner=cast.member)
    make("deal-splits", deal=shared.id, seller=cast.member.id, percent=70)
    make("deal-splits", deal=shared.id, seller=cast.teammate.id, percent=30)
    nobodys = deal(200, None, stage="Signed", on="2026-07-10", owner=cast.member)
    make("deal-splits", deal=nobodys.id, seller=cast.teammate.id, percent=100)
    with as_(cast.owner) as actor:
        found = figures.sums(actor, QUARTER.first, QUARTER.after)
        assert totals(found)[:2] == [(200, 200, 2), (1000, 400, 2)]
        assert [total[:2] for total in totals(found, cast.member)[:2]] == [(0, 0), (700, 280)]
        assert [total[:2] for total in totals(found, cast.teammate)[:2]] == [(200, 200), (300, 120)]
        assert found.shared


def test_a_person_sees_the_numbers_of_what_they_may_see(deal: Make, cast: Cast, as_: As) -> None:
    deal(1000, "2026-08-15", category="commit", owner=cast.limited)
    deal(2000, "2026-08-15", category="commit", owner=cast.member)
    with as_(cast.limited) as actor:
        found = figures.sums(actor, QUARTER.first, QUARTER.after)
        assert found.owners == {cast.limited.id} and found.of(None, "commit").total == 1000
    with as_(cast.stranger) as actor:
        assert figures.sums(actor, QUARTER.first, QUARTER.after).amounts == {}


def test_who_may_not_see_the_value_has_no_forecast(set_role: Any, cast: Cast, as_: As) -> None:
    set_role(cast.member, {"objects": {"*": {"see": "all"}, "deals": {"fields": {"value": "hidden"}}}})
    with as_(cast.member) as actor:
        assert not figures.may_forecast(actor)
    with as_(cast.teammate) as actor:
        assert figures.may_forecast(actor)


def test_quotas_of_the_period_count_else_those_of_its_months(make: Make, cast: Cast, as_: As) -> None:
    def quota(person: Any, length: str, day: str, amount: int, covers: str = "person") -> None:
        money = {"amount": str(amount), "currency": "EUR"}
        make("quotas", person=person.id, covers=covers, length=length, starts_on=day, amount=money)

    quota(cast.member, "month", "2026-07-20", 100)
    quota(cast.member, "month", "2026-09-01", 300)
    quota(cast.teammate, "month", "2026-07-01", 1)
    quota(cast.teammate, "quarter", "2026-08-05", 500)
    quota(cast.manager, "year", "2026-01-01", 9999, "team")
    with as_(cast.owner) as actor:
        found = {key: one.amount for key, one in goals.set_for(actor, "quotas", QUARTER).items()}
        assert found == {(cast.member.id, "person"): Decimal(400), (cast.teammate.id, "person"): Decimal(500)}
        july = goals.set_for(actor, "quotas", QUARTER.months()[0])
        assert {key[0]: one.amount for key, one in july.items()} == {cast.member.id: 100, cast.teammate.id: 1}
    quota(cast.limited, "quarter", "2026-07-01", 7)
    with as_(cast.limited) as actor:
        assert [one.amount for one in goals.set_for(actor, "quotas", QUARTER).values()] == [7], "one's own is seen"
