"""Mails to the mailbox for leads: strangers become leads, known people don't, and programs never."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from trato.engine import outbox
from trato.engine.inbox import IncomingMail
from trato.engine.models import HistoryEntry
from trato.engine.together.models import Notification
from trato.modules.people.models import Note
from trato.modules.sales.actions import leads
from trato.modules.sales.models import Lead

from .kit import again, reason

LEADS = ("leads",)


def letter(sender="Ana García <ana@casa.example>", head="", text="We need 40 kg of beans.", number="1"):
    return f"From: {sender}\nSubject: Beans\nMessage-ID: <{number}@casa.example>\n{head}\n\n{text}"


@pytest.fixture
def rule(make, cast):
    mail = {"field": "source", "op": "is", "value": "E-mail"}
    made = make("lead-rules", name="Mails", condition=mail, method="turns", minutes=60)
    make("lead-rule-members", rule=str(made.id), person=str(cast.member.id))


def test_a_stranger_becomes_a_lead_that_a_rule_gives_away(cast, owner, rule, mail_comes):
    found = mail_comes(letter(), LEADS)
    lead = Lead.objects.get()
    assert (lead.first_name, lead.last_name, lead.source, lead.owner_id) == ("Ana", "García", "E-mail", None)
    assert lead.wish == "Beans\n\nWe need 40 kg of beans."
    assert [one["address"] for one in lead.emails] == ["ana@casa.example"]
    assert (found.state, found.object, found.record_id) == ("taken", "leads", lead.id)
    line = HistoryEntry.objects.get(record_id=lead.id, action="created")
    assert (line.actor_kind, line.face, line.source) == ("system", "mail", "hello@acme.example")
    leads.arrive(cast.acme, [lead.id], None, False)  # what the job of leads.created does
    lead = again(owner, "leads", lead)
    assert lead.owner_id == cast.member.id
    assert timedelta(minutes=59) < lead.due_at - timezone.now() <= timedelta(minutes=60)


def test_it_is_given_away_by_the_same_job_as_a_form_s(cast, owner, mail_comes, monkeypatch):
    from trato.modules.sales import reactions

    asked = []
    monkeypatch.setattr(reactions.jobs, "add", lambda job, actor, ids, **more: asked.append((job.name, more)))
    mail_comes(letter(), LEADS)
    assert ("trato.sales.arrive", {"by": "", "by_hand": False}) in asked


def test_an_open_lead_and_a_contact_get_the_text_and_no_second_lead(cast, owner, make, mail_comes):
    mail_comes(letter(), LEADS)
    lead = Lead.objects.get()
    Lead.objects.update(owner_id=cast.member.id)
    mail_comes(letter("ANA@casa.example", number="2", text="And cups."), LEADS)
    leo = make("contacts", first_name="Leo", emails=[{"address": "leo@casa.example"}])
    mail_comes(letter("Leo <leo@casa.example>", number="3", text="<script>alert(1)</script>\n\n> quoted"), LEADS)
    assert Lead.objects.count() == 1
    first, second = Note.objects.order_by("id")
    assert (first.about, first.body, first.owner_id) == ([f"leads/{lead.id}"], "<p>And cups.</p>", cast.member.id)
    assert (second.about, second.body) == ([f"contacts/{leo.id}"], "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>")
    assert Notification.objects.filter(kind="wrote", user_id=cast.member.id, record_id=lead.id).count() == 1
    leads.touch(cast.acme, [lead.id])
    assert again(owner, "leads", lead).touched_at is None
    make("notes", body="We rang", about=[f"leads/{lead.id}"])
    leads.touch(cast.acme, [lead.id])
    assert again(owner, "leads", lead).touched_at is not None


def test_who_was_put_aside_is_a_lead_anew(cast, owner, make, mail_comes):
    mail_comes(letter(), LEADS)
    Lead.objects.update(status="disqualified", loss_reason=reason("leads"))
    mail_comes(letter(number="2"), LEADS)
    assert Lead.objects.count() == 2


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-generated",
        "Precedence: list",
        "List-Unsubscribe: <mailto:x@x.example>",
        "X-Auto-Response-Suppress: All",
        "Return-Path: <>",
    ],
)
def test_what_programs_send_makes_no_lead(owner, mail_comes, head):
    assert mail_comes(letter(head=head), LEADS).state == "left"
    assert not Lead.objects.exists() and not Note.objects.exists()


@pytest.mark.parametrize("sender", ["", "nobody", "Owner@acme.example", "hello@acme.example", "no-reply@shop.example"])
def test_nobody_and_our_own_make_no_lead(owner, mail_comes, sender):
    assert mail_comes(letter(sender), LEADS).state == "left"
    assert not Lead.objects.exists()


def test_a_mailbox_that_is_not_for_leads_makes_none(cast, owner, make, mail_comes):
    make("contacts", first_name="Leo", emails=[{"address": "leo@casa.example"}])
    assert [mail_comes(letter(who, number=who)).state for who in ("ana@casa.example", "leo@casa.example")] == [
        "left",
        "left",
    ]
    assert not Lead.objects.exists() and not Note.objects.exists()


def test_an_answer_to_any_mail_of_ours_stands_with_whom_it_went_to(cast, owner, make, mail_comes):
    leo = make("contacts", first_name="Leo", emails=[{"address": "leo@casa.example"}])
    sent = outbox.put(owner, key="a", to=[("Leo", "leo@casa.example")], subject="Your quote", text="x")
    head = f"In-Reply-To: <{sent.id}@trato.example>"
    found = mail_comes(letter("Assistant <desk@casa.example>", head))
    assert (found.state, found.record_id, Lead.objects.count()) == ("taken", leo.id, 0)
    assert Note.objects.get().about == [f"contacts/{leo.id}"]


@pytest.mark.parametrize(
    ("sender", "first", "last"),
    [
        ("ana@casa.example", "", ""),
        ('"ana@casa.example" <ana@casa.example>', "", ""),
        ('"García, Ana" <ana@casa.example>', "Ana", "García"),
        (f"{'x' * 3000} <ana@casa.example>", "x" * 100, ""),
        ("=?utf-8?q?=3Cscript=3E_=0D=0ABcc:_x?= <ana@casa.example>", None, None),
    ],
)
def test_names_of_any_kind(owner, mail_comes, sender, first, last):
    assert mail_comes(letter(sender, text="x" * 50_000), LEADS).state == "taken"
    lead = Lead.objects.get()
    assert len(lead.wish) == 20_000
    if first is not None:
        assert (lead.first_name, lead.last_name) == (first, last)
    assert "\n" not in lead.first_name + lead.last_name


def test_what_is_refused_is_kept_and_can_be_tried_again(owner, make, mail_comes, monkeypatch):
    from trato.modules.sales.actions import mails

    monkeypatch.setattr(mails, "_values", lambda mail: {"emails": [{"address": "nonsense"}]})
    found = mail_comes(letter(), LEADS)
    assert (found.state, Lead.objects.count(), IncomingMail.objects.count()) == ("failed", 0, 1)
