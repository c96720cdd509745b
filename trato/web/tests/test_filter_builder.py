"""The filter builder over HTTP: whatever the language can say it shows, and gives back unchanged; what a person presses
does what it says.
"""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from trato.engine import custom, filters, objects

pytestmark = pytest.mark.django_db

PERIOD = {"field": "made_on", "op": "within", "value": "last_week"}
LEAVES = [
    {"field": "name", "op": "contains", "value": "lamp"},
    {"field": "name", "op": "in", "value": ["Lamp", "Table"]},
    {"field": "note", "op": "empty"},
    {"field": "count", "op": "between", "value": [1, 5]},
    {"field": "count", "op": "is_not", "value": -3},
    {"field": "weight", "op": "gte", "value": 2.5},
    {"field": "price", "op": "lt", "value": {"amount": "12.50", "currency": "EUR"}},
    {"field": "broken", "op": "is", "value": True},
    {"field": "broken", "op": "is", "value": False},
    {"field": "state", "op": "is", "value": "used"},
    {"field": "state", "op": "not_in", "value": ["new", "used"]},
    {"field": "sizes", "op": "has", "value": "m"},
    {"field": "sizes", "op": "has_any", "value": ["s", "l"]},
    {"field": "tags", "op": "has", "value": "vip"},
    {"field": "tags", "op": "has_none", "value": ["vip", "old"]},
    {"field": "emails", "op": "has", "value": "ana@example.com"},
    {"field": "country", "op": "is", "value": "ES"},
    {"field": "made_on", "op": "is", "value": "2026-02-03"},
    {"field": "made_on", "op": "between", "value": ["2026-02-03", "2026-03-04"]},
    {"field": "made_on", "op": "between", "value": ["last_month", "today"]},
    PERIOD,
    {"field": "made_on", "op": "within", "value": {"last": 7, "unit": "day"}},
    {"field": "made_on", "op": "lt", "value": {"ago": 2, "unit": "month"}},
    {"field": "made_on", "op": "gte", "value": {"ahead": 1, "unit": "week"}},
    {"field": "made_on", "op": "lt", "value": "this_month"},
    {"field": "used_at", "op": "gt", "value": "2026-02-03"},
    {"field": "used_at", "op": "gt", "value": "2026-02-03T10:30:00+00:00"},
    {"field": "owner", "op": "is", "value": "me"},
    {"field": "owner", "op": "is_not", "value": "my_team"},
    {"field": "owner", "op": "in", "value": ["me", "my_team"]},
    {"field": "crate.name", "op": "starts", "value": "Big"},
    {"field": "crate.created_at", "op": "within", "value": "today"},
    {"field": "custom.grade", "op": "gt", "value": 3},
    {"field": "custom.place.name", "op": "is", "value": "Attic"},
    {"field": "id", "op": "in", "value": ["0190b9d8-0000-7000-8000-000000000001"]},
]
RELATED = [
    {"related": "things.crate", "any": {}},
    {"related": "things.crate", "none": {"field": "broken", "op": "is", "value": True}},
    {"related": "things.crate", "all": {"or": [{"field": "count", "op": "gt", "value": 1}, PERIOD]}},
    {"related": "things.crate", "where": PERIOD, "count": True, "op": "gte", "value": 3},
    {"related": "things.crate", "count": True, "op": "between", "value": [1, 4]},
    {"related": "things.crate", "sum": "price", "op": "gt", "value": {"amount": "100.00", "currency": "EUR"}},
    {"related": "things.crate", "avg": "weight", "op": "lte", "value": 1.5},
    {"related": "things.crate", "max": "made_on", "op": "lt", "value": {"ago": 90, "unit": "day"}},
    {"related": "things.crate", "min": "used_at", "op": "filled"},
    {"related": "things.custom.place", "any": {}},
    {"related": "timeline", "none": {"field": "at", "op": "within", "value": {"last": 30, "unit": "day"}}},
    {"related": "trips.about", "max": "happened_at", "op": "within", "value": "this_year"},
    {
        "related": "things.partner",
        "any": {"related": "related", "object": "crates", "any": {"not": {"field": "name", "op": "is", "value": "x"}}},
    },
]


