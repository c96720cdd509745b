"""How many statements things take: the same however many records there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.contract.samples import full
from trato.engine import access, actions, filters, objects, paging, search, timeline


@pytest.fixture
def statements():
    """``statements(work)``: how many statements it sent."""

    def count(work):
        with CaptureQueriesContext(connection) as queries:
            work()
        return len(queries)

    return count


def test_writing_a_record_takes_few_statements(owner, statements):
    """Targets of links (one each object), then row and keys in one savepoint, with history and NOTIFY in another."""
    things = objects.get("things")
    given = {"name": "Lamp", "emails": [{"address": f"a{n}@example.com"} for n in range(50)]}
    things.fields(owner.workspace)  # read once, until an administrator changes them
    assert statements(lambda: actions.create(owner, things, given)) <= 8
    record = actions.create(owner, things, given)
    assert statements(lambda: actions.update(owner, things, record.id, {"count": 1})) <= 6
    assert statements(lambda: actions.update(owner, things, record.id, {"count": 1})) == 1


def test_keys_are_dropped_by_what_they_say(owner):
    """An index begins with the key: looked for by their record, they would cost a read of all keys."""
    things = objects.get("things")
    record = actions.create(owner, things, {"name": "Lamp", "tags": ["vip"]})
    with CaptureQueriesContext(connection) as queries:
        actions.delete(owner, things, record.id)
    [dropped] = [query["sql"] for query in queries if query["sql"].startswith('DELETE FROM "engine_key"')]
    assert '"engine_key"."key" IN' in dropped


def test_a_page_of_a_list_takes_one_statement_and_its_links_one_for_each_object(owner, statements):
    things = objects.get("things")
    for n in range(3):
        actions.create(owner, things, full(owner, things, n))
    fields = access.fields(owner, things)
    columns = {column for field in fields.values() for column in field.columns}

    def page():
        found = paging.page(access.visible(owner, things), paging.order_of(fields, things, "crate"), columns, 50)
        access.reader(owner, access.refs_in(fields.values(), found.rows))

    few = statements(page)
    for n in range(3):
        actions.create(owner, things, full(owner, things, n))
    assert statements(page) == few
    assert few <= 2 + 3  # both stretches of the order; titles of crates, things and people


def test_search_takes_one_statement_and_one_for_each_object_found(owner, statements):
    for n in range(10):
        actions.create(owner, objects.get("crates"), {"name": f"Lantern {n}"})
        actions.create(owner, objects.get("things"), {"name": f"Lantern {n}"})
    assert statements(lambda: search.find(owner, "lantern")) == 3


def test_a_timeline_takes_as_many_statements_with_parts_as_without(owner, statements):
    crates, things, trips = (objects.get(plural) for plural in ("crates", "things", "trips"))
    crate = actions.create(owner, crates, {"name": "Crate"})
    for n in range(10):
        thing = actions.create(owner, things, {"name": f"T{n}", "crate": str(crate.id)})
        actions.create(owner, trips, {"name": f"V{n}", "about": [things.ref(thing.id)]})
    assert statements(lambda: timeline.page(owner, crates, crate.id)) == 4


def test_a_filter_is_one_statement(owner, statements):
    things = objects.get("things")
    tree = {
        "and": [{"field": "crate.name", "op": "is", "value": "x"}, {"related": "trips.about", "op": "gte", "value": 1}]
    }

    def narrowed():
        return list(filters.narrow(owner, things, access.visible(owner, things), tree).values("id"))

    narrowed()  # the workspace's own fields are read once
    assert statements(narrowed) == 1


def test_a_record_is_read_without_its_search_document(owner):
    things = objects.get("things")
    record = actions.create(owner, things, {"name": "Lamp"})
    with CaptureQueriesContext(connection) as queries:
        access.get(owner, things, record.id)
    assert '"search"' not in queries[0]["sql"]
