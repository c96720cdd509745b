"""Signing in, guessing, forgetting: django-allauth as it is set up here."""

import re
import threading
from smtplib import SMTPRecipientsRefused
from threading import Event

import pytest
from django.core import mail
from django.test import Client

from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
EMAIL = "manager@acme.example"


def mails_left() -> None:
    """Wait for the mails that are on their way."""
    for thread in threading.enumerate():
        if thread.name == "account mail":
            thread.join(20)


def test_signing_in_gives_a_new_session_and_leads_to_where_one_wanted(cast):
    browser = Client()
    page = browser.get("/w/acme/things/", follow=True)
    assert 'name="login"' in page.content.decode()
    before = browser.session.session_key
    answer = browser.post("/accounts/login/?next=/w/acme/things/", {"login": EMAIL.upper(), "password": PASSWORD})
    assert answer["Location"] == "/w/acme/things/"
    assert browser.session.session_key != before
    assert browser.get("/w/acme/things/").status_code == 200


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_elsewhere(cast, address):
    answer = Client().post("/accounts/login/", {"login": EMAIL, "password": PASSWORD, "next": address})
    assert answer["Location"] == "/"


def test_passwords_can_not_be_guessed_for_long(cast):
    for n in range(12):
        answer = Client().post("/accounts/login/", {"login": EMAIL, "password": f"wrong guess {n}"})
    assert answer.status_code in (200, 429)
    right = Client().post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert right.status_code != 302, "even the right password has to wait now, from any browser"


def test_a_forgotten_password_is_set_anew_by_a_mailed_link_once(cast):
    browser = Client()
    browser.post("/accounts/password/reset/", {"email": EMAIL})
    mails_left()
    link = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    form = browser.get(link, follow=True)
    address = form.request["PATH_INFO"]
    new = {"password1": "a new long phrase", "password2": "a new long phrase"}
    assert browser.post(address, {"password1": "short", "password2": "short"}).status_code == 200
    assert browser.post(address, new).status_code == 302
    assert Client().post("/accounts/login/", {"login": EMAIL, "password": "a new long phrase"}).status_code == 302
    again = Client().get(link, follow=True).content.decode()
    assert 'name="password1"' not in again


def test_nobody_gets_a_mail_for_an_unknown_address(cast):
    Client().post("/accounts/password/reset/", {"email": "nobody@acme.example"})
    mails_left()
    assert not mail.outbox


def test_neither_a_slow_nor_a_broken_mail_server_tells_which_addresses_have_an_account(cast, monkeypatch, caplog):
    answered = Event()

    def refuse(message: mail.EmailMessage) -> int:
        assert answered.wait(20), "the answer waits for the mail server"
        raise SMTPRecipientsRefused({EMAIL: (550, b"no such user")})

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    known, unknown = (
        Client().post("/accounts/password/reset/", {"email": email}) for email in (EMAIL, "nobody@acme.example")
    )
    answered.set()
    mails_left()
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert known.status_code == 302
    assert "SMTPRecipientsRefused" in caplog.text and EMAIL not in caplog.text


def test_signing_out_is_only_done_by_post_and_ends_the_session(signed_in, cast):
    browser = signed_in(cast.manager)
    assert browser.get("/accounts/logout/").status_code == 200
    assert browser.get("/w/acme/things/").status_code == 200
    browser.post("/accounts/logout/")
    assert browser.get("/w/acme/things/").status_code == 302


@pytest.mark.parametrize("page", ["login/", "password/reset/", "password/change/", "sessions/", "logout/"])
def test_the_pages_of_accounts_keep_the_policy(signed_in, cast, page):
    answer = signed_in(cast.manager).get(f"/accounts/{page}", follow=True)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert " style=" not in html and "<script>" not in html and "onclick" not in html


def test_nobody_takes_an_address_without_proof(signed_in, cast):
    browser = signed_in(cast.manager)
    assert browser.post("/accounts/email/", {"action_add": "", "email": "boss@acme.example"}).status_code == 404
