"""Where deals stand, who gets leads: against hand calculation."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from trato.engine.kinds import Money
from trato.modules.sales.rules.deals import (
    Step,
    Ways,
    deal_problem,
    is_stale,
    line_sums,
    settle_deal,
    shares_problem,
    time_in_stages,
)
from trato.modules.sales.rules.leads import Candidate, Place, choose, lead_problem, nearness, place_of, turn

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)
FIRST, SECOND, WON, LOST, OTHER = (UUID(int=n) for n in range(11, 16))
STEPS = {
    A: (
        Step(FIRST, A, "First", "open", Decimal(10)),
        Step(SECOND, A, "Second", "open", Decimal(50)),
        Step(WON, A, "Won", "won", Decimal(100)),
        Step(LOST, A, "Lost", "lost", Decimal(0)),
    ),
    B: (Step(OTHER, B, "Other", "open", Decimal(30)),),
}
WAYS = Ways({step.id: step for steps in STEPS.values() for step in steps}, STEPS)


def settled(old: dict | None = None, **given):
    values = (old or {}) | given
    settle_deal(values, old, WAYS, NOW)
    return values


def test_a_new_deal_begins_the_first_pipeline():
    deal = settled(name="x")
    assert (deal["pipeline"], deal["stage"], deal["status"]) == (A, FIRST, "open")
    assert deal["probability"] == 10
    assert settled(pipeline=B)["stage"] == OTHER
    assert settled(stage=OTHER)["pipeline"] == B


def test_probability_is_that_of_the_stage_until_somebody_says_another():
    deal = settled(stage=FIRST)
    moved = settled(deal, stage=SECOND)
    assert moved["probability"] == 50
    assert settled(deal, stage=SECOND, probability=Decimal(80))["probability"] == 80
    said = settled(moved, probability=Decimal(65))
    assert said["probability"] == 65
    assert settled(said, name="other words")["probability"] == 65
    assert settled(said, probability=None)["probability"] == 50
    assert settled(said, stage=WON)["probability"] == 100


def test_a_decision_has_its_moment_and_an_open_deal_has_none():
    won = settled(settled(stage=FIRST), stage=WON)
    assert (won["status"], won["closed_at"]) == ("won", NOW)
    earlier = NOW - timedelta(days=40)
    assert settled(stage=WON, closed_at=earlier)["closed_at"] == earlier
    again = settled(won, stage=SECOND)
    assert (again["status"], again["closed_at"]) == ("open", None)


def test_another_pipeline_begins_there():
    deal = settled(stage=SECOND)
    assert settled(deal, pipeline=B)["stage"] == OTHER
    assert settled(deal, pipeline=B, stage=OTHER)["stage"] == OTHER


def test_a_lost_deal_says_why_and_an_open_one_forgets_it():
    assert "loss_reason" in deal_problem(settled(stage=LOST))
    lost = settled(stage=LOST, loss_reason=A)
    assert deal_problem(lost) == {}
    assert settled(lost, stage=FIRST)["loss_reason"] is None
    assert "stage" in deal_problem({})
    assert "closed_at" in deal_problem({"stage": A, "opened_at": NOW, "closed_at": NOW - timedelta(days=1)})


def test_lines_sum_up_once_and_again():
    """A machine for 1,200.00 once, beans for 90.00 a month, service for 100.00 a year; counted by the quarter 270.00
    and 25.00 come again.
    """
    beans, service, machine = UUID(int=1), UUID(int=2), UUID(int=3)
    lines = [(machine, Decimal("1200.00")), (None, Decimal("0.10")), (beans, Decimal(90)), (service, Decimal(100))]
    told = line_sums(lines, {beans: "month", service: "year"}, "quarter", "EUR")
    assert told == {"value": Money(Decimal("1200.10"), "EUR"), "recurring": Money(Decimal("295.00"), "EUR")}
    assert line_sums([(service, Decimal(100))], {service: "year"}, "month", "EUR")["recurring"].amount == Decimal(
        "8.33"
    )
    assert line_sums(lines[:2], {}, "month", "EUR") == {"value": Money(Decimal("1200.10"), "EUR")}


def test_shares_are_no_more_than_all():
    assert shares_problem([Decimal(60), Decimal(40)]) == {}
    assert "100.5" in shares_problem([Decimal("60.5"), Decimal(40)])["percent"]


def test_quiet_for_longer_than_allowed_is_stale():
    assert not is_stale(None, NOW - timedelta(days=999), NOW)
    assert not is_stale(7, NOW - timedelta(days=7), NOW)
    assert is_stale(7, NOW - timedelta(days=7, seconds=1), NOW)


def test_time_in_a_stage_adds_up_over_its_visits():
    day = timedelta(days=1)
    visits = [
        (FIRST, NOW - 9 * day, NOW - 7 * day),
        (SECOND, NOW - 7 * day, NOW - 6 * day),
        (FIRST, NOW - 6 * day, None),
    ]
    assert time_in_stages(visits, NOW) == {FIRST: 8 * day, SECOND: day}


# -- leads ----------------------------------------------------------------------------------------------------------


def run(weights: list[int], turns: int) -> list[int]:
    people = [Candidate(UUID(int=n), weight) for n, weight in enumerate(weights)]
    given = []
    for _ in range(turns):
        chosen, owed = turn(people)
        given.append(people.index(next(each for each in people if each.id == chosen.id)))
        people = [Candidate(each.id, each.weight, owed[each.id]) for each in people]
    return given


def test_turns_go_round_and_weights_are_kept_exactly():
    assert run([1, 1, 1], 6) == [0, 1, 2, 0, 1, 2]
    # The sequence that nginx documents for the weights 5, 1, 1.
    assert run([5, 1, 1], 7) == [0, 0, 1, 0, 2, 0, 0]
    for weights in ([2, 3], [7, 2, 1], [1, 1, 4, 9]):
        counts = Counter(run(weights, 3 * sum(weights)))
        assert [counts[n] for n in range(len(weights))] == [3 * weight for weight in weights]


def test_who_is_away_gets_nothing_and_is_not_made_up_for():
    here, away = Candidate(A, balance=0), Candidate(B, balance=0, is_away=True)
    for _ in range(5):
        chosen, owed = choose("turns", [here, away], Place())
        assert chosen.id == A and B not in owed
    assert choose("turns", [away], Place()) is None


def test_the_one_with_fewest_open_leads():
    assert choose("load", [Candidate(A, load=3), Candidate(B, load=2)], Place())[0].id == B


@pytest.mark.parametrize(
    ("territory", "place", "nearer"),
    [
        ({}, Place("ES"), 0),
        ({"countries": "ES, pt"}, Place("PT"), 1),
        ({"countries": "ES"}, Place("FR"), 0),
        ({"countries": "ES", "regions": "Madrid"}, Place("ES", "madrid"), 2),
        ({"countries": "ES", "regions": "Madrid"}, Place("ES", "Sevilla"), 0),
        ({"countries": "ES", "postcodes": "28, 280"}, Place("ES", "", "28013"), 5),
        ({"postcodes": "SW1"}, Place("GB", "", "SW1A 1AA"), 5),
    ],
)
def test_territories(territory, place, nearer):
    assert nearness(Candidate(A, **territory), place) == nearer


def test_the_closest_territory_gets_the_lead():
    spain, madrid = Candidate(A, countries="ES"), Candidate(B, countries="ES", postcodes="28")
    assert choose("territory", [spain, madrid], Place("ES", "", "28013"))[0].id == B
    assert choose("territory", [spain, madrid], Place("ES", "", "08001"))[0].id == A
    assert choose("territory", [spain, madrid], Place("FR", "", "28013")) is None


def test_a_place_is_that_of_the_primary_address():
    assert place_of([{"country": "FR"}, {"country": "ES", "postcode": "28013", "primary": True}]) == Place(
        "ES", "", "28013"
    )
    assert place_of([]) == Place()


def test_a_lead_ends_for_a_reason_and_is_converted_by_converting():
    assert "loss_reason" in lead_problem({"status": "disqualified"}, {"status": "new"})
    assert "status" in lead_problem({"status": "converted"}, {"status": "new"})
    assert "status" in lead_problem({"status": "new", "converted_at": NOW}, {"status": "converted"})
    assert lead_problem({"status": "converted", "converted_at": NOW}, {"status": "new"}) == {}
