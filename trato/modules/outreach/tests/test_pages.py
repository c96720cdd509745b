"""The pages of outreach over HTTP: calls one after the other, promises, and what hostile input does."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from trato.engine import actions, objects
from trato.modules.outreach.models import CallListEntry
from trato.modules.people.models import Call

pytestmark = pytest.mark.django_db
SCRIPT = [
    {"id": "uses", "ask": "A machine?", "kind": "yes_no", "next": {"no": None}},
    {"id": "cups", "ask": "Cups?", "kind": "number"},
]


@pytest.fixture
def calls(cast, as_):
    """The path of a list of two, the first of them called Ana <b>."""
    with as_(cast.owner) as actor:

        def put(plural, **given):
            return actions.create(actor, objects.get(plural), given)

        script = put("scripts", name="First", greeting="Good morning", questions=SCRIPT)
        made = put("call-lists", name="Autumn", script=str(script.id))
        for name in ("Ana <b>", "Bea"):
            person = put("contacts", first_name=name, phones=[{"number": "+34810123456"}])
            put("call-list-entries", call_list=str(made.id), record=f"contacts/{person.id}")
    return f"/w/acme/calling/{made.id}"


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def test_call_after_call(cast, as_, signed_in, calls):
    browser = signed_in(cast.owner)
    page = browser.get(calls).content.decode()
    assert "Ana &lt;b&gt;" in page and "tel:+34810123456" in page and "A machine?" in page and "Cups?" not in page
    part = browser.post(f"{calls}/script", {"answer-uses": "yes"}).content.decode()
    assert "Cups?" in part and "<html" not in part
    given = {"entry": hidden(page, "entry"), "outcome": "reached", "answer-uses": "yes", "notes": "Nice"}
    wrong = browser.post(f"{calls}/keep", given | {"answer-cups": "many"})
    assert wrong.status_code == 422 and "Write a number." in wrong.content.decode() and "Nice" in wrong.content.decode()
    answer = browser.post(f"{calls}/keep", given | {"answer-cups": "12"}, follow=True)
    assert answer.status_code == 200 and "Bea" in answer.content.decode()
    twice = browser.post(f"{calls}/keep", given | {"answer-cups": "12"}, follow=True)
    assert "Nothing was changed" in twice.content.decode()
    with as_(cast.owner):
        assert [call.title for call in Call.objects.all()] == ["Call with Ana <b>"]


def test_call_back_and_somebody_else_first(cast, as_, signed_in, calls):
    browser = signed_in(cast.manager)
    page = browser.get(calls).content.decode()
    entry = hidden(page, "entry")
    assert browser.post(f"{calls}/keep", {"entry": entry, "outcome": "later", "again_at": "x"}).status_code == 422
    given = {"entry": entry, "outcome": "later", "again_at": hidden(page, "again_at")}
    assert browser.post(f"{calls}/keep", given).status_code == 303
    assert "Bea" in browser.get(calls).content.decode()
    assert browser.post(f"{calls}/next").status_code == 303
    assert "Nobody is to be called now" in browser.get(calls).content.decode()
    with as_(cast.owner):
        kept = CallListEntry.objects.get(id=entry)
        assert (kept.status, kept.call_back_at.minute) == ("later", 0)


@pytest.mark.parametrize(
    "given",
    [{}, {"entry": "x", "outcome": "reached"}, {"outcome": "\0"}, {"outcome": "reached", "answer-uses": "\0" * 9}],
)
def test_hostile_input_keeps_nothing(cast, as_, signed_in, calls, given):
    browser = signed_in(cast.owner)
    entry = hidden(browser.get(calls).content.decode(), "entry")
    answer = browser.post(f"{calls}/keep", {"entry": entry} | given)
    assert answer.status_code in (303, 404, 422)
    with as_(cast.owner):
        assert not Call.objects.exists()


def test_who_may_not_call_sees_no_calls(cast, signed_in, calls):
    assert signed_in(cast.reader).get(calls).status_code == 403
    assert signed_in(cast.limited).get(calls).status_code == 404
    assert signed_in(cast.stranger).get(calls).status_code == 404
    assert signed_in(cast.owner).get(f"/w/acme/calling/{uuid4()}").status_code == 404


def test_promises_stand_where_they_are_looked_for(cast, as_, signed_in):
    with as_(cast.owner) as actor:
        account = actions.create(actor, objects.get("accounts"), {"name": "Casa Ana"})
        given = {
            "text": "A <new> grinder",
            "account": str(account.id),
            "due_on": "2100-01-01",
            "owner": str(cast.owner.id),
        }
        kept = actions.create(actor, objects.get("promises"), given)
        actions.run(actor, objects.get("promises"), "keep", kept.id, {})
        actions.create(actor, objects.get("promises"), given | {"due_on": "2020-01-01"})
    browser = signed_in(cast.owner)
    page = browser.get(f"/w/acme/accounts/{account.id}").content.decode()
    assert "A &lt;new&gt; grinder" in page and "1 of 1 kept (100\u00a0%)" in page
    assert "Promises to keep" in browser.get("/w/acme/").content.decode()
    rates = browser.get("/w/acme/outreach/promises").content.decode()
    assert "Olga Owner" in rates and "1 of 1 kept" in rates
    assert signed_in(cast.stranger).get("/w/globex/outreach/promises").status_code == 200
