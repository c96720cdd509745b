"""Fields of one's own in settings: formulas with their check and preview, choices with colours, defaults."""

import csv
import io
import json
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from trato.engine import access, actions, bulk, custom, objects
from trato.engine.exports import runs
from trato.engine.models import CustomField

pytestmark = pytest.mark.django_db
NEW = "/w/acme/settings/fields/contacts/new?kind="


@pytest.fixture
def ana(as_, cast):
    with as_(cast.owner) as owner:
        obj = objects.get("contacts")
        custom.add(owner, obj, {"name": "price", "label": "Price", "kind": "number", "options": {"digits": 2}})
        return actions.create(owner, obj, {"first_name": "Ana", "last_name": "Ruiz", "custom": {"price": "12.5"}})


def exported(actor, obj, format, names):
    return b"".join(runs.stream(runs.plan(actor, obj, format, fields=names)))


def add(browser, expression, label="Total", **more):
    return browser.post(f"{NEW}formula", {"label": label, "option-expression": expression, **more})


def test_a_formula_is_written_checked_tried_and_shown_everywhere(browser, ana):
    form = browser.get(f"{NEW}formula").content.decode()
    assert "trato-formula" in form and "custom.price" in form and "count(calls.about)" in form
    place = "/w/acme/settings/fields/contacts/formula?name="
    tried = browser.post(place, {"option-expression": "price * 2"}).content.decode()
    assert "Number" in tried and "Ana Ruiz" in tried and "25.00" in tried
    wrong = browser.post(place, {"option-expression": "price * (2 + pricee)"}).content.decode()
    assert "Did you mean: custom.price" in wrong and "<mark>pricee)</mark>" in wrong
    assert "<script" not in browser.post(place, {"option-expression": "<script>1"}).content.decode()
    assert add(browser, "price * 2").status_code == 303
    assert add(browser, "price * ", label="Other").status_code == 422
    page = browser.get(f"/w/acme/contacts/{ana.id}").content.decode()
    assert "25.00" in page
    edit = browser.get(f"/w/acme/contacts/{ana.id}/edit").content.decode()
    assert "custom.price" in edit and "custom.total" not in edit
    listed = browser.get("/w/acme/contacts/?columns=title&columns=custom.total&sort=-custom.total").content.decode()
    assert "25.00" in listed
    tree = json.dumps({"field": "custom.total", "op": "lt", "value": 25})
    assert "Ana Ruiz" not in browser.get("/w/acme/contacts/", {"filter": tree}).content.decode()
    settings = browser.get("/w/acme/settings/fields/contacts").content.decode()
    assert "Formula" in settings
    again = browser.get("/w/acme/settings/fields/contacts/total").content.decode()
    assert "price * 2" in again


def test_the_api_tells_a_formula_and_takes_none(browser, ana, token_for, cast, client):
    add(browser, "price * 2")
    headers = {"Authorization": f"Bearer {token_for(cast.owner)}"}
    address = f"/api/v1/contacts/{ana.id}"
    assert client.get(address, headers=headers).json()["custom"]["total"] == 25
    changed = client.patch(address, {"custom": {"price": 4}}, headers=headers, content_type="application/json")
    assert changed.json()["custom"]["total"] == 8
    made = client.post(
        "/api/v1/contacts",
        {"first_name": "Ben", "custom": {"price": 1}},
        headers=headers,
        content_type="application/json",
    )
    assert made.json()["custom"]["total"] == 2
    refused = client.patch(address, {"custom": {"total": 4}}, headers=headers, content_type="application/json")
    assert refused.status_code == 422 and "can't be changed" in refused.content.decode()
    found = client.get("/api/v1/contacts?sort=-custom.total&fields=first_name,custom.total", headers=headers).json()
    assert [row["custom"]["total"] for row in found["data"]] == [8, 2]
    schema = client.get("/api/v1/openapi.json", headers=headers).json()["components"]["schemas"]
    assert any("total" in json.dumps(each) and "readOnly" in json.dumps(each) for each in schema.values())


def test_a_formula_is_exported_and_not_imported(browser, ana, as_, cast):
    add(browser, "price * 2")
    add(browser, 'concat(first_name, "!")', label="Loud")
    with as_(cast.owner) as owner:
        obj = objects.get("contacts")
        assert {"custom.total", "custom.loud"}.isdisjoint(access.writable(owner, obj))
        names = ["title", "custom.total", "custom.loud"]
        told = {format: exported(owner, obj, format, names) for format in ("csv", "ndjson", "xlsx")}
        rows = list(csv.reader(io.StringIO(told["csv"].decode("utf-8-sig"))))
        assert rows[1] == ["Ana Ruiz", "25.00", "Ana!"]
        assert json.loads(told["ndjson"])["custom"] == {"total": 25, "loud": "Ana!"}
        assert told["xlsx"]


