"""The indexes are used, as the app role under row-level security: on 20,000 records no page reads the whole table."""

import json

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from tests.cast import assemble
from trato.engine import access, filters, objects, paging, search, timeline
from trato.engine.bulk.matching import Matcher
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import actor_for_user

pytestmark = [pytest.mark.database, pytest.mark.without_sql_lint]
N = 20_000
FILL = (
    """INSERT INTO toys_thing (workspace_id, id, title, name, secret, colour, state, broken, note, story, emails,
       phones, addresses, handles, tags, sizes, related, site, mail, phone, country, language, zone, currency, rule,
       price_currency, owner_id, created_at, updated_at, version, custom, count)
       SELECT %(ws)s, gen_random_uuid(), 'Thing ' || n, 'Thing ' || n, '', '', 'new', false, 'word' || n %% 300, '',
       '[]', '[]', '[]', '[]', '[]', '[]', '[]', '', '', '', '', '', '', '', '', '', %(owner)s, now(),
       now() - n * interval '1 minute', 1, '{}', n %% 50 FROM generate_series(1, %(n)s) n""",
    """INSERT INTO engine_key (workspace_id, id, object, key, record_id)
       SELECT %(ws)s, gen_random_uuid(), 'things', 'email:a' || row_number() OVER () || '@example.com', id
       FROM toys_thing WHERE workspace_id = %(ws)s""",
    """INSERT INTO engine_moment (workspace_id, id, object, record_id, at, item_object, item_id, is_pinned)
       SELECT %(ws)s, gen_random_uuid(), 'things', id, now(), 'trips', gen_random_uuid(), false
       FROM toys_thing WHERE workspace_id = %(ws)s""",
    """INSERT INTO engine_historyentry (workspace_id, id, object, record_id, action, at, actor_kind, actor_name, face,
       source, changes, version, batch_id)
       SELECT %(ws)s, gen_random_uuid(), 'things', id, 'created', now(), 'user', '', 'web', '', '{}', 1,
       gen_random_uuid() FROM toys_thing WHERE workspace_id = %(ws)s""",
)


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """One workspace with many records, committed once for all tests here."""
    with django_db_blocker.unblock():
        cast = assemble()
        with in_workspace(cast.acme.id), connection.cursor() as cursor:
            for statement in FILL:
                cursor.execute(statement, {"ws": cast.acme.id, "owner": cast.owner.id, "n": N})
        with connections["owner"].cursor() as cursor:
            cursor.execute("VACUUM ANALYZE toys_thing, engine_key, engine_moment, engine_historyentry")
        yield cast
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
        connections["owner"].close()


@pytest.fixture
def actor(filled):
    with in_workspace(filled.acme.id):
        yield actor_for_user(filled.owner, filled.acme)


def plan(work):
    """The nodes of the plans of what ``work`` asks, as (type, table or index)."""
    with CaptureQueriesContext(connection) as queries:
        work()
    nodes = []

    def walk(node):
        nodes.append((node["Node Type"], node.get("Index Name") or node.get("Relation Name") or ""))
        for child in node.get("Plans", ()):
            walk(child)

    asked = [query["sql"] for query in queries if query["sql"].startswith("SELECT") or "LATERAL" in query["sql"]]
    assert asked
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
            found = cursor.fetchone()[0]
            walk((json.loads(found) if isinstance(found, str) else found)[0]["Plan"])
    return nodes


def whole_table(nodes, *tables):
    return [table for kind, table in nodes if kind == "Seq Scan" and table in tables]


def indexes(nodes):
    return {name for kind, name in nodes if "Index" in kind}


def page_of(actor, order, cursor=""):
    things = objects.get("things")
    fields = access.fields(actor, things)
    return paging.page(
        access.visible(actor, things), paging.order_of(fields, things, order), ["title", "emails"], 50, cursor
    )


@pytest.mark.parametrize(
    ("order", "index"),
    [("-id", "toys_thing_pkey"), ("title", "thing_title"), ("-title", "thing_title"), ("-updated_at", "thing_updated")],
)
def test_a_list_reads_its_index_on_the_first_and_on_a_deep_page(actor, order, index):
    first = plan(lambda: page_of(actor, order))
    assert index in indexes(first)
    assert not whole_table(first, "toys_thing")
    cursor = page_of(actor, order).next
    deep = plan(lambda: page_of(actor, order, cursor))
    assert index in indexes(deep)
    assert not whole_table(deep, "toys_thing")
    assert ("Sort", "") not in deep


def test_keys_are_found_by_their_index(actor):
    things = objects.get("things")
    tree = {"field": "emails", "op": "has", "value": "a77@example.com"}
    nodes = plan(lambda: list(filters.narrow(actor, things, access.visible(actor, things), tree).values("id")))
    assert "key_of_record" in indexes(nodes)
    assert not whole_table(nodes, "engine_key", "toys_thing")


def test_a_timeline_reads_its_index(actor):
    things = objects.get("things")
    record = access.visible(actor, things).first()
    nodes = plan(lambda: timeline.page(actor, things, record.id))
    assert {"moment_record", "history_record"} <= indexes(nodes)
    assert not whole_table(nodes, "engine_moment", "engine_historyentry", "toys_thing")


def test_history_is_found_by_batch(actor):
    from trato.engine.models import HistoryEntry

    batch = HistoryEntry.objects.first().batch_id
    nodes = plan(lambda: list(HistoryEntry.objects.filter(batch_id=batch)))
    assert "history_batch" in indexes(nodes)


@pytest.mark.parametrize("text", ["word17", "thing 19999", "thing 1999", "wor", "19999"])
def test_search_uses_the_index_of_words_inside_its_function(filled, text):
    """What a function reads is in no plan, but it is counted: index scans go up, scans of the table do not."""

    def counted():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT coalesce(sum(idx_scan), 0) FROM pg_stat_user_indexes WHERE relname = 'toys_thing'),"
                " (SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'toys_thing')"
            )
            return cursor.fetchone()

    before = counted()
    with in_workspace(filled.acme.id):
        assert search.find(actor_for_user(filled.owner, filled.acme), text, [objects.get("things")])
    after = counted()
    assert after[0] > before[0]
    assert after[1] == before[1]


def test_rows_of_a_file_find_records_by_plain_columns_without_reading_the_table(actor):
    things = objects.get("things")
    matcher = Matcher(actor, things, ["name", "count"], access.fields(actor, things))
    rows = [matcher.tokens({"name": f"THING {n}", "count": n % 50}) for n in range(1, 20_000, 7)]

    def found():
        return sum(map(len, matcher.find(rows)))

    assert found() == len(rows)  # the first chunk reads the table, once
    assert found() == len(rows)  # the second makes the index
    nodes = plan(found)
    assert not whole_table(nodes, "toys_thing")
    assert "toys_thing_pkey" in indexes(nodes)
    matcher.close()


def test_a_chunk_adds_what_is_new_to_its_index_by_an_index(actor):
    things = objects.get("things")
    matcher = Matcher(actor, things, ["name"], access.fields(actor, things))
    for _chunk in range(2):
        matcher.find([matcher.tokens({"name": "Thing 1"})])
    with CaptureQueriesContext(connection) as queries:
        matcher.find([matcher.tokens({"name": "Thing 1"})])
    [adding] = [query["sql"] for query in queries if query["sql"].startswith("INSERT INTO trato_match")]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {adding}")
        told = "\n".join(line for (line,) in cursor.fetchall())
    assert "thing_updated" in told
    assert "Seq Scan on toys_thing" not in told
    matcher.close()
