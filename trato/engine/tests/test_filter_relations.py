"""What filters ask of related records, against an oracle: plain Python over everything the actor may see."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from trato.engine import access, actions, custom, filters, objects

from .test_filters import FEW, NUMBERS, Oracle, blank, joined, on_order, on_text

PLURALS = ("things", "crates", "trips")
EMPTY = st.just({})


@pytest.fixture
def world(cast, as_):
    """Crates, things and trips of two owners, tied by links of every sort: one, one of several objects, many, and an
    administrator's own.
    """
    things, crates, trips = (objects.get(plural) for plural in PLURALS)
    with as_(cast.owner) as actor:
        fields = [("place", "link", {"to": ["crates"]}), ("score", "number", {}), ("seen", "links", {"to": ["things"]})]
        for name, kind, options in fields:
            custom.add(actor, things, {"name": name, "label": name, "kind": kind, "options": options})
        mine, theirs = str(cast.limited.id), str(cast.manager.id)
        places = [
            actions.create(actor, crates, {"name": name, "owner": owner})
            for name, owner in (("Amber", mine), ("Hazel", theirs), ("Empty", mine), ("Lamp", theirs))
        ]
        made = []
        for n in range(14):
            values = {
                "name": ("Amber", "Hazel", "Lamp")[n % 3],
                "owner": (mine, theirs, None)[n % 3],
                "count": NUMBERS[n % 5] if n % 4 else None,
                "weight": Decimal(NUMBERS[(n * 3) % 5]) / 4 if n % 3 else None,
                "price": {"amount": NUMBERS[n % 4], "currency": "EUR"} if n % 2 else None,
                "made_on": f"2026-0{1 + n % 9}-15" if n % 5 else None,
                "crate": str(places[n % 3].id) if n % 4 else None,
                "custom": {"score": n % 6} if n % 3 else {},
            }
            if n % 3:
                values["partner"] = things.ref(made[n // 2].id) if made and n % 2 else crates.ref(places[n % 2].id)
            if n % 2:
                values["related"] = [crates.ref(places[n % 4].id), *(things.ref(t.id) for t in made[: n % 3])]
                values["custom"] = values["custom"] | {"place": str(places[(n * 3) % 4].id)}
            if n % 5 == 2:
                values["custom"] = values["custom"] | {"seen": [things.ref(t.id) for t in made[-2:]]}
            made.append(actions.create(actor, things, values))
        for n in range(12):
            about = [things.ref(made[(n * 5) % 14].id), *([crates.ref(places[n % 3].id)] if n % 3 else [])]
            moment = datetime(2026, 1, 1 + n, 9, tzinfo=UTC).isoformat()
            values = {"name": f"V{n}", "about": about, "minutes": n % 5 or None, "happened_at": moment}
            actions.create(actor, trips, values | {"owner": mine if n % 2 else theirs})
        actions.delete(
            actor, trips, actions.create(actor, trips, {"name": "Gone", "about": [crates.ref(places[2].id)]}).id
        )
    return cast


class Relations(Oracle):
    """The same oracle over links of every sort."""

    def __init__(self, actor):
        self.actor = actor
        self.records = {plural: self.read(actor, objects.get(plural)) for plural in PLURALS}
        self.records["timeline"] = {}

    @staticmethod
    def read(actor, obj):
        known = access.fields(actor, obj).values()
        return {row.id: {f.name: plain(f.read_from(row)) for f in known} for row in access.visible(actor, obj)}

    def holds(self, plural, key, values, tree):
        if "field" in tree and tree["field"] not in values:
            own, rest = filters.hop(tree["field"])
            return any(self.holds(*target, tree | {"field": rest}) for target in self.behind(plural, values[own]))
        return super().holds(plural, key, values, tree) if "field" not in tree else self.compared(values, tree)

    @staticmethod
    def compared(values, tree):
        value = values[tree["field"]]
        return Oracle.holds(None, "", None, {"x": value}, tree | {"field": "x"})

    def behind(self, plural, value):
        """What a link's value leads to, as far as it is seen: (object, id, values)."""
        refs = value if isinstance(value, list) else [value] if value else []
        for ref in refs:
            place, key = ref if isinstance(ref, tuple) else str(ref).split("/")
            found = {str(k): (k, v) for k, v in self.records.get(place, {}).items()}.get(str(key))
            if found:
                yield place, *found

    def around(self, plural, key, tree):
        """The related records of one, as (object, id, values)."""
        own = self.records[plural][key]
        name = tree["related"]
        if name == "timeline":
            for other, values in self.records["trips"].items():
                if f"{plural}/{key}" in values["about"]:
                    yield "trips", other, {"at": values["happened_at"], "object": "trips", "owner": values["owner"]}
        elif name in own:
            for target in self.behind(plural, own[name]):
                if target[0] == tree.get("object", target[0]):
                    yield target
        else:
            source, _dot, field = name.partition(".")
            for other, values in self.records[source].items():
                if any(target[:2] == (plural, key) for target in self.behind(source, values[field])):
                    yield source, other, values

    def related(self, plural, key, tree):
        all_of = list(self.around(plural, key, tree))
        for word in ("any", "none", "all"):
            if word in tree:
                met = [not tree[word] or self.holds(*each, tree[word]) for each in all_of]
                return {"any": any(met), "none": not any(met), "all": all(met)}[word]
        met = [each for each in all_of if "where" not in tree or self.holds(*each, tree["where"])]
        word = next(word for word in ("count", "sum", "min", "max", "avg") if word in tree)
        if word == "count":
            total = len(met)
        else:
            given_values = [values[tree[word]] for _place, _key, values in met if values[tree[word]] is not None]
            total = self.together(word, given_values)
        if isinstance(total, float):
            total = Decimal(str(total))
        return Oracle.holds(None, "", None, {"x": total}, {"field": "x", "op": tree["op"], "value": tree.get("value")})

    @staticmethod
    def together(word, given_values):
        if word == "sum":
            return sum(given_values)
        if not given_values:
            return None
        return (
            sum(given_values) / Decimal(len(given_values))
            if word == "avg"
            else {"min": min, "max": max}[word](given_values)
        )


