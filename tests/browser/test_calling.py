"""Calls one after the other: a key says what came of each, and the next one is there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.running import Site

from .conftest import Open

pytestmark = pytest.mark.browser
SCRIPT = [
    {"id": "machine", "ask": "Do they have a machine?", "kind": "yes_no"},
    {"id": "cups", "ask": "How many cups a day?", "kind": "number"},
]


def test_one_key_a_call(site: Site, open_as: Open) -> None:
    caller, key = site.visitor(), site.token("demo", site.owner)

    def put(plural: str, **values: object) -> str:
        answer = caller.post(f"/api/v1/{plural}", headers=key, json=values)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    script = put("scripts", name="First", greeting="Good morning", questions=SCRIPT)
    people = [
        put("contacts", first_name=name, last_name="Caller", phones=[{"number": f"+3481012345{place}"}])
        for place, name in enumerate(("Ana", "Bea"), 1)
    ]
    entries = [{"record": f"contacts/{person}"} for person in people]
    calls = put("call-lists", name="Autumn", script=script, **{"call-list-entries": entries})
    page = open_as(site.owner, f"/w/demo/calling/{calls}")
    expect(page.get_by_role("heading", name="Ana Caller")).to_be_visible()
    page.get_by_label("Yes").check()
    expect(page.get_by_label("How many cups a day?")).to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="Bea Caller")).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_text("Nobody is to be called now")).to_be_visible()
