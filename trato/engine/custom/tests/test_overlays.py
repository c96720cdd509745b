"""What a workspace says of fields: words, choices, what is hidden, and when a field is seen or needed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trato.engine import access, actions, bulk, conditions, custom, filters, objects
from trato.engine.decisions import NotAdministrator
from trato.engine.models import HistoryEntry
from trato.engine.values import Refused, flatten

pytestmark = pytest.mark.django_db
IS_CUSTOMER = {"field": "lifecycle", "op": "is", "value": "customer"}


def contacts():
    return objects.get("contacts")


def say(actor, name, **said):
    custom.set_overlay(actor, contacts(), name, said)


def make(actor, **values):
    return actions.create(actor, contacts(), {"first_name": "Ana"} | flatten(values))


def test_a_field_is_needed_and_seen_only_where_its_condition_holds(owner):
    custom.add(owner, contacts(), {"name": "plan", "label": "Plan", "kind": "text"})
    say(owner, "custom.plan", visible_when=IS_CUSTOMER, required_when=IS_CUSTOMER)
    lead = make(owner, lifecycle="lead")
    with pytest.raises(Refused, match="needed here"):
        make(owner, lifecycle="customer")
    with pytest.raises(Refused, match="no place"):
        make(owner, lifecycle="lead", custom={"plan": "Gold"})
    with pytest.raises(Refused, match="needed here"):
        actions.update(owner, contacts(), lead.id, {"lifecycle": "customer"})
    actions.update(owner, contacts(), lead.id, {"lifecycle": "customer", "custom.plan": "Gold"})
    record = actions.update(owner, contacts(), lead.id, {"lifecycle": "former"})
    assert record.custom["plan"] == "Gold"


def test_what_was_missing_before_does_not_stop_other_writes(owner):
    old = make(owner, lifecycle="customer")
    say(owner, "job_title", required_when=IS_CUSTOMER)
    actions.update(owner, contacts(), old.id, {"first_name": "Eva"})
    actions.update(owner, contacts(), old.id, {"job_title": "Boss"})
    with pytest.raises(Refused, match="needed here"):
        actions.update(owner, contacts(), old.id, {"job_title": ""})


def test_conditions_hold_for_rows_of_files_too(owner):
    say(owner, "job_title", required_when=IS_CUSTOMER)
    writer = bulk.Writer(owner, contacts(), batch_id=objects.UUID(int=7))
    rows = [
        bulk.Row(1, {"first_name": "Ana", "lifecycle": "customer"}),
        bulk.Row(2, {"first_name": "Ben", "lifecycle": "customer", "job_title": "Boss"}),
    ]
    assert [outcome[1] for outcome in writer.write(rows)] == ["failed", "created"]


WRONG = [
    ({"field": "custom.nothing", "op": "is", "value": "x"}, "other fields of the same record"),
    ({"field": "account.title", "op": "is", "value": "x"}, "other fields of the same record"),
    ({"related": "calls.about", "count": True}, "other fields of the same record"),
    ({"field": "job_title", "op": "filled"}, "other fields of the same record"),
    ({"field": "lifecycle", "op": "above", "value": 1}, "can't be used"),
    ({"field": "lifecycle", "op": "is", "value": "nobody"}, "Choose one of"),
    ({"field": "birthday", "op": "gt", "value": "soon"}, "Write a date"),
    ({"and": "x"}, "too large"),
    ("x", "too large"),
    ({"not": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {}}}}}}}}}}, "too large"),
]


@pytest.mark.parametrize(("tree", "words"), WRONG)
def test_a_condition_that_makes_no_sense_is_refused(owner, tree, words):
    with pytest.raises(Refused, match=words):
        say(owner, "job_title", visible_when=tree)


def test_built_in_fields_are_called_otherwise_needed_hidden_and_their_choices_arranged(owner, cast, as_):
    obj = contacts()
    say(owner, "job_title", label="Post", help="As on the card", required=True)
    say(owner, "birthday", hidden=True)
    values = list(obj.builtin["lifecycle"].kind.offer.labels)
    arranged = [{"value": value, "label": value.upper(), "colour": "pink"} for value in reversed(values)]
    arranged[0]["retired"] = True
    say(owner, "lifecycle", choices=arranged)
    known = access.fields(owner, obj)
    assert (known["job_title"].label, known["job_title"].help, known["job_title"].required) == (
        "Post",
        "As on the card",
        True,
    )
    assert "birthday" not in known and "birthday" not in access.writable(owner, obj)
    offer = known["lifecycle"].kind.offer
    assert [value for value, _label in offer.pairs()] == list(reversed(values))[1:]
    assert 'bg-pink-lt">CUSTOMER' in offer.badge("customer")
    with pytest.raises(Refused, match="Fill in"):
        make(owner)
    for wrong in ({"hidden": True}, {"choices": [{"value": "x"}]}, {"nonsense": 1}):
        with pytest.raises(Refused):
            say(owner, "title", **wrong)
    with as_(cast.owner):
        said = HistoryEntry.objects.filter(object="field-overlays")
        assert said.count() == 3 and {entry.actor_name for entry in said} == {owner.name}
    say(owner, "job_title", label="", help="", required=False)
    assert str(access.fields(owner, obj)["job_title"].label) != "Post"
    assert make(owner).title


def test_only_administrators_say_it_and_only_in_their_workspace(cast, as_):
    with as_(cast.owner) as owner:
        say(owner, "job_title", label="Post")
    with as_(cast.member) as member, pytest.raises(NotAdministrator):
        say(member, "job_title", label="Mine")
    with as_(cast.stranger) as stranger:
        assert str(access.fields(stranger, contacts())["job_title"].label) != "Post"


FIELDS = {"n": "number", "t": "text", "c": "choice", "b": "bool", "d": "date", "g": "tags"}
VALUES = {
    "n": [None, 0, 5, -3],
    "t": ["", "Ana", "banana", "100%"],
    "c": ["", "red", "green"],
    "b": [None, True, False],
    "d": [None, "2026-01-31", "2024-02-29"],
    "g": [[], ["vip"], ["vip", "new"]],
}
ASKED = {
    "n": [(op, 0) for op in ("is", "is_not", "lt", "gte")] + [("between", [-5, 3])],
    "t": [("is", "ANA"), ("is_not", "Ana"), ("contains", "an"), ("not_contains", "AN"), ("starts", "b"), ("ends", "%")],
    "c": [("is", "red"), ("is_not", "red"), ("in", ["red", "green"]), ("not_in", ["green"])],
    "b": [("is", True), ("is_not", True), ("is", False)],
    "d": [("is", "2026-01-31"), ("lt", "2026-01-01"), ("gt", "today"), ("within", {"last": 1000, "unit": "day"})],
    "g": [("has", "vip"), ("has_any", ["new", "x"]), ("has_none", ["vip"])],
}
ONE = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda name: st.sampled_from([*ASKED[name], ("empty", None), ("filled", None)]).map(
        lambda asked: {"field": f"custom.{name}", "op": asked[0], "value": asked[1]}
    )
)
TREES = st.recursive(
    ONE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: {"and": parts}),
        st.lists(inner, max_size=3).map(lambda parts: {"or": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=4,
)


@pytest.fixture
def rows(owner):
    for name, kind in FIELDS.items():
        options = {"choices": ["red", "green"]} if kind == "choice" else {}
        custom.add(owner, contacts(), {"name": name, "label": name, "kind": kind, "options": options})
    found = {}
    for number in range(12):
        values = {name: given[number % len(given)] for name, given in VALUES.items()}
        record = actions.create(owner, contacts(), {"first_name": f"n{number}", "custom": values})
        fields = contacts().stored(owner.workspace)
        found[record.id] = {name: field.read_from(record) for name, field in fields.items()}
    return found


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES)
def test_a_condition_says_in_python_what_the_filter_says_in_sql(owner, rows, tree):
    reader, fields = access.reader(owner), contacts().stored(owner.workspace)
    found = filters.narrow(owner, contacts(), access.visible(owner, contacts()), tree).values_list("id", flat=True)
    held = {record_id for record_id, values in rows.items() if conditions.holds(fields, tree, values, reader)}
    assert held == set(found), tree


def test_a_field_with_shared_values_does_not_become_unique_and_says_which(owner):
    custom.add(owner, contacts(), {"name": "code", "label": "Code", "kind": "text"})
    ana = make(owner, last_name="Ruiz", custom={"code": "A-1"})
    make(owner, last_name="Silva", custom={"code": " a-1 "})
    make(owner, last_name="Sol", custom={"code": "B"})
    make(owner)
    with pytest.raises(Refused, match=r"a-1.*Ana Ruiz, Ana Silva.*nothing was changed"):
        custom.change(owner, contacts(), "code", {"unique": True})
    assert not contacts().fields(owner.workspace)["custom.code"].unique
    assert make(owner, last_name="Mar", custom={"code": "B"})
    actions.update(owner, contacts(), ana.id, {"custom.code": "A-2"})
    with pytest.raises(Refused, match="“B”"):
        custom.change(owner, contacts(), "code", {"unique": True})
    actions.delete(owner, contacts(), access.visible(owner, contacts()).get(last_name="Mar").id)
    custom.change(owner, contacts(), "code", {"unique": True})
    with pytest.raises(Refused, match="must be unique"):
        make(owner, custom={"code": "a-2"})
    custom.change(owner, contacts(), "code", {"unique": False})
    assert make(owner, custom={"code": "a-2"})
