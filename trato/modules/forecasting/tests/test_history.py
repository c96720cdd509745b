"""What the outlook learns from, against a brute-force count; how deals come through, worked out by hand."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from trato.modules.forecasting.queries import conversion, grouping, history
from trato.modules.forecasting.rules.periods import Period, period_of
from trato.modules.forecasting.rules.pipeline import age_of
from trato.modules.sales.models import Deal, StageVisit

from .conftest import Make

if TYPE_CHECKING:
    from django.test import Client

    from tests.cast import As, Cast

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_cohorts_are_what_a_count_by_hand_says(stages: Any, cast: Cast, as_: As) -> None:
    chance, deals = random.Random(5), []
    with as_(cast.owner) as actor:
        months = history.first_months(actor, 8)
        for number in range(60):
            came = NOW - timedelta(days=chance.randrange(1, 230))
            moved = came + timedelta(days=chance.randrange(1, 90))
            closed = moved + timedelta(days=chance.randrange(1, 60))
            kind = chance.choice(["Signed", "Gone", "Offer"])
            worth = chance.randrange(1, 500)
            left = closed if kind != "Offer" and closed < NOW else None
            status = stages[kind].kind if left else "open"
            deal = Deal.objects.create(
                name=str(number), status=status, closed_at=left, value=worth, value_currency="EUR", opened_at=came
            )
            path = [("Talk", came, min(moved, NOW) if moved < NOW else None)]
            if moved < NOW:
                path.append(("Offer", moved, left))
            for stage, since, until in path:
                StageVisit.objects.create(deal=deal, stage=stages[stage], entered_at=since, left_at=until)
            deals.append((path, worth, left if status == "won" else None))
        begun = [datetime(month.year, month.month, 1, tzinfo=UTC) for month in months]
        expected: Counter[Any] = Counter()
        for place, first in enumerate(begun):
            at = NOW if place == len(begun) - 1 else first
            for path, worth, won in deals:
                for stage, since, until in path:
                    if since <= at and (until is None or until > at):
                        won_in = max(i for i, one in enumerate(begun) if one <= won) - place if won else None
                        days = (at - since).total_seconds() / 86400
                        expected[place, str(stages[stage].id), age_of(days), won_in] += worth
        found = {(one.month, one.stage, one.age, one.won_in): one.amount for one in history.cohorts(actor, months)}
        assert found == dict(expected) and len(found) > 20


def test_what_was_won_by_month(deal: Make, make: Make, cast: Cast, as_: As) -> None:
    make("exchange-rates", base="EUR", currency="USD", day="2020-01-01", rate="2")
    this = NOW.date().replace(day=1)
    last = (this - timedelta(days=1)).replace(day=1)
    before = (last - timedelta(days=1)).replace(day=1)
    deal(100, None, stage="Signed", on=before.isoformat())
    deal(50, None, stage="Signed", on=before.isoformat(), owner=cast.member, currency="USD")
    deal(7, None, stage="Signed", on=this.isoformat())
    deal(999, None, stage="Gone", on=last.isoformat())
    with as_(cast.owner) as actor:
        assert history.won_by_month(actor) == ([before, last, this], [125, 0, 7], set())
        assert history.won_by_month(actor, {cast.member.id}) == ([before, last, this], [25, 0, 0], set())
    with as_(cast.limited) as actor:
        assert history.won_by_month(actor) == ([this], [0], set())


def test_deals_come_through_stage_by_stage(deal: Make, stages: Any, cast: Cast, as_: As) -> None:
    """Three came to Talk: one went to Offer and was won, one was lost, one still stands there."""
    won, lost, _open = (
        deal(worth, "2026-08-15", source=source) for worth, source in ((300, "Fair"), (200, "Fair"), (90, ""))
    )
    period = period_of("quarter", NOW.date())
    start = datetime.combine(period.first, datetime.min.time(), UTC)
    with as_(cast.owner) as actor:
        StageVisit.objects.all().delete()
        for row, stage, since, until in (
            (won, "Talk", 0, 4),
            (won, "Offer", 4, 6),
            (won, "Signed", 6, None),
            (lost, "Talk", 0, 10),
            (_open, "Talk", 0, None),
        ):
            StageVisit.objects.create(
                deal=row,
                stage=stages[stage],
                entered_at=start + timedelta(days=since),
                left_at=None if until is None else start + timedelta(days=until),
            )
        opened = start - timedelta(days=4)
        Deal.objects.filter(id=won.id).update(
            status="won", stage=stages["Signed"], closed_at=start + timedelta(days=6), opened_at=opened
        )
        Deal.objects.filter(id=lost.id).update(
            status="lost", stage=stages["Gone"], closed_at=start + timedelta(days=10), opened_at=opened
        )
        talk, offer = conversion.steps(actor, period)
        assert (talk.name, talk.came, talk.went_on, talk.won, talk.lost, talk.days) == ("Talk", 3, 1, 1, 1, 7.0)
        assert (offer.name, offer.came, offer.went_on, offer.days) == ("Offer", 1, 1, 2.0)
        (fair,), _missing = grouping.groups(actor, period, "source")
        assert (fair.key, fair.won, fair.lost, fair.worth, fair.days, fair.open) == ("Fair", 1, 1, 300, 10.0, 0)
        assert fair.rate == 50
        (mine,), _missing = grouping.groups(actor, period, "owner")
        # One open deal, half are won, 300 each, in ten days: 15 a day.
        assert (mine.open, mine.velocity) == (1, 15)
        assert conversion.losses(actor, period) == [{"loss_reason_id": None, "reason": None, "n": 1}]
        assert conversion.steps(actor, period.shifted(-1)) == []
    with as_(cast.limited) as actor:
        assert conversion.steps(actor, period) == [] and grouping.groups(actor, period, "owner")[0] == []


# The pages


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return unescape(answer.content.decode())


def test_the_outlook_is_worked_out_and_says_what_it_rests_on(browser: Client, deal: Make) -> None:
    assert "The outlook is being worked out" in page(browser, "/w/acme/forecast/outlook")
    assert "Nothing to learn from yet" in page(browser, "/w/acme/forecast/outlook?whole=1")
    deal(1000, None, stage="Signed", on=(NOW - timedelta(days=70)).date().isoformat())
    deal(500, (NOW + timedelta(days=5)).date().isoformat())
    html = page(browser, "/w/acme/forecast/outlook?whole=1")
    assert "too few for a season" in html and "rests on what was won alone" in html
    assert "€1,000" in html and html.count("<tr>") > 12
    part = browser.get("/w/acme/forecast/outlook", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and 'id="outlook"' in part


def test_conversion_is_told_with_its_deals(browser: Client, deal: Make, make: Make, signed_in: Any, cast: Cast) -> None:
    month = Period("month", NOW.date().replace(day=1))
    deal(1234, month.last.isoformat(), owner=cast.member, source="Fair")
    won = deal(300, None, stage="Signed", on=month.first.isoformat(), owner=cast.member, source="Fair")
    euros = {"amount": "150", "currency": "EUR"}
    make("deal-lines", deal=won.id, product=make("products", name="Beans").id, quantity=2, price=euros)
    deal(77, None, stage="Gone", on=month.first.isoformat(), owner=cast.member)
    address = f"/w/acme/forecast/conversion?length=month&from={month.written}"
    html = page(browser, address)
    assert "Mia Member" in html and "50\xa0%" in html and "Reason 77" in html and "Talk" in html
    assert "Fair" in page(browser, f"{address}&by=source")
    by_product = page(browser, f"{address}&by=product")
    assert "Beans" not in html and "Beans" in by_product
    behind = re.search(r'href="([^"]*deal-lines[^"]*)"', by_product)[1]
    assert "Deal of 300" in page(browser, behind) and "Deal of 1234" not in page(browser, behind)
    assert "can't be grouped like this" in page(browser, f"{address}&by=salary")
    limited = page(signed_in(cast.limited), address)
    assert "Mia Member" not in limited and "Reason 77" not in limited and "No deals moved" in limited
