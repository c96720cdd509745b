"""What needs no programmer: who gets which leads, and what is asked in calls; at the desk and on a phone."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.running import Person, Site

from .conftest import Open
from .test_together import axe

pytestmark = pytest.mark.browser
SIZES = [(1440, "light"), (390, "dark")]


@pytest.fixture(scope="module")
def desk(site: Site) -> tuple[str, Person]:
    return site.workspace("Rule Desk", "olga@rules.example")


def fits(page: Page) -> bool:
    """Whether nothing sticks out at the side."""
    return not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")


def add_condition(page: Page, words: str, title: str) -> None:
    """Begin a condition about what the menu calls so."""
    page.get_by_role("button", name="Add condition").first.click()
    with page.expect_response(lambda answer: f"/filter/fields?q={words}&" in answer.url) as answered:
        page.get_by_role("combobox", name="Field or related records").press_sequentially(words)
    titles = page.locator("trato-builder .choices-title")
    expect(titles).to_have_text([each["title"] for each in answered.value.json()])
    titles.get_by_text(title, exact=True).first.click()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_rule_that_gives_leads_away_is_made_by_hand(
    site: Site, open_as: Open, desk: tuple[str, Person], width: int, scheme: str
) -> None:
    slug, olga = desk
    source = f"Fair {width}"
    page = open_as(olga, f"/w/{slug}/lead-rules/new", width=width, scheme=scheme)
    page.locator("[name=name]").fill(f"From the fair {width}")
    add_condition(page, "source", "Source")
    expect(page.get_by_label("How to compare")).to_be_focused()
    page.get_by_label("Value").fill(source)
    page.get_by_label("Value").press("Enter")
    expect(page.get_by_role("button", name=f"Source is {source}", exact=True)).to_be_visible()
    add_condition(page, "rating", "Rating")
    page.get_by_label("Value").select_option("hot")
    assert axe(page) == []
    assert fits(page)
    page.get_by_label("First touch within minutes").fill("30")
    page.get_by_role("button", name="Create", exact=True).click()  # with the second condition still open
    expect(page.get_by_text(f"Source is {source} and Rating is Hot")).to_be_visible()
    assert axe(page) == []

    rule = urlsplit(page.url).path.rsplit("/", 1)[1]
    caller, key = site.visitor(), site.token(slug, olga)
    me = caller.get("/api/v1/me", headers=key).json()["user"]["id"]
    member = caller.post("/api/v1/lead-rule-members", headers=key, json={"rule": rule, "person": me})
    assert member.status_code == 201, member.text
    kept = caller.get(f"/api/v1/lead-rules/{rule}", headers=key).json()["condition"]
    assert kept == {
        "and": [{"field": "source", "op": "is", "value": source}, {"field": "rating", "op": "is", "value": "hot"}]
    }

    def due(**values: object) -> object:
        made = caller.post("/api/v1/leads", headers=key, json={"last_name": "Ruiz", **values})
        lead = f"/api/v1/leads/{made.json()['id']}"
        assert caller.post(f"{lead}/assign", headers=key, json={}).status_code == 200
        return caller.get(lead, headers=key).json()["due_at"]

    assert due(source=source, rating="hot"), "the rule says until when"
    assert not due(source=source, rating="cold")


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_script_that_branches_is_written_and_called_by(
    site: Site, open_as: Open, desk: tuple[str, Person], width: int, scheme: str
) -> None:
    slug, olga = desk
    page = open_as(olga, f"/w/{slug}/scripts/new", width=width, scheme=scheme)
    page.locator("[name=name]").fill(f"Machines {width}")
    for n, words in enumerate(("Do you have a machine?", "Whose is it?", "How many cups a day?"), 1):
        page.get_by_role("button", name="Add question").click()
        asked = page.get_by_label(f"Question {n}: what is asked")
        expect(asked).to_be_focused()
        asked.press_sequentially(words)
    page.get_by_label("Question 1: how it is answered").select_option("Yes or no")
    expect(page.get_by_label("Question 1: answer 1")).to_have_count(0)
    page.get_by_label("Question 1: where answer 2 leads").select_option("3. How many cups a day?")
    page.get_by_label("Question 2: answer 1").fill("Ours")
    page.get_by_label("Question 2: where answer 1 leads").select_option("the end")
    page.get_by_label("Question 2: answer 2").fill("Another's")
    page.get_by_label("Question 3: how it is answered").select_option("A number")
    expect(page.get_by_label("Question 3: answer 1")).to_have_count(0)
    expect(page.get_by_label("Question 2: answer 2")).to_have_value("Another's")
    assert axe(page) == []
    assert fits(page)
    page.get_by_role("button", name="Create", exact=True).click()
    shown = page.locator(".questions-shown")
    expect(shown).to_contain_text("No → 3")
    expect(shown).to_contain_text("Ours → end")
    script = urlsplit(page.url).path.rsplit("/", 1)[1]

    caller, key = site.visitor(), site.token(slug, olga)
    person = {"first_name": "Ana", "last_name": f"Caller {width}", "phones": [{"number": f"+3481012{width:04}"}]}
    contact = caller.post("/api/v1/contacts", headers=key, json=person).json()["id"]
    entries = [{"record": f"contacts/{contact}"}]
    listed = {"name": f"Autumn {width}", "script": script, "call-list-entries": entries}
    calls = caller.post("/api/v1/call-lists", headers=key, json=listed).json()["id"]
    page.goto(f"/w/{slug}/calling/{calls}")
    page.get_by_label("No", exact=True).check()
    expect(page.get_by_label("How many cups a day?")).to_be_visible()
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("Ours", exact=True).check()
    expect(page.get_by_label("How many cups a day?")).to_have_count(0)
    page.get_by_label("Another's", exact=True).check()
    page.get_by_label("How many cups a day?").fill("12")
    page.locator("h1").click()
    page.keyboard.press("1")
    expect(page.get_by_text("Nobody is to be called now")).to_be_visible()
    asked = json.dumps({"field": "title", "op": "contains", "value": str(width)})
    notes = caller.get("/api/v1/calls", headers=key, params={"filter": asked}).text
    for words in ("Do you have a machine?", "Another's", "12"):
        assert words in notes


@pytest.mark.parametrize("path", ["contacts/", "contacts/new"])
def test_on_a_phone_nothing_covers_signing_out(open_as: Open, desk: tuple[str, Person], path: str) -> None:
    """The menu of who one is stands above the bars at the bottom, and so does the end of the navigation."""
    page = open_as(desk[1], f"/w/{desk[0]}/{path}#side", width=390)
    covered = """one => { const box = one.getBoundingClientRect();
        return !one.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"""
    assert not page.locator(".side-foot a").last.evaluate(covered)
    page.goto(f"/w/{desk[0]}/")
    page.goto(f"/w/{desk[0]}/{path}")
    page.locator(".me").click()
    out = page.get_by_role("button", name="Sign out")
    assert not out.evaluate(covered)
    out.click(trial=True)
