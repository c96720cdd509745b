"""Who gets in: strangers, limited roles, forged forms, addresses that lead out."""

import re

import pytest
from django.test import Client

from trato.engine.workspaces.models import Membership

pytestmark = pytest.mark.django_db

PAGES = [
    "",
    "things/",
    "things/new",
    "search?q=lamp",
    "pick?q=lamp",
    "settings/profile",
    "settings/members",
    "settings/jobs",
    "contacts/",
]


@pytest.mark.parametrize("page", PAGES)
def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(cast, page):
    answer = Client().get(f"/w/acme/{page}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=%2Fw%2Facme%2F")


def without_secrets(answer) -> str:
    """A page without what differs at every request: the token of its forms and its reference."""
    return re.sub(r'name="csrf-token" content="[^"]*"|<code>[^<]*</code>', "", answer.content.decode())


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_gets_the_same_answer_as_where_there_is_no_workspace(cast, signed_in, page):
    stranger = signed_in(cast.stranger)
    here, nowhere = stranger.get(f"/w/acme/{page}"), stranger.get(f"/w/no-such-place/{page}")
    assert here.status_code == nowhere.status_code == 404
    assert without_secrets(here) == without_secrets(nowhere)


def test_a_record_of_another_workspace_is_not_there(cast, signed_in, make):
    thing = make("things", name="Lamp")
    assert signed_in(cast.stranger).get(f"/w/globex/things/{thing.id}").status_code == 404


def test_a_limited_role_sees_only_its_own_and_no_hidden_field(cast, signed_in, make):
    hers = make("things", name="Hers")
    mine = make("things", name="Mine", secret="s3cret", owner=str(cast.limited.id))
    limited = signed_in(cast.limited)
    assert limited.get(f"/w/acme/things/{hers.id}").status_code == 404
    assert limited.get(f"/w/acme/things/{hers.id}/history").status_code == 404
    assert limited.post(f"/w/acme/things/{hers.id}/delete").status_code == 404
    for page in ("", "/edit", "/history", "/timeline"):
        html = limited.get(f"/w/acme/things/{mine.id}{page}").content.decode()
        assert "s3cret" not in html, page
    assert limited.get(f"/w/acme/things/{mine.id}/field/secret").status_code == 404
    assert limited.get("/w/acme/search?q=s3cret").content.decode().count("Mine") == 0


def test_a_reader_may_look_but_not_touch(cast, signed_in, make):
    thing = make("things", name="Lamp")
    reader = signed_in(cast.reader)
    html = reader.get(f"/w/acme/things/{thing.id}").content.decode()
    assert "/edit" not in html.split("<main")[1]
    assert reader.get(f"/w/acme/things/{thing.id}/edit").status_code == 403
    assert reader.get("/w/acme/things/new").status_code == 403
    assert reader.post(f"/w/acme/things/{thing.id}/delete").status_code == 403
    assert reader.post(f"/w/acme/things/{thing.id}/edit", {"name": "Mine now", "version": "1"}).status_code == 403
    assert "Lamp" in reader.get("/w/acme/things/").content.decode()


def test_forms_without_their_secret_are_refused(cast):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.owner)
    answer = browser.post("/w/acme/things/new", {"name": "Forged", "state": "new"})
    assert answer.status_code == 403
    assert "Forged" not in browser.get("/w/acme/things/").content.decode()


@pytest.mark.parametrize(
    "address",
    ["delete", "restore", "pin/00000000-0000-7000-8000-000000000000", "share/00000000-0000-7000-8000-000000000000/end"],
)
def test_what_changes_something_is_only_done_by_post(browser, make, address):
    thing = make("things", name="Lamp")
    assert browser.get(f"/w/acme/things/{thing.id}/{address}").status_code == 405


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/", "/w/acme/../../x//y", "/w/globex/", "\\\\evil"]
)
def test_a_form_never_leads_out_of_the_workspace(browser, address):
    answer = browser.post("/w/acme/crates/new", {"name": "Box", "back": address})
    assert answer.status_code == 303
    assert answer["Location"].startswith("/w/acme/crates/")


def test_pages_are_sent_with_a_strict_policy_and_are_not_kept(browser):
    answer = browser.get("/w/acme/things/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cache-Control"] == "private, no-store"
    html = answer.content.decode()
    assert " style=" not in html and "onclick" not in html and "<script>" not in html


def test_the_root_leads_to_the_workspace_a_person_was_in_last(cast, signed_in):
    browser = signed_in(cast.owner)
    assert browser.get("/")["Location"] == "/w/acme/"
    assert Client().get("/")["Location"].startswith("/accounts/login/")


def test_a_person_who_was_removed_is_out_at_once(cast, as_, signed_in, browser):
    member = signed_in(cast.member)
    assert member.get("/w/acme/things/").status_code == 200
    with as_(cast.owner):
        membership = Membership.objects.get(user=cast.member).id
    assert browser.post(f"/w/acme/settings/members/{membership}/remove").status_code == 303
    assert member.get("/w/acme/things/").status_code == 404


@pytest.mark.parametrize(
    "path", ["nothing/", "things/not-an-id", "things/00000000-0000-7000-8000-000000000000", "settings/nothing"]
)
def test_what_is_not_there_is_a_page_that_says_so(browser, path):
    answer = browser.get(f"/w/acme/{path}")
    assert answer.status_code == 404
    assert "Nothing is here" in answer.content.decode()


def test_an_address_that_only_takes_a_form_says_so_when_it_is_opened(browser, make):
    answer = browser.get(f"/w/acme/things/{make('things', name='Lamp').id}/delete")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "There is no page to open here" in answer.content.decode()