class Form(HTMLParser):
    """What a browser would send from a piece of HTML, and the buttons that are in it."""

    def __init__(self, html):
        super().__init__()
        self.sent, self.buttons, self.select, self.area, self.text = [], [], None, None, ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "button":
            self.buttons.append(a.get("value", ""))
        elif tag == "input" and a.get("name") and (a.get("type") not in ("checkbox", "radio") or "checked" in a):
            self.sent.append((a["name"], a.get("value", "")))
        elif tag == "select":
            self.select = [a.get("name"), None]
        elif tag == "option" and self.select and ("selected" in a or self.select[1] is None):
            self.select[1] = a.get("value", "")
        elif tag == "textarea":
            self.area, self.text = a.get("name"), ""

    def handle_data(self, data):
        if self.area:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "select" and self.select:
            self.sent.append(tuple(self.select))
            self.select = None
        elif tag == "textarea" and self.area:
            self.sent.append((self.area, self.text.removeprefix("\n")))
            self.area = None

    @property
    def data(self):
        found = {}
        for name, value in self.sent:
            found.setdefault(name, []).append(value)
        return found

    @property
    def tree(self):
        text = self.data["filter"][0]
        return json.loads(text) if text else None


@pytest.fixture
def shelf(cast, as_):
    """Things with two fields of an administrator's own."""
    with as_(cast.owner) as actor:
        for name, kind, options in (("grade", "number", {}), ("place", "link", {"to": ["crates"]})):
            custom.add(actor, objects.get("things"), {"name": name, "label": name, "kind": kind, "options": options})


@pytest.fixture
def press(browser):
    """``press("things", tree, "edit /and/0", **controls)``: the builder after a button of it was pressed."""

    def pressed(plural, tree, do="", form=None, **controls):
        data = dict(form.data) if form else {"filter": [json.dumps(tree) if tree else ""]}
        data |= {f"filter-{name.replace('_', '-')}": value for name, value in controls.items()} | {"filter-do": do}
        answer = browser.get(f"/w/acme/{plural}/filter", data)
        assert answer.status_code == 200, answer.content
        pressed.html = answer.content.decode()
        return Form(pressed.html)

    return pressed


def rows_of(tree, path=""):
    """The paths of every condition of a tree."""
    if "not" in tree:
        yield from rows_of(tree["not"], f"{path}/not")
    for word in ("and", "or"):
        for n, part in enumerate(tree.get(word, ())):
            yield from rows_of(part, f"{path}/{word}/{n}")
    if {"field", "related"} & set(tree):
        yield path
    for word in ("any", "none", "all", "where"):
        if tree.get(word):
            yield from rows_of(tree[word], f"{path}/{word}")


@pytest.mark.parametrize(
    ("plural", "tree"),
    [
        *(("things", leaf) for leaf in LEAVES),
        *(("crates", tree) for tree in RELATED),
        (
            "things",
            {"and": [LEAVES[0], {"or": [LEAVES[3], {"not": {"and": [LEAVES[8], PERIOD]}}]}, {"not": LEAVES[9]}]},
        ),
        ("crates", {"or": RELATED}),
    ],
    ids=lambda value: value if isinstance(value, str) else json.dumps(value)[:60],
)
def test_every_condition_is_shown_and_given_back_unchanged(shelf, press, cast, as_, plural, tree):
    with as_(cast.owner) as actor:
        filters.condition(actor, objects.get(plural), tree)
    assert press(plural, tree).tree == tree
    assert "field-error" not in press.html
    for path in rows_of(tree):
        form = press(plural, tree, f"edit {path}")
        assert form.tree == tree
        assert "save" in form.buttons, path
        saved = press(plural, None, "save", form)
        assert "field-error" not in press.html, path
        assert saved.tree == tree, path


