"""Signing in and out, a forgotten password, an invitation by mail, and other browsers, over the real servers."""

from __future__ import annotations

import re

import pytest

from tests.running import Person, Site, link_in, words

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def acme(site: Site) -> tuple[str, Person]:
    return site.workspace("Acme Accounts", "olga@accounts.example")


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(site: Site, acme: tuple[str, Person]) -> None:
    visitor = site.visitor()
    wrong = visitor.sign_in(Person(acme[1].email, "not the password"))
    unknown = visitor.sign_in(Person("nobody@accounts.example", "not the password"))
    assert (wrong.status_code, wrong.url) == (unknown.status_code, unknown.url)
    assert words(wrong) == words(unknown)
    assert "is wrong" in words(wrong)
    assert "trato_session" not in visitor.cookies


def test_signing_in_leads_to_my_day_and_signing_out_ends_it(site: Site, acme: tuple[str, Person]) -> None:
    slug, olga = acme
    visitor = site.visitor()
    day = visitor.sign_in(olga)
    assert day.url == f"{site.base}/w/{slug}/"
    assert "My day" in words(day)
    kept = visitor.cookies["trato_session"]
    assert "Sign in to Trato" in words(visitor.post("/accounts/logout/"))
    again = site.visitor()
    again.cookies.set("trato_session", kept)
    assert again.get(f"/w/{slug}/contacts/").url.startswith(f"{site.base}/accounts/login/")


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(site: Site, acme: tuple[str, Person]) -> None:
    bo = site.person("bo@accounts.example", acme[0], "Reader")
    visitor = site.visitor()
    visitor.get("/accounts/password/reset/")
    known = visitor.post("/accounts/password/reset/", {"email": bo.email})
    unknown = visitor.post("/accounts/password/reset/", {"email": "nobody@accounts.example"})
    assert words(known) == words(unknown)
    link = link_in(site.mail_to(bo.email))
    form = visitor.get(link)
    assert "Choose a new password" in words(form)
    short = visitor.post(form.url, {"password1": "short", "password2": "short"})
    assert "at least 10" in words(short)
    new = "a phrase nobody else has"
    assert "Your password is changed" in words(visitor.post(form.url, {"password1": new, "password2": new}))
    assert "This link no longer works" in words(site.visitor().get(link))
    assert "is wrong" in words(site.visitor().sign_in(bo))
    assert site.visitor().sign_in(Person(bo.email, new)).url == f"{site.base}/w/{acme[0]}/"


def test_an_invitation_by_mail_makes_a_member_whose_role_holds_at_once(site: Site, acme: tuple[str, Person]) -> None:
    slug, olga = acme
    administrator = site.visitor(olga)
    page = administrator.get(f"/w/{slug}/settings/members/invite").text
    reader_role = re.search(r'<option value="([^"]+)"[^>]*>Reader<', page)[1]
    sent = administrator.post(
        f"/w/{slug}/settings/members/invite", {"email": "ria@accounts.example", "role": reader_role}
    )
    assert "ria@accounts.example" in words(sent)

    link = link_in(site.mail_to("ria@accounts.example"))
    guest = site.visitor()
    assert "Join Acme Accounts" in words(guest.get(link))
    joined = guest.post(link, {"name": "Ria Reader", "password": "reads a lot of pages"})
    assert joined.url == f"{site.base}/w/{slug}/"
    assert guest.get(f"/w/{slug}/contacts/").status_code == 200
    assert guest.get(f"/w/{slug}/contacts/new").status_code == 403
    assert guest.post(f"/w/{slug}/contacts/new", {"last_name": "Nobody"}).status_code == 403
    assert guest.get(f"/w/{slug}/settings/members").status_code == 403
    assert "Nobody" not in words(administrator.get(f"/w/{slug}/contacts/"))
    assert site.visitor().get(link).status_code == 410, "a link works once"
    assert "Ria Reader" in words(administrator.get(f"/w/{slug}/settings/members"))


def test_a_browser_is_signed_out_from_another(site: Site, acme: tuple[str, Person]) -> None:
    slug, _olga = acme
    eva = site.person("eva@accounts.example", slug, "Member")
    desk, phone = site.visitor(), site.visitor()
    desk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    phone.headers["User-Agent"] = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"
    )
    desk.sign_in(eva)
    phone.sign_in(eva)
    sessions = f"/w/{slug}/settings/sessions"
    page = desk.get(sessions)
    assert "Firefox, Linux" in words(page)
    assert "Safari, iPhone" in words(page)
    [end] = re.findall(rf'action="({sessions}/\d+/end)"', page.text)
    assert "Signed out there." in words(desk.post(end))
    assert phone.get(f"/w/{slug}/").url.startswith(f"{site.base}/accounts/login/")
    assert desk.get(f"/w/{slug}/").url == f"{site.base}/w/{slug}/"
