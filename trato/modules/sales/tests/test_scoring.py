"""Points and chances of records, by what the workspace's own history tells."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from trato.engine.values import Refused
from trato.modules.sales import jobs
from trato.modules.sales.actions import scoring
from trato.modules.sales.models import Chances, Deal
from trato.modules.sales.queries import learning

from .kit import again, put


def test_points_of_all_rules_that_hold_add_up(owner, make, cast):
    make(
        "score-rules", name="Hot", object="leads", points=30, condition={"field": "rating", "op": "is", "value": "hot"}
    )
    make(
        "score-rules", name="Web", object="leads", points=-5, condition={"field": "source", "op": "is", "value": "Web"}
    )
    make("score-rules", name="Off", object="leads", points=99, is_on=False)
    make("score-rules", name="Deals", object="deals", points=7)
    hot, both = (
        make("leads", last_name="Hot", rating="hot"),
        make("leads", last_name="Both", rating="hot", source="Web"),
    )
    plain = make("leads", last_name="Plain")
    assert scoring.give_points(cast.acme, "leads") == 2
    assert [again(owner, "leads", each).points for each in (hot, both, plain)] == [30, 25, 0]
    assert again(owner, "leads", hot).version == 1
    put(owner, "leads", hot, rating="")
    assert scoring.give_points(cast.acme, "leads", [hot.id]) == 1
    assert again(owner, "leads", hot).points == 0
    assert scoring.give_points(cast.acme, "leads") == 0


def test_a_rule_says_what_can_be_asked(make):
    with pytest.raises(Refused):
        make("score-rules", name="x", object="leads", points=1, condition={"field": "stage", "op": "is", "value": "x"})
    with pytest.raises(Refused):
        make("score-rules", name="x", object="leads", points=10_000)


@pytest.fixture
def past(make, stages):
    """20 deals won from the fair, 20 lost from the web, all decided after 10 days."""
    now, spain = timezone.now(), make("accounts", name="Casa", industry="Hotel")
    rows = []
    for n in range(40):
        opened = now - timedelta(days=100 - n)
        rows.append(
            Deal(
                name=f"Deal {n}",
                account_id=spain.id,
                stage_id=stages["Won" if n % 2 else "Lost"],
                status="won" if n % 2 else "lost",
                opened_at=opened,
                closed_at=opened + timedelta(days=10),
                source="Fair" if n % 2 else "Web",
            )
        )
    Deal.objects.bulk_create(rows)
    return rows


def test_examples_are_read_as_they_were(past):
    examples = learning.examples()
    assert len(examples) == 40 and [each.won for each in examples[:4]] == [False, True, False, True]
    assert examples[0].named["source"] == "Web" and examples[0].named["industry"] == "Hotel"
    assert examples[0].days == pytest.approx(10)


def test_open_deals_have_the_chance_their_likes_had(owner, make, cast, past):
    fair, web = make("deals", name="a", source="Fair"), make("deals", name="b", source="Web")
    jobs.night(cast.acme)
    # Prior odds 1. Fair: (20+1)/(20+2) = 21/22 of the won, 1/22 of the lost: odds 21. No owner is known there.
    assert again(owner, "deals", fair).chance == round(100 * 21 / 22)
    assert again(owner, "deals", web).chance == round(100 / 22)
    assert again(owner, "deals", fair).version == 1
    assert Chances.objects.count() == 1


def test_too_short_a_history_gives_no_chance(owner, make, cast, past):
    deal = make("deals", name="a", source="Fair")
    Deal.objects.filter(id=past[1].id).update(deleted_at=timezone.now())
    jobs.night(cast.acme)
    assert again(owner, "deals", deal).chance is None


def test_a_change_is_rated_at_once(owner, make, cast, past):
    jobs.night(cast.acme)
    deal = make("deals", name="a", source="Fair")
    put(owner, "deals", deal, source="Web")
    jobs.rate_deals(workspace=str(cast.acme.id), ids=[str(deal.id)])
    assert again(owner, "deals", deal).chance == round(100 / 22)
