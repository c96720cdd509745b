"""Deals: decided, moved in every way, and what they leave behind."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from trato.engine import access, actions, history, objects, undo
from trato.engine.bulk.changing import Changing, Count
from trato.engine.bulk.writer import Row, Writer
from trato.engine.kinds import Money
from trato.engine.models import HistoryEntry
from trato.engine.together.models import Notification
from trato.engine.values import Refused
from trato.engine.workspaces.ids import uuid7
from trato.modules.people.models import Task
from trato.modules.sales.models import StageVisit
from trato.modules.sales.queries import deals as queries

from .kit import act, again, put, reason, trail

FIRST, SECOND, OFFER, TALKS = "Qualified", "Needs understood", "Offer made", "Negotiation"


def test_a_new_workspace_has_a_pipeline_reasons_and_questions(owner, stages):
    assert list(stages) == [FIRST, SECOND, OFFER, TALKS, "Won", "Lost"]
    assert access.visible(owner, objects.get("loss-reasons")).count() == 8
    asked = access.visible(owner, objects.get("qualifying-questions"))
    assert sorted(asked.values_list("method", "is_on").distinct()) == [("bant", True), ("meddic", False)]


def test_a_deal_is_won_lost_and_open_again(owner, make):
    deal = make("deals", name="Beans", value={"amount": "1200", "currency": "EUR"})
    assert (deal.status, deal.probability, deal.closed_at) == ("open", 10, None)
    won = act(owner, "deals", deal, "win")
    assert (won.status, won.probability) == ("won", 100) and won.closed_at
    back = act(owner, "deals", deal, "reopen")
    assert (back.status, back.closed_at, back.stage.name) == ("open", None, FIRST)
    with pytest.raises(Refused) as refused:
        act(owner, "deals", deal, "lose")
    assert [problem.field for problem in refused.value.problems] == ["reason"]
    lost = act(owner, "deals", deal, "lose", reason=reason(), note="Too dear")
    assert (lost.status, lost.probability, lost.loss_note) == ("lost", 0, "Too dear")
    assert trail(deal) == [(FIRST, True), ("Won", True), (FIRST, True), ("Lost", False)]


def test_no_way_into_the_lost_stage_without_a_reason(owner, make, stages):
    deal = make("deals", name="Beans")
    with pytest.raises(Refused) as refused:
        put(owner, "deals", deal, stage=str(stages["Lost"]))
    assert refused.value.problems[0].field == "loss_reason"
    assert again(owner, "deals", deal).status == "open" and trail(deal) == [(FIRST, False)]


def test_a_write_that_is_refused_leaves_no_trail(owner, make, stages):
    deal = make("deals", name="Beans")
    with pytest.raises(Refused):
        put(owner, "deals", deal, stage=str(uuid7()))
    assert trail(deal) == [(FIRST, False)]


def test_many_deals_moved_at_once_leave_their_trail_each(owner, make, stages):
    deals = [make("deals", name=f"Deal {n}") for n in range(3)]
    change = {"set": {"stage": str(stages[OFFER])}}
    Changing(owner, objects.get("deals"), change, uuid7(), Count()).step([deal.id for deal in deals])
    for deal in deals:
        assert trail(deal) == [(FIRST, True), (OFFER, False)]
        assert again(owner, "deals", deal).probability == 50
    assert StageVisit.objects.filter(left_at=None).count() == 3


def test_imported_deals_stand_where_the_file_says(owner, stages):
    opened, closed = timezone.now() - timedelta(days=90), timezone.now() - timedelta(days=30)
    rows = [
        Row(1, {"name": "Old", "stage": stages["Won"], "opened_at": opened, "closed_at": closed}),
        Row(2, {"name": "New", "stage": stages[SECOND], "opened_at": opened}),
        Row(3, {"name": "Plain"}),
        Row(4, {"name": "Lost without a reason", "stage": stages["Lost"]}),
    ]
    outcomes = Writer(owner.via("import"), objects.get("deals"), uuid7()).write(rows)
    assert [outcome.result for outcome in outcomes] == ["created", "created", "created", "failed"]
    found = {deal.name: deal for deal in access.visible(owner, objects.get("deals"))}
    assert (found["Old"].status, found["Old"].closed_at, found["Old"].probability) == ("won", closed, 100)
    assert (found["New"].status, found["New"].pipeline_id) == ("open", found["Old"].pipeline_id)
    assert found["Plain"].stage_id == stages[FIRST]
    visit = StageVisit.objects.get(deal_id=found["Old"].id)
    assert (visit.entered_at, visit.left_at) == (closed, None)
    assert StageVisit.objects.get(deal_id=found["New"].id).entered_at == opened


def test_an_undo_goes_back_and_is_written_down(owner, make, stages):
    deal = make("deals", name="Beans")
    with history.batch() as batch:
        put(owner, "deals", deal, stage=str(stages[TALKS]))
    undo.undo(owner, batch.id)
    assert again(owner, "deals", deal).stage.name == FIRST
    assert trail(deal) == [(FIRST, True), (TALKS, True), (FIRST, False)]


def test_a_decision_is_undone(owner, make):
    deal = make("deals", name="Beans")
    with history.batch() as batch:
        act(owner, "deals", deal, "win")
    undo.undo(owner, batch.id)
    back = again(owner, "deals", deal)
    assert (back.status, back.closed_at, back.probability, back.stage.name) == ("open", None, 10, FIRST)


def test_time_in_stage_is_what_lies_between(owner, make, stages):
    deal = make("deals", name="Beans", opened_at=(timezone.now() - timedelta(days=10)).isoformat())
    put(owner, "deals", deal, stage=str(stages[SECOND]))
    times = queries.times(deal.id, timezone.now())
    assert times[stages[FIRST]].days == 10 and times[stages[SECOND]] < timedelta(minutes=1)


def test_a_visit_keeps_who_and_what_it_was_worth_then(as_, cast, owner, make, stages):
    deal = make("deals", name="Beans", value={"amount": "100", "currency": "EUR"}, owner=str(cast.member.id))
    put(owner, "deals", deal, stage=str(stages[SECOND]))
    put(owner, "deals", deal, value={"amount": "250", "currency": "EUR"})
    visit = StageVisit.objects.get(deal_id=deal.id, left_at=None)
    assert (visit.value, visit.value_currency, visit.by_id) == (100, "EUR", cast.owner.id)


# -- what stages do by themselves -----------------------------------------------------------------------------------


def test_a_stage_makes_tasks_sets_fields_and_tells_the_owner(owner, make, stages, cast):
    offer, first = str(stages[OFFER]), str(stages[FIRST])
    make("stage-steps", stage=offer, what="task", words="Call after a week", days=7)
    make("stage-steps", stage=offer, what="field", field="category", value="best_case")
    make("stage-steps", stage=first, at="exit", what="notify", words="It moves")
    deal = make("deals", name="Beans", owner=str(cast.member.id))
    put(owner, "deals", deal, stage=offer)
    task = Task.objects.get(subject="Call after a week")
    assert task.about == [f"deals/{deal.id}"] and task.owner_id == cast.member.id
    assert (task.due_at - timezone.now()).days == 6
    assert again(owner, "deals", deal).category == "best_case"
    told = Notification.objects.get(user_id=cast.member.id, key=f"stage:{deal.id}")
    assert told.details["note"] == "It moves"
    assert HistoryEntry.objects.filter(record_id=task.id).get().actor_kind == "system"


def test_a_step_says_all_that_it_needs(make, stages):
    stage = str(stages[OFFER])
    for given in (
        {"what": "task"},
        {"what": "notify"},
        {"what": "field", "field": "stage", "value": "Won"},
        {"what": "field", "field": "nonsense", "value": "x"},
        {"what": "field", "field": "category", "value": "nonsense"},
    ):
        with pytest.raises(Refused):
            make("stage-steps", stage=stage, **given)


def test_points_of_the_checklist_are_ticked_off(owner, make, stages):
    point = make("stage-checks", stage=str(stages[FIRST]), name="Who signs?")
    other = make("stage-checks", stage=str(stages[OFFER]), name="Credit checked?")
    deal = make("deals", name="Beans")
    assert act(owner, "deals", deal, "tick", point=str(point.id), done=True).checked == [f"stage-checks/{point.id}"]
    assert act(owner, "deals", deal, "tick", point=str(point.id), done=False).checked == []
    with pytest.raises(Refused):
        act(owner, "deals", deal, "tick", point=str(other.id), done=True)


# -- money ----------------------------------------------------------------------------------------------------------


def test_the_value_of_a_deal_is_what_its_lines_come_to(owner, make):
    deal = make("deals", name="Beans", value={"amount": "1", "currency": "EUR"})
    price = {"amount": "12.50", "currency": "EUR"}
    make("deal-lines", deal=str(deal.id), description="Beans", quantity=10, price=price)
    make("deal-lines", deal=str(deal.id), description="Mugs", quantity=3, price=price, is_optional=True)
    assert again(owner, "deals", deal).value == Decimal(125)
    put(owner, "deals", deal, value={"amount": "7", "currency": "EUR"})
    assert again(owner, "deals", deal).value == Decimal(125)
    with pytest.raises(Refused) as refused:
        make("deal-lines", deal=str(deal.id), description="x", price={"amount": "1", "currency": "USD"})
    assert refused.value.problems[0].field == "price"


def test_what_comes_again_is_counted_apart(owner, make):
    product = make(
        "products", name="Service", kind="service", recurring="year", price={"amount": "120", "currency": "EUR"}
    )
    deal = make("deals", name="Beans", value={"amount": "1", "currency": "EUR"})
    make("deal-lines", deal=str(deal.id), product=str(product.id), price={"amount": "120", "currency": "EUR"})
    found = again(owner, "deals", deal)
    field = objects.get("deals").builtin["recurring"]
    assert (found.value, field.read_from(found)) == (0, Money(Decimal("10.0000"), "EUR"))


def test_shares_are_all_of_a_deal_at_most(owner, make, cast):
    deal = make("deals", name="Beans")
    make("deal-splits", deal=str(deal.id), seller=str(cast.member.id), percent=60)
    with pytest.raises(Refused):
        make("deal-splits", deal=str(deal.id), seller=str(cast.owner.id), percent=50)
    make("deal-splits", deal=str(deal.id), seller=str(cast.owner.id), percent=40)


# -- whose ----------------------------------------------------------------------------------------------------------


def test_who_may_not_change_a_deal_may_not_win_it(as_, cast):
    with as_(cast.owner) as owner:
        deal = actions.create(owner, objects.get("deals"), {"name": "Beans"})
    with as_(cast.reader) as reader, pytest.raises(access.Forbidden):
        act(reader, "deals", deal, "win")
    with as_(cast.limited) as limited, pytest.raises(access.Absent):
        act(limited, "deals", deal, "win")
    with as_(cast.stranger) as stranger, pytest.raises(access.Absent):
        act(stranger, "deals", deal, "win")


def test_a_stage_of_another_workspace_is_none(as_, cast):
    with as_(cast.stranger) as stranger:
        theirs = access.visible(stranger, objects.get("stages")).values_list("id", flat=True).first()
    with as_(cast.owner) as owner:
        deal = actions.create(owner, objects.get("deals"), {"name": "Beans"})
        with pytest.raises(Refused):
            act(owner, "deals", deal, "move_to_stage", stage=str(theirs))
        with pytest.raises(Refused):
            act(owner, "deals", deal, "move_to_stage", stage="nonsense")


def test_quiet_deals_are_stale_after_the_days_their_stage_allows(owner, make, stages):
    from trato.engine.gatekeeping import set_gate
    from trato.modules.sales.models import Deal

    set_gate(owner, objects.get("deals"), "stage", str(stages[FIRST]), stale_days=7)
    quiet, busy, young = (make("deals", name=name) for name in ("quiet", "busy", "young"))
    old = timezone.now() - timedelta(days=20)
    Deal.objects.filter(id__in=[quiet.id, busy.id]).update(updated_at=old)
    make("calls", subject="Hello", about=[f"deals/{busy.id}"])
    found = queries.stale(owner)
    assert [(row["title"], row["quiet"]) for row in found] == [("quiet", 20)]
    assert young.title not in {row["title"] for row in found}


def test_what_went_quiet_is_marked_found_in_a_view_and_told_its_owner_once(cast, owner, make, stages, as_, signed_in):
    from trato.engine.gatekeeping import set_gate
    from trato.engine.together.models import Notification
    from trato.engine.together.wording import lines
    from trato.modules.sales.actions import quiet
    from trato.modules.sales.models import Deal

    set_gate(owner, objects.get("deals"), "stage", str(stages[FIRST]), stale_days=7)
    member = cast.member.id
    still, busy, young = (make("deals", name=name, owner=member) for name in ("still", "busy", "young"))
    old = timezone.now() - timedelta(days=20)
    Deal.objects.filter(id__in=[still.id, busy.id]).update(updated_at=old)
    make("calls", subject="Hello", about=[f"deals/{busy.id}"])
    assert (quiet.mark(cast.acme), quiet.mark(cast.acme)) == (1, 0)
    assert (
        Deal.objects.get(id=still.id).quiet_since == old.astimezone(ZoneInfo("Europe/Madrid")).date()
        and Deal.objects.get(id=busy.id).quiet_since is None
    )
    (told,) = Notification.objects.filter(kind="quiet")
    assert (told.user_id, told.record_id) == (member, still.id)
    with as_(cast.member) as actor:
        assert lines(actor, [told])[0].text == "Nothing happened for too long"
    listed = signed_in(cast.member).get("/w/acme/deals/?view=quiet").content.decode()
    assert "still" in listed and "busy" not in listed and "Quiet since" in listed

    actions.update(owner, objects.get("deals"), still.id, {"next_step": "Ring"})  # what the job does then:
    assert quiet.mark(cast.acme, [still.id]) == 1 and Deal.objects.get(id=still.id).quiet_since is None

    for n in range(7):
        many = make("deals", name=f"many {n}", owner=member)
        Deal.objects.filter(id=many.id).update(updated_at=old + timedelta(days=n))
    Deal.objects.filter(id=young.id).update(owner_id=None, updated_at=old)
    assert quiet.mark(cast.acme) == 8
    of_many = Notification.objects.get(kind="quiet", key="quiet:many")
    with as_(cast.member) as actor:
        assert "6 other deals" in lines(actor, [of_many])[0].text


def test_statements_of_a_move_do_not_grow_with_what_is_there(owner, make, stages, django_assert_max_num_queries):
    deals = [make("deals", name=f"Deal {n}") for n in range(8)]
    change = {"set": {"stage": str(stages[OFFER])}}
    with django_assert_max_num_queries(60):
        Changing(owner, objects.get("deals"), change, uuid7(), Count()).step([deal.id for deal in deals])
