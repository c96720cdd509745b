"""What the palette offers, favourites, and what a browser needs to install Trato."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from trato.engine import favourites, objects
from trato.engine.favourites import Favourite
from trato.engine.values import Refused
from trato.engine.workspaces.models import Membership

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def thing(make):
    return make("things", name="Lamp", colour="red", note="old")


def at(thing, rest=""):
    return f"/w/acme/things/{thing.id}{rest}"


def offered(browser, **asked):
    answer = browser.get("/w/acme/palette", asked)
    assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-store"
    return {group["label"]: group["items"] for group in answer.json()}


def test_everything_that_can_be_gone_to_and_made_is_offered(browser):
    groups = offered(browser)
    go = {item["url"]: item for item in groups["Go to"]}
    assert {"/w/acme/", "/w/acme/notifications", "/w/acme/things/", "/w/acme/import", "/w/acme/settings"} <= set(go)
    assert "/w/acme/things/new" in [item["url"] for item in groups["Create"]]
    profile = next(item for item in groups["Settings"] if item["url"] == "/w/acme/settings/profile")
    assert "password" in profile["words"] and "language" in profile["words"]
    assert browser.get(next(iter(go))).status_code == 200


def test_every_page_of_settings_has_words_it_is_looked_for_by(browser):
    missing = [item["title"] for item in offered(browser)["Settings"] if not item.get("words")]
    assert [title for title in missing if title not in {str(obj.label_plural) for obj in objects.all_objects()}] == []


def test_every_address_it_offers_leads_somewhere(browser, thing):
    groups = offered(browser, record=f"things/{thing.id}", list="/w/acme/things/?sort=name")
    for items in groups.values():
        for item in items:
            if not item.get("post"):
                assert browser.get(item["url"]).status_code in {200, 303}, item


def test_what_can_be_done_with_a_record_is_offered_as_far_as_the_person_may(browser, thing, cast, signed_in):
    titles = [item["title"] for item in offered(browser, record=f"things/{thing.id}")["Lamp"]]
    assert {"Open", "Edit", "Delete", "History", "Share"} <= set(titles)
    delete = next(i for i in offered(browser, record=f"things/{thing.id}")["Lamp"] if i["title"] == "Delete")
    assert delete["post"] and "Lamp" in delete["question"]
    assert "Lamp" not in offered(signed_in(cast.limited), record=f"things/{thing.id}")
    reader = offered(signed_in(cast.reader), record=f"things/{thing.id}")
    assert "Delete" not in [item["title"] for items in reader.values() for item in items]


@pytest.mark.parametrize(
    "record", ["", "things", "things/", "things/x", "nothing/1", f"things/{UUID(int=7)}", "../..", "\0"]
)
def test_a_record_that_is_not_there_offers_nothing(browser, record):
    groups = offered(browser, record=record, list=record)
    assert set(groups) <= {"Go to", "Create", "Settings", "Things"}


def test_a_list_is_shown_otherwise_with_the_same_filter(browser):
    filtered = '{"field":"name","op":"is","value":"A"}'
    asked = "/w/acme/things/?" + f"filter={filtered}&cursor=abc&by=colour&as=board"
    items = offered(browser, list=asked)["Things"]
    table = next(item for item in items if item["title"] == "Table")
    assert "filter=" in table["url"] and "as=table" in table["url"]
    assert "cursor" not in table["url"] and "by=" not in table["url"]


def test_a_star_keeps_a_record_at_hand_until_it_is_taken(browser, thing):
    assert 'aria-pressed="false"' in browser.get(at(thing)).text
    answer = browser.post(at(thing, "/favourite"), {"on": "1"}, headers=HTMX)
    assert answer.status_code == 200 and 'aria-pressed="true"' in answer.text and "toast" in answer["HX-Trigger"]
    browser.post(at(thing, "/favourite"), {"on": "1"})
    assert 'id="star"' in (page := browser.get(at(thing)).text)
    assert 'aria-pressed="true"' in page[page.index('id="star"') :][:600]
    assert [item["title"] for item in offered(browser)["Favourites"]] == ["Lamp"]
    assert browser.get("/w/acme/favourites", headers=HTMX).text.count("Lamp") == 1
    assert browser.post(at(thing, "/favourite"), {"on": "0"}).status_code == 303
    assert "Favourites" not in offered(browser)


def test_favourites_have_a_page_and_a_place_in_the_menu_once_there_are_some(browser, thing, cast, as_):
    empty = browser.get("/w/acme/favourites").text
    assert "No favourites yet" in empty and 'side-fold" data-none' in empty
    browser.post(at(thing, "/favourite"), {"on": "1"})
    page = browser.get("/w/acme/favourites").text
    assert "<h1>" in page and page.count("Lamp") == 1 and "data-none" not in page
    with as_(cast.owner):
        Favourite.objects.update(user_id=cast.manager.id)
        membership = Membership.objects.get(user_id=cast.manager.id)
    browser.post("/w/acme/looking", {"what": "members", "id": str(membership.id)})
    looked = browser.get("/w/acme/favourites").text
    assert "Lamp" not in looked and 'side-fold" data-none' in looked, "what another keeps at hand is their own"


def test_favourites_are_ones_own_and_go_with_the_right_to_see(browser, thing, cast, signed_in, as_):
    browser.post(at(thing, "/favourite"), {"on": "1"})
    other = signed_in(cast.limited)
    assert "Lamp" not in other.get("/w/acme/favourites").text
    assert other.post(at(thing, "/favourite"), {"on": "1"}).status_code == 404
    with as_(cast.owner) as actor:
        assert Favourite.objects.count() == 1
        Favourite.objects.update(user_id=cast.limited.id)
        assert favourites.of(actor) == []
    assert "Lamp" not in other.get("/w/acme/favourites").text, "a favourite of a record one may not see is not told"
    with as_(cast.owner):
        Favourite.objects.update(user_id=cast.owner.id)
    assert "Lamp" in browser.get("/w/acme/favourites", headers=HTMX).text
    browser.post(at(thing, "/delete"))
    assert "Lamp" not in browser.get("/w/acme/favourites", headers=HTMX).text


def test_before_anything_is_looked_for_what_is_at_hand_is_shown(browser, thing, make):
    assert "Recently opened" not in browser.get("/w/acme/search").text
    other = make("things", name="Desk")
    browser.get(at(other))
    browser.post(at(thing, "/favourite"), {"on": "1"}, headers=HTMX)
    page = browser.get("/w/acme/search").text
    assert page.index("Favourites</h2>") < page.index("Lamp") < page.index("Recently opened</h2>") < page.index("Desk")
    assert "Recently opened" not in browser.get("/w/acme/search?q=desk").text


def test_too_many_favourites_are_refused_in_words(browser, make, as_, cast, monkeypatch):
    monkeypatch.setattr(favourites, "MOST", 2)
    things = [make("things", name=name) for name in "ABC"]
    with as_(cast.owner) as actor:
        for one in things[:2]:
            favourites.set_favourite(actor, objects.get("things"), one.id, on=True)
        with pytest.raises(Refused, match="2 favourites already"):
            favourites.set_favourite(actor, objects.get("things"), things[2].id, on=True)
        assert [row["title"] for _obj, row in favourites.of(actor)] == ["A", "B"]
    answer = browser.post(at(things[2], "/favourite"), {"on": "1"}, follow=True)
    assert answer.status_code == 200 and "2 favourites already" in answer.text


def test_a_page_asks_nothing_for_the_palette_and_nothing_more_for_the_star(browser, thing):
    browser.get(at(thing))
    with CaptureQueriesContext(connection) as queries:
        browser.get(at(thing))
    asked = [query["sql"] for query in queries if "engine_favourite" in query["sql"]]
    assert len(asked) == 2 and "engine_seen" in asked[0], "the page's own writes that it was seen"
    assert "engine_notification" in asked[1], "and the frame's counts the unread"


def test_the_record_alone_is_what_the_panel_gets(browser, thing):
    part = browser.get(at(thing), headers=HTMX).text
    assert part.count("<article") == 1 and "<html" not in part and f'data-live-url="{at(thing)}"' in part


def test_a_browser_is_told_how_to_install_it(browser):
    answer = browser.get("/w/acme/manifest.webmanifest")
    told = answer.json()
    assert answer["Content-Type"] == "application/manifest+json"
    assert told["start_url"] == "/w/acme/" and told["display"] == "standalone"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in told["icons"]}
    assert [icon["purpose"] for icon in told["icons"] if "purpose" in icon] == ["maskable"]
    for shortcut in told["shortcuts"]:
        assert browser.get(shortcut["url"]).status_code == 200, shortcut
    assert '<link rel="manifest" href="/w/acme/manifest.webmanifest"' in browser.get("/w/acme/").text
