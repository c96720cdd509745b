"""Periods, teams and how far somebody is: worked out by hand."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from trato.modules.forecasting.rules import periods, teams
from trato.modules.forecasting.rules.goals import attainment, pace
from trato.modules.forecasting.rules.periods import Period
from trato.modules.forecasting.rules.teams import Team

TODAY = date(2026, 8, 15)


@pytest.mark.parametrize(
    ("length", "written", "first", "after"),
    [
        ("", "", date(2026, 7, 1), date(2026, 10, 1)),
        ("quarter", "2026-12", date(2026, 10, 1), date(2027, 1, 1)),
        ("month", "", date(2026, 8, 1), date(2026, 9, 1)),
        ("month", "2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("year", "2025-06", date(2025, 1, 1), date(2026, 1, 1)),
    ],
)
def test_a_period_is_read_from_an_address(length: str, written: str, first: date, after: date) -> None:
    period = periods.read(length, written, TODAY)
    assert (period.first, period.after) == (first, after)
    assert periods.read(period.length, period.written, TODAY) == period


@pytest.mark.parametrize(
    ("length", "written"),
    [
        ("week", ""),
        ("quarter", "2026"),
        ("month", "2026-13"),
        ("month", "0001-01"),
        ("month", "2026-00"),
        ("month", "x"),
    ],
)
def test_nonsense_is_no_period(length: str, written: str) -> None:
    assert periods.read(length, written, TODAY) is None


def test_what_periods_are_called_and_how_much_of_them_is_over() -> None:
    quarter = Period("quarter", date(2026, 7, 1))
    assert quarter.name("en") == "Q3 2026" and quarter.name("es") == "T3 2026"
    assert Period("month", date(2026, 7, 1)).name("en") == "July 2026"
    assert quarter.elapsed(date(2026, 8, 15)) == 46 / 92
    assert (quarter.elapsed(date(2026, 6, 1)), quarter.elapsed(date(2027, 1, 1))) == (0, 1)
    assert [month.written for month in quarter.months()] == ["2026-07", "2026-08", "2026-09"]
    assert quarter.shifted(-3).written == "2025-10" and quarter.last == date(2026, 9, 30)


def test_how_far_somebody_is() -> None:
    assert attainment(Decimal(30), Decimal(120)) == 25
    assert attainment(Decimal(30), None) is None and attainment(Decimal(30), Decimal(0)) is None
    assert pace(Decimal(30), Decimal(120), 0.5) == -30
    assert pace(Decimal(70), Decimal(120), 0.5) == 10


def test_teams_stand_above_their_people_and_the_teams_below() -> None:
    ids = [UUID(int=at) for at in range(9)]
    north, south, coast = (
        Team(ids[1], None, "North", frozenset({ids[5]})),
        Team(ids[2], ids[1], "South", frozenset({ids[6], ids[7]})),
        Team(ids[3], None, "Coast", frozenset()),
    )
    names = {ids[5]: "Eve", ids[6]: "Bob", ids[7]: "Ann", ids[8]: "Zoe", None: "Nobody's"}
    found = [(row.name, row.depth, len(row.people)) for row in teams.rows([north, south, coast], names)]
    assert found == [
        ("North", 0, 3),
        ("Eve", 1, 1),
        ("South", 1, 2),
        ("Ann", 2, 1),
        ("Bob", 2, 1),
        ("Zoe", 0, 1),
        ("Nobody's", 0, 1),
    ]
    assert [row.name for row in teams.rows([north, south], names, only=ids[2])] == ["South", "Ann", "Bob"]


def test_teams_in_a_circle_end() -> None:
    one, two = UUID(int=1), UUID(int=2)
    circle = [Team(one, two, "One", frozenset()), Team(two, one, "Two", frozenset({UUID(int=3)}))]
    assert teams.below(circle, one) == {one, two}
    assert [row.name for row in teams.rows(circle, {UUID(int=3): "Ann"})] == []
