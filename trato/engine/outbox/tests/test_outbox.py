"""The outbox against a mail server that speaks SMTP: what leaves, how often, and that nobody writes its head."""

from __future__ import annotations

import socket
from email import message_from_bytes, policy
from io import BytesIO

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as django_settings

from trato.engine import access, actions, files, objects, outbox
from trato.engine.decisions import NotAdministrator
from trato.engine.outbox import jobs
from trato.engine.outbox.models import Mail
from trato.engine.postgres.scope import in_workspace
from trato.engine.values import Refused

pytestmark = pytest.mark.django_db


class Server:
    """Keeps what it is sent; answers as it is told to."""

    def __init__(self) -> None:
        self.kept, self.answer, self.unknown = [], "", set()

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address in self.unknown:
            return "550 5.1.1 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.answer:
            return self.answer
        self.kept.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


@pytest.fixture
def smtp(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    yield server
    controller.stop()


def put(actor, **values):
    given = {"key": "a", "to": [("Ana García", "ana@customer.example")], "subject": "Your quote", "text": "Hello"}
    return outbox.put(actor, **given | values)


def send(mail) -> Mail:
    jobs.send(str(mail.workspace_id), str(mail.id))
    with in_workspace(mail.workspace_id):
        return Mail.objects.get(id=mail.id)


def test_a_mail_leaves_with_both_texts_and_its_file(cast, as_, smtp):
    with as_(cast.owner) as actor:
        stored = files.store(actor, "Quote Q-1.pdf", BytesIO(b"%PDF-1.7 tiny"))
        text, html = outbox.written("es", ["Hola <b>Ana</b>"], ("Open", "https://x.example/p/acme/s?a=1&b"), ["Bye"])
        mail = put(actor, text=text, html=html, reply_to=cast.owner.email, attachments=[files.described(stored)])
    assert send(mail).state == "sent"
    ((receivers, seen),) = smtp.kept
    assert receivers == ["ana@customer.example"]
    assert seen["From"].addresses[0].display_name == "Acme"
    assert seen["From"].addresses[0].addr_spec in django_settings.DEFAULT_FROM_EMAIL
    assert seen["To"].addresses[0].display_name == "Ana García"
    assert seen["Reply-To"] == cast.owner.email
    assert str(mail.id) in seen["Message-ID"]
    plain, rich = seen.get_body(("plain",)).get_content(), seen.get_body(("html",)).get_content()
    assert "Hola <b>Ana</b>" in plain and "https://x.example/p/acme/s?a=1&b" in plain
    assert "Hola &lt;b&gt;Ana&lt;/b&gt;" in rich and 'href="https://x.example/p/acme/s?a=1&amp;b"' in rich
    (attached,) = seen.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("Quote Q-1.pdf", "application/pdf")
    assert attached.get_content() == b"%PDF-1.7 tiny"


def test_one_key_is_one_mail_and_it_leaves_once(cast, as_, smtp):
    with as_(cast.owner) as actor:
        first, second = put(actor), put(actor, subject="Other")
        assert (first.id, Mail.objects.count()) == (second.id, 1)
    for _turn in range(3):
        send(first)
    assert len(smtp.kept) == 1
    with as_(cast.stranger) as actor:
        assert put(actor).id != first.id


def test_what_is_taken_back_is_not_sent(cast, as_, smtp):
    class Oops(Exception):
        pass

    with pytest.raises(Oops), as_(cast.owner) as actor:
        mail = put(actor)
        raise Oops
    jobs.send(str(cast.acme.id), str(mail.id))
    with as_(cast.owner) as actor:
        waiting = put(actor, key="b")
        outbox.cancel(actor, waiting.id)
    assert send(waiting).state == "cancelled"
    assert smtp.kept == []


def test_a_server_that_is_away_or_busy_is_tried_again_under_the_same_id(cast, as_, smtp, settings):
    with as_(cast.owner) as actor:
        mail = put(actor)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert (send(mail).state, send(mail).attempts) == ("waiting", 2)
    settings.EMAIL_PORT, smtp.answer = port, "451 4.3.0 later"
    assert send(mail).state == "waiting"
    smtp.answer = ""
    row = send(mail)
    assert (row.state, row.message, row.attempts) == ("sent", "", 4)
    assert str(mail.id) in smtp.kept[0][1]["Message-ID"]


def test_one_that_never_goes_says_why_and_can_be_tried_again(cast, as_, smtp):
    smtp.unknown.add("ana@customer.example")
    with as_(cast.owner) as actor:
        mail = put(actor)
    row = send(mail)
    assert row.state == "failed" and "address" in row.message
    smtp.unknown.clear()
    with as_(cast.owner) as actor:
        outbox.retry(actor, mail.id)
        with pytest.raises(access.Absent):
            outbox.cancel(actor, mail.workspace_id)
    assert send(mail).state == "sent"


def test_after_the_last_pause_it_has_failed(cast, as_, smtp):
    smtp.answer = "451 4.3.0 later"
    with as_(cast.owner) as actor:
        mail = put(actor)
    states = [send(mail).state for _turn in range(len(jobs.PAUSES) + 1)]
    assert states == ["waiting"] * len(jobs.PAUSES) + ["failed"]


@pytest.mark.parametrize(
    "evil", ["Hi\r\nBcc: all@x.example", "Hi\nX-Evil: 1\n\nbody", "Hi\x0b\x85\u2028Bcc: y@x.example"]
)
def test_nothing_in_a_head_begins_another_line(cast, as_, smtp, evil):
    with as_(cast.owner) as actor:
        mail = put(actor, subject=evil, to=[(evil, "ana@customer.example")])
    assert send(mail).state == "sent"
    ((receivers, seen),) = smtp.kept
    assert receivers == ["ana@customer.example"]
    assert seen["Bcc"] is None and seen["X-Evil"] is None
    assert seen["Subject"].startswith("Hi ")


@pytest.mark.parametrize(
    "to",
    [
        [],
        [("", "nobody")],
        [("", "a@x.example\nBcc: b@x.example")],
        [("", "a@x.example, b@x.example")],
        [("", "<a@x.example>")],
        [("", f"{n}@x.example") for n in range(21)],
    ],
)
def test_receivers_that_are_none_are_refused(owner, to):
    with pytest.raises(Refused) as refused:
        put(owner, to=to)
    assert refused.value.problems[0].field == "to"
    assert not Mail.objects.exists()


def test_who_sees_what_became_of_mails(cast, as_, make_thing):
    with as_(cast.owner) as actor:
        lamp = make_thing(actor)
        put(actor, about=(objects.get("things"), lamp.id))
        assert len(outbox.listed(actor)[0]) == 1
    with as_(cast.reader) as actor:
        assert len(outbox.of_record(actor, objects.get("things"), lamp.id)) == 1
        for what in (outbox.listed, lambda one: outbox.retry(one, lamp.id)):
            with pytest.raises(NotAdministrator):
                what(actor)
    with as_(cast.limited) as actor, pytest.raises(access.Absent):
        outbox.of_record(actor, objects.get("things"), lamp.id)
    with as_(cast.stranger) as actor:
        assert outbox.listed(actor) == ([], False)


@pytest.fixture
def make_thing():
    return lambda actor: actions.create(actor, objects.get("things"), {"name": "Lamp"})
