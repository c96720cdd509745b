"""Layouts in settings, with the plain form; what pages, forms and lists make of them."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from trato.engine import custom, gatekeeping, layouts, objects
from trato.engine.layouts import Layout
from trato.engine.workspaces.models import Role

pytestmark = pytest.mark.django_db
PLACE = "/w/acme/settings/layouts/things"
HOSTILE = '"><script>alert(1)</script>{{ 7*7 }}'


def form(*items, head=(), columns=("title",), do="save", **more):
    """A layout as the form sends it: ``#key=label`` begins a section, names follow; the rest is on no page."""
    pairs = []
    for item in items:
        name, _sign, label = item.partition("=")
        pairs += [("item", name), *([(f"label-{name[1:]}", label)] if label else [])]
    pairs += [("head", name) for name in head] + [("columns", name) for name in columns]
    pairs += [*more.items(), ("do", do)]
    return {"data": urlencode(pairs), "content_type": "application/x-www-form-urlencoded"}


def arranged(answer):
    """The items of the editor's form, in their order."""
    return re.findall(r'name="item" value="([^"]+)"', answer.content.decode())


@pytest.fixture
def lay(cast, as_):
    """``lay(None, sections=[...])``: a layout of things, of a role or of everybody."""

    def one(role, **said):
        with as_(cast.owner) as actor:
            found = Role.objects.get(name=role).id if role else None
            custom.set_layout(actor, objects.get("things"), found, said)

    return one


def test_a_layout_is_arranged_saved_and_taken_back(browser, cast, as_, make):
    make("things", name="Lamp", colour="red", count=3)
    page = browser.get(PLACE)
    assert arranged(page)[:3] == ["#s0", "name", "secret"]
    items = ("#s0=Inside", "count", "#s1=Outside", "name", "colour", "#off")
    answer = browser.post(PLACE, **form(*items, head=["count"], columns=["title", "colour"]))
    assert (answer.status_code, answer["Location"]) == (303, PLACE)
    assert arranged(browser.get(PLACE))[:6] == ["#s0", "count", "#s1", "name", "colour", "#off"]
    with as_(cast.owner) as actor:
        look = layouts.of(actor, objects.get("things"))
        assert (look.head, look.columns) == (("count",), ("title", "colour"))
        assert [(str(label), names) for label, names in look.sections] == [
            ("Inside", ("count",)),
            ("Outside", ("name", "colour")),
        ]
        record = next(iter(objects.get("things").rows())).id
    shown = browser.get(f"/w/acme/things/{record}").content.decode()
    assert re.findall(r"<summary><h2>(.*?)</h2>", shown) == ["Inside", "Outside"]
    assert 'id="field-emails"' not in shown
    heads = re.findall(r'<th[^>]* data-column="([^"]+)"', browser.get("/w/acme/things/").content.decode())
    assert heads == ["title", "colour"]
    browser.post(PLACE, **form(do="reset"))
    with as_(cast.owner):
        assert not Layout.objects.exists()


STEPS = [
    ("down:count", ["#s0", "name", "#s1", "count", "colour", "#off"]),
    ("up:colour", ["#s0", "name", "count", "colour", "#s1", "#off"]),
    ("up:name", ["#s0", "name", "count", "#s1", "colour", "#off"]),
    ("lower:s0", ["#s1", "colour", "#s0", "name", "count", "#off"]),
    ("remove:s0", ["#s1", "colour", "#off", "name", "count"]),
    ("section:", ["#s0", "name", "count", "#s1", "colour", "#s2", "#off"]),
    ("remove:ghost", ["#s0", "name", "count", "#s1", "colour", "#off"]),
    ("up:ghost", ["#s0", "name", "count", "#s1", "colour", "#off"]),
    ("nonsense", ["#s0", "name", "count", "#s1", "colour", "#off"]),
]


@pytest.mark.parametrize(("do", "after"), STEPS)
def test_without_a_script_each_step_is_a_button_and_writes_nothing(browser, cast, as_, do, after):
    answer = browser.post(PLACE, **form("#s0=A", "name", "count", "#s1=B", "colour", "#off", do=do))
    assert answer.status_code == 200
    assert arranged(answer)[: len(after)] == after
    with as_(cast.owner):
        assert not Layout.objects.exists()


def test_a_field_is_put_elsewhere_by_its_choice_and_added_to_head_and_columns(browser):
    sent = form("#s0=A", "name", "#s1=B", do="keep", **{"to-name": "s1", "add-head": "name", "add-columns": "count"})
    answer = browser.post(PLACE, **sent)
    assert arranged(answer)[:4] == ["#s0", "#s1", "name", "#off"]
    page = answer.content.decode()
    assert re.findall(r'name="head" value="([^"]+)"', page) == ["name"]
    assert re.findall(r'name="columns" value="([^"]+)"', page) == ["title", "count"]
    dropped = browser.post(PLACE, **form(head=["name", "count"], do="drop-head:name")).content.decode()
    assert re.findall(r'name="head" value="([^"]+)"', dropped) == ["count"]


