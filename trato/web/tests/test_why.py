"""The page that says why somebody may see a record: for administrators, of their own workspace."""

import pytest

from trato.engine import tokens

pytestmark = pytest.mark.django_db


def test_it_says_who_may_what_and_why(browser, cast, make):
    thing = make("things", name="Lamp", owner=str(cast.manager.id))
    page = f"/w/acme/things/{thing.id}/why"
    assert f'href="{page}"' in browser.get(f"/w/acme/things/{thing.id}").content.decode()
    assert "Lia Limited" in browser.get(page).content.decode()
    html = browser.get(f"{page}?who={cast.limited.id}").content.decode()
    assert "Lia Limited can&#39;t see it." in html or "Lia Limited can't see it." in html
    assert "The role “Limited”, in its own rules for Things, lets its holders see the records they own." in html
    assert "The record belongs to Max Manager." in html
    assert "The role hides this field." in html
    assert "Max Manager can delete it." in browser.get(f"{page}?who={cast.manager.id}").content.decode()


def test_a_key_is_asked_about_as_well(browser, as_, cast, make):
    thing = make("things", name="Lamp")
    with as_(cast.owner) as owner:
        token, _text = tokens.make(owner, "Export", ["crates:see"], 30)
    html = browser.get(f"/w/acme/things/{thing.id}/why?who=key-{token.id}").content.decode()
    assert "limited to: crates:see" in html


def test_one_begins_with_the_record_or_in_settings(browser, cast, make):
    thing = make("things", name="Lamp")
    page = "/w/acme/settings/why"
    assert browser.get(page).status_code == 200
    answer = browser.post(page, {"record": f"things/{thing.id}", "who": str(cast.reader.id)})
    assert answer["Location"] == f"/w/acme/things/{thing.id}/why?who={cast.reader.id}"
    for wrong in (
        {},
        {"record": "things/x", "who": str(cast.reader.id)},
        {"record": f"things/{thing.id}", "who": "me"},
    ):
        assert browser.post(page, wrong).status_code == 422


def test_nobody_else_asks_and_no_other_workspace_answers(browser, signed_in, cast, make):
    thing = make("things", name="Lamp")
    assert signed_in(cast.manager).get(f"/w/acme/things/{thing.id}/why").status_code == 403
    assert signed_in(cast.stranger).get(f"/w/globex/things/{thing.id}/why").status_code == 404
    html = browser.get(f"/w/acme/things/{thing.id}/why?who={cast.stranger.id}").content.decode()
    assert "can see it" not in html and "Stan" not in html
