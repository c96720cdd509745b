"""Boards: every record in its column, counted and summed up as a person would count them; gates at the columns."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal

import pytest

from trato.engine import access, actions, boards, custom, gatekeeping, gates, objects, undo
from trato.engine.boards import BadBoard
from trato.engine.bulk.writer import Row, Writer
from trato.engine.history import batch
from trato.engine.values import Refused
from trato.engine.workspaces.ids import uuid7

STATES = {"new": "New", "used": "Used", "worn": "Worn"}


def made(actor, **values):
    return actions.create(actor, objects.get("things"), {"name": "T"} | values)


@pytest.fixture
def things(owner):
    """Sixty things of all states, prices in two currencies or none."""
    dice = random.Random(7)
    found = []
    for number in range(60):
        price = {"amount": str(dice.randrange(1, 9000) / 100), "currency": dice.choice(["EUR", "USD"])}
        values = {"name": f"Thing {number}", "state": dice.choice(list(STATES)), "broken": dice.random() < 0.4}
        values |= {"count": dice.choice([None, 1, 2, 7]), "price": dice.choice([price, None])}
        found.append(made(owner, **values))
    return found


def board(actor, by, *sums):
    obj = objects.get("things")
    fields = access.fields(actor, obj)
    return boards.columns(actor, obj, access.visible(actor, obj), fields[by], [fields[name] for name in sums])


def test_columns_count_and_sum_what_a_person_would_count(owner, things):
    counts, sums, numbers = defaultdict(int), defaultdict(lambda: defaultdict(Decimal)), defaultdict(int)
    for thing in things:
        counts[thing.state] += 1
        numbers[thing.state] += thing.count or 0
        if thing.price is not None:
            sums[thing.state][thing.price_currency] += Decimal(thing.price)
    found = board(owner, "state", "price", "count")
    assert [(column.key, column.label, column.count) for column in found] == [
        (key, label, counts[key]) for key, label in STATES.items()
    ]
    for column in found:
        assert column.sums["price"] == sums[column.key]
        assert sum(column.sums["count"].values()) == numbers[column.key]


def test_one_statement_counts_all_columns(owner, things, django_assert_num_queries):
    board(owner, "state", "price", "count")
    with django_assert_num_queries(1):
        board(owner, "state", "price", "count")


def test_every_record_stands_in_exactly_one_column(owner, things):
    obj = objects.get("things")
    fields = access.fields(owner, obj)
    for by in ("state", "broken", "owner", "crate"):
        columns = board(owner, by)
        places = defaultdict(int)
        for column in columns:
            for found in access.visible(owner, obj).filter(boards.within(owner, fields[by], column.key, columns)):
                places[found.id] += 1
        assert set(places.values()) == {1} and len(places) == 60, by


def test_a_link_to_what_somebody_cannot_see_counts_as_none(owner, cast, as_, set_role):
    crate = actions.create(owner, objects.get("crates"), {"name": "Secret crate"})
    mine = made(owner, crate=str(crate.id))
    set_role(cast.reader, {"objects": {"*": {"see": "none"}, "things": {"see": "all"}}})
    assert [(c.label, c.count) for c in board(owner, "crate")][-1] == ("Secret crate", 1)
    with as_(cast.reader) as reader:
        obj, columns = objects.get("things"), board(reader, "crate")
        assert [(c.key, c.count) for c in columns] == [("", 1)]
        field = access.fields(reader, obj)["crate"]
        rows = access.visible(reader, obj).filter(boards.within(reader, field, "", columns))
        assert [row.id for row in rows] == [mine.id]


def test_a_hidden_field_makes_no_board(owner, cast, as_, set_role):
    set_role(cast.reader, {"objects": {"things": {"see": "all", "fields": {"state": "hidden"}}}})
    with as_(cast.reader) as reader, pytest.raises(BadBoard):
        boards.field_of(reader, objects.get("things"), "state")


def test_another_workspace_is_not_counted(owner, things, cast, as_):
    assert sum(column.count for column in board(owner, "state")) == 60


@pytest.mark.parametrize("name", ["note", "nothing", "name; DROP", "custom.x"])
def test_a_board_by_what_is_no_choice_is_refused(owner, name):
    with pytest.raises(BadBoard):
        boards.field_of(owner, objects.get("things"), name)


def test_an_added_choice_field_makes_a_board(owner):
    stage = {"label": "Stage", "kind": "choice", "name": "stage"}
    stage["options"] = {"choices": [{"value": "a", "label": "First"}, {"value": "b", "label": "Second"}]}
    custom.add(owner, objects.get("things"), stage)
    for value in ("b", "b", None):
        made(owner, **{"custom.stage": value})
    assert [(c.key, c.label, c.count) for c in board(owner, "custom.stage")] == [
        ("", "Empty", 1),
        ("a", "First", 0),
        ("b", "Second", 2),
    ]


# -- gates ----------------------------------------------------------------------------------------------------------


def refusals(function, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        function(*args, **kwargs)
    return [(problem.field, problem.code) for problem in refused.value.problems]


def test_a_gate_asks_for_fields_when_a_value_is_taken_and_not_before(owner):
    obj = objects.get("things")
    gatekeeping.set_gate(owner, obj, "state", "worn", needed=["note", "count"], stale_days=9)
    thing = made(owner)
    actions.update(owner, obj, thing.id, {"state": "used"})
    asked = refusals(actions.update, owner, obj, thing.id, {"state": "worn"})
    assert asked == [("note", "required"), ("count", "required")]
    assert refusals(made, owner, state="worn", note="x") == [("count", "required")]
    done = actions.update(owner, obj, thing.id, {"state": "worn", "note": "Rust", "count": 0})
    assert done.state == "worn"
    actions.update(owner, obj, thing.id, {"note": ""})  # it only watches who comes in
    assert gates.staleness(obj, "state") == {"worn": 9}
    gatekeeping.set_gate(owner, obj, "state", "worn")
    assert gates.of(obj) == {}


def test_a_move_through_a_gate_is_undone(owner):
    obj, thing = objects.get("things"), made(owner)
    gatekeeping.set_gate(owner, obj, "state", "used", needed=["note"])
    with batch() as moved:
        actions.update(owner, obj, thing.id, {"state": "used", "note": "Rust"})
    undo.undo(owner, moved.id)
    thing.refresh_from_db()
    assert (thing.state, thing.note) == ("new", "")


def test_a_gate_holds_for_imports(owner):
    obj = objects.get("things")
    gatekeeping.set_gate(owner, obj, "state", "worn", needed=["note"])
    rows = [Row(1, {"name": "A", "state": "worn"}), Row(2, {"name": "B", "state": "worn", "note": "Rust"})]
    first, second = Writer(owner, obj, uuid7()).write(rows)
    assert (first.result, [(p.field, p.code) for p in first.problems]) == ("failed", [("note", "required")])
    assert second.result == "created"


@pytest.mark.parametrize(
    "said",
    [
        {"needed": ["nothing"]},
        {"needed": ["state"]},
        {"needed": ["created_at"]},
        {"needed": [f"custom.{n}" for n in range(30)]},
        {"stale_days": 0},
        {"stale_days": 10**9},
        {"value": "x\0"},
        {"field": "note"},
    ],
)
def test_a_gate_that_makes_no_sense_is_refused(owner, said):
    where = {"field": "state", "value": "used"} | {key: said[key] for key in ("field", "value") if key in said}
    rest = {key: value for key, value in said.items() if key not in where}
    refusals(gatekeeping.set_gate, owner, objects.get("things"), where["field"], where["value"], **rest)
    assert gates.of(objects.get("things")) == {}


def test_only_administrators_set_gates(cast, as_):
    with as_(cast.member) as member, pytest.raises(custom.NotAdministrator):
        gatekeeping.set_gate(member, objects.get("things"), "state", "used", needed=["note"])


# -- by a link with an order of its own --------------------------------------------------------------------------------


@pytest.fixture
def lanes(owner):
    """Two crates; the first with three lanes in an order that is neither of names nor of age, the other with one."""
    ways = [actions.create(owner, objects.get("crates"), {"name": name}) for name in ("Alpha", "Beta")]
    steps = {}
    for crate, name, position, outcome in [
        (0, "Last", 3, "won"),
        (0, "First", 1, "open"),
        (0, "Middle", 2, "open"),
        (1, "Other", 1, "open"),
    ]:
        given = {"name": name, "crate": str(ways[crate].id), "position": position, "outcome": outcome}
        steps[name] = actions.create(owner, objects.get("lanes"), given)
    parcels = objects.get("parcels")
    for number, name in enumerate(["Middle", "Middle", "Last", "Other"]):
        lane = steps[name]
        given = {"name": f"P{number}", "lane": str(lane.id), "crate": str(lane.crate_id)}
        actions.create(owner, parcels, given)
    return ways, steps


def test_columns_of_a_link_stand_in_the_order_of_their_positions(owner, lanes):
    ways, _steps = lanes
    parcels = objects.get("parcels")
    fields = access.fields(owner, parcels)
    by, inside = fields["lane"], boards.inside_of(owner, parcels, fields["lane"])
    assert inside == fields["crate"]
    assert boards.insides(owner, inside) == [(ways[0].id, "Alpha"), (ways[1].id, "Beta")]
    rows = access.visible(owner, parcels)
    every = boards.columns(owner, parcels, rows, by)
    assert [(one.label, one.count) for one in every if one.key] == [
        ("First", 0),
        ("Other", 1),
        ("Middle", 2),
        ("Last", 1),
    ]
    narrowed = rows.filter(crate_id=ways[0].id)
    found = [one for one in boards.columns(owner, parcels, narrowed, by, inside=(inside, ways[0].id)) if one.key]
    assert [(one.label, one.count, one.colour) for one in found] == [
        ("First", 0, "gray"),
        ("Middle", 2, "gray"),
        ("Last", 1, "green"),
    ]
    middle = next(one for one in found if one.label == "Middle")
    assert narrowed.filter(boards.within(owner, by, middle.key, found)).count() == 2
    assert boards.inside_of(owner, parcels, fields["crate"]) is None


def test_what_stands_in_another_ones_step_is_not_lost(owner, lanes):
    ways, steps = lanes
    parcels = objects.get("parcels")
    astray = {"name": "Astray", "lane": str(steps["Other"].id), "crate": str(ways[0].id)}
    actions.create(owner, parcels, astray)
    fields = access.fields(owner, parcels)
    rows = access.visible(owner, parcels).filter(crate_id=ways[0].id)
    found = boards.columns(owner, parcels, rows, fields["lane"], inside=(fields["crate"], ways[0].id))
    assert [(one.label, one.count) for one in found if one.key][-1] == ("Other", 1)


def test_the_way_of_a_record_has_the_steps_of_what_it_lies_inside(cast, as_, owner, lanes):
    ways, _steps = lanes
    parcels, things = objects.get("parcels"), objects.get("things")
    by, steps = boards.path(owner, parcels, {"crate": ways[0].id, "lane": None})
    assert (by.name, [step.label for step in steps]) == ("lane", ["First", "Middle", "Last"])
    assert [step.key for step in boards.path(owner, things, {"state": "used"})[1]] == ["new", "used", "worn"]
    assert boards.path(owner, parcels, {"crate": ways[1].id, "lane": None}) is None  # one step is no way
    assert boards.path(owner, objects.get("crates"), {}) is None