def test_choices_keep_their_colours_are_renamed_reordered_and_retired(browser, as_, cast):
    lines = "small = Small #green\nlarge = Large #red\nhuge"
    assert browser.post(f"{NEW}choice", {"label": "Size", "option-choices": lines}).status_code == 303
    with as_(cast.owner) as owner:
        old = actions.create(owner, objects.get("contacts"), {"first_name": "Ana", "custom": {"size": "huge"}})
    page = browser.get("/w/acme/settings/fields/contacts/size").content.decode()
    assert "small = Small #green" in page
    changed = {"label": "Size", "option-choices": "large = Big #red\nsmall = Small #green\nhuge #retired"}
    assert browser.post("/w/acme/settings/fields/contacts/size", changed).status_code == 303
    assert '<span class="badge bg-gray-lt">huge</span>' in browser.get(f"/w/acme/contacts/{old.id}").content.decode()
    assert 'value="huge"' not in browser.get("/w/acme/contacts/new").content.decode()
    assert 'value="huge"' in browser.get(f"/w/acme/contacts/{old.id}/edit").content.decode()
    with as_(cast.owner) as owner:
        obj = objects.get("contacts")
        actions.update(owner, obj, old.id, {"job_title": "Boss", "custom.size": "huge"})
        with pytest.raises(actions.Refused, match="offered no longer"):
            actions.create(owner, obj, {"first_name": "Ben", "custom": {"size": "huge"}})
        assert [each["value"] for each in CustomField.objects.get(name="size").options["choices"]] == [
            "large",
            "small",
            "huge",
        ]


def test_what_holds_a_retired_choice_is_moved_and_brought_back(browser, as_, cast):
    lines = "small\nlarge\nhuge & wide"
    browser.post(f"{NEW}choice", {"label": "Size", "option-choices": lines})
    browser.post(f"{NEW}choices", {"label": "Seen", "option-choices": lines})
    with as_(cast.owner) as owner:
        obj = objects.get("contacts")
        held = {"size": "huge & wide", "seen": ["small", "huge & wide"]}
        ana = actions.create(owner, obj, {"first_name": "Ana", "custom": held})
        actions.create(owner, obj, {"first_name": "Ben", "custom": {"size": "small"}})

    def now():
        with as_(cast.owner) as owner:
            return access.get(owner, objects.get("contacts"), ana.id).custom

    retired = "small\nlarge\nhuge & wide #retired"
    for name, change in (("size", {"size": "large"}), ("seen", {"seen": ["small", "large"]})):
        place = f"/w/acme/settings/fields/contacts/{name}"
        browser.post(place, {"label": name, "option-choices": retired})
        page = browser.get(place).content.decode()
        assert "“huge &amp; wide” is offered no longer; 1 record holds it." in page
        step = f"/w/acme/settings/fields/contacts/custom.{name}/move?value=huge+%26+wide"
        assert step in page
        assert browser.post(step, {"to": "huge & wide"}).status_code == 422
        done = browser.post(step, {"to": "large"})
        assert done.status_code == 303 and now() == held | change
        told = browser.get(done.url).content.decode()
        assert "1 record done." in told
        assert browser.post(re.search(r"/w/acme/undo/[0-9a-f-]{36}", told)[0]).status_code == 303
        assert now() == held
    assert browser.get("/w/acme/settings/fields/contacts/custom.size/move?value=small").status_code == 404


def test_a_file_brings_no_choice_that_was_retired_but_to_records_that_have_it(as_, cast):
    with as_(cast.owner) as owner:
        obj = objects.get("contacts")
        options = {"choices": ["small", {"value": "huge", "label": "Huge"}]}
        custom.add(owner, obj, {"name": "size", "label": "Size", "kind": "choice", "options": options})
        custom.add(owner, obj, {"name": "code", "label": "Code", "kind": "text", "unique": True})
        actions.create(owner, obj, {"first_name": "Ana", "custom": {"size": "huge", "code": "A"}})
        actions.create(owner, obj, {"first_name": "Ben", "custom": {"size": "small", "code": "B"}})
        options = {"choices": ["small", {"value": "huge", "label": "Huge", "retired": True}]}
        custom.change(owner, obj, "size", {"options": options})
    with as_(cast.owner) as owner:
        writer = bulk.Writer(owner, obj, objects.UUID(int=7), match=["custom.code"])
        given = [("A", "huge"), ("B", "huge"), ("C", "huge"), ("D", "small")]
        rows = [
            bulk.Row(n, {"first_name": "New", "custom.code": code, "custom.size": size})
            for n, (code, size) in enumerate(given)
        ]
        outcomes = writer.write(rows)
        assert [each.result for each in outcomes] == ["updated", "failed", "failed", "created"]
        problem = outcomes[1].problems[0]
        assert problem.field == "custom.size" and "“Huge” is offered no longer" in problem.message


