"""Matching by plain columns: what is there, and what came in earlier chunks."""

from datetime import date

import pytest
from django.db import connection, transaction

from trato.engine import actions
from trato.engine.bulk import Row, Writer
from trato.engine.workspaces.ids import uuid7

from .writing import results, things


def temporary(actor):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'trato_match%%' AND relpersistence = 't'")
        return cursor.fetchone()[0]


def test_plain_columns_match_what_is_there_and_what_came_in_earlier_chunks(owner):
    long = "L" * 90
    for name, made_on in (("Ana", "2026-01-01"), ("ana", "2026-01-02"), (long + "a", None)):
        actions.create(owner, things(), {"name": name, "made_on": made_on})
    writer = Writer(owner, things(), uuid7(), match=["name", "made_on"])
    by_name = Writer(owner, things(), uuid7(), match=["name"])

    def chunk(of, *rows):
        return results(of.write([Row(line, row) for line, row in enumerate(rows, 1)]))

    first, second = {"name": "ANA", "made_on": date(2026, 1, 1)}, {"name": "Ana", "made_on": date(2026, 1, 2)}
    new = {"name": "Eva", "made_on": date(2026, 1, 1)}
    assert chunk(writer, first | {"count": 1}, new) == ["updated", "created"]
    assert temporary(owner) == 0  # one chunk needs no index
    assert chunk(writer, first | {"count": 2}, second | {"count": 2}, new | {"count": 2}) == ["updated"] * 3
    assert temporary(owner) == 3  # two tables and an index
    assert chunk(writer, {"name": "Leo", "made_on": date(2026, 1, 1)}) == ["created"]
    actions.create(owner, things(), {"name": "Pia", "made_on": "2026-01-01"})  # somebody else, meanwhile
    eva = things().model.objects.get(name="Eva")
    actions.update(owner, things(), eva.id, {"name": "Eve"})
    assert chunk(
        writer,
        {"name": "leo", "made_on": date(2026, 1, 1), "count": 3},
        {"name": "pia", "made_on": date(2026, 1, 1), "count": 3},
        {"name": "eve", "made_on": date(2026, 1, 1), "count": 3},
        {"name": "Eva", "made_on": date(2026, 1, 1)},
        {"name": "Ana", "made_on": date(2026, 1, 3)},
    ) == ["updated", "updated", "updated", "created", "created"]
    writer.close()
    assert temporary(owner) == 0
    assert chunk(by_name, {"name": "x"}) == ["created"]
    assert chunk(by_name, {"name": long + "A", "count": 4}, {"name": long + "b"}) == ["updated", "created"]
    by_name.close()


def test_a_chunk_that_is_taken_back_takes_its_index_with_it(owner):
    actions.create(owner, things(), {"name": "Ana"})
    writer = Writer(owner, things(), uuid7(), match=["name"])
    writer.write([Row(1, {"name": "x"})])
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert results(writer.write([Row(1, {"name": "New"})])) == ["created"]
        raise ZeroDivisionError
    assert results(writer.write([Row(1, {"name": "New"}), Row(2, {"name": "ANA", "count": 1})])) == [
        "created",
        "updated",
    ]
    writer.close()
