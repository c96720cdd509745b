"""Filters against an oracle: random trees must leave exactly the records that plain Python leaves."""

from __future__ import annotations

import json
import os
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from trato.engine import access, actions, filters, objects

#: More of them are tried with TRATO_EXAMPLES=5000.
EXAMPLES = int(os.environ.get("TRATO_EXAMPLES", "60"))
FEW = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
NAMES = ["Amber", "amber lamp", "Hazel", "100% sure", "under_score", "back\\slash", "ÉCLAIR"]
TEXTS = ["", "a", "AMBER", "amb", "lamp", "%", "_", "\\", "é", "sure"]
NUMBERS = [-5, 0, 1, 3, 10]
DATES = ["2024-02-29", "2025-01-01", "2026-06-15"]
TAGS = ["red", "blue", "vip"]

# -- the world, and what it looks like to Python --------------------------------------------------------------------


@pytest.fixture
def world(cast, as_):
    """Three crates and twelve things of two owners, some of them with little."""
    things, crates, trips = (objects.get(plural) for plural in ("things", "crates", "trips"))
    with as_(cast.owner) as actor:
        mine, theirs = str(cast.limited.id), str(cast.manager.id)
        places = [
            actions.create(actor, crates, {"name": name, "owner": owner})
            for name, owner in (("Amber crate", mine), ("Hazel crate", theirs), ("Empty crate", mine))
        ]
        made = []
        for n in range(12):
            values = {
                "name": NAMES[n % len(NAMES)],
                "owner": (mine, theirs, None)[n % 3],
                "count": NUMBERS[n % 5] if n % 4 else None,
                "weight": Decimal(NUMBERS[n % 3]) / 2 if n % 3 else None,
                "made_on": DATES[n % 3] if n % 5 else None,
                "broken": n % 2 == 0,
                "state": ("new", "used", "worn")[n % 3],
                "note": NAMES[(n + 3) % len(NAMES)] if n % 2 else "",
                "tags": TAGS[: n % 4],
                "crate": str(places[n % 2].id) if n % 3 else None,
            }
            if n % 3 == 1:
                values["partner"] = (crates if n % 2 else things).ref((places if n % 2 else made)[n % 4 // 2].id)
            made.append(actions.create(actor, things, values))
        for n in range(10):
            about = [things.ref(made[(n * 5) % 12].id)]
            actions.create(
                actor, trips, {"name": f"V{n}", "about": about, "minutes": n, "owner": mine if n % 2 else theirs}
            )
    return cast


class Oracle:
    """Every visible record as plain values, and what a tree means over them."""

    def __init__(self, actor):
        self.actor = actor
        self.records = {
            plural: {
                record.id: {f.name: f.read_from(record) for f in objects.get(plural).builtin.values()}
                for record in access.visible(actor, objects.get(plural))
            }
            for plural in ("things", "crates", "trips")
        }

    def ids(self, plural, tree):
        return {key for key, values in self.records[plural].items() if self.holds(plural, key, values, tree)}

    def holds(self, plural, key, values, tree):
        if "and" in tree:
            return all(self.holds(plural, key, values, part) for part in tree["and"])
        if "or" in tree:
            return any(self.holds(plural, key, values, part) for part in tree["or"])
        if "not" in tree:
            return not self.holds(plural, key, values, tree["not"])
        if "related" in tree:
            return self.related(plural, key, tree)
        name, _dot, rest = tree["field"].partition(".")
        if rest:
            target = self.records["crates"].get(values[name])
            return target is not None and self.holds("crates", values[name], target, tree | {"field": rest})
        return compare(tree["op"], values[name], tree.get("value"))

    def related(self, plural, key, tree):
        source, _dot, name = tree["related"].partition(".")
        ref = objects.get(plural).ref(key)
        pointing = [
            values
            for other, values in self.records[source].items()
            if (values[name] in (key, ref) or (isinstance(values[name], list) and ref in values[name]))
            and ("where" not in tree or self.holds(source, other, values, tree["where"]))
        ]
        if "sum" in tree:
            given = [values[tree["sum"]] for values in pointing if values[tree["sum"]] is not None]
            total = sum(given)
        else:
            total = len(pointing)
        value = tree["value"]
        tests = {"is": total == value, "is_not": total != value, "gt": total > value, "gte": total >= value}
        return (tests | {"lt": total < value, "lte": total <= value})[tree["op"]]


def compare(op, value, wanted):  # noqa: C901, PLR0911
    if op in ("not_contains", "is_not", "not_in"):
        return not compare({"not_contains": "contains", "is_not": "is", "not_in": "in"}[op], value, wanted)
    if op == "empty":
        return value is None or value in ("", [])
    if op == "filled":
        return not compare("empty", value, None)
    if op == "has_none":
        return not set(value) & set(wanted)
    if op in ("has", "has_any"):
        return bool(set(value) & set(wanted if isinstance(wanted, list) else [wanted]))
    if value is None:
        return False
    if op == "in":
        return any(compare("is", value, each) for each in wanted)
    if op == "between":
        return compare("gte", value, wanted[0]) and compare("lte", value, wanted[1])
    if isinstance(value, str):
        value, wanted = value.lower(), wanted.lower()
        if op in ("contains", "starts", "ends"):
            return {"contains": wanted in value, "starts": value.startswith(wanted), "ends": value.endswith(wanted)}[op]
    elif isinstance(value, date):
        wanted = date.fromisoformat(wanted)
    elif not isinstance(value, bool | int | Decimal):
        value = str(value)
    ordered = {"lt": value < wanted, "lte": value <= wanted, "gt": value > wanted, "gte": value >= wanted}
    return (ordered | {"is": value == wanted})[op]


# -- trees ----------------------------------------------------------------------------------------------------------

some_text = st.sampled_from([text for text in TEXTS if text] + NAMES)


def condition(field, ops, value):
    return st.builds(lambda op, v: {"field": field, "op": op, "value": v}, st.sampled_from(ops), value)


def on_text(field):
    return st.one_of(
        condition(field, ["contains", "not_contains", "starts", "ends", "is", "is_not"], some_text),
        condition(field, ["in", "not_in"], st.lists(some_text, min_size=1, max_size=3)),
    )


def on_order(field, values):
    value = st.sampled_from(values)
    return st.one_of(
        condition(field, ["is", "is_not", "lt", "lte", "gt", "gte"], value),
        condition(field, ["between"], st.tuples(value, value).map(list)),
    )


def blank(*fields):
    return st.builds(
        lambda f, op: {"field": f, "op": op}, st.sampled_from(fields), st.sampled_from(["empty", "filled"])
    )


def joined(leaf):
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda parts: {"and": parts}),
            st.lists(inner, max_size=3).map(lambda parts: {"or": parts}),
            inner.map(lambda part: {"not": part}),
        ),
        max_leaves=6,
    )


