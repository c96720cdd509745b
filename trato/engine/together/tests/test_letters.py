"""Mails of notifications, received by a real SMTP server: once, in the person's language, with what they may see."""

from __future__ import annotations

import socket
from datetime import timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from trato.engine import actions, objects
from trato.engine.together import comments, gathering, jobs, letters, wishes
from trato.engine.together.models import Gathering, Letter, Notification
from trato.engine.workspaces.actors import actor_for_user
from trato.engine.workspaces.models import User

from .test_together import mention, run_comment

pytestmark = pytest.mark.django_db


class Box:
    """Keeps what it is sent, or refuses it."""

    def __init__(self):
        self.mails, self.refusing = [], False

    async def handle_DATA(self, server, session, envelope):
        if self.refusing:
            return "451 mia@acme.example: come again later"
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 kept"


@pytest.fixture
def box(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = Box()
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield kept
    server.stop()


@pytest.fixture
def thing(owner):
    Gathering.objects.create(began_at=timezone.now() - timedelta(hours=1), through=timezone.now())
    return actions.create(owner, objects.get("things"), {"name": "Señor Lamp"})


@pytest.fixture
def mentioned(owner, cast, thing):
    made, _ = comments.create(owner, objects.get("things"), thing.id, f"{mention(cast.member)} please <b>look</b>")
    run_comment(cast, made)
    return made


def deliver(cast, now=None):
    for letter in letters.collect(now):
        letters.send(cast.acme, letter)
        letters.send(cast.acme, letter)


def test_a_mention_arrives_once_with_its_place(box, cast, thing, mentioned):
    deliver(cast)
    deliver(cast)
    [(to, mail)] = box.mails
    assert to == ["member@acme.example"]
    assert "Lamp" not in mail["Subject"] and "Olga" not in mail["Subject"]
    body = mail.get_content()
    assert "Señor Lamp: Olga Owner mentioned you" in body and "@x please look" in body
    assert f"/w/acme/things/{thing.id}#comment-{mentioned.id}" in body
    assert "/w/acme/settings/notifications" in body
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/unsubscribe/" in mail["List-Unsubscribe"] and mail["Auto-Submitted"] == "auto-generated"
    letter = Letter.objects.get()
    assert mail["Message-ID"].startswith(f"<{letter.id}@") and letter.sent_at


def test_a_letter_that_died_after_it_left_goes_under_the_same_name(box, cast, mentioned):
    [letter] = letters.collect()
    letters.send(cast.acme, letter)
    Letter.objects.update(sent_at=None)  # killed before it was noted
    letters.send(cast.acme, letter)
    assert len({mail["Message-ID"] for _to, mail in box.mails}) == 1


def test_a_server_that_refuses_is_tried_again_and_no_address_is_told(box, cast, mentioned):
    [letter] = letters.collect()
    box.refusing = True
    with pytest.raises(letters.NotSent) as refused:
        letters.send(cast.acme, letter)
    assert "@" not in str(refused.value) and refused.value.__cause__ is None and refused.value.__suppress_context__
    box.refusing = False
    assert letters.send(cast.acme, letter)
    assert len(box.mails) == 1


def test_a_right_lost_before_the_mail_leaves_keeps_it_in(box, cast, mentioned, set_role):
    [letter] = letters.collect()
    set_role(cast.member, {"objects": {"things": {"see": "own"}}})
    assert letters.send(cast.acme, letter) is False
    assert box.mails == []


def test_what_was_read_meanwhile_is_not_mailed(box, cast, mentioned):
    Notification.objects.update(read_at=timezone.now())
    deliver(cast)
    assert box.mails == [] and not Letter.objects.exists()


def test_a_digest_speaks_the_persons_language_and_comes_at_their_hour(box, cast, owner, thing):
    User.objects.filter(id=cast.member.id).update(language="es", time_zone="Pacific/Auckland")
    cast.member.refresh_from_db()
    member = actor_for_user(cast.member, cast.acme)
    daily = {kind: {"app": True, "mail": "daily"} for kind in ("mention", "assigned")}
    wishes.change(member, {"channels": daily, "digest_hour": 7})
    made, _ = comments.create(owner, objects.get("things"), thing.id, mention(cast.member))
    run_comment(cast, made)
    actions.update(owner, objects.get("things"), thing.id, {"owner": cast.member.id})
    gathering.gather(cast.acme)
    due = {one.mail_at for one in Notification.objects.filter(user=cast.member)}
    assert len(due) == 1
    [at] = due
    local = at.astimezone(ZoneInfo("Pacific/Auckland"))
    assert (local.hour, local.minute) == (7, 0) and timedelta(0) < at - timezone.now() <= timedelta(days=1)
    deliver(cast, at - timedelta(seconds=1))
    assert box.mails == []
    deliver(cast, at)
    [(_to, mail)] = box.mails
    assert mail.get_content().count("Señor Lamp: ") == 2


def test_wishes_changed_meanwhile_hold_for_what_waits(box, cast, mentioned):
    wishes.no_mails(actor_for_user(cast.member, cast.acme))
    deliver(cast, timezone.now() + timedelta(days=30))
    assert box.mails == []


def test_the_minute_runs_twice_and_mails_once(box, cast, mentioned):
    jobs.minute(cast.acme)
    jobs.minute(cast.acme)
    assert Letter.objects.count() == 1