def test_a_condition_over_a_relation_is_built_press_by_press(shelf, press):
    form = press("crates", None)
    assert "add " in form.buttons
    form = press("crates", None, "add ")
    form = press("crates", None, "pick", form, what="related:things.crate")
    form = press("crates", None, "op", form, how="count")
    form = press("crates", None, "save", form, op="gte", value="3")
    assert form.tree == {"related": "things.crate", "count": True, "op": "gte", "value": 3}
    form = press("crates", None, "add /where", form)
    form = press("crates", None, "pick", form, what="made_on")
    form = press("crates", None, "op", form, op="within:last")
    form = press("crates", None, "save", form, value="7", value_to="day")
    inner = {"field": "made_on", "op": "within", "value": {"last": 7, "unit": "day"}}
    assert form.tree == {"related": "things.crate", "count": True, "op": "gte", "value": 3, "where": inner}
    form = press("crates", None, "op", press("crates", None, "edit ", form), how="none")
    form = press("crates", None, "save", form)
    assert form.tree == {"related": "things.crate", "none": inner}, "what was asked of them stays"


def test_groups_are_made_turned_denied_and_taken_apart(shelf, press):
    one, two = LEAVES[0], LEAVES[2]
    form = press("things", one, "group ")
    form = press("things", None, "pick", form, what="note")
    form = press("things", None, "save", form, op="empty")
    assert form.tree == {"and": [one, {"or": [two]}]}
    form = press("things", None, "word ", form)
    assert form.tree == {"or": [one, {"or": [two]}]}
    form = press("things", None, "not /or/1/or/0", form)
    assert form.tree == {"or": [one, {"or": [{"not": two}]}]}
    form = press("things", None, "not /or/1/or/0", form)
    form = press("things", None, "remove /or/1/or/0", form)
    assert form.tree == {"or": [one]}, "a group that is left empty goes too"
    assert press("things", None, "remove /or/0", form).tree is None
    related = {"related": "things.partner", "any": one}
    assert press("things", related, "remove /any").tree == {"related": "things.partner", "any": {}}
    total = {"related": "things.partner", "count": True, "op": "gte", "value": 2}
    assert press("things", total | {"where": one}, "remove /where").tree == total


def test_what_is_wrong_is_said_beside_the_condition_and_nothing_is_changed(shelf, press):
    tree = LEAVES[0]
    form = press("things", None, "pick", press("things", tree, "add "), what="count")
    form = press("things", None, "save", press("things", None, "op", form, op="gt"), value="many")
    assert form.tree == tree
    assert "field-error" in press.html and 'value="many"' in press.html
    for wrong in ({"what": "nothing"}, {"what": "count", "op": "contains", "value": "1"}, {"what": "related:x.y"}, {}):
        assert press("things", None, "save", form, **wrong).tree == tree


def test_a_condition_on_a_field_that_was_deleted_can_be_taken_out(shelf, press, browser, make):
    make("things", name="Red lamp")
    gone = {"and": [{"field": "custom.gone", "op": "is", "value": 1}, LEAVES[0]]}
    form = press("things", gone)
    assert "custom.gone" in press.html and press.html.count("field-error") == 1
    assert "remove /and/0" in form.buttons
    assert press("things", None, "remove /and/0", form).tree == LEAVES[0]
    nested = {"related": "things.gone", "any": LEAVES[0]}
    assert press("crates", {"or": [RELATED[0], nested]}, "remove /or/1").tree == {"or": [RELATED[0]]}


