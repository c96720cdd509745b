"""A visit from its plan to its report."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from trato.engine import access, actions, objects
from trato.engine.actions import Refused
from trato.engine.models import Moment
from trato.modules.field.models import Visit

pytestmark = pytest.mark.django_db
MADRID = (40.4165, -3.70256)


def run(actor: Any, record: Any, name: str, **given: Any) -> Any:
    actions.run(actor, objects.get("visits"), name, record.id, given)
    return Visit.objects.get(id=record.id)


def soon() -> str:
    return (timezone.now() + timedelta(hours=1)).isoformat()


def test_a_visit_is_at_the_accounts_address_and_on_its_timeline(account: Any, visit: Any, make: Any) -> None:
    luna = account("Bar Luna", "Madrid")
    ana = make("contacts", first_name="Ana", account=str(luna.id))
    made = Visit.objects.get(id=visit(luna, soon(), contact=str(ana.id)).id)
    assert made.place[0]["city"] == "Madrid"
    on = Moment.objects.filter(item_id=made.id).values_list("object", "record_id")
    assert set(on) == {("accounts", luna.id), ("contacts", ana.id)}


def test_another_place_stays_and_another_account_has_its_own(owner: Any, account: Any, visit: Any) -> None:
    luna, sol = account("Bar Luna", "Madrid"), account("Bar Sol", "Toledo")
    visits = objects.get("visits")
    fair = visit(luna, soon(), place=[{"line1": "Hall 3", "city": "Sevilla", "country": "ES"}])
    assert Visit.objects.get(id=fair.id).place[0]["city"] == "Sevilla"
    moved = visit(luna, soon())
    actions.update(owner, visits, moved.id, {"account": str(sol.id)})
    assert Visit.objects.get(id=moved.id).place[0]["city"] == "Toledo"


def test_check_in_knows_when_where_and_how_far_off(owner: Any, account: Any, visit: Any) -> None:
    made = visit(account("Bar Luna", "Madrid", MADRID), soon())
    # One degree of latitude north of the town is 111.2 km on a sphere of 6371 km.
    there = run(owner, made, "check_in", latitude="41.416500", longitude="-3.702560", accuracy=12)
    assert (there.status, there.accuracy, there.distance) == ("under_way", 12, Decimal("111.2"))
    assert timezone.now() - there.checked_in_at < timedelta(minutes=1)
    again = run(owner, made, "check_in", latitude="0", longitude="0")
    assert again.latitude == Decimal("41.4165") and again.version == there.version


def test_without_a_place_a_check_in_counts_all_the_same(owner: Any, account: Any, visit: Any) -> None:
    there = run(owner, visit(account("Bar Luna"), soon()), "check_in")
    assert there.status == "under_way" and there.latitude is None and there.distance is None


def test_check_out_brings_the_report(owner: Any, account: Any, visit: Any) -> None:
    made = visit(account("Bar Luna"), soon())
    run(owner, made, "check_in")
    left = run(owner, made, "check_out", outcome="order", report="<p>Two grinders</p><script>alert(1)</script>")
    assert (left.status, left.outcome, left.report) == ("done", "order", "<p>Two grinders</p>")
    assert left.checked_out_at >= left.checked_in_at


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("check_in", {"latitude": "91", "longitude": "0"}, "latitude"),
        ("check_in", {"latitude": "40"}, "longitude"),
        ("check_in", {"at": "2001-01-01T00:00:00Z"}, "at"),
        ("check_in", {"at": "2999-01-01T00:00:00Z"}, "at"),
        ("check_in", {"accuracy": -1}, "accuracy"),
        ("check_out", {}, ""),
        ("check_out", {"outcome": "fame"}, "outcome"),
    ],
)
def test_what_can_not_be_is_refused_and_changes_nothing(
    owner: Any, account: Any, visit: Any, name: str, given: dict[str, Any], field: str
) -> None:
    made = visit(account("Bar Luna"), soon())
    with pytest.raises(Refused) as refused:
        run(owner, made, name, **given)
    assert refused.value.problems[0].field == field
    assert Visit.objects.get(id=made.id).version == made.version


def test_a_cancelled_visit_is_over_and_a_done_one_is_not_cancelled(owner: Any, account: Any, visit: Any) -> None:
    made = visit(account("Bar Luna"), soon())
    run(owner, made, "cancel")
    for name in ("check_in", "check_out"):
        with pytest.raises(Refused, match="cancelled"):
            run(owner, made, name)
    other = visit(account("Bar Sol"), soon())
    run(owner, other, "check_in")
    run(owner, other, "check_out")
    with pytest.raises(Refused, match="done"):
        run(owner, other, "cancel")


def test_nobody_sets_by_hand_what_only_happens(owner: Any, account: Any, visit: Any) -> None:
    made = visit(account("Bar Luna"), soon())
    for values in ({"status": "done"}, {"checked_in_at": soon()}, {"about": []}):
        with pytest.raises(Refused):
            actions.update(owner, objects.get("visits"), made.id, values)
    with pytest.raises(Refused):
        actions.update(owner, objects.get("visits"), made.id, {"ends_at": "2020-01-01T00:00:00Z"})


def test_a_stranger_and_a_reader_check_nobody_in(as_: Any, cast: Any) -> None:
    with as_(cast.manager) as manager:
        luna = actions.create(manager, objects.get("accounts"), {"name": "Bar Luna"})
        given = {"purpose": "Talk", "account": str(luna.id), "planned_at": soon()}
        made = actions.create(manager, objects.get("visits"), given)
    with as_(cast.reader) as reader, pytest.raises(access.Forbidden):
        actions.run(reader, objects.get("visits"), "check_in", made.id, {})
    with as_(cast.stranger) as stranger, pytest.raises(access.Absent):
        actions.run(stranger, objects.get("visits"), "check_in", made.id, {})
