"""The pages of outreach over HTTP: calls one after the other, promises, and what hostile input does."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from uuid import uuid4

import pytest

from trato.engine import actions, objects
from trato.modules.outreach.models import CallListEntry, Script
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


CARDS = {
    "questions-0-id": "q1",
    "questions-0-ask": "A machine?",
    "questions-0-kind": "yes_no",
    "questions-0-answer-0": "yes",
    "questions-0-to-0": "",
    "questions-0-answer-1": "no",
    "questions-0-to-1": "-",
    "questions-1-id": "q2",
    "questions-1-ask": "Whose <b>?",
    "questions-1-kind": "choice",
    "questions-1-answer-0": "Ours",
    "questions-1-answer-1": "Another's",
    "questions-1-to-1": "q3",
    "questions-1-then": "-",
    "questions-2-id": "q3",
    "questions-2-ask": "Cups?",
    "questions-2-kind": "number",
    "questions-2-field": "job_title",
}
KEPT = [
    {"id": "q1", "ask": "A machine?", "kind": "yes_no", "next": {"no": None}},
    {
        "id": "q2",
        "ask": "Whose <b>?",
        "kind": "choice",
        "choices": ["Ours", "Another's"],
        "next": {"Another's": "q3", "": None},
    },
    {"id": "q3", "ask": "Cups?", "kind": "number", "field": "job_title"},
]


class Sent(HTMLParser):
    """What a browser would send of a form: its inputs, and what is chosen in its menus."""

    def __init__(self, page):
        super().__init__()
        self.data, self.menu = {}, ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "input" and attrs.get("name"):
            self.data[attrs["name"]] = attrs.get("value", "")
        elif tag == "select":
            self.menu = attrs["name"]
        elif tag == "option" and (self.menu not in self.data or "selected" in attrs):
            self.data[self.menu] = attrs["value"]


def test_a_script_is_written_in_a_form_and_comes_back_as_it_was(cast, as_, signed_in):
    browser = signed_in(cast.owner)
    assert "Add question" in browser.get("/w/acme/scripts/new").content.decode()
    form = {"only": "name,questions", "name": "First"} | CARDS
    assert browser.post("/w/acme/scripts/new", form).status_code == 303
    with as_(cast.owner):
        script = Script.objects.get()
    assert script.questions == KEPT
    page = browser.get(f"/w/acme/scripts/{script.id}").content.decode()
    assert "Whose &lt;b&gt;?" in page and "Another&#39;s → 3" in page and "&#34;ask&#34;" not in page
    edit = browser.get(f"/w/acme/scripts/{script.id}/edit").content.decode()
    again = {name: value for name, value in Sent(edit).data.items() if name.startswith("questions-")}
    answer = browser.post(f"/w/acme/scripts/{script.id}/edit", {"only": "questions", "version": script.version} | again)
    assert answer.status_code == 303
    with as_(cast.owner):
        assert Script.objects.get().questions == KEPT and Script.objects.get().version == script.version


def test_what_is_wrong_with_a_script_is_told_by_its_number_and_nothing_typed_is_lost(cast, as_, signed_in):
    form = {"only": "name,questions", "name": "First"} | CARDS | {"questions-1-then": "q1"}
    answer = signed_in(cast.owner).post("/w/acme/scripts/new", form)
    page = answer.content.decode()
    assert answer.status_code == 422 and "The questions go in a circle: 1 → 2 → 1." in page
    assert Sent(page).data.items() >= {name: value for name, value in form.items() if name in CARDS}.items()
    with as_(cast.owner):
        assert not Script.objects.exists()


@pytest.mark.parametrize(
    ("do", "asked"),
    [
        ("add", ["A machine?", "Whose <b>?", "Cups?", ""]),
        ("up 2", ["A machine?", "Cups?", "Whose <b>?"]),
        ("down 0", ["Whose <b>?", "A machine?", "Cups?"]),
        ("remove 1", ["A machine?", "Cups?"]),
        ("answer 1", ["A machine?", "Whose <b>?", "Cups?"]),
        ("up 99", ["A machine?", "Whose <b>?", "Cups?"]),
        ("\0", ["A machine?", "Whose <b>?", "Cups?"]),
    ],
)
def test_buttons_change_only_what_is_shown(cast, as_, signed_in, do, asked):
    about = {"questions": "questions", "control": "input-questions", "about": "contacts leads", "questions-do": do}
    page = signed_in(cast.owner).post("/w/acme/pick/questions", about | CARDS).content.decode()
    sent = Sent(page.partition("<noscript>")[0]).data
    assert [sent[f"questions-{n}-ask"] for n in range(len(asked))] == asked
    assert f"questions-{len(asked)}-ask" not in sent
    assert ("questions-1-answer-2" in sent) == (do == "answer 1")


def test_the_cards_answer_only_what_may_be_asked(cast, signed_in):
    browser = signed_in(cast.owner)
    whole = {"questions": "questions", "control": "input-questions", "about": "contacts"}
    assert "Job title" in browser.post("/w/acme/pick/questions", whole | CARDS).content.decode()
    for wrong in ({"questions": "<x>"}, {"control": '"'}, {"about": "nowhere"}):
        assert browser.post("/w/acme/pick/questions", whole | wrong).status_code == 404
    assert browser.get("/w/acme/pick/questions").status_code == 405
