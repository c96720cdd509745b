"""Signing in, guessing, forgetting: django-allauth as it is set up here."""

import html
import re
import threading
from pathlib import Path
from smtplib import SMTPRecipientsRefused
from threading import Event

import allauth
import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.auth.password_validation import get_default_password_validators
from django.core import mail, signing
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from django.utils.module_loading import import_string

from tests.cast import PASSWORD
from trato.engine.workspaces.models import User

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
    assert browser.post(address.replace("proof=", "proof=x")).status_code == 410
    assert browser.post("/accounts/email/confirm/").status_code == 410
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


def seen(answer: HttpResponse) -> str:
    """The words of a page, without its markup."""
    return html.unescape(re.sub(r"<[^>]+>", "\n", answer.content.decode()))


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("es", {"Mantener la sesión abierta en este dispositivo", "Correo electrónico", "Contraseña"}),
        ("ro", {"Rămâi conectat pe acest dispozitiv", "E-mail", "Parolă"}),
    ],
)
def test_signing_in_speaks_our_words(cast, language, labels):
    answer = Client().get("/accounts/login/", headers={"accept-language": language})
    assert labels <= {line.strip() for line in seen(answer).splitlines()}


def test_every_form_of_an_account_is_in_our_words():
    """Labels, hints and messages come from our catalogue, not from the one of the library or of Django."""
    with (settings.PACKAGE / "locale/ro/LC_MESSAGES/django.po").open("rb") as file:
        ours = {str(message.id) for message in read_po(file) if message.string}
    person = User(email=EMAIL)
    for path in settings.ACCOUNT_FORMS.values():
        kind = import_string(path)
        form = kind(**({"user": person} if "Reauthenticate" in path else {}))
        for name, field in form.fields.items():
            for words in (field.label, field.error_messages["required"]):
                with translation.override("en"):
                    assert str(words) in ours, (path, name, str(words))
    assert {type(one).__module__ for one in get_default_password_validators()} == {"trato.site.forms"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"oldpassword": "a wrong guess"}, "Esta no es tu contraseña."),
        ({"password2": "another long phrase"}, "Las dos contraseñas no son iguales."),
        ({"password2": ""}, "Rellena este campo."),
        ({"password1": "corta1", "password2": "corta1"}, "Necesita al menos 10 caracteres."),
        ({"password1": "max manager", "password2": "max manager"}, "Se parece demasiado a tu nombre o a tu dirección."),
        ({"password1": "8402957163", "password2": "8402957163"}, "Solo tiene cifras; añade letras."),
        ({"password1": "1234567890", "password2": "1234567890"}, "Es una de las contraseñas que se prueban primero"),
    ],
)
def test_what_is_wrong_with_a_password_is_said_as_everything_else_is(signed_in, cast, given, told):
    type(cast.manager).objects.filter(id=cast.manager.id).update(language="es")
    form = {"oldpassword": PASSWORD, "password1": "a new long phrase", "password2": "a new long phrase"} | given
    answer = signed_in(cast.manager).post("/accounts/password/change/", form)
    assert answer.status_code == 200 and told in seen(answer)


def test_a_changed_password_is_told_by_mail_in_the_persons_language(signed_in, cast):
    type(cast.manager).objects.filter(id=cast.manager.id).update(language="ro")
    form = {"oldpassword": PASSWORD, "password1": "a new long phrase", "password2": "a new long phrase"}
    browser = signed_in(cast.manager)
    assert browser.post("/accounts/password/change/", form).status_code == 302
    mails_left()
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == ([EMAIL], "Parola ta a fost schimbată")
    assert "127.0.0.1" in mail.outbox[-1].body and "example.com" not in mail.outbox[-1].body
    assert "Parola a fost schimbată." in seen(browser.get("/accounts/login/", headers={"accept-language": "ro"}))


def test_the_mail_of_a_forgotten_password_speaks_the_persons_language(cast):
    type(cast.manager).objects.filter(id=cast.manager.id).update(language="es")
    Client().post("/accounts/password/reset/", {"email": EMAIL}, headers={"accept-language": "ro"})
    mails_left()
    assert mail.outbox[-1].subject == "Elige una nueva contraseña"
    assert "/accounts/password/reset/key/" in mail.outbox[-1].body


def test_who_comes_too_often_is_told_on_a_page_of_ours(cast):
    for _n in range(32):
        answer = Client().post("/accounts/login/", {"login": "nobody@acme.example", "password": "x"})
    assert answer.status_code == 429 and "That was too often" in answer.content.decode()


def test_every_page_and_mail_that_the_library_sends_people_is_ours():
    """No template with words of the library is left where its urls or flows lead."""
    library = Path(allauth.__file__).parent / "templates"
    left = [
        "account/email.html", "account/email_change.html", "account/email_confirm.html",
        "account/verification_sent.html", "account/verified_email_required.html", "account/signup.html",
        "account/signup_by_passkey.html", "account/phone_change.html", "account/request_login_code.html",
    ]  # fmt: skip
    ours = settings.PACKAGE / "web/django_templates"
    missing = [
        name
        for page in sorted((library / "account").glob("*.html"))
        if (name := f"account/{page.name}") not in left and "base_" not in name and "confirm_" not in name
        if not (ours / name).exists()
    ]
    assert missing == []


def test_what_happens_to_an_account_is_in_the_log_without_its_address(cast, caplog):
    caplog.set_level("INFO", "trato.accounts")
    browser = Client()
    browser.post("/accounts/login/", {"login": EMAIL, "password": "a wrong guess"})
    browser.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    form = {"oldpassword": PASSWORD, "password1": "a new long phrase", "password2": "a new long phrase"}
    browser.post("/accounts/password/change/", form)
    told = [record.getMessage() for record in caplog.records if record.name == "trato.accounts"]
    assert told == ["sign-in failed", f"signed in: {cast.manager.id}", f"password changed: {cast.manager.id}"]
    assert EMAIL not in caplog.text
