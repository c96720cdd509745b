"""Pages by key, whatever the cursor says."""

import base64
import itertools
import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trato.engine import access, actions, custom, objects, paging

FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
ORDERS = [
    "id",
    "title",
    "count",
    "-weight",
    "price",
    "made_on",
    "-used_at",
    "broken",
    "crate",
    "owner",
    "custom.n",
    "custom.d",
    "-count,made_on",
    "crate,-custom.n",
]
NASTY = [
    *(
        None,
        True,
        0,
        -1,
        10**40,
        -(10**40),
        1.5,
        float("nan"),
        float("inf"),
        "",
        "x",
        "\0",
        "a\0b",
        "\ud800",
        "1e999999",
        "-1e400",
    ),
    *(
        "NaN",
        "Infinity",
        "0001-01-01",
        "10000-01-01",
        "2024-13-45",
        "2024-01-01",
        "2024-01-01T00:00:00Z",
        "2024-01-01T00:00:00",
    ),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9" * 40, "a" * 9000, "true", [], {}),
]
any_value = st.one_of(st.sampled_from(NASTY), st.integers(), st.floats(), st.text(max_size=5))


def packed(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.fixture
def some(owner):
    """Six things, some of whose values are missing."""
    things, crates = objects.get("things"), objects.get("crates")
    for name, kind in (("n", "number"), ("d", "date")):
        custom.add(owner, things, {"name": name, "label": name, "kind": kind})
    crate = actions.create(owner, crates, {"name": "Crate"})
    for n in range(6):
        values = {
            "count": n,
            "weight": n / 2,
            "made_on": "2024-01-01",
            "crate": str(crate.id),
            "custom": {"n": n, "d": "2024-05-05"},
        }
        actions.create(owner, things, {"name": f"Thing {n}"} | (values if n % 2 else {}))
    return things


@pytest.mark.parametrize("text", ORDERS)
def test_any_cursor_is_a_page_or_is_refused(owner, some, text):
    rows = access.visible(owner, some)
    order = paging.order_of(access.fields(owner, some), some, text)
    known = str(rows.first().id)

    @FEW
    @given(st.one_of(st.sampled_from([0, 1]), any_value), any_value, st.one_of(st.just(known), any_value), any_value)
    def run(stretch, value, record_id, backwards):
        try:
            page = paging.page(rows, order, ["title"], 2, packed([stretch, value, record_id, backwards]))
            assert len(page.rows) <= 2
        except paging.BadPage as refused:
            assert str(refused)

    for value in NASTY:
        for stretch in (0, 1):
            run.hypothesis.inner_test(stretch, value, known, 0)
    run()


@pytest.mark.parametrize(
    "cursor", ["", "x", "=", "é", "e30", "W10", "bnVsbA", "A" * 10_000, "[[[[" * 500, packed([0]), packed({"a": 1})]
)
def test_what_is_no_cursor_is_refused(owner, some, cursor):
    rows = access.visible(owner, some)
    order = paging.order_of(access.fields(owner, some), some, "title")
    if not cursor:
        assert len(paging.page(rows, order, ["title"], 2, cursor).rows) == 2
        return
    with pytest.raises(paging.BadPage):
        paging.page(rows, order, ["title"], 2, cursor)


def test_pages_stand_still_while_records_come_and_go(owner, some):
    """A record made or deleted on a page before moves nothing on the pages after it."""
    rows = access.visible(owner, some)
    order = paging.order_of(access.fields(owner, some), some, "title")
    first = paging.page(rows, order, ["title"], 2)
    actions.create(owner, some, {"name": "Aardvark"})
    actions.delete(owner, some, first.rows[1]["id"])
    second = paging.page(rows, order, ["title"], 2, first.next)
    assert [row["title"] for row in second.rows] == ["Thing 2", "Thing 3"]
    back = paging.page(rows, order, ["title"], 2, second.previous)
    assert [row["title"] for row in back.rows] == ["Aardvark", "Thing 0"]
    assert back.previous is None
    assert back.next


def test_nothing_has_no_pages(owner):
    crates = objects.get("crates")
    for text in ("id", "title", "-owner"):
        order = paging.order_of(crates.builtin, crates, text)
        page = paging.page(access.visible(owner, crates), order, ["title"], 5)
        assert (page.rows, page.next, page.previous) == ([], None, None)


def test_an_order_never_tells_of_targets_that_may_not_be_seen(cast, as_):
    """Ordered by a crate of somebody else, a list would tell how it is called, and its cursors would say it."""
    things, crates = objects.get("things"), objects.get("crates")
    with as_(cast.owner) as actor:
        crate = actions.create(actor, crates, {"name": "Top secret", "owner": str(cast.manager.id)})
        for n in range(3):
            values = {"name": f"T{n}", "owner": str(cast.limited.id), "crate": str(crate.id)}
            actions.create(actor, things, values)
        page = paging.page(
            access.visible(actor, things), paging.order_of(access.fields(actor, things), things, "crate"), ["title"], 2
        )
        assert paging.decode(page.next)[1] == "top secret"
    with as_(cast.limited) as actor:
        fields = access.fields(actor, things)
        assert not fields["crate"].sortable
        with pytest.raises(paging.BadPage):
            paging.order_of(fields, things, "crate")
        assert paging.order_of(fields, things, "owner").name == "owner"


SEVERAL = (
    "colour,-count",
    "-colour,count",
    "count,colour",
    "-count,-made_on,title",
    "made_on,-colour,count",
    "-colour,title",
)


@pytest.mark.parametrize("text", SEVERAL)
def test_several_fields_order_as_python_does_on_every_page_in_both_directions(owner, text):
    """The oracle sorts all rows at once: by each field in turn, those without a value last, then by id."""
    things = objects.get("things")
    values = itertools.product(("", "blue", "red"), (None, 1, 2), (None, date(2024, 5, 1)), ("b", "a"))
    for colour, count, made_on, name in values:
        actions.create(owner, things, {"name": name, "colour": colour, "count": count, "made_on": made_on})
    rows = access.visible(owner, things)
    expected = list(rows.values("id", "title", "colour", "count", "made_on"))
    names = text.split(",")
    expected.sort(key=lambda row: row["id"], reverse=names[0].startswith("-"))
    for name in reversed(names):
        plain = name.removeprefix("-")
        filled = [row for row in expected if row[plain] not in ("", None)]
        filled.sort(key=lambda row: row[plain], reverse=name.startswith("-"))
        expected = filled + [row for row in expected if row[plain] in ("", None)]
    order = paging.order_of(access.fields(owner, things), things, text)
    found, cursor, pages = [], "", []
    while cursor is not None:
        page = paging.page(rows, order, ["title"], 5, cursor)
        found += [row["id"] for row in page.rows]
        pages.append(page)
        cursor = page.next
    assert found == [row["id"] for row in expected]
    back, cursor = [], pages[-1].previous
    while cursor is not None:
        page = paging.page(rows, order, ["title"], 5, cursor)
        back = [row["id"] for row in page.rows] + back
        cursor = page.previous
    assert back == found[: len(back)] and len(back) >= len(found) - 5


def test_an_order_of_too_many_fields_or_by_the_id_among_others_is_refused(owner):
    things = objects.get("things")
    fields = access.fields(owner, things)
    for text in (
        "title,count,state,colour,made_on",
        "title,id",
        "id,title",
        "title,",
        "title,nope",
        ",",
        "--title,count",
    ):
        with pytest.raises(paging.BadPage):
            paging.order_of(fields, things, text)
    assert paging.order_of(fields, things, "-count,title").text == "-count,title"