@pytest.mark.parametrize(
    "data",
    [
        {"filter-do": "edit /and/99"},
        {"filter-do": "remove /nothing/5/x"},
        {"filter-do": "word /and"},
        {"filter-do": "not //"},
        {"filter-do": "save", "filter-mode": "edit", "filter-at": "/or/7/any"},
        {"filter-do": "save", "filter-mode": "add", "filter-at": "/and/0/where", "filter-what": "name"},
        {"filter-do": "save", "filter-mode": "x", "filter-at": "\0"},
        {"filter-do": "add /and/0/op"},
        {"filter-do": "pick", "filter-mode": "add", "filter-what": "related:partner:nowhere"},
        {"filter-do": "op", "filter-mode": "add", "filter-what": "made_on", "filter-op": "within:nonsense"},
        {
            "filter-do": "save",
            "filter-mode": "add",
            "filter-what": "count",
            "filter-op": "is:raw",
            "filter-value": "[[",
        },
        {"builder": "other", "other": "{}", "filter-do": "edit "},
    ],
)
@pytest.mark.parametrize(
    "tree",
    [
        "",
        '{"and": [{"field": "name", "op": "is", "value": "x"}]}',
        '{"and": 5}',
        '{"related": [], "any": 7}',
        '{"x": {}}',
    ],
)
def test_whatever_is_pressed_is_never_a_500(browser, data, tree):
    assert browser.get("/w/acme/things/filter", {"filter": tree} | data).status_code == 200


def test_the_menu_offers_what_a_person_may_see(shelf, browser, signed_in, cast):
    def offered(client, words, scope="things"):
        answer = client.get("/w/acme/things/filter/fields", {"q": words, "objects": scope}).json()
        return {each["ref"]: each["title"] for each in answer}

    assert offered(browser, "secret") == {"secret": "Secret"}
    assert offered(browser, "crate nam")["crate.name"] == "Crate › Name"
    assert "related:things.partner" in offered(browser, "things")
    assert offered(browser, "grade") == {"custom.grade": "grade"}
    assert set(offered(browser, "", "timeline")) == {"at", "owner", "object"}
    assert offered(signed_in(cast.limited), "secret") == {}
    assert browser.get("/w/acme/things/filter/fields", {"objects": "nowhere"}).status_code == 404
    assert browser.get("/w/acme/nowhere/filter").status_code == 404


def test_the_menu_goes_over_three_links_and_what_it_names_filters(as_, cast, browser, make):
    """Contact, her account, its parent, and that one's parent: three links, as far as a person thinks."""
    top = make("accounts", name="Top", industry="retail")
    middle = make("accounts", name="Middle", parent=f"accounts/{top.id}")
    low = make("accounts", name="Low", parent=f"accounts/{middle.id}")
    make("contacts", first_name="Below", account=f"accounts/{low.id}")
    make("contacts", first_name="Beside", account=f"accounts/{middle.id}")
    address = "/w/acme/contacts/filter/fields"
    named = {each["ref"]: each["title"] for each in browser.get(address, {"q": "industry"}).json()}
    reached = [ref for ref in named if ref.startswith("account.")]
    name = "account.parent.parent.industry"
    assert reached == ["account.industry", "account.parent.industry", name]
    assert named[name].count("›") == 3
    tree = json.dumps({"field": name, "op": "is", "value": "retail"})
    page = browser.get("/w/acme/contacts/", {"filter": tree}).content.decode()
    assert "Below" in page and "Beside" not in page
    assert named[name] in page


def test_a_condition_on_an_amount_says_how_currencies_are_compared(browser, make):
    """Each in its own currency at the latest rates; where there are none, only amounts in the one asked about."""
    asked = {"filter-do": "pick", "filter-mode": "add", "filter-at": ""}
    told = "Only amounts in this currency are found: there are no exchange rates."
    assert told in browser.get("/w/acme/things/filter", asked | {"filter-what": "price"}).content.decode()
    assert told not in browser.get("/w/acme/things/filter", asked | {"filter-what": "count"}).content.decode()
    make("exchange-rates", day="2021-01-01", base="EUR", currency="USD", rate="1.25")
    told = "Other currencies count at the latest exchange rate; amounts without a rate are left out."
    assert told in browser.get("/w/acme/things/filter", asked | {"filter-what": "price"}).content.decode()