def test_a_role_has_its_own_and_may_start_from_another(browser, signed_in, cast, make, lay):
    lay(None, sections=[{"label": "All", "fields": ["name"]}], hidden=["count", "colour"])
    lay("Reader", sections=[{"label": "Reading", "fields": ["colour"]}])
    record = make("things", name="Lamp", colour="red", count=3).id
    reader = signed_in(cast.reader).get(f"/w/acme/things/{record}").content.decode()
    member = signed_in(cast.member).get(f"/w/acme/things/{record}").content.decode()
    assert re.findall(r"<summary><h2>(.*?)</h2>", reader)[0] == "Reading"
    assert re.findall(r"<summary><h2>(.*?)</h2>", member)[0] == "All"
    assert 'id="field-count"' in reader
    assert 'id="field-count"' not in member
    options = dict(re.findall(r'<option value="([0-9a-f-]{36})"[^>]*>([A-Za-z]+)', browser.get(PLACE).content.decode()))
    ids = {name: role for role, name in options.items()}
    copied = browser.post(f"{PLACE}?role={ids['Member']}", **form(do="copy", source=ids["Reader"]))
    assert arranged(copied)[:3] == ["#s0", "colour", "#s1"]
    declared = browser.post(f"{PLACE}?role={ids['Member']}", **form(do="copy", source="declared"))
    assert arranged(declared)[:3] == ["#s0", "name", "secret"]


def test_looking_as_a_role_shows_its_layout(browser, cast, as_, make, lay):
    lay("Reader", columns=["title", "colour"])
    make("things", name="Lamp")
    with as_(cast.owner):
        role = Role.objects.get(name="Reader").id
    browser.post("/w/acme/looking", {"what": "roles", "id": str(role)})
    heads = re.findall(r'<th[^>]* data-column="([^"]+)"', browser.get("/w/acme/things/").content.decode())
    assert heads == ["title", "colour"]


def test_what_a_layout_hides_is_kept_and_reachable(browser, cast, as_, make, lay):
    lay(None, sections=[{"label": "A", "fields": ["name"]}], hidden=["count", "colour"])
    record = make("things", name="Lamp", count=3)
    address = f"/w/acme/things/{record.id}"
    edit = browser.get(f"{address}/edit").content.decode()
    assert 'name="count"' not in edit
    only = re.search(r'name="only" value="([^"]*)"', edit).group(1)
    assert "count" not in only.split(",")
    version = re.search(r'name="version" value="(\d+)"', edit).group(1)
    browser.post(f"{address}/edit", {"name": "Lamp 2", "only": "name", "version": version})
    with as_(cast.owner):
        again = objects.get("things").rows().get(id=record.id)
        assert (again.name, again.count) == ("Lamp 2", 3)
    found = browser.get('/w/acme/things/?filter={"field":"count","op":"is","value":3}&columns=count').content.decode()
    assert "Lamp 2" in found
    given = browser.get("/w/acme/things/new?count=7").content.decode()
    assert re.search(r'name="count"[^>]*value="7"', given)


def test_a_form_asks_for_what_a_record_needs_though_it_is_hidden(browser, cast, as_, lay):
    fields = [{"label": "A", "fields": ["colour"]}]
    lay(None, sections=fields, hidden=["name", "count"])
    page = browser.get("/w/acme/things/new").content.decode()
    assert 'name="name"' in page
    assert 'name="count"' not in page
    with as_(cast.owner) as actor:
        gatekeeping.set_gate(actor, objects.get("things"), "state", "used", needed=["count"])
    sent = {"name": "Lamp", "colour": "red", "state": "used", "only": "name,colour,state"}
    refused = browser.post("/w/acme/things/new", sent)
    assert refused.status_code == 422
    assert 'name="count"' in refused.content.decode()
    made = browser.post("/w/acme/things/new", sent | {"count": "4", "only": "name,colour,state,count"})
    assert made.status_code == 303


def test_only_administrators_and_only_roles_of_here(browser, signed_in, cast, as_):
    with as_(cast.stranger):
        foreign = Role.objects.first().id
    assert signed_in(cast.manager).get(PLACE).status_code == 403
    assert signed_in(cast.manager).post(PLACE, **form("#s0=A", "name")).status_code == 403
    for role in (foreign, "ghost"):
        assert browser.get(f"{PLACE}?role={role}").status_code == 404
        assert browser.post(f"{PLACE}?role={role}", **form("#s0=A", "name")).status_code == 404
    assert browser.post(PLACE, **form(do="copy", source=str(foreign))).status_code == 404
    assert browser.get("/w/acme/settings/layouts/ghosts").status_code == 404


@pytest.mark.parametrize(
    ("items", "words"),
    [(("#s0", "name"), "Give every section a name."), (("#s0=" + "x" * 101, "name"), "100")],
)
def test_what_can_not_be_is_said_and_what_was_arranged_stays(browser, items, words):
    answer = browser.post(PLACE, **form(*items))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert arranged(answer)[:2] == ["#s0", "name"]


def test_hostile_labels_are_text_and_hostile_forms_no_error(browser, make):
    record = make("things", name="Lamp")
    browser.post(PLACE, **form(f"#s0={HOSTILE}", "name", **{"label-s0-es": HOSTILE}))
    for address in (PLACE, f"/w/acme/things/{record.id}", "/w/acme/things/new"):
        page = browser.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page
    for pairs in ([("item", "#"), ("item", "name"), ("do", "save")], [("item", "#x" * 900)] * 1200, [("do", "up")]):
        sent = {"data": urlencode(pairs), "content_type": "application/x-www-form-urlencoded"}
        assert browser.post(PLACE, **sent).status_code in (200, 303, 422)


def test_the_preview_is_a_part_and_shows_the_fields_of_the_role(browser, cast, as_, make):
    make("things", name="Lamp", secret="Sesame", colour="red")
    with as_(cast.owner):
        limited = Role.objects.get(name="Limited").id
    sent = form("#s0=Told", "name", "secret", "colour", do="preview")
    assert "Sesame" in browser.post(PLACE, **sent).content.decode()
    part = browser.post(f"{PLACE}?role={limited}", **sent).content.decode()
    assert "Told" in part and "red" in part and "Sesame" not in part and "<html" not in part
