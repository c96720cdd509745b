"""My day, finding, and the demo that goes away with one click."""

import pytest

from trato.engine import actions, objects
from trato.engine.seeding import SOURCE
from trato.engine.workspaces.models import Workspace
from trato.web.tests.test_files import run_jobs

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


def test_what_was_opened_last_is_offered_again(browser, make):
    thing = make("things", name="Red lamp")
    assert "Red lamp" not in browser.get("/w/acme/").content.decode()
    browser.get(f"/w/acme/things/{thing.id}")
    assert "Red lamp" in browser.get("/w/acme/").content.decode()
    [first] = browser.get("/w/acme/pick?objects=things").json()
    assert (first["ref"], first["title"], first["url"]) == (
        f"things/{thing.id}",
        "Red lamp",
        f"/w/acme/things/{thing.id}",
    )


def test_records_of_all_objects_are_found_as_one_types(browser, make):
    make("things", name="Ánfora roja", emails=["amphora@pots.example"])
    make("crates", name="Anfora crate")
    found = {choice["title"] for choice in browser.get("/w/acme/pick?q=anfo").json()}
    assert found == {"Ánfora roja", "Anfora crate"}
    assert [choice["title"] for choice in browser.get("/w/acme/pick?q=pots.example").json()] == ["Ánfora roja"]
    assert [choice["title"] for choice in browser.get("/w/acme/pick?q=anfo&objects=crates").json()] == ["Anfora crate"]
    html = browser.get("/w/acme/search?q=anfora").content.decode()
    assert "Ánfora roja" in html and "Anfora crate" in html
    assert "Nothing found" in browser.get("/w/acme/search?q=zzz").content.decode()


def test_people_are_picked_from_the_workspace_only(browser):
    names = {choice["title"] for choice in browser.get("/w/acme/pick?objects=users").json()}
    assert "Mia Member" in names and "Stan Stranger" not in names
    assert [c["title"] for c in browser.get("/w/acme/pick?objects=users&q=tom").json()] == ["Tom Teammate"]


@pytest.mark.parametrize("query", ["%00", "'", "\\", "%F0%9F%98%80", "a" * 5000, "()&|!:*"])
def test_nothing_that_is_typed_breaks_finding(browser, make, query):
    make("things", name="Lamp")
    for page in (f"search?q={query}", f"pick?q={query}", f"things/?q={query}"):
        assert browser.get(f"/w/acme/{page}").status_code == 200, page


def test_the_demo_goes_away_with_one_click_and_what_people_added_stays(browser, signed_in, as_, cast, make):
    Workspace.objects.filter(id=cast.acme.id).update(is_demo=True)
    with as_(cast.owner) as actor:
        actions.create(actor.via("web", SOURCE), objects.get("crates"), {"name": "Sample crate"})
    make("crates", name="My crate")
    assert "/w/acme/demo/remove" in browser.get("/w/acme/").content.decode()
    manager = signed_in(cast.manager)
    assert "/w/acme/demo/remove" not in manager.get("/w/acme/").content.decode()
    assert manager.post("/w/acme/demo/remove").status_code == 403
    browser.post("/w/acme/demo/remove")
    run_jobs(as_, cast)
    html = browser.get("/w/acme/crates/").content.decode()
    assert "My crate" in html and "Sample crate" not in html
    assert "no demo data here any more" in browser.post("/w/acme/demo/remove", follow=True).content.decode()
    assert "Sample crate" in browser.get("/w/acme/settings/bin/crates").content.decode()
