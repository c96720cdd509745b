"""The plan of a day: who is on the way, who is near, and in which order."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from trato.engine import objects
from trato.engine.actions import create
from trato.engine.postgres.scope import in_workspace
from trato.modules.field.models import Visit

pytestmark = pytest.mark.django_db
MADRID, TOLEDO, SEVILLA, BARCELONA = (40.4165, -3.70256), (39.8581, -4.02263), (37.38283, -5.97317), (41.38879, 2.15899)
DAY = date(2026, 12, 1)
PLAN = f"/w/acme/visits/plan?day={DAY}"


def at(hour: int) -> str:
    return datetime(2026, 12, 1, hour, tzinfo=timezone.get_current_timezone()).isoformat()


@pytest.fixture
def browser(cast: Any, signed_in: Any) -> Any:
    return signed_in(cast.owner)


def planned(cast: Any) -> list[str]:
    with in_workspace(cast.acme.id):
        return list(
            Visit.objects.filter(deleted_at=None).order_by("planned_at").values_list("account__title", flat=True)
        )


def test_the_nearest_that_nobody_saw_for_long_are_offered(browser: Any, account: Any, visit: Any, make: Any) -> None:
    here = account("Here", "Madrid", MADRID)
    account("Near", "Toledo", TOLEDO)
    account("Far", "Barcelona", BARCELONA)
    account("Nowhere")
    seen = account("Seen", "Madrid", MADRID)
    visit(seen, (datetime.fromisoformat(at(9)) - timedelta(weeks=3)).isoformat())
    later = account("Later", "Madrid", MADRID)
    visit(later, (datetime.fromisoformat(at(9)) + timedelta(weeks=3)).isoformat())
    make("accounts", name="Another's")
    visit(here, at(10))
    html = unescape(browser.get(PLAN).content.decode())
    near = html[html.index('class="plan-near"') :]
    assert [name for name in ("Near", "Far", "Seen", "Later", "Nowhere", "Another's") if f">{name}<" in near] == [
        "Near",
        "Far",
    ]
    assert near.index(">Near<") < near.index(">Far<")
    # Madrid to Toledo is 68 km by the great circle, to Barcelona 504 (law of cosines).
    assert "68 km" in near and "504 km" in near, near[:1500]
    assert ">Seen<" not in near
    near = browser.get(PLAN + "&weeks=26&at=41.4,2.2").content.decode()
    assert near.index(">Far<") < near.index(">Near<")


def test_one_is_added_with_a_tap_after_the_others(cast: Any, browser: Any, account: Any, visit: Any) -> None:
    visit(account("First"), at(9))
    other = account("Second", "Toledo", TOLEDO)
    for _twice in range(2):
        answer = browser.post("/w/acme/visits/plan/add", {"account": str(other.id), "day": str(DAY)}, follow=True)
        assert answer.status_code == 200
    assert planned(cast) == ["First", "Second", "Second"]
    with in_workspace(cast.acme.id):
        starts = [each.planned_at for each in Visit.objects.order_by("planned_at")]
    assert all(later - sooner >= timedelta(hours=1) for sooner, later in pairwise(starts))


def test_the_shortest_way_keeps_the_times_of_the_day(cast: Any, browser: Any, account: Any, visit: Any) -> None:
    for hour, (name, spot) in enumerate(
        {"Sevilla": SEVILLA, "Barcelona": BARCELONA, "Toledo": TOLEDO, "Madrid": MADRID, "Nowhere": None}.items(), 9
    ):
        visit(account(name, name, spot), at(hour))
    assert browser.post("/w/acme/visits/plan/arrange", {"day": str(DAY)}).status_code == 303
    order = planned(cast)
    along = ["Sevilla", "Toledo", "Madrid", "Barcelona"]
    assert order in ([*along, "Nowhere"], [*reversed(along), "Nowhere"])
    with in_workspace(cast.acme.id):
        assert sorted(each.planned_at.isoformat() for each in Visit.objects.all()) == sorted(
            datetime.fromisoformat(at(hour)).astimezone(timezone.get_default_timezone()).isoformat()
            for hour in range(9, 14)
        )
    html = browser.get(PLAN).content.decode()
    assert "geo:41.38879,2.15899" in html


@pytest.mark.parametrize(
    "query",
    ["day=never", "day=9999-12-31", "weeks=-1", "at=x,y", "at=nan,0", "at=91,0", "at=1", "day=0001-01-01", "weeks=²"],
)
def test_strange_questions_have_an_answer(browser: Any, query: str) -> None:
    assert browser.get(f"/w/acme/visits/plan?{query}").status_code == 200


@pytest.mark.parametrize("given", [{}, {"account": "x"}, {"account": "0190a000-0000-7000-8000-000000000000"}])
def test_nobody_is_planned_who_is_not_there(browser: Any, cast: Any, given: dict[str, str]) -> None:
    assert browser.post("/w/acme/visits/plan/add", given).status_code == 404
    assert planned(cast) == []


def test_a_reader_plans_nothing(cast: Any, as_: Any, signed_in: Any) -> None:
    with as_(cast.owner) as actor:
        luna = create(actor, objects.get("accounts"), {"name": "Bar Luna"})
    reader, sent = signed_in(cast.reader), {"account": str(luna.id), "day": str(DAY)}
    assert reader.get(PLAN).status_code == 200
    assert reader.post("/w/acme/visits/plan/add", sent).status_code == 403
    assert signed_in(cast.stranger).get(PLAN).status_code == 404
    assert planned(cast) == []


def test_a_hidden_address_tells_nothing_of_where_somebody_is(
    cast: Any, signed_in: Any, account: Any, set_role: Any
) -> None:
    account("Bar Luna", "Madrid", MADRID, owner=str(cast.member.id))
    assert "Bar Luna" in signed_in(cast.member).get(PLAN).content.decode()
    all_ = {"see": "all", "change": "all", "create": True}
    set_role(cast.member, {"objects": {"*": all_, "accounts": all_ | {"fields": {"addresses": "hidden"}}}})
    assert "Bar Luna" not in signed_in(cast.member).get(PLAN).content.decode()
