"""Call lists: who is next, held by one person at a time, and what is kept of a call, all or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from trato.engine import access, actions, objects
from trato.engine.values import Refused
from trato.modules.outreach import queries
from trato.modules.outreach.actions import calling
from trato.modules.outreach.actions.calling import Said
from trato.modules.outreach.models import Answer, CallListEntry
from trato.modules.people.models import Call

SCRIPT = [
    {"id": "uses", "ask": "A machine?", "kind": "yes_no", "next": {"no": None}},
    {"id": "job", "ask": "What do they do?", "kind": "text", "field": "job_title"},
    {"id": "cups", "ask": "Cups?", "kind": "number"},
]


@pytest.fixture
def people(make):
    return [make("contacts", first_name=name, phones=[{"number": "+34810123456"}]) for name in ("Ana", "Bea", "Leo")]


@pytest.fixture
def calls(make, act, people):
    script = make("scripts", name="First", questions=SCRIPT)
    made = make("call-lists", name="Autumn", script=str(script.id), most_attempts=2, pause_hours=4)
    for person in people:
        act(person, "put_on_call_list", call_list=str(made.id))
    return made


def entry_of(person):
    return CallListEntry.objects.get(record=f"contacts/{person.id}")


def test_put_on_twice_is_on_it_once(act, people, calls):
    act(people[0], "put_on_call_list", call_list=str(calls.id))
    assert CallListEntry.objects.count() == 3


def test_filled_from_a_filter(owner, make, act):
    for name in ("Ada", "Bo"):
        make("leads", first_name=name, source="Fair" if name == "Ada" else "Web")
    tree = {"field": "source", "op": "is", "value": "Fair"}
    made = make("call-lists", name="Fair", filled_from="leads", condition=tree)
    act(made, "fill")
    act(made, "fill")
    assert [access.titles(owner, [e.record])[e.record] for e in CallListEntry.objects.all()] == ["Ada"]
    with pytest.raises(Refused):
        make("call-lists", name="Bad", filled_from="leads", condition={"field": "nothing", "op": "is", "value": 1})
    with pytest.raises(Refused, match="what the filter is for"):
        make("call-lists", name="Bad", condition=tree)
    with pytest.raises(Refused, match="name of a host"):
        make("call-lists", name="Bad", sip_host="x y;z")


def test_no_two_people_get_the_same(cast, as_, calls, people):
    got = []
    for person in (cast.owner, cast.manager, cast.member):
        with as_(person) as actor:
            got.append(calling.take(actor, calls).record)
            assert calling.take(actor, calls).record == got[-1]  # what they have in hand stays theirs
    assert got == [f"contacts/{one.id}" for one in people]
    with as_(cast.teammate) as actor:
        assert calling.take(actor, calls) is None
    CallListEntry.objects.filter(record=got[0]).update(held_until=timezone.now() - timedelta(seconds=1))
    with as_(cast.teammate) as actor:
        assert calling.take(actor, calls).record == got[0]
    with as_(cast.owner) as actor, pytest.raises(Refused, match="Somebody else has this call now"):
        calling.log(actor, calls, entry_of(people[0]).id, Said("reached"))
    assert not Call.objects.exists()


def test_callbacks_that_are_due_come_first(owner, calls, people):
    ids = [entry_of(one).id for one in people]
    now = timezone.now()
    rows = CallListEntry.objects
    rows.filter(id=ids[0]).update(status="missed", call_back_at=now - timedelta(hours=3))
    rows.filter(id=ids[2]).update(status="later", call_back_at=now - timedelta(minutes=1))
    assert [one.id for one in queries.waiting(calls.id, now)] == [ids[2], ids[1], ids[0]]
    rows.filter(id=ids[2]).update(call_back_at=now + timedelta(minutes=1))
    assert [one.id for one in queries.waiting(calls.id, now)] == [ids[1], ids[0]]


def test_a_call_is_kept_with_its_answers(owner, calls, people, again):
    entry = calling.take(owner, calls)
    answers = {"uses": "yes", "job": "Barista <b>", "cups": "12,5"}
    calling.log(owner, calls, entry.id, Said("reached", notes="Nice\nTalk", number="+34810123456", answers=answers))
    call = Call.objects.get()
    assert (call.outcome, call.direction, call.about, call.owner_id) == (
        "reached",
        "out",
        [entry.record],
        owner.user_id,
    )
    assert "Barista &lt;b&gt;" in call.body and "Nice" in call.body
    assert dict(Answer.objects.values_list("question", "answer")) == {
        "uses": True,
        "job": "Barista <b>",
        "cups": "12.5",
    }
    assert again(people[0]).job_title == "Barista <b>"
    kept = entry_of(people[0])
    assert (kept.status, kept.attempts, kept.outcome, kept.held_by_id) == ("reached", 1, "reached", None)
    assert calling.take(owner, calls).record == f"contacts/{people[1].id}"


def test_answers_off_the_way_are_left_out(owner, calls):
    entry = calling.take(owner, calls)
    calling.log(owner, calls, entry.id, Said("reached", answers={"uses": "no", "job": "x", "hack": "y"}))
    assert list(Answer.objects.values_list("question", flat=True)) == ["uses"]


def test_not_reached_is_tried_again_and_given_up(owner, calls, people):
    for outcome, status in (("no_answer", "missed"), ("busy", "done")):
        CallListEntry.objects.filter(id=entry_of(people[0]).id).update(held_by=owner.user_id)
        calling.log(owner, calls, entry_of(people[0]).id, Said(outcome))
        found = entry_of(people[0])
        assert (found.status, found.outcome) == (status, outcome)
        if status == "missed":
            left = found.call_back_at - timezone.now()
            assert timedelta(hours=3, minutes=59) < left <= timedelta(hours=4)
    assert found.attempts == 2 and found.call_back_at is None


@pytest.mark.parametrize(
    "said",
    [
        Said("eaten"),
        Said("later"),
        Said("later", again_at=timezone.now() - timedelta(hours=1)),
        Said("reached", answers={"uses": "perhaps"}),
        Said("reached", answers={"uses": "yes", "job": "x" * 151}),
    ],
)
def test_what_is_wrong_keeps_nothing(owner, calls, people, said):
    entry = calling.take(owner, calls)
    with pytest.raises(Refused):
        calling.log(owner, calls, entry.id, said)
    assert not Call.objects.exists() and not Answer.objects.exists()
    assert entry_of(people[0]).status == "open"


def test_who_may_not_see_a_record_is_not_given_it(cast, as_, owner, calls, people, set_role):
    rights = {"see": "own", "change": "own", "create": True}
    set_role(cast.limited, {"objects": {"*": rights, "call-lists": rights | {"see": "all"}}})
    with as_(cast.limited) as actor:
        assert calling.take(actor, calls) is None
    actions.update(owner, objects.get("contacts"), people[1].id, {"owner": str(cast.limited.id)})
    with as_(cast.limited) as actor:
        assert calling.take(actor, calls).record == f"contacts/{people[1].id}"


def test_somebody_else_first(owner, calls, people):
    calling.take(owner, calls)
    calling.let_go(owner, calls)
    assert calling.take(owner, calls).record == f"contacts/{people[1].id}"
