"""What changed since a night: by hand, and against a brute-force oracle over random changes."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from trato.engine import actions as engine_actions
from trato.engine import objects
from trato.modules.forecasting import actions
from trato.modules.forecasting.models import DealState
from trato.modules.forecasting.queries import movement
from trato.modules.forecasting.rules.periods import Period, period_of
from trato.modules.sales.models import Deal

from .conftest import Make

if TYPE_CHECKING:
    from django.test import Client

    from tests.cast import As, Cast

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()
NIGHT = TODAY - timedelta(days=3)
PERIOD = period_of("quarter", TODAY)
IN, OUT = PERIOD.last.isoformat(), PERIOD.after.isoformat()


@pytest.fixture
def change(cast: Cast, as_: As) -> Make:
    """``change(deal, value=..., close_date=...)``: as its administrator does."""

    def update(deal: Any, **values: Any) -> None:
        with as_(cast.owner) as actor:
            engine_actions.update(actor, objects.get("deals"), deal.id, values)

    return update


def keep(cast: Cast, as_: As, day: date) -> int:
    with as_(cast.owner):
        return actions.keep_states(cast.acme, day)


def euros(amount: int) -> dict[str, str]:
    return {"amount": str(amount), "currency": "EUR"}


def test_a_night_keeps_what_changed_and_the_same_night_twice_is_one(
    deal: Make, change: Make, cast: Cast, as_: As
) -> None:
    one, _two = deal(100, IN), deal(200, IN)
    assert keep(cast, as_, NIGHT) == 2
    assert keep(cast, as_, NIGHT) == 0
    change(one, value=euros(150))
    assert keep(cast, as_, NIGHT) == 1, "the second picture of a day is the day's"
    with as_(cast.owner):
        assert list(DealState.objects.filter(deal=one).values_list("value", "since", "until")) == [(150, NIGHT, None)]
    change(one, name="Only its name")
    assert keep(cast, as_, NIGHT + timedelta(days=1)) == 0
    change(one, value=euros(160))
    assert keep(cast, as_, TODAY) == 1
    with as_(cast.owner) as actor:
        rows = DealState.objects.filter(deal=one).order_by("since")
        assert list(rows.values_list("value", "since", "until")) == [(150, NIGHT, TODAY), (160, TODAY, None)]
        engine_actions.delete(actor, objects.get("deals"), one.id)
        actions.keep_states(cast.acme, TODAY)
        assert list(DealState.objects.filter(deal=one).values_list("value", "until")) == [(150, TODAY)]


def test_each_sort_of_change_is_told(deal: Make, change: Make, stages: Any, cast: Cast, as_: As) -> None:
    grown, shrunk, pushed, won, lost, gone, same = (deal(100 * n, IN) for n in range(1, 8))
    pulled, again = deal(800, OUT), deal(900, IN, stage="Gone", on="2026-01-05")
    omitted = deal(7777, IN, category="omitted")
    keep(cast, as_, NIGHT)
    change(grown, value=euros(111))
    change(shrunk, value=euros(150))
    change(pushed, close_date=OUT)
    change(won, stage=str(stages["Signed"].id))
    change(lost, stage=str(stages["Gone"].id), loss_reason=str(again.loss_reason_id))
    change(pulled, close_date=IN)
    change(again, stage=str(stages["Talk"].id))
    change(omitted, name="Still left out")
    with as_(cast.owner) as actor:
        engine_actions.delete(actor, objects.get("deals"), gone.id)
    deal(1000, IN)
    with as_(cast.owner) as actor:
        found = movement.movement(actor, PERIOD, NIGHT)
        assert {name: (int(one.amount), one.count) for name, one in found.moves.items()} == {
            "new": (1000, 1),
            "reopened": (900, 1),
            "pulled": (800, 1),
            "grown": (11, 1),
            "shrunk": (-50, 1),
            "pushed": (-300, 1),
            "lost": (-500, 1),
            "deleted": (-600, 1),
            "won": (-400, 1),
        }
        assert (found.before.amount, found.before.count) == (2800, 7)
        assert (found.after.amount, found.after.count) == (111 + 150 + same.value + 800 + 900 + 1000, 6)
        told = movement.moved(actor, PERIOD, NIGHT)
        assert Counter(one.move for one in told) == Counter(dict.fromkeys(movement.MOVES, 1))
        assert [(one.then, one.now) for one in movement.moved(actor, PERIOD, NIGHT, "shrunk")] == [(200, 150)]
        assert sum(one.now - one.then for one in told) == found.after.amount - found.before.amount


def test_amounts_in_other_currencies_move_by_the_deals_alone(
    deal: Make, make: Make, change: Make, cast: Cast, as_: As
) -> None:
    make("exchange-rates", base="EUR", currency="USD", day="2026-01-01", rate="2")
    one, two = deal(100, IN, currency="USD"), deal(100, IN, currency="USD")
    keep(cast, as_, NIGHT)
    make("exchange-rates", base="EUR", currency="USD", day=TODAY.isoformat(), rate="4")
    change(one, value={"amount": "300", "currency": "USD"})
    change(two, value={"amount": "100", "currency": "EUR"})
    with as_(cast.owner) as actor:
        found = movement.movement(actor, PERIOD, NIGHT)
        # At today's 4: 25 + 25 were open; one grew by 50, the other by 75.
        assert (found.before.amount, found.moves["grown"].amount, found.after.amount) == (50, 125, 175)


@pytest.mark.parametrize("seed", range(3))
def test_random_changes_add_up_as_the_oracle_says(deal: Make, stages: Any, cast: Cast, as_: As, seed: int) -> None:
    chance = random.Random(seed)
    days = [PERIOD.first - timedelta(days=1), PERIOD.first, PERIOD.last, PERIOD.after, None]
    people = [cast.member, cast.teammate, cast.limited]
    with as_(cast.owner):
        for number in range(40):
            Deal.objects.create(name=str(number), owner=chance.choice(people), **_some(chance, days, stages))
        actions.keep_states(cast.acme, NIGHT - timedelta(days=1))
        _shuffle(chance, days, stages)
        actions.keep_states(cast.acme, NIGHT)
        then = _open(PERIOD)
        _shuffle(chance, days, stages)
        for number in range(8):
            Deal.objects.create(name=f"n{number}", owner=chance.choice(people), **_some(chance, days, stages))
        actions.keep_states(cast.acme, TODAY)
        now = _open(PERIOD)
    for person in (cast.owner, cast.limited):
        with as_(person) as actor:
            mine = {None} if person is cast.owner else {cast.limited.id}
            before = {id: value for id, (value, whose) in then.items() if mine == {None} or whose in mine}
            after = {id: value for id, (value, whose) in now.items() if mine == {None} or whose in mine}
            found = movement.movement(actor, PERIOD, NIGHT)
            assert (found.before.amount, found.before.count) == (sum(before.values()), len(before))
            assert (found.after.amount, found.after.count) == (sum(after.values()), len(after))
            stayed = before.keys() & after.keys()
            up = sum(max(after[id] - before[id], Decimal(0)) for id in stayed)
            assert found.moves["grown"].amount == up
            came = sum(found.moves[move].amount for move in ("new", "reopened", "pulled"))
            assert came == sum(value for id, value in after.items() if id not in before)


def _some(chance: random.Random, days: list[date | None], stages: Any) -> dict[str, Any]:
    stage = chance.choice([stages["Talk"], stages["Talk"], stages["Offer"], stages["Signed"], stages["Gone"]])
    return {
        "stage_id": stage.id,
        "pipeline_id": stage.pipeline_id,
        "status": stage.kind,
        "category": chance.choice(["pipeline", "commit", "omitted"]),
        "close_date": chance.choice(days),
        "value": Decimal(chance.randrange(100)),
        "value_currency": "EUR",
    }


def _shuffle(chance: random.Random, days: list[date | None], stages: Any) -> None:
    for row in Deal.objects.filter(deleted_at=None):
        if chance.random() < 0.6:
            Deal.objects.filter(id=row.id).update(**_some(chance, days, stages))


def _open(period: Period) -> dict[Any, tuple[Decimal, Any]]:
    rows = Deal.objects.filter(
        deleted_at=None, status="open", close_date__gte=period.first, close_date__lt=period.after
    )
    return {row.id: (row.value, row.owner_id) for row in rows.exclude(category="omitted")}


# The page


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return unescape(answer.content.decode())


def test_the_page_draws_and_tells_what_moved(browser: Client, deal: Make, change: Make, cast: Cast, as_: As) -> None:
    assert "Nothing to compare with yet" in page(browser, "/w/acme/forecast/changes")
    one = deal(5000, IN)
    keep(cast, as_, NIGHT)
    change(one, value=euros(6500))
    deal(300, IN)
    html = page(browser, f"/w/acme/forecast/changes?since={NIGHT}")
    assert "+€1,500" in html and "+€300" in html and "€6,800" in html and "Deal of 5000" in html
    only = page(browser, f"/w/acme/forecast/changes?since={NIGHT}&move=new")
    assert f"/w/acme/deals/{one.id}" not in only and "Deal of 300" in only


@pytest.mark.parametrize("query", ["since=soon", "since=2999-01-01", "since=1999-01-01", "move=sideways", "since=%00"])
def test_nonsense_is_told(browser: Client, deal: Make, cast: Cast, as_: As, query: str) -> None:
    deal(5000, IN)
    keep(cast, as_, NIGHT)
    assert 'class="notice notice-warning"' in page(browser, f"/w/acme/forecast/changes?{query}")


def test_others_deals_move_unseen(signed_in: Any, deal: Make, change: Make, cast: Cast, as_: As) -> None:
    other = deal(4321, IN, owner=cast.member)
    keep(cast, as_, NIGHT)
    change(other, value=euros(8642))
    html = page(signed_in(cast.limited), f"/w/acme/forecast/changes?since={NIGHT}")
    assert "4,321" not in html and "8,642" not in html
