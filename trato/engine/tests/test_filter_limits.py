"""What filters refuse, whom they mean by me and my team, and days that move with the reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from trato.engine import access, actions, custom, filters, objects
from trato.engine.kinds.periods import NAMED

THINGS, CRATES, TRIPS = (objects.get(plural) for plural in ("things", "crates", "trips"))


def names(actor, obj, tree):
    rows = filters.narrow(actor, obj, access.visible(actor, obj), tree)
    return sorted(rows.values_list("title", flat=True))


@pytest.mark.parametrize(
    ("obj", "tree", "path"),
    [
        (CRATES, {"related": "things.crate", "any": 5}, ".any"),
        (CRATES, {"related": "things.crate", "any": {"field": "nothing"}}, ".any"),
        (CRATES, {"related": "things.crate", "all": []}, ".all"),
        (CRATES, {"related": "things.crate", "where": [], "count": True}, ".where"),
        (CRATES, {"related": "things.crate", "any": {}, "none": {}}, ""),
        (CRATES, {"related": "things.crate", "count": True, "sum": "count"}, ""),
        (CRATES, {"related": "things.crate", "count": False}, ""),
        (CRATES, {"related": "things.crate", "any": {}, "op": "gte", "value": 1}, ""),
        (CRATES, {"related": "things.crate", "sum": "made_on", "op": "is", "value": 1}, ""),
        (CRATES, {"related": "things.crate", "max": "name", "op": "is", "value": 1}, ""),
        (CRATES, {"related": "things.crate", "max": "made_on", "op": "contains", "value": 1}, ""),
        (CRATES, {"related": "things.crate", "count": True, "op": "filled"}, ""),
        (CRATES, {"related": "things.crate", "count": True, "op": "between", "value": [1]}, ""),
        (CRATES, {"related": "things.crate", "count": True, "op": ["is"], "value": 1}, ""),
        (CRATES, {"related": "things.crate", "count": True, "op": "is", "value": "many"}, ""),
        (CRATES, {"related": "things.crate", "object": "things", "wherever": {}}, ""),
        (CRATES, {"related": ["things.crate"], "any": {}}, ""),
        (CRATES, {"related": "things.name", "any": {}}, ""),
        (CRATES, {"related": "name", "any": {}}, ""),
        (THINGS, {"related": "partner", "any": {}}, ""),
        (THINGS, {"related": "partner", "object": "trips", "any": {}}, ""),
        (THINGS, {"related": "crate", "object": "things", "any": {}}, ""),
        (THINGS, {"related": "owner", "any": {}}, ""),
        (THINGS, {"related": "custom.gone", "any": {}}, ""),
        (THINGS, {"field": "partner.name", "op": "is", "value": "x"}, ""),
        (THINGS, {"field": "custom.gone.name", "op": "is", "value": "x"}, ""),
        (THINGS, {"field": "crate.", "op": "is", "value": "x"}, ""),
        (THINGS, {"field": "owner.name", "op": "is", "value": "x"}, ""),
        (THINGS, {"field": "made_on", "op": "lt", "value": {"ago": 10**6, "unit": "day"}}, ""),
        (THINGS, {"field": "used_at", "op": "lt", "value": {"ago": 1, "unit": "hour"}}, ""),
        (THINGS, {"field": "name", "op": "is", "value": "my_team", "x": 1}, ""),
    ],
)
def test_what_is_wrong_is_refused_where_it_stands(owner, obj, tree, path):
    for wrapped, before in ((tree, ""), ({"or": [{"not": tree}]}, ".or[0].not")):
        with pytest.raises(filters.BadFilter) as refused:
            filters.condition(owner, obj, wrapped)
        assert refused.value.path == before + path
        assert refused.value.message


def test_a_filter_goes_over_so_many_links_and_no_more(owner):
    one = {"related": "things.crate", "any": {}}
    filters.condition(owner, CRATES, {"and": [one] * 16})
    with pytest.raises(filters.BadFilter, match="more than 16 links"):
        filters.condition(owner, CRATES, {"and": [one] * 17})
    deep = {}
    for related in ("crate", "things.crate") * 10:
        deep = {"related": related, "any": deep}
    with pytest.raises(filters.BadFilter, match=r"too large|no relation|no link|does not point"):
        filters.condition(owner, CRATES, deep)


def test_nothing_hidden_is_asked_over_a_relation(cast, as_, set_role):
    with as_(cast.owner) as actor:
        crate = actions.create(actor, CRATES, {"name": "Crate"})
        actions.create(actor, THINGS, {"name": "Thing", "crate": str(crate.id), "secret": "x", "count": 3})
    see = {"see": "all", "change": "none"}
    hidden = {"secret": "hidden", "count": "hidden", "related": "hidden"}
    set_role(cast.member, {"objects": {"things": see | {"fields": hidden}, "crates": see}})
    refused = [
        (CRATES, {"related": "things.crate", "any": {"field": "secret", "op": "filled"}}),
        (CRATES, {"related": "things.crate", "max": "count", "op": "gte", "value": 1}),
        (CRATES, {"related": "things.related", "none": {}}),
        (CRATES, {"related": "trips.about", "none": {}}),
        (THINGS, {"related": "crate", "any": {"related": "things.crate", "any": {"field": "count", "op": "filled"}}}),
        (THINGS, {"related": "related", "object": "crates", "any": {}}),
    ]
    with as_(cast.member) as actor:
        for obj, tree in refused:
            with pytest.raises(filters.BadFilter):
                filters.condition(actor, obj, tree)
        assert names(actor, CRATES, {"related": "things.crate", "any": {"field": "name", "op": "is", "value": "thing"}})


def test_the_timeline_counts_only_what_may_be_seen(cast, as_):
    with as_(cast.owner) as actor:
        crate = actions.create(actor, CRATES, {"name": "Crate", "owner": str(cast.limited.id)})
        for n, owner in enumerate((cast.limited, cast.manager, cast.manager)):
            moment = datetime(2026, 3, 1 + n, tzinfo=UTC).isoformat()
            values = {"name": f"V{n}", "about": [CRATES.ref(crate.id)], "happened_at": moment, "owner": str(owner.id)}
            actions.create(actor, TRIPS, values)
    for person, seen, latest in ((cast.owner, 3, "2026-03-03"), (cast.limited, 1, "2026-03-01")):
        with as_(person) as actor:
            assert names(actor, CRATES, {"related": "timeline", "count": True, "op": "is", "value": seen})
            assert names(actor, CRATES, {"related": "timeline", "max": "at", "op": "is", "value": latest})
            kinds = {"field": "object", "op": "is", "value": "trips"}
            assert names(
                actor, CRATES, {"related": "timeline", "where": kinds, "count": True, "op": "is", "value": seen}
            )


def test_me_and_my_team(cast, as_):
    with as_(cast.owner) as actor:
        for who in ("owner", "member", "teammate", "manager"):
            actions.create(actor, THINGS, {"name": who, "owner": str(getattr(cast, who).id)})
    everybody = {"manager", "member", "owner", "teammate"}
    for person, mine in ((cast.member, {"member", "teammate"}), (cast.owner, {"owner"}), (cast.manager, {"manager"})):
        with as_(person) as actor:
            for op, value, left in (
                ("is", "me", {person.name.split()[1].lower()}),
                ("is", "my_team", mine),
                ("is_not", "my_team", everybody - mine),
                ("in", ["my_team", str(cast.manager.id)], mine | {"manager"}),
                ("not_in", ["my_team"], everybody - mine),
            ):
                assert set(names(actor, THINGS, {"field": "owner", "op": op, "value": value})) == left, (op, value)


def days(today, value):
    """First and last day of a period, by counting days alone."""
    if isinstance(value, dict):
        number = value.get("ago") or value.get("ahead") or value.get("last") or value.get("next")
        length = number * {"day": 1, "week": 7}[value["unit"]]
        if "last" in value:
            return today - timedelta(days=length - 1), today
        if "next" in value:
            return today, today + timedelta(days=length - 1)
        day = today - timedelta(days=length) if "ago" in value else today + timedelta(days=length)
        return day, day
    shift = {"yesterday": -1, "today": 0, "tomorrow": 1}.get(value)
    if shift is not None:
        return today + timedelta(days=shift), today + timedelta(days=shift)
    which, unit = value.split("_")
    within = {
        "week": lambda day: day - timedelta(days=day.weekday()),
        "month": lambda day: (day.year, day.month),
        "quarter": lambda day: (day.year, (day.month + 2) // 3),
        "year": lambda day: day.year,
    }[unit]
    near = [today + timedelta(days=n) for n in range(-800, 800)]
    spans = list(dict.fromkeys(within(day) for day in near))
    wanted = spans[spans.index(within(today)) + {"last": -1, "this": 0, "next": 1}[which]]
    held = [day for day in near if within(day) == wanted]
    return held[0], held[-1]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_days_move_with_the_reader_and_their_zone(cast, as_, zone):
    local = ZoneInfo(zone)
    today = datetime.now(local).date()
    offsets = [-400, -100, -40, -31, -30, -29, -14, -8, -7, -6, -1, 0, 1, 2, 6, 7, 8, 13, 14, 30, 95, 370]
    counted = [
        {which: n, "unit": unit} for which in ("last", "next", "ago", "ahead") for n, unit in ((7, "day"), (2, "week"))
    ]
    with as_(cast.owner) as actor:
        reader = replace(actor, time_zone=zone)
        for n in offsets:
            day = today + timedelta(days=n)
            # The first minute of the day and the last: UTC puts one of them elsewhere.
            moment = datetime(day.year, day.month, day.day, *((0, 1) if n % 2 else (23, 58)), tzinfo=local)
            actions.create(actor, THINGS, {"name": str(n), "made_on": day.isoformat(), "used_at": moment.isoformat()})
        for value in [*NAMED, *counted]:
            first, last = days(today, value)
            meant = {
                "is": lambda d, a=first, b=last: a <= d <= b,
                "is_not": lambda d, a=first, b=last: not a <= d <= b,
                "lt": lambda d, a=first: d < a,
                "lte": lambda d, b=last: d <= b,
                "gt": lambda d, b=last: d > b,
                "gte": lambda d, a=first: d >= a,
                "within": lambda d, a=first, b=last: a <= d <= b,
            }
            for op, holds in meant.items():
                left = sorted(str(n) for n in offsets if holds(today + timedelta(days=n)))
                for field in ("made_on", "used_at"):
                    assert names(reader, THINGS, {"field": field, "op": op, "value": value}) == left, (field, op, value)


def test_objects_of_ones_own_are_asked_in_both_directions(owner):
    crates = [actions.create(owner, CRATES, {"name": name}) for name in ("Near", "Far")]
    custom.add_object(owner, {"name": "plot", "plural": "plots", "label": "Plot", "label_plural": "Plots"})
    plots = objects.get("plots")
    for name, kind, options in (("place", "link", {"to": ["crates"]}), ("area", "number", {})):
        custom.add(owner, plots, {"name": name, "label": name, "kind": kind, "options": options})
    plots = objects.get("plots")
    for n in range(3):
        values = {"name": f"P{n}", "custom": {"place": str(crates[n // 2].id), "area": n + 1}}
        actions.create(owner, plots, values)
    small = {"field": "custom.area", "op": "lt", "value": 3}
    assert names(owner, CRATES, {"related": "plots.custom.place", "any": small}) == ["Near"]
    assert names(owner, CRATES, {"related": "plots.custom.place", "sum": "custom.area", "op": "is", "value": 3}) == [
        "Far",
        "Near",
    ]
    assert names(owner, plots, {"field": "custom.place.name", "op": "is", "value": "far"}) == ["P2"]
    assert names(owner, plots, {"related": "custom.place", "none": {"field": "name", "op": "is", "value": "far"}}) == [
        "P0",
        "P1",
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("last_7_days", {"last": 7, "unit": "day"}),
        ("next_1_month", {"next": 1, "unit": "month"}),
        ("30_days_ago", {"ago": 30, "unit": "day"}),
        ("in_2_weeks", {"ahead": 2, "unit": "week"}),
    ],
)
def test_a_period_in_one_word_is_the_same(owner, written, said):
    for n in range(-40, 40):
        actions.create(
            owner, THINGS, {"name": str(n), "made_on": (datetime.now(UTC) + timedelta(days=n)).date().isoformat()}
        )
    for op in ("within", "lt", "gte"):
        one, other = ({"field": "made_on", "op": op, "value": value} for value in (written, said))
        assert names(owner, THINGS, one) == names(owner, THINGS, other) != []
