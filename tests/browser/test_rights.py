"""Roles, teams, the question why, looking as somebody, and passkeys, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running import Person, Site

from .conftest import PATIENCE, Open
from .test_together import axe

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def bank(site: Site) -> tuple[str, Person, Person]:
    """A workspace, its administrator, and a member of it."""
    slug, olga = site.workspace("Key Bank", "olga@keybank.example")
    return slug, olga, site.person("mia@keys.example", slug, "Member")


@pytest.mark.parametrize("width", [390, 1440])
def test_a_role_is_decided_in_its_matrix(open_as: Open, bank: tuple[str, Person, Person], width: int) -> None:
    slug, olga, _mia = bank
    page = open_as(olga, f"/w/{slug}/settings/roles/new", width=width)
    page.fill("[name=name]", f"Sellers {width}")
    page.select_option('[name="*.see"]', "team")
    see = page.locator('[name="contacts.see"]')
    expect(see).to_be_hidden()
    page.locator('[name="contacts.own"]').focus()
    page.keyboard.press("Space")
    expect(see).to_be_visible()
    see.select_option("own")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.locator('[name="contacts.see"]')).to_have_value("own")
    expect(page.locator('[name="accounts.see"]')).to_be_hidden()
    page.get_by_role("link", name="Contacts: Fields").click()
    page.get_by_label("Birthday").select_option("hidden")
    assert axe(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Contacts: Fields")).to_have_text("1 limited")


@pytest.mark.parametrize("width", [390, 1440])
def test_why_and_looking_are_at_hand_and_usable_by_everybody(
    open_as: Open, bank: tuple[str, Person, Person], width: int
) -> None:
    slug, olga, _mia = bank
    page = open_as(olga, f"/w/{slug}/contacts/new", width=width)
    page.fill("[name=last_name]", "Secretova")
    page.press("[name=last_name]", "Enter")
    page.wait_for_url(re.compile(r"/contacts/[0-9a-f-]{36}$"))
    page.goto(f"{page.url}/why")
    page.select_option("[name=who]", label="mia@keys.example")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", name="can see it")).to_be_visible()
    expect(page.get_by_role("heading", name="can't change it")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"/w/{slug}/settings/members")
    page.get_by_label("Actions for mia@keys.example").click()
    page.get_by_role("button", name="Look as mia@keys.example").click()
    bar = page.get_by_label("Looking as somebody else")
    expect(bar).to_contain_text("mia@keys.example")
    page.goto(f"/w/{slug}/contacts/")
    expect(bar).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    bar.get_by_role("button", name="Stop looking").click()
    expect(bar).to_have_count(0)


def test_a_team_is_put_below_another_and_ways_to_sign_in_are_decided(
    open_as: Open, bank: tuple[str, Person, Person]
) -> None:
    slug, olga, _mia = bank
    page = open_as(olga, f"/w/{slug}/settings/teams/new", width=390)
    page.fill("[name=name]", "Spain")
    page.get_by_role("button", name="Save").click()
    page.goto(f"/w/{slug}/settings/teams/new")
    page.fill("[name=name]", "Madrid")
    page.select_option("[name=parent]", label="Spain")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Madrid")).to_contain_text("below Spain")
    page.goto(f"/w/{slug}/contacts/new")
    page.fill("[name=last_name]", "Sharova")
    page.press("[name=last_name]", "Enter")
    page.wait_for_url(re.compile(r"/contacts/[0-9a-f-]{36}$"))
    page.goto(f"{page.url}/share")
    assert axe(page) == []
    page.get_by_role("link", name="Share", exact=True).click()
    page.select_option("[name=with]", label="Madrid")
    assert axe(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Madrid")).to_contain_text("may see it")
    assert axe(page) == []
    for place in ("teams", "why", "sign-in", "sign-in/company", "sign-in/company?kind=saml"):
        page.goto(f"/w/{slug}/settings/{place}")
        assert axe(page) == [], place
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, place


@pytest.fixture
def guest(browser: Browser, site: Site) -> Iterator[Page]:
    """A page on localhost, since a passkey needs a name, and a device that makes passkeys."""
    context = browser.new_context(base_url=site.base.replace("127.0.0.1", "localhost"), reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page
    context.close()


def test_a_passkey_signs_in_alone_and_as_a_second_factor(guest: Page, bank: tuple[str, Person, Person]) -> None:
    slug, _olga, mia = bank
    inside = re.compile(rf"^[^?]*/w/{slug}/alive$")  # and not the page that would lead there

    def by_password() -> None:
        guest.goto(f"/accounts/login/?next=/w/{slug}/alive")
        guest.fill("[name=login]", mia.email)
        guest.fill("[name=password]", mia.password)
        guest.press("[name=password]", "Enter")

    by_password()
    guest.wait_for_url(inside)
    guest.goto("/accounts/2fa/webauthn/add/")
    guest.fill("[name=password]", mia.password)
    guest.get_by_role("button", name="Continue").click()
    guest.fill("[name=name]", "Mia's laptop")
    assert axe(guest) == []
    guest.get_by_role("button", name="Add it").click()
    expect(guest.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert guest.locator(".codes li").count() == 10
    guest.goto("/accounts/2fa/")
    expect(guest.get_by_text("Mia's laptop")).to_be_visible()
    assert axe(guest) == []
    guest.context.clear_cookies()
    guest.goto(f"/accounts/login/?next=/w/{slug}/alive")
    guest.get_by_role("button", name="Sign in with a passkey").click()
    guest.wait_for_url(inside)
    guest.context.clear_cookies()
    by_password()
    guest.wait_for_url("**/accounts/2fa/authenticate/**")
    assert axe(guest) == []
    guest.get_by_role("button", name="Use a passkey").click()
    guest.wait_for_url(inside)
