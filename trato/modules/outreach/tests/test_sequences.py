"""Sequences: planned, sent once, ended by an answer, and never to whom doesn't want them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from trato.engine import access, actions, merging, objects
from trato.engine.models import HistoryEntry
from trato.engine.outbox import jobs
from trato.engine.outbox.models import Mail
from trato.engine.values import Refused
from trato.modules.outreach.actions import sequences
from trato.modules.outreach.models import Enrolment, OptOut
from trato.modules.people.models import Task

MAIL = [{"address": "Ana@Casa.example", "primary": True}]
STEPS = [
    {"kind": "mail", "days": 0, "subject": "Coffee for {account|you}", "text": "Hello {first_name},\n\nI am {sender}."},
    {"kind": "call", "days": 2, "subject": "Ring {first_name}"},
    {"kind": "mail", "days": 3, "subject": "Again", "text": "Bye"},
]


@pytest.fixture
def sequence(make):
    """Three steps, at any hour."""
    return make("sequences", name="New", opens=0, closes=24, weekdays=[], **{"sequence-steps": STEPS})


@pytest.fixture
def ana(make):
    account = make("accounts", name="Casa Ana")
    return make("contacts", first_name="Ana", last_name="García", account=str(account.id), emails=MAIL)


@pytest.fixture
def enrolled(act, ana, sequence):
    return act(ana, "enrol", sequence=str(sequence.id))


def run(cast, days=0):
    """What the job does, some days from now."""
    sequences.notice(cast.acme)
    while sequences.advance(cast.acme, timezone.now() + timedelta(days=days)):
        pass


def test_steps_come_in_turn_in_the_name_of_the_owner(cast, enrolled, again):
    run(cast)
    mail = Mail.objects.get()
    assert (mail.subject, mail.to) == ("Coffee for Casa Ana", [["Ana García", "Ana@casa.example"]])
    assert "Hello Ana," in mail.text and "I am Olga Owner." in mail.text
    assert mail.reply_to == "owner@acme.example"
    found = again(enrolled)
    assert (found.status, found.steps_done) == ("active", 1)
    assert timedelta(days=1, hours=22) < found.next_at - timezone.now() < timedelta(days=2, hours=2)
    run(cast, 1)
    assert not Task.objects.exists()
    run(cast, 2.1)
    task = Task.objects.get()
    assert (task.title, task.owner_id, task.about) == ("Call: Ring Ana", cast.owner.id, [enrolled.person])
    run(cast, 6)
    found = again(enrolled)
    assert (Mail.objects.count(), found.status, found.steps_done, found.next_at) == (2, "finished", 3, None)


def test_run_twice_nothing_goes_out_twice(cast, enrolled):
    run(cast)
    run(cast)
    Enrolment.objects.update(steps_done=0, next_at=timezone.now())  # as if it had been lost that the mail went
    run(cast)
    assert Mail.objects.count() == 1


def test_enrolled_twice_is_enrolled_once_and_after_its_end_anew(act, ana, sequence, enrolled, make):
    assert act(ana, "enrol", sequence=str(sequence.id)).id == enrolled.id
    with pytest.raises(Refused, match="already"):
        make("enrolments", person=f"contacts/{ana.id}", sequence=str(sequence.id))
    act(enrolled, "stop", why="Not now")
    assert act(ana, "enrol", sequence=str(sequence.id)).id != enrolled.id


def ref(record):
    return f"contacts/{record.id}"


def incoming_call(make, ana):
    make("calls", subject="They rang", direction="in", about=[ref(ana)])


def meeting(make, ana):
    at = timezone.now() + timedelta(days=3)
    make("meetings", subject="Tasting", happened_at=at.isoformat(), participants=[ref(ana)])


def lost_deal(make, ana):
    deal = make("deals", name="Beans")
    make("deal-contacts", deal=str(deal.id), contact=str(ana.id))
    type(deal).objects.filter(id=deal.id).update(status="lost", closed_at=timezone.now())


@pytest.mark.parametrize(
    ("what", "status", "words"),
    [(incoming_call, "replied", "called"), (meeting, "replied", "meeting"), (lost_deal, "finished", "deal")],
)
def test_an_answer_ends_it(cast, make, ana, enrolled, again, what, status, words):
    what(make, ana)
    run(cast)
    found = again(enrolled)
    assert (found.status, Mail.objects.count()) == (status, 0)
    assert words in found.reason and found.ended_at


def test_what_we_do_ourselves_or_was_before_does_not_end_it(cast, make, ana, enrolled, again):
    make("calls", subject="We rang", direction="out", about=[ref(ana)])
    before = timezone.now() - timedelta(days=1)
    make("calls", subject="They rang", direction="in", about=[ref(ana)], happened_at=before.isoformat())
    run(cast)
    assert (again(enrolled).status, Mail.objects.count()) == ("active", 1)


def test_replied_by_hand(cast, act, enrolled, again):
    act(enrolled, "replied")
    run(cast)
    assert (again(enrolled).status, Mail.objects.count()) == ("replied", 0)


def test_who_is_deleted_gets_nothing(cast, owner, ana, enrolled, again):
    actions.delete(owner, objects.get("contacts"), ana.id)
    run(cast)
    assert (again(enrolled).status, Mail.objects.count()) == ("stopped", 0)


def test_who_was_merged_goes_on_as_the_one_they_became(cast, owner, make, ana, enrolled, again):
    other = make("contacts", first_name="Ana María", emails=[{"address": "am@casa.example"}])
    merging.merge(owner, objects.get("contacts"), other.id, [ana.id])
    assert again(enrolled).person == ref(other)
    run(cast)
    assert Mail.objects.get().to[0][0] == "Ana María García"


def test_two_of_the_same_sequence_who_become_one_go_through_it_once(cast, owner, make, act, ana, sequence, enrolled):
    other = make("contacts", first_name="Ana María", emails=MAIL)
    act(other, "enrol", sequence=str(sequence.id))
    merging.merge(owner, objects.get("contacts"), other.id, [ana.id])
    run(cast)
    assert [one.person for one in Enrolment.objects.filter(deleted_at=None)] == [ref(other)]
    assert Mail.objects.count() == 1


def test_without_an_address_it_fails_in_words(cast, make, act, sequence, again):
    bea = make("contacts", first_name="Bea")
    found = act(bea, "enrol", sequence=str(sequence.id))
    run(cast)
    assert (again(found).status, again(found).reason) == ("failed", "There is no e-mail address")


def test_a_lead_and_a_sequence_that_is_off(cast, owner, make, act, sequence, again):
    lead = make("leads", first_name="Leo", company="Leo & Co", emails=MAIL)
    found = act(lead, "enrol", sequence=str(sequence.id))
    actions.update(owner, objects.get("sequences"), sequence.id, {"is_on": False})
    run(cast)
    assert not Mail.objects.exists()
    actions.update(owner, objects.get("sequences"), sequence.id, {"is_on": True})
    run(cast)
    assert Mail.objects.get().subject == "Coffee for Leo & Co"
    assert again(found).steps_done == 1


def test_one_click_and_no_mail_of_a_sequence_comes_any_more(cast, as_, owner, make, act, ana, enrolled, again):
    run(cast)
    path = re.search(r"/p/acme/[\w-]{43}", Mail.objects.get().text)[0]
    page = Client().get(path)
    assert page.status_code == 200 and b"Ana@casa.example" in page.content
    assert not OptOut.objects.exists()  # programs that follow links unsubscribe nobody
    assert Client().post(f"{path}/leave").status_code == 303
    assert Client().post(f"{path}/leave").status_code == 303
    assert [one.address for one in OptOut.objects.all()] == ["ana@casa.example"]
    run(cast, 3)
    run(cast, 7)
    assert (Mail.objects.count(), again(enrolled).status) == (1, "stopped")
    double = make("leads", first_name="Ana", emails=MAIL)
    anew = act(double, "enrol", sequence=str(again(enrolled).sequence_id))
    run(cast)
    assert (again(anew).status, Mail.objects.count()) == ("stopped", 1)


def test_a_mail_program_unsubscribes_with_one_post(cast, as_, owner, make, act, ana, sequence, enrolled, again):
    """RFC 8058: an https address in List-Unsubscribe, List-Unsubscribe-Post beside it, a POST without cookies."""
    run(cast)
    row = Mail.objects.get()
    head = jobs._message(row).message()
    address = re.fullmatch(r"<(.*)>", head["List-Unsubscribe"])[1]
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = address.removeprefix(settings.TRATO_URL)
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(path).status_code == 302 and strict.post(path).status_code == 404
    assert strict.post(path.replace("/one-click", "/leave")).status_code == 403, "forms keep their proof"
    assert not again(ana).no_mailings and not OptOut.objects.exists()
    for _twice in range(2):
        assert strict.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 204
    assert strict.post(f"/p/acme/{'x' * 43}/one-click", {"List-Unsubscribe": "One-Click"}).status_code == 404
    assert again(ana).no_mailings and again(enrolled).status == "stopped"
    told = HistoryEntry.objects.filter(object="contacts", record_id=ana.id).latest("id")
    assert (told.actor_kind, told.changes) == ("customer", {"no_mailings": [False, True]})
    with pytest.raises(Refused, match="wants no mails"):
        act(ana, "enrol", sequence=str(sequence.id))
    calls = make("sequences", name="Calls")
    make("sequence-steps", sequence=calls.id, kind="call", subject="Ring", text="x")
    assert act(ana, "enrol", sequence=str(calls.id)).status == "active", "they may be called"
    run(cast, 3)
    run(cast, 7)
    assert Mail.objects.count() == 1
    act(ana, "resume_mailings")
    assert not again(ana).no_mailings and not OptOut.objects.exists()
    assert act(ana, "enrol", sequence=str(sequence.id)).status == "active"


def test_somebody_writes_down_that_they_want_none(cast, owner, make, act, sequence, again):
    leo = make("leads", first_name="Leo", emails=MAIL)
    first = act(leo, "enrol", sequence=str(sequence.id))
    act(leo, "stop_mailings")
    assert again(leo).no_mailings and again(first).status == "stopped"
    assert [one.address for one in OptOut.objects.all()] == ["ana@casa.example"]
    with pytest.raises(Refused):
        actions.update(owner, objects.get("leads"), leo.id, {"no_mailings": False})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": "Hi {name}"}, "text"),
        ({"subject": "{", "text": "x"}, "subject"),
        ({"text": " "}, "text"),
        ({"text": "x", "days": -1}, "days"),
        ({"text": "x", "kind": "fax"}, "kind"),
    ],
)
def test_bad_steps_are_refused(make, sequence, values, field):
    with pytest.raises(Refused) as refused:
        make("sequence-steps", **{"sequence": str(sequence.id), "kind": "mail", "subject": "S"} | values)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_nobody_mails_in_another_s_name(cast, as_, owner, sequence, ana, set_role):
    set_role(cast.limited, {"objects": {"*": {"see": "all", "change": "own", "create": True}}})
    with as_(cast.limited) as actor:
        given = {"person": ref(ana), "sequence": str(sequence.id), "owner": str(cast.owner.id)}
        with pytest.raises(Refused, match="owner's name"):
            actions.create(actor, objects.get("enrolments"), given)
        mine = actions.create(actor, objects.get("enrolments"), given | {"owner": str(cast.limited.id)})
    assert mine.owner_id == cast.limited.id


def test_who_left_sends_nothing(cast, enrolled, again, as_):
    Enrolment.objects.update(owner_id=cast.stranger.id)
    run(cast)
    assert again(enrolled).status == "failed" and "no member" in again(enrolled).reason


def test_another_workspace_is_not_touched(cast, as_):
    with as_(cast.owner) as actor:
        given = {"name": "New", "sequence-steps": STEPS}
        sequence = actions.create(actor, objects.get("sequences"), given)
        person = actions.create(actor, objects.get("contacts"), {"first_name": "Ana", "emails": MAIL})
        actions.run(actor, objects.get("contacts"), "enrol", person.id, {"sequence": str(sequence.id)})
    with as_(cast.stranger) as actor:
        assert not Enrolment.objects.exists()
        assert sequences.advance(cast.globex, timezone.now()) == 0
        theirs = actions.create(actor, objects.get("contacts"), {"first_name": "Tim", "emails": MAIL})
        with pytest.raises((Refused, access.Absent)):
            actions.run(actor, objects.get("contacts"), "enrol", theirs.id, {"sequence": str(sequence.id)})
