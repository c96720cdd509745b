"""Signing in, guessing, forgetting: django-allauth as it is set up here."""

import re
import threading
from smtplib import SMTPRecipientsRefused
from threading import Event

import pytest
from django.core import mail, signing
from django.http import HttpResponse
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


@pytest.mark.parametrize("page", ["login/", "password/reset/", "password/change/", "sessions/", "logout/", "email/"])
def test_the_pages_of_accounts_keep_the_policy(signed_in, cast, page):
    answer = signed_in(cast.manager).get(f"/accounts/{page}", follow=True)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert " style=" not in html and "<script>" not in html and "onclick" not in html


NEW = "max@new.example"


def asked(browser: Client, email: str = NEW, password: str = PASSWORD) -> HttpResponse:
    """The answer to somebody who wants another address."""
    return browser.post("/accounts/email/", {"email": email, "password": password})


def link() -> str:
    """The link in the last mail."""
    return re.search(r"http://[^/]+(/accounts/email/\S+)", mail.outbox[-1].body)[1]


def signs_in(email: str) -> bool:
    return Client().post("/accounts/login/", {"login": email, "password": PASSWORD}).status_code == 302


def test_a_new_address_counts_once_it_is_proven_and_the_old_one_is_told(signed_in, cast):
    browser = signed_in(cast.manager)
    assert "/accounts/email/" in browser.get("/w/acme/settings/profile").content.decode()
    browser.post("/accounts/password/reset/", {"email": EMAIL})  # so that django-allauth knows the old address too
    mails_left()
    assert asked(browser, NEW.upper()).status_code == 200
    assert mail.outbox[-1].to == [NEW] and not signs_in(NEW)
    address = link()
    assert browser.get(address).status_code == 200 and not signs_in(NEW), "opening it changes nothing: scanners do"
    assert browser.post(address).status_code == 303
    assert mail.outbox[-1].to == [EMAIL] and NEW in mail.outbox[-1].body
    assert signs_in(NEW) and not signs_in(EMAIL)
    told = len(mail.outbox)
    Client().post("/accounts/password/reset/", {"email": EMAIL})
    mails_left()
    assert len(mail.outbox) == told, "the old address gets no link for a new password any more"
    assert browser.post(address).status_code == 410, "once"


def test_a_page_never_says_whether_an_address_has_an_account(signed_in, cast):
    browser = signed_in(cast.manager)
    free = asked(browser).content.decode()
    taken = asked(browser, "owner@acme.example").content.decode()
    assert mail.outbox[-1].to == ["owner@acme.example"] and "/accounts/email/" not in mail.outbox[-1].body
    secret = re.compile(r'(?<=content=")\w{64}(?=")')
    assert secret.sub("", free.replace(NEW, "")) == secret.sub("", taken.replace("owner@acme.example", ""))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"password": "a wrong guess"}, "password"),
        ({"password": ""}, "password"),
        ({"email": "no address"}, "email"),
        ({"email": EMAIL}, "email"),
        ({"email": "a\0b@acme.example"}, "email"),
    ],
)
def test_an_address_is_not_changed_without_the_password(signed_in, cast, given, field):
    answer = signed_in(cast.manager).post("/accounts/email/", {"email": NEW, "password": PASSWORD} | given)
    assert answer.status_code == 422 and f'href="#input-{field}"' in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert not mail.outbox


def test_the_password_is_not_guessed_on_the_page_of_the_address(signed_in, cast):
    browser = signed_in(cast.manager)
    for _n in range(6):
        answer = asked(browser, password="a wrong guess")
    assert "too often" in asked(browser).content.decode() and answer.status_code == 422
    assert not mail.outbox


def test_a_link_is_only_for_who_asked_and_while_all_is_as_it_was(signed_in, cast):
    browser = signed_in(cast.manager)
    asked(browser)
    address = link()
    assert Client().post(address).status_code == 302
    assert signed_in(cast.member).post(address).status_code == 409
    assert browser.post(address.replace("/email/", "/email/x")).status_code == 410
    with_time = signing.time.time
    try:
        signing.time.time = lambda: with_time() + 25 * 3600
        assert browser.post(address).status_code == 410
    finally:
        signing.time.time = with_time
    cast.manager.set_password("another long phrase")
    cast.manager.save()
    assert signed_in(cast.manager).post(address).status_code == 410
    cast.manager.refresh_from_db()
    assert cast.manager.email == EMAIL


def test_an_address_that_somebody_took_meanwhile_is_not_taken_from_them(signed_in, cast):
    browser = signed_in(cast.manager)
    asked(browser)
    type(cast.member).objects.filter(id=cast.member.id).update(email=NEW)
    assert browser.post(link()).status_code == 410
    cast.manager.refresh_from_db()
    assert cast.manager.email == EMAIL


def test_a_mail_that_does_not_leave_is_said(signed_in, cast, monkeypatch):
    def refuse(message: mail.EmailMessage) -> int:
        raise SMTPRecipientsRefused({NEW: (550, b"no such user")})

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    answer = asked(signed_in(cast.manager))
    assert answer.status_code == 422 and "could not be sent" in answer.content.decode()
