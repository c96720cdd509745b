"""What open deals bring: worked out by hand, and on a made-up history whose truth is known."""

from __future__ import annotations

import random
from math import sqrt

import pytest

from trato.modules.forecasting.rules import pipeline
from trato.modules.forecasting.rules.pipeline import Chances, Cohort, age_of, brought, fresh_share, joined


def cohort(
    month: int, won_in: int | None, count: int, *, stage: str = "talk", age: int = 0, each: float = 100
) -> Cohort:
    return Cohort(month, stage, age, won_in, count, count * each, count * each * each)


def test_ages_are_told_apart_as_the_database_does() -> None:
    assert [age_of(days) for days in (0, 29.9, 30, 89, 90, 179, 180, 999)] == [0, 0, 1, 1, 2, 2, 3, 3]


def test_chances_are_shares_of_what_was_with_few_leaning_on_all() -> None:
    """Of 90 deals in talk 45 were won in the month after; of 10 in offer, all."""
    known = [cohort(0, 1, 45), cohort(0, None, 45), cohort(0, 1, 10, stage="offer")]
    chances = Chances(known, until=2)
    of_all = (55 + 1 * 0) / (100 + 1)
    of_talk = (45 + 10 * of_all) / (90 + 10)
    of_offer = (10 + 10 * of_all) / (10 + 10)
    assert chances.of("talk", 0, 1) == pytest.approx((45 + 10 * of_talk) / 100)
    assert chances.of("talk", 3, 1) == pytest.approx(of_talk), "an age never seen has the chance of its stage"
    assert chances.of("offer", 0, 1) == pytest.approx((10 + 10 * of_offer) / 20)
    assert chances.of("new", 0, 1) == pytest.approx(of_all), "a stage never seen has that of all deals"
    assert chances.of("talk", 0, 0) == 0
    assert chances.learned == 100


def test_months_not_over_teach_nothing() -> None:
    """At the end of month 1 it is known who was won in month 0 and 1, of those of month 1 only the first."""
    known = [cohort(0, None, 50), cohort(1, 0, 50)]
    chances = Chances(known, until=2)
    assert chances.of("talk", 0, 0) > 0.3
    assert chances.of("talk", 0, 1) == 0, "nobody of month 0 was won a month later, and of month 1 it is not known"


def test_what_deals_bring_and_how_sure_that_is() -> None:
    chances = Chances([cohort(0, 0, 50_000), cohort(0, None, 50_000)], until=1)
    mean, variance = brought([cohort(1, None, 4, each=1000)], chances, 0)
    assert mean == pytest.approx(2000, rel=1e-3)
    assert sqrt(variance) == pytest.approx(1000, rel=1e-3), "four coins of 1000: the square root of 4 times 500"


def test_what_came_from_deals_not_yet_there() -> None:
    """In months 0 and 1 deals worth 100 were open at the beginning and won; 400 was won in all."""
    known = [cohort(0, 0, 1), cohort(1, 0, 1), cohort(0, 1, 1)]
    assert fresh_share(known, [200, 200], 0) == 0.5
    assert fresh_share(known, [200, 200], 1) == 0.5  # of month 1's 200, 100 from a deal open in month 0
    assert fresh_share([], [200, 200], 0) == 1
    assert fresh_share(known, [0, 0], 0) == 1


def test_without_a_history_of_deals_the_season_says_it_all() -> None:
    won = [100.0 + 50 * (month % 12 == 11) for month in range(48)]
    found = joined(won, [cohort(48, None, 5)], 12)
    assert found.alone and found.values == found.season.values and found.open == (0.0,) * 12
    assert found.error == found.season_error and found.held_out == 6


def test_the_present_month_is_begun() -> None:
    won = [100.0] * 48
    whole, begun = joined(won, [], 3), joined(won, [], 3, so_far=70, left=0.25)
    assert begun.values[0] == pytest.approx(70 + 0.25 * whole.values[0])
    assert begun.values[1:] == whole.values[1:]


def world(seed: int, months: int, boost: float) -> tuple[list[float], list[Cohort]]:
    """Deals come every month, more of them towards December; each month a third of the open ones ends, half of these
    won. In the last month before the present ``boost`` times as many came: the season can't know, the pipeline does.
    """
    chance = random.Random(seed)
    deals: list[tuple[int, float, int, bool]] = []  # came, worth, ended, won
    for month in range(months + 1):
        count = round(60 * (1 + 0.3 * (month % 12) / 11) * (boost if month == months - 1 else 1))
        for _deal in range(count):
            ended = month + 1
            while chance.random() > 1 / 3:
                ended += 1
            deals.append((month, chance.uniform(500, 1500), ended, chance.random() < 0.5))
    won = [sum(worth for _came, worth, ended, is_won in deals if is_won and ended == month) for month in range(months)]
    future = [
        sum(worth for _c, worth, ended, is_won in deals if is_won and ended == at) for at in range(months, months + 3)
    ]
    rows = []
    for month in range(max(months - 24, 0), months + 1):
        for came, worth, ended, is_won in deals:
            if came < month <= ended:  # it stood at the month's beginning
                known = is_won and (ended < months)
                rows.append(
                    Cohort(
                        month,
                        "talk",
                        age_of(30 * (month - came - 1)),
                        ended - month if known else None,
                        1,
                        worth,
                        worth**2,
                    )
                )
    return won + future, rows


def test_the_pipeline_sees_what_the_season_cannot() -> None:
    """After a month with three times as many new deals, the joined outlook is nearer to what comes than the season."""
    better, inside = 0, 0
    for seed in range(6):
        series, rows = world(seed, 48, boost=3.0)
        won, future = series[:48], series[48:]
        found = joined(won, rows, 3)
        assert not found.alone and found.error is not None
        ours = sum(abs(one - other) for one, other in zip(found.values, future, strict=True))
        season = sum(abs(one - other) for one, other in zip(found.season.values, future, strict=True))
        better += ours < season
        inside += sum(low <= value <= high for low, value, high in zip(found.lows, future, found.highs, strict=True))
    assert better >= 5, "in at least five of six worlds"
    assert inside >= 10, "of 18 months, 14 would be expected in an interval of 80 %"


def test_what_is_held_out_is_not_known() -> None:
    """What was won in the held-out months changes nothing in the forecast that is held against them."""
    series, rows = world(1, 48, boost=1.0)
    won = series[:48]
    other = [*won[:-6], *(value * 5 for value in won[-6:])]
    one = pipeline._joined(won[:-6], [row for row in rows if row.month <= 42], 6)
    late = [row for row in rows if row.month <= 42]
    hidden = [
        Cohort(row.month, row.stage, row.age, None, row.count, row.amount, row.squares)
        if row.won_in is not None and row.month + row.won_in >= 42
        else row
        for row in late
    ]
    assert one.values == pipeline._joined(other[:-6], hidden, 6).values
