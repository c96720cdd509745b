"""Mails that come in and sequences: who answers gets nothing more, a program's answer changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.utils import timezone

from trato.engine.inbox import Mailbox, mailboxes
from trato.engine.inbox.jobs import read_now
from trato.engine.models import Moment
from trato.engine.outbox import jobs as outbox_jobs
from trato.engine.outbox.models import Mail
from trato.engine.together.models import Notification
from trato.modules.outreach.actions import sequences
from trato.modules.people.models import Note

STEPS = [
    {"kind": "mail", "days": 0, "subject": "Coffee", "text": "Hello"},
    {"kind": "mail", "days": 3, "subject": "Again", "text": "Bye"},
]
REPORT = """From: MAILER-DAEMON@mx.casa.example
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It did not go.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.casa.example

Final-Recipient: rfc822; ana@casa.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user here

--b
Content-Type: message/rfc822

Message-ID: {of}

Hello
--b--
"""


@pytest.fixture
def sequence(make):
    return make("sequences", name="New", opens=0, closes=24, weekdays=[], **{"sequence-steps": STEPS})


@pytest.fixture
def ana(make):
    return make("contacts", first_name="Ana", last_name="García", emails=[{"address": "ana@casa.example"}])


@pytest.fixture
def enrolled(cast, act, ana, sequence):
    """Ana, who got the first mail."""
    made = act(ana, "enrol", sequence=str(sequence.id))
    run(cast)
    return made


def run(cast, days=0):
    while sequences.advance(cast.acme, timezone.now() + timedelta(days=days)):
        pass


def sent():
    """The Message-ID under which the first mail left."""
    mail = Mail.objects.get()
    outbox_jobs.send(str(mail.workspace_id), str(mail.id))
    return django_mail.outbox[0].extra_headers["Message-ID"]


def answer(
    head="", sender="Ana García <ana@casa.example>", text="Yes, please.\n\nOn Monday Olga wrote:\n> Hello\n> Bye"
):
    return f"From: {sender}\nSubject: Re: Coffee\n{head}\n\n{text}"


def test_an_answer_ends_it_and_stands_on_the_timeline(cast, make, act, ana, enrolled, again, mail_comes):
    second = make("sequences", name="Other", **{"sequence-steps": STEPS})
    other = act(ana, "enrol", sequence=str(second.id))
    found = mail_comes(answer(f"In-Reply-To: {sent()}", sender="Assistant <desk@elsewhere.example>"))
    assert (found.state, found.object, found.record_id) == ("taken", "contacts", ana.id)
    for one in (enrolled, other):
        assert (again(one).status, again(one).reason) == ("replied", "They answered by mail")
    run(cast, 9)
    assert Mail.objects.count() == 1
    note = Note.objects.get()
    assert (note.subject, note.body) == ("E-mail from Assistant: Re: Coffee", "<p>Yes, please.</p>")
    assert (note.about, note.owner_id) == ([f"contacts/{ana.id}"], cast.owner.id)
    assert Moment.objects.filter(item_id=note.id, record_id=ana.id).exists()
    told = Notification.objects.get()
    assert (told.user_id, told.kind, told.record_id, told.by_name) == (cast.owner.id, "wrote", ana.id, "Assistant")


@pytest.mark.parametrize(
    ("head", "matches"),
    [
        ("References: <a@x> {of} <b@x>", True),
        ("In-Reply-To: <a@x>\nReferences: {of}", True),
        ("In-Reply-To: {other}", False),
        ("X-Thread: {of}", False),
    ],
)
def test_it_is_matched_by_what_it_names_and_not_by_its_subject(cast, enrolled, again, mail_comes, head, matches):
    of = sent()
    other = f"<{enrolled.id}@{of.partition('@')[2]}"
    mail_comes(answer(head.format(of=of, other=other), sender="desk@elsewhere.example"))
    assert again(enrolled).status == ("replied" if matches else "active")


def test_the_nearest_reference_counts(cast, make, act, sequence, ana, enrolled, again, mail_comes):
    first = sent()
    leo = make("contacts", first_name="Leo", emails=[{"address": "leo@casa.example"}])
    late = act(leo, "enrol", sequence=str(sequence.id))
    run(cast)
    second = Mail.objects.order_by("id").last()
    host = first.partition("@")[2]
    mail_comes(answer(f"References: {first} <{second.id}@{host}", sender="desk@elsewhere.example"))
    assert (again(enrolled).status, again(late).status) == ("active", "replied")


def test_whoever_is_in_a_sequence_ends_it_by_writing_at_all(cast, enrolled, again, mail_comes):
    mail_comes(answer(sender="ANA@Casa.Example"))
    assert again(enrolled).status == "replied"
    left = mail_comes(answer("Message-ID: <later@casa.example>"))
    assert (left.state, Note.objects.count()) == ("left", 1)


@pytest.mark.parametrize(
    "head",
    ["Auto-Submitted: auto-replied", "Precedence: bulk", "List-Id: <x.example>", "X-Auto-Response-Suppress: All"],
)
def test_what_a_program_answers_changes_nothing(cast, enrolled, again, mail_comes, head):
    found = mail_comes(answer(f"{head}\nIn-Reply-To: {sent()}"))
    assert (again(enrolled).status, Note.objects.count(), found.state) == ("active", 0, "taken")
    assert mail_comes(answer(f"{head}\nMessage-ID: <x@y>")).state == "left"
    assert again(enrolled).status == "active"


def test_what_one_of_us_writes_is_no_answer(cast, enrolled, again, mail_comes):
    for sender in ("Owner@acme.example", "hello@acme.example"):
        assert mail_comes(answer(f"In-Reply-To: {sent()}", sender=sender)).state == "left"
    assert again(enrolled).status == "active"


def test_what_could_not_be_delivered_fails_in_plain_words(cast, enrolled, again, mail_comes):
    of = sent()
    mail_comes(REPORT.format(action="delayed", of=of))
    assert again(enrolled).status == "active"
    mail_comes(REPORT.format(action="failed", of="<nobody@x.example>"))
    assert again(enrolled).status == "active"
    found = mail_comes(REPORT.format(action="failed", of=of) + "\n")
    assert (again(enrolled).status, found.state) == ("failed", "taken")
    assert again(enrolled).reason == "There is no such address. Their server says: 550 5.1.1 no such user here"


def test_from_the_sequence_s_mail_to_the_answer_over_a_real_server(cast, owner, enrolled, again, dovecot):
    given = {"address": "answers@acme.example", "user": "answers", "folder": "INBOX", "is_on": True, "purposes": []}
    server = {"host": dovecot.host, "port": dovecot.tls_port, "security": "tls", "password": dovecot.password}
    mailbox = mailboxes.save(owner, Mailbox(), given | server | {"takes_answers": True})
    dovecot.deliver("answers", answer(f"In-Reply-To: {sent()}\nMessage-ID: <1@casa.example>").encode())
    assert read_now(cast.acme, mailbox) == 1
    assert again(enrolled).status == "replied"
    run(cast, 9)
    assert Mail.objects.count() == 1
    assert mailboxes.answers_to("owner@acme.example") == ["owner@acme.example", "answers@acme.example"]


def test_mails_of_sequences_name_the_mailbox_that_takes_answers(cast, act, ana, sequence):
    Mailbox.objects.create(address="answers@acme.example", host="x", user="x")
    Mailbox.objects.create(address="off@acme.example", host="x", user="x", is_on=False)
    act(ana, "enrol", sequence=str(sequence.id))
    run(cast)
    sent()
    assert django_mail.outbox[0].reply_to == ["owner@acme.example", "answers@acme.example"]