def counting(source, where, **sums):
    return st.builds(
        lambda op, value, inner, extra: {"related": source, "op": op, "value": value} | inner | extra,
        st.sampled_from(["is", "is_not", "gt", "gte", "lt", "lte"]),
        st.integers(-1, 4),
        st.one_of(st.just({}), where.map(lambda tree: {"where": tree})),
        st.sampled_from([{"count": True}, *({"sum": name} for name in sums)]),
    )


trip = st.one_of(on_order("minutes", NUMBERS), on_text("name"), blank("minutes", "owner"))
thing = st.one_of(
    on_text("name"),
    on_text("note"),
    on_text("crate.name"),
    on_order("count", NUMBERS),
    on_order("weight", NUMBERS),
    on_order("made_on", DATES),
    condition("broken", ["is"], st.booleans()),
    condition("state", ["is", "is_not"], st.sampled_from(["new", "used", "worn"])),
    condition("tags", ["has"], st.sampled_from([*TAGS, "none"])),
    condition("tags", ["has_any", "has_none"], st.lists(st.sampled_from(TAGS), min_size=1, max_size=2)),
    blank("count", "weight", "made_on", "note", "tags", "crate", "owner", "crate.owner"),
    counting("trips.about", joined(trip)),
    counting("things.partner", on_order("count", NUMBERS), count=1, weight=1),
)
crate = st.one_of(
    on_text("name"),
    blank("owner"),
    counting("things.crate", joined(thing)),
    counting("things.crate", joined(thing), count=1),
    counting("things.partner", joined(on_text("name"))),
)


@pytest.mark.parametrize("person", ["owner", "limited"])
@pytest.mark.parametrize("plural", ["things", "crates"])
def test_random_trees_leave_what_plain_python_leaves(world, as_, plural, person):
    with as_(getattr(world, person)) as actor:
        oracle, obj = Oracle(actor), objects.get(plural)
        assert oracle.records["things"] and oracle.records["trips"]

        @FEW
        @given(joined(thing if plural == "things" else crate))
        def run(tree):
            try:
                rows = filters.narrow(actor, obj, access.visible(actor, obj), filters.parse(json.dumps(tree)))
            except filters.BadFilter as refused:
                assert "too large" in refused.message
                reject()
            assert set(rows.values_list("id", flat=True)) == oracle.ids(plural, tree), tree

        run()


