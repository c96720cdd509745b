"""Numbers without gaps: what a pattern writes, and that transactions neither share nor skip one."""

import threading
from datetime import date

import pytest
from django.db import connection, connections, transaction

from trato.engine import decisions, numbers
from trato.engine.postgres.scope import in_workspace
from trato.engine.values import Refused

DAY = date(2026, 3, 5)


@pytest.fixture(autouse=True)
def bills():
    numbers.series("toy-bills", "Bills", "B-{year}-{0000}")
    yield
    numbers._series.pop("toy-bills")


@pytest.mark.parametrize(
    ("pattern", "number", "wanted", "period"),
    [
        ("INV-{year}-{0000}", 7, "INV-2026-0007", "2026"),
        ("{year}/{month}/{00}", 123, "2026/03/123", "2026-03"),
        ("Q{quarter}-{year}-{0}", 7, "Q1-2026-7", "2026-Q1"),
        ("{000000}", 42, "000042", ""),
        ("Nº {0000} · {year}", 1, "Nº 0001 · 2026", "2026"),
    ],
)
def test_a_pattern_writes_numbers_and_says_when_they_begin_anew(pattern, number, wanted, period):
    assert numbers.wrong_pattern(pattern) == ""
    assert numbers.written(pattern, DAY, number) == wanted
    assert numbers.period_of(pattern, DAY) == period


@pytest.mark.parametrize(
    ("day", "quarter"),
    [(date(2026, 1, 1), "1"), (date(2026, 3, 31), "1"), (date(2026, 4, 1), "2"), (date(2026, 12, 31), "4")],
)
def test_quarters_are_those_of_the_calendar(day, quarter):
    assert numbers.written("{year}{quarter}{0}", day, 1)[4] == quarter


@pytest.mark.parametrize(
    "pattern",
    [
        "INV",
        "",
        "{0}{00}",
        "{0000",
        "0000}",
        "{day}-{0}",
        "{month}-{0}",
        "{quarter}{0}",
        "{}{0}",
        "{year}\x07{0}",
        "x" * 60 + "{0}",
        "{0000000000000}",
        "{{0}}",
        "{year!r}{0}",
        "{year.__class__}{0}",
    ],
)
def test_what_can_not_number_is_refused_in_words(owner, pattern):
    assert numbers.wrong_pattern(pattern)
    with pytest.raises(ValueError, match="x"):
        numbers.series("x", "X", pattern)
    if pattern:
        with pytest.raises(Refused) as refused:
            numbers.change(owner, "toy-bills", {"pattern": pattern}, DAY)
        assert refused.value.problems[0].field == "pattern"
    assert numbers.pattern_of("toy-bills") == "B-{year}-{0000}"


def test_numbers_count_up_in_each_period_and_workspace(cast, as_):
    with as_(cast.owner):
        given = [numbers.next_number("toy-bills", DAY) for _n in range(3)]
        assert given == ["B-2026-0001", "B-2026-0002", "B-2026-0003"]
        assert numbers.next_number("toy-bills", date(2027, 1, 1)) == "B-2027-0001"
        assert numbers.next_number("toy-bills", date(2026, 12, 31)) == "B-2026-0004"
        with pytest.raises(KeyError):
            numbers.next_number("nothing", DAY)
    with as_(cast.stranger):
        assert numbers.next_number("toy-bills", DAY) == "B-2026-0001"


def test_many_numbers_are_taken_at_once_and_in_a_row(owner):
    assert numbers.next_number("toy-bills", DAY) == "B-2026-0001"
    assert numbers.next_numbers("toy-bills", DAY, 3) == ["B-2026-0002", "B-2026-0003", "B-2026-0004"]
    assert numbers.next_numbers("toy-bills", DAY, 0) == []
    numbers.change(owner, "toy-bills", {"next": 100}, DAY)
    assert numbers.next_numbers("toy-bills", DAY, 2) == ["B-2026-0100", "B-2026-0101"]
    assert numbers.next_number("toy-bills", DAY) == "B-2026-0102"
    assert numbers.next_numbers("toy-bills", date(2027, 1, 1), 2) == ["B-2027-0001", "B-2027-0002"]


def test_what_is_rolled_back_leaves_no_gap(owner):
    numbers.next_number("toy-bills", DAY)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        numbers.next_number("toy-bills", DAY)
        _ = 1 / 0
    assert numbers.next_number("toy-bills", DAY) == "B-2026-0002"


def test_an_administrator_sets_the_pattern_and_what_comes_next(cast, as_):
    with as_(cast.owner) as actor:
        numbers.change(actor, "toy-bills", {"pattern": "R{0000}/{year}", "next": 100}, DAY)
        assert numbers.next_number("toy-bills", DAY) == "R0100/2026"
        for wrong in (1, 100):
            with pytest.raises(Refused) as refused:
                numbers.change(actor, "toy-bills", {"next": wrong}, DAY)
            assert [(p.field, p.code) for p in refused.value.problems] == [("next", "used")]
        for wrong in (0, -1, True, 1.5, "7", 10**13):
            with pytest.raises(Refused):
                numbers.change(actor, "toy-bills", {"next": wrong}, DAY)
        numbers.change(actor, "toy-bills", {"next": 500}, DAY)
        numbers.change(actor, "toy-bills", {"next": 101}, DAY)  # none of those between was given
        assert numbers.upcoming("toy-bills", DAY) == 101
        assert numbers.next_number("toy-bills", DAY) == "R0101/2026"
    with as_(cast.manager) as actor, pytest.raises(decisions.NotAdministrator):
        numbers.change(actor, "toy-bills", {"next": 900}, DAY)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_transactions_side_by_side_neither_share_nor_skip_a_number(cast):
    """Eight connections take numbers at once, and every third gives its own back."""
    given: list[str] = []
    workspace = cast.acme.id
    begin = threading.Barrier(8)

    def work(number: int) -> None:
        try:
            begin.wait()
            for turn in range(6):
                try:
                    with in_workspace(workspace):
                        taken = numbers.next_number("toy-bills", DAY)
                        with connection.cursor() as cursor:
                            cursor.execute("SELECT pg_sleep(0.002)")
                        if (number + turn) % 3 == 0:
                            raise ZeroDivisionError
                    given.append(taken)
                except ZeroDivisionError:
                    continue
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == 32
    assert sorted(given) == [f"B-2026-{n:04}" for n in range(1, 33)]