def plain(value):
    """A stored value as the oracle compares it: money by its amount, an id of a foreign key by its object."""
    if hasattr(value, "amount"):
        return value.amount
    if value is not None and type(value).__name__ == "UUID":
        return Pointing(value)
    return value


class Pointing(str):
    """A foreign key's id: the only one of the toys leads to crates."""

    def __new__(cls, value):
        return super().__new__(cls, f"crates/{value}")


def asking(related, inner, **more):
    return st.builds(
        lambda word, tree: {"related": related, word: tree} | more,
        st.sampled_from(["any", "none", "all"]),
        st.one_of(EMPTY, inner),
    )


def amounts(related, where, fields, **more):
    numbers = st.sampled_from([-2, 0, 1, 2, 3, 5])
    compared = st.one_of(
        st.builds(
            lambda op, v: {"op": op, "value": v}, st.sampled_from(["is", "is_not", "lt", "lte", "gt", "gte"]), numbers
        ),
        st.builds(lambda a, b: {"op": "between", "value": [a, b]}, numbers, numbers),
    )
    counted = st.builds(lambda rest: {"related": related, "count": True} | rest | more, compared)
    word = st.sampled_from(["sum", "min", "max", "avg"])
    measured = st.builds(
        lambda w, f, rest: {"related": related, w: f} | rest | more, word, st.sampled_from(fields), compared
    )
    empty = st.builds(
        lambda w, f, op: {"related": related, w: f, "op": op} | more,
        st.sampled_from(["min", "max", "avg"]),
        st.sampled_from(fields),
        st.sampled_from(["empty", "filled"]),
    )
    return st.builds(
        lambda tree, extra: tree | extra,
        st.one_of(counted, measured, empty),
        st.one_of(EMPTY, where.map(lambda t: {"where": t})),
    )


def latest(related, field):
    value = st.sampled_from(["2026-01-05", "2026-03-15", "2026-06-15"])
    return st.builds(
        lambda word, op, v: {"related": related, word: field, "op": op, "value": v},
        st.sampled_from(["min", "max"]),
        st.sampled_from(["lt", "gte", "is", "is_not"]),
        value,
    )


trip = st.one_of(on_order("minutes", NUMBERS), on_text("name"), blank("minutes", "owner"))
crate_leaf = st.one_of(on_text("name"), blank("owner"))
thing_leaf = st.one_of(
    on_text("name"),
    on_text("crate.name"),
    on_text("custom.place.name"),
    on_order("count", NUMBERS),
    on_order("custom.score", NUMBERS),
    blank("count", "made_on", "crate", "owner", "custom.score", "crate.owner"),
)
crate_related = st.one_of(
    crate_leaf,
    asking("things.crate", joined(thing_leaf)),
    asking("things.partner", joined(thing_leaf)),
    asking("things.related", joined(thing_leaf)),
    asking("things.custom.place", joined(thing_leaf)),
    asking("trips.about", joined(trip)),
    asking("timeline", blank("owner")),
    amounts("things.crate", thing_leaf, ["count", "weight", "custom.score", "price"]),
    amounts("things.partner", thing_leaf, ["count", "price"]),
    amounts("things.related", thing_leaf, ["count", "custom.score"]),
    amounts("things.custom.place", thing_leaf, ["weight"]),
    amounts("trips.about", trip, ["minutes"]),
    latest("things.crate", "made_on"),
)
thing_related = st.one_of(
    thing_leaf,
    asking("crate", joined(crate_related)),
    asking("partner", joined(crate_related), object="crates"),
    asking("partner", joined(thing_leaf), object="things"),
    asking("related", joined(crate_related), object="crates"),
    asking("related", joined(thing_leaf), object="things"),
    asking("custom.place", joined(crate_leaf)),
    asking("custom.seen", joined(thing_leaf)),
    asking("things.custom.seen", joined(thing_leaf)),
    asking("things.partner", joined(thing_leaf)),
    amounts("things.related", thing_leaf, ["count"]),
    amounts("related", thing_leaf, ["weight"], object="things"),
    amounts("timeline", blank("owner"), ["at"]).filter(lambda tree: "count" in tree),
)
trip_related = st.one_of(
    trip,
    asking("about", joined(crate_related), object="crates"),
    asking("about", joined(thing_related), object="things"),
    amounts("about", thing_leaf, ["count"], object="things"),
)


@pytest.mark.parametrize("person", ["owner", "limited"])
@pytest.mark.parametrize(
    ("plural", "trees"), [("crates", crate_related), ("things", thing_related), ("trips", trip_related)]
)
def test_random_trees_over_relations_leave_what_plain_python_leaves(world, as_, plural, trees, person):
    with as_(getattr(world, person)) as actor:
        oracle, obj = Relations(actor), objects.get(plural)
        assert all(oracle.records[name] for name in PLURALS)

        @FEW
        @given(joined(trees))
        def run(tree):
            try:
                rows = filters.narrow(actor, obj, access.visible(actor, obj), filters.parse(json.dumps(tree)))
            except filters.BadFilter as refused:
                assert "too large" in refused.message or "more than" in refused.message
                reject()
            assert set(rows.values_list("id", flat=True)) == oracle.ids(plural, tree), tree

        run()