def test_defaults_are_written_or_follow_who_makes_a_record_and_when(browser, as_, cast):
    browser.post(f"{NEW}date", {"label": "Met", "relative": "today"})
    browser.post(f"{NEW}user", {"label": "Maker", "relative": "me"})
    browser.post(f"{NEW}number", {"label": "Level", "default": "3"})
    assert browser.post(f"{NEW}number", {"label": "Bad", "default": "x"}).status_code == 422
    assert browser.get("/w/acme/contacts/new").status_code == 200
    with as_(cast.member) as member:
        record = actions.create(member, objects.get("contacts"), {"first_name": "Ana"})
        today = datetime.now(ZoneInfo(member.time_zone)).date().isoformat()
        assert record.custom == {"met": today, "maker": str(cast.member.id), "level": 3}
    with as_(cast.owner) as owner, pytest.raises(actions.Refused, match="today"):
        obj = objects.get("contacts")
        custom.add(owner, obj, {"name": "x", "label": "X", "kind": "date", "default": {"relative": "me"}})


IS_CUSTOMER = json.dumps({"field": "lifecycle", "op": "is", "value": "customer"})


def test_a_field_is_seen_and_needed_only_under_its_condition(browser, ana):
    form = {"label": "Plan", "visible_when": IS_CUSTOMER, "required_when": IS_CUSTOMER}
    assert browser.post(f"{NEW}text", form).status_code == 303
    bad = json.dumps({"related": "calls.about", "count": True})
    assert browser.post(f"{NEW}text", {"label": "Bad", "visible_when": bad}).status_code == 422
    assert browser.get("/w/acme/settings/fields/contacts/bad").status_code == 404
    assert "lifecycle" in browser.get("/w/acme/settings/fields/contacts/plan").content.decode()
    page = browser.get("/w/acme/contacts/new").content.decode()
    assert 'data-asked="/w/acme/contacts/asked"' in page
    assert '<div class="field" data-field="custom.plan" hidden>' in page
    only = "first_name,lifecycle,custom.plan"
    typed = {"only": only, "first_name": "Ben", "lifecycle": "customer"}
    assert browser.post("/w/acme/contacts/asked", typed).json() == {"unseen": [], "needed": ["custom.plan"]}
    lead = typed | {"lifecycle": "lead", "custom.plan": "Gold"}
    assert browser.post("/w/acme/contacts/asked", lead).json() == {"unseen": ["custom.plan"], "needed": []}
    again = browser.post("/w/acme/contacts/new", typed)
    assert again.status_code == 422 and "This is needed here" in again.content.decode()
    made = browser.post("/w/acme/contacts/new", lead)
    assert made.status_code == 303
    shown = browser.get(made.url).content.decode()
    assert "Gold" not in shown and "custom.plan" not in shown
    made = browser.post("/w/acme/contacts/new", typed | {"first_name": "Eva", "custom.plan": "Gold"})
    assert "Gold" in browser.get(made.url).content.decode()


def test_a_built_in_field_is_called_otherwise_and_hidden_and_comes_back(browser, signed_in, cast, ana):
    place = "/w/acme/settings/fields/contacts/of/job_title"
    assert browser.get(place).status_code == 200
    assert browser.post(place, {"label": "Post", "hidden": "true"}).status_code == 303
    page = browser.get("/w/acme/contacts/new").content.decode()
    assert 'data-field="job_title"' not in page
    assert browser.post(place, {"label": "Post"}).status_code == 303
    assert ">Post<" in browser.get("/w/acme/contacts/new").content.decode()
    choices = browser.get("/w/acme/settings/fields/contacts/of/lifecycle").content.decode()
    assert "customer = Customer" in choices
    wrong = browser.post("/w/acme/settings/fields/contacts/of/lifecycle", {"choices": "new = New"})
    assert wrong.status_code == 422 and "Name each of these values once" in wrong.content.decode()
    assert browser.post(place, {"label": ""}).status_code == 303
    assert "Job title" in browser.get("/w/acme/contacts/new").content.decode()
    assert signed_in(cast.manager).get(place).status_code == 403
    assert browser.get("/w/acme/settings/fields/contacts/of/nothing").status_code == 404
