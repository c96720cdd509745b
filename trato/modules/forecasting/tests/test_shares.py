"""Deals that sellers share, in every report: worked out by hand.

In July the member won 1,000 (opened 10 days before), of which 30 % are the teammate's; the teammate won 500 (20 days);
the member lost one of 100 that was shared, and has one of 400 open, a quarter of which is the teammate's.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from trato.engine import access, filters, objects
from trato.engine.actions import update
from trato.modules.forecasting import actions
from trato.modules.forecasting.pages.frame import condition, owners_are
from trato.modules.forecasting.queries import conversion, figures, grouping, history, movement
from trato.modules.forecasting.rules.periods import Period

from .conftest import Make

if TYPE_CHECKING:
    from tests.cast import As, Cast

pytestmark = pytest.mark.django_db
JULY = Period("month", date(2026, 7, 1))


@pytest.fixture
def told(deal: Make, make: Make, cast: Cast) -> dict[str, Any]:
    found = {
        "won": deal(1000, None, stage="Signed", on="2026-07-21", owner=cast.member, source="Fair"),
        "own": deal(500, None, stage="Signed", on="2026-07-22", owner=cast.teammate, source="Fair"),
        "lost": deal(100, None, stage="Gone", on="2026-07-23", owner=cast.member, source="Fair"),
        "open": deal(400, "2026-07-31", owner=cast.member, source="Fair"),
    }
    for name, percent in (("won", 30), ("lost", 50), ("open", 25)):
        make("deal-splits", deal=found[name].id, seller=cast.teammate.id, percent=percent)
    return found


def test_conversion_counts_a_deal_for_each_seller_worth_their_part(told: Any, cast: Cast, as_: As) -> None:
    with as_(cast.owner) as actor:
        found = {group.key: group for group in grouping.groups(actor, JULY, "owner")[0]}
        counted = {key: (one.won, one.lost, one.open, one.worth, one.days) for key, one in found.items()}
        # From the first of January 2024 it is 932 days to 21 July 2026, and 933 to the day after.
        assert counted == {cast.member.id: (1, 1, 1, 700, 932), cast.teammate.id: (2, 1, 1, 800, Decimal("932.5"))}
        assert found[cast.member.id].velocity == Decimal(350) / 932, "one open, half won, 700 each"
        team = {cast.teammate.id}
        (theirs,), _missing = grouping.groups(actor, JULY, "owner", team)
        (fair,), _missing = grouping.groups(actor, JULY, "source", team)
        assert (theirs.key, theirs.worth) == (cast.teammate.id, 800)
        assert (fair.key, fair.won, fair.lost, fair.open, fair.worth) == ("Fair", 2, 1, 1, 800)
        (both,), _missing = grouping.groups(actor, JULY, "source", team | {cast.member.id})
        (everybody,), _missing = grouping.groups(actor, JULY, "source")
        assert both.worth == everybody.worth == 1500 and both.won == 2
        assert [row["n"] for row in conversion.losses(actor, JULY, team)] == [1]
        assert conversion.losses(actor, JULY, {cast.limited.id}) == []
        moved = Period("month", figures.today(actor).replace(day=1))
        assert sum(step.came for step in conversion.steps(actor, moved, team)) == 1, "the open one is theirs, too"


def test_products_count_by_part_in_a_team(told: Any, make: Make, cast: Cast, as_: As) -> None:
    euros = {"amount": "200", "currency": "EUR"}
    make("deal-lines", deal=told["won"].id, product=make("products", name="Beans").id, quantity=2, price=euros)
    with as_(cast.owner) as actor:
        (beans,), _missing = grouping.groups(actor, JULY, "product", {cast.teammate.id})
        assert (beans.won, beans.worth) == (1, 120), "30 % of 400"


def test_what_changed_and_the_outlook_of_a_team_are_of_its_part(told: Any, make: Make, cast: Cast, as_: As) -> None:
    with as_(cast.owner) as actor:
        month = Period("month", figures.today(actor).replace(day=1))
        night = month.first
        update(actor, objects.get("deals"), told["open"].id, {"close_date": month.last})
        actions.keep_states(cast.acme, night)
        more = {"amount": "600", "currency": "EUR"}
        update(actor, objects.get("deals"), told["open"].id, {"value": more})
        for person, before, grown in ((cast.teammate, 100, 50), (cast.member, 300, 150), (cast.limited, 0, 0)):
            found = movement.movement(actor, month, night, {person.id})
            assert (found.before.amount, found.moves["grown"].amount) == (before, grown), person
            assert found.after.amount == before + grown
            listed = movement.moved(actor, month, night, "", {person.id})
            assert [(one.then, one.now) for one in listed] == ([(before, before + grown)] if before else [])
        months, won, _missing = history.won_by_month(actor, {cast.teammate.id})
        assert dict(zip(months, won, strict=True))[date(2026, 7, 1)] == 800
        standing = history.cohorts(actor, months, {cast.teammate.id})
        assert sum(one.amount for one in standing if one.month == len(months) - 1) == 150


def test_the_list_behind_a_number_has_the_shared_deals(told: Any, cast: Cast, as_: As) -> None:
    with as_(cast.owner) as actor:
        deals = objects.get("deals")
        tree = {"and": [condition("status", "won"), *(owners_are({cast.teammate.id}) or ())]}
        found = filters.narrow(actor, deals, access.visible(actor, deals), tree)
        assert {row.id for row in found} == {told["won"].id, told["own"].id}
        nobody = filters.narrow(actor, deals, access.visible(actor, deals), {"and": owners_are({cast.limited.id})})
        assert not nobody.exists()