@pytest.mark.parametrize("person", ["owner", "limited"])
@pytest.mark.parametrize("op", ["is", "is_not", "gt", "gte", "lt", "lte"])
def test_counts_and_sums_compare_with_none_as_zero(world, as_, person, op):
    asked = [
        ("crates", {"related": "things.crate", "count": True}),
        ("crates", {"related": "things.crate", "sum": "count"}),
        ("crates", {"related": "things.partner", "count": True}),
        ("things", {"related": "trips.about", "count": True}),
        ("things", {"related": "trips.about", "where": {"field": "minutes", "op": "gt", "value": 3}}),
    ]
    with as_(getattr(world, person)) as actor:
        oracle = Oracle(actor)
        for plural, start in asked:
            obj = objects.get(plural)
            for value in range(-2, 6):
                tree = start | {"op": op, "value": value}
                rows = filters.narrow(actor, obj, access.visible(actor, obj), tree)
                assert set(rows.values_list("id", flat=True)) == oracle.ids(plural, tree), tree


anything = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(["name", "count"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["field", "op", "value", "and", "or", "not", "related", "where", "count", "sum", "x"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)
hostile = st.one_of(
    anything,
    st.fixed_dictionaries(
        {
            "field": st.sampled_from(
                [*objects.get("things").builtin, "crate.name", "crate.crate", "owner.email", "custom.x", "id"]
            ),
            "op": st.one_of(
                st.sampled_from(["is", "in", "between", "has", "within", "contains", "lt", "empty"]), anything
            ),
            "value": anything,
        }
    ),
    st.fixed_dictionaries(
        {"related": st.sampled_from(["trips.about", "things.crate", "things.related", "things.partner", "x.y", ""])},
        optional={"where": anything, "op": anything, "value": anything, "sum": anything, "count": anything},
    ),
)


@pytest.mark.parametrize("plural", ["things", "crates"])
def test_whatever_is_sent_is_a_filter_or_is_refused(world, as_, plural):
    with as_(world.owner) as actor:
        obj = objects.get(plural)

        @FEW
        @given(hostile)
        def run(tree):
            try:
                parsed = filters.parse(tree)
                list(filters.narrow(actor, obj, access.visible(actor, obj), parsed).values("id")[:3])
            except filters.BadFilter as refused:
                assert refused.message

        run()


def test_what_is_too_large_is_refused(owner):
    things = objects.get("things")
    deep = {"field": "name", "op": "is", "value": "x"}
    for _ in range(50):
        deep = {"not": deep}
    wide = {"or": [{"field": "name", "op": "is", "value": "x"}] * 500}
    for tree in (deep, wide, {"field": "name", "op": "in", "value": ["x"] * 5000}):
        with pytest.raises(filters.BadFilter):
            filters.condition(owner, things, tree)
    for text in ("{", "[]", "5", "null", '"x"', "[" * 10_000, "\0", '{"field": "name"'):
        with pytest.raises(filters.BadFilter):
            filters.condition(owner, things, filters.parse(text))
    for nothing in (None, "", {}, "{}"):
        assert not filters.parse(nothing)


def test_a_problem_says_where_it_is(owner):
    tree = {"and": [{"field": "name", "op": "is", "value": "x"}, {"not": {"field": "nothing", "op": "is", "value": 1}}]}
    with pytest.raises(filters.BadFilter) as refused:
        filters.condition(owner, objects.get("things"), tree)
    assert refused.value.path == ".and[1].not"
    assert "nothing" in refused.value.message


def test_a_filter_never_asks_what_its_actor_may_not_see(world, as_, set_role):
    """Not over a link, not in a count, not in a sum, not of an object that is closed to them."""
    set_role(
        world.member,
        {
            "objects": {
                "things": {"see": "all", "fields": {"secret": "hidden", "count": "hidden", "crate": "hidden"}},
                "crates": {"see": "all", "fields": {"name": "hidden"}},
            }
        },
    )
    refused = [
        ("things", {"field": "secret", "op": "filled"}),
        ("things", {"field": "crate", "op": "filled"}),
        ("things", {"field": "crate.owner", "op": "filled"}),
        ("crates", {"field": "name", "op": "is", "value": "x"}),
        ("crates", {"related": "things.crate", "op": "gte", "value": 1}),
        ("crates", {"related": "things.partner", "sum": "count", "op": "gte", "value": 1}),
        ("crates", {"related": "things.partner", "where": {"field": "secret", "op": "filled"}}),
        ("things", {"related": "trips.about", "op": "gte", "value": 1}),
        ("things", {"field": "owner.email", "op": "contains", "value": "@"}),
        ("things", {"field": "owner.password", "op": "starts", "value": "md5"}),
    ]
    with as_(world.member) as actor:
        for plural, tree in refused:
            with pytest.raises(filters.BadFilter):
                filters.condition(actor, objects.get(plural), tree)
        things = objects.get("things")
        assert (
            filters.narrow(actor, things, access.visible(actor, things), {"field": "name", "op": "filled"}).count()
            == 12
        )
