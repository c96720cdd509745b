"""Filter operators against PostgreSQL itself, on a column and on a custom field alike."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection, models
from django.db.models import F, Q

from trato.engine.kinds import Invalid, Money, Reader, make

from .examples import CHOICES, ID, REF, SPANISH
from .models import Sample

pytestmark = [pytest.mark.django_db, pytest.mark.database]
OTHER = "0190a6f0-0000-7000-8000-00000000000b"
ME = Reader(user_id=UUID(ID))


@pytest.fixture(autouse=True)
def table():
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE kinds_sample (id int, word text, day date, moment timestamptz, number bigint,"
            " amount numeric(19,4), yes boolean, target uuid, ref text, list jsonb,"
            " custom jsonb NOT NULL DEFAULT '{}')"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE kinds_sample")


def fill(kind, column, values):
    """A row for each stored value: in the column, and as a custom field (left out where it is nothing)."""
    for i, value in enumerate(values):
        custom = {} if kind.is_empty(value) else {"x": kind.dump(value)}
        Sample(id=i, **{column: kind.split(value)[0], "custom": custom}).save(force_insert=True)


def found(kind, column, op, value, reader=SPANISH):
    """Which rows a filter finds on the column; the custom field must say the same."""
    rows = set(Sample.objects.filter(Q(kind.lookup(F(column), op, value, reader))).values_list("id", flat=True))
    custom = set(
        Sample.objects.filter(Q(kind.lookup(kind.custom("x"), op, value, reader))).values_list("id", flat=True)
    )
    assert rows == custom, (op, value)
    return rows


class TestText:
    WORDS = ("Ana", "ana maria", "", None, "50% off_", "5000 off", "Åsa", "a\\b")

    @pytest.mark.parametrize(
        ("op", "value", "rows"),
        [
            ("is", "ana", {0}),
            ("is", "ANA", {0}),
            ("is", "åsa", {6}),
            ("is_not", "ana", {1, 2, 3, 4, 5, 6, 7}),
            ("in", ["ana", "ÅSA"], {0, 6}),
            ("not_in", ["ana", "ÅSA"], {1, 2, 3, 4, 5, 7}),
            ("contains", "NA", {0, 1}),
            ("contains", "0%", {4}),
            ("contains", "_", {4}),
            ("contains", "\\", {7}),
            ("not_contains", "a", {2, 3, 4, 5}),
            ("starts", "an", {0, 1}),
            ("starts", "%", set()),
            ("ends", "OFF_", {4}),
            ("empty", None, {2, 3}),
            ("filled", None, {0, 1, 4, 5, 6, 7}),
        ],
    )
    def test_operators(self, op, value, rows):
        kind = make("text", {})
        fill(kind, "word", self.WORDS)
        assert found(kind, "word", op, value) == rows

    def test_parts_of_addresses_can_be_sought(self):
        kind = make("email", {})
        fill(kind, "word", ["ana@x.com", "b@y.com"])
        assert found(kind, "word", "ends", "@X.com") == {0}


@pytest.mark.parametrize(
    ("op", "value", "rows"),
    [
        ("is", 5, {1}),
        ("is", "5", {1}),
        ("is_not", 5, {0, 2, 3}),
        ("lt", 5, {0}),
        ("lte", 5, {0, 1}),
        ("gt", 5, {2}),
        ("gte", 5, {1, 2}),
        ("between", [-7, 5], {0, 1}),
        ("empty", None, {3}),
        ("filled", None, {0, 1, 2}),
    ],
)
class TestOrdered:
    def test_numbers(self, op, value, rows):
        kind = make("number", {})
        fill(kind, "number", [-7, 5, 10**12, None])
        assert found(kind, "number", op, value) == rows

    def test_decimals(self, op, value, rows):
        kind = make("number", {"digits": 4})
        fill(kind, "amount", [Decimal("4.9999"), Decimal("5"), Decimal("5.0001"), None])
        assert found(kind, "amount", op, value) == rows

    def test_money(self, op, value, rows):
        kind = make("money", {})
        fill(
            kind,
            "amount",
            [Money(Decimal("-4.5"), "EUR"), Money(Decimal("5"), "JPY"), Money(Decimal("5.01"), "USD"), None],
        )
        assert found(kind, "amount", op, value) == rows


@pytest.mark.parametrize(
    ("op", "value", "rows"),
    [
        ("is", "2026-11-18", {2}),
        ("is", "18/11/2026", {2}),
        ("lt", "2026-11-18", {0, 1}),
        ("gte", "2026-11-18", {2, 3}),
        ("between", ["2026-11-16", "2026-11-18"], {1, 2}),
        ("within", "this_week", {1, 2}),
        ("within", "today", {2}),
        ("within", {"last": 3, "unit": "day"}, {1, 2}),
        ("within", "this_year", {1, 2, 3}),
        ("is_not", "2026-11-18", {0, 1, 3, 4}),
        ("empty", None, {4}),
    ],
)
def test_days(op, value, rows):
    kind = make("date", {})
    fill(kind, "day", [date(1, 1, 1), date(2026, 11, 16), date(2026, 11, 18), date(2026, 12, 31), None])
    assert found(kind, "day", op, value) == rows


@pytest.mark.parametrize(
    ("op", "value", "rows"),
    [  # Madrid's 18th of November is from 23:00 to 23:00 in UTC
        ("is", "2026-11-18", {1, 2}),
        ("is_not", "2026-11-18", {0, 3, 4}),
        ("lt", "2026-11-18", {0}),
        ("lte", "2026-11-18", {0, 1, 2}),
        ("gt", "2026-11-18", {3}),
        ("gte", "2026-11-18", {1, 2, 3}),
        ("between", ["2026-11-18", "2026-11-18"], {1, 2}),
        ("between", ["2026-11-17T23:00:00Z", "2026-11-18 12:00"], {1}),
        ("within", "today", {1, 2}),
        ("within", "yesterday", {0}),
        ("is", "2026-11-18T22:59:59.999Z", {2}),
        ("gt", "2026-11-18T22:59:59.998Z", {2, 3}),
        ("empty", None, {4}),
        ("filled", None, {0, 1, 2, 3}),
    ],
)
def test_moments(op, value, rows):
    kind = make("datetime", {})
    moments = [
        datetime(2026, 11, 17, 22, 59, 59, 999000, tzinfo=UTC),
        datetime(2026, 11, 17, 23, tzinfo=UTC),
        datetime(2026, 11, 18, 22, 59, 59, 999000, tzinfo=UTC),
        datetime(2026, 11, 18, 23, tzinfo=UTC),
    ]
    fill(kind, "moment", [*moments, None])
    assert found(kind, "moment", op, value) == rows


def test_custom_days_and_moments_can_be_indexed():
    """An index needs an immutable expression; a cast from text to date is not one."""
    for name in ("date", "datetime", "number", "percent", "money", "text"):
        queryset = Sample.objects.annotate(value=make(name, {}).custom("x")).values("value")
        sql, parameters = queryset.query.sql_with_params()
        expression = sql.partition("SELECT ")[2].partition(' AS "value"')[0]
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE INDEX ON kinds_sample (({expression}))".replace('"kinds_sample".', ""), parameters)


def test_dumps_are_what_to_jsonb_gives():
    for name, column, value in (
        ("datetime", "moment", datetime(2026, 11, 18, 22, 59, 59, 120000, tzinfo=UTC)),
        ("datetime", "moment", datetime(2026, 11, 18, 22, 0, tzinfo=UTC)),
        ("date", "day", date(2026, 11, 18)),
        ("number", "number", 2**53 - 1),
        ("bool", "yes", True),
        ("text", "word", 'a"b'),
        ("tags", "list", ["a", "b"]),
    ):
        kind = make(name, {})
        Sample.objects.all().delete()
        Sample(id=1, **{column: value}).save(force_insert=True)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb({column}) FROM kinds_sample")
            (raw,) = cursor.fetchone()
        assert models.JSONField().from_db_value(raw, None, connection) == kind.dump(value)


def test_yes_and_no():
    kind = make("bool", {})
    fill(kind, "yes", [True, False, None])
    assert found(kind, "yes", "is", True) == {0}
    assert found(kind, "yes", "is_not", True) == {1, 2}
    assert found(kind, "yes", "is", False) == {1}
    assert found(kind, "yes", "empty", None) == {2}


def test_choices_and_codes():
    kind = make("choice", CHOICES)
    fill(kind, "word", ["red", "green", ""])
    assert found(kind, "word", "in", ["red", "Green"]) == {0, 1}
    assert found(kind, "word", "not_in", ["red"]) == {1, 2}
    assert found(kind, "word", "empty", None) == {2}
    with pytest.raises(Invalid):
        kind.lookup(F("word"), "is", "blue", SPANISH)
    Sample.objects.all().delete()
    country = make("country", {})
    fill(country, "word", ["ES", "DE", ""])
    assert found(country, "word", "is", "España") == {0}


def test_links_and_users():
    user = make("user", {})
    fill(user, "target", [UUID(ID), UUID(OTHER), None])
    assert set(Sample.objects.filter(user.lookup(F("target"), "is", "me", ME)).values_list("id", flat=True)) == {0}
    assert found(user, "target", "in", [ID, f"users/{OTHER}"]) == {0, 1}
    assert found(user, "target", "is_not", ID) == {1, 2}
    assert found(user, "target", "empty", None) == {2}
    Sample.objects.all().delete()
    link = make("link", {"to": ["contacts", "accounts"]})
    fill(link, "ref", [REF, f"accounts/{ID}", ""])
    assert found(link, "ref", "is", REF) == {0}
    assert found(link, "ref", "empty", None) == {2}


@pytest.mark.parametrize("name", ["tags", "emails", "addresses"])
def test_lists_are_empty_or_filled(name):
    kind = make(name, {})
    value = kind.parse({"emails": "a@x.com"}.get(name, "x"), SPANISH)
    fill(kind, "list", [value, []])
    assert found(kind, "list", "empty", None) == {1}
    assert found(kind, "list", "filled", None) == {0}


def test_hostile_values_are_parameters():
    kind = make("text", {})
    fill(kind, "word", ["x' OR 1=1 --"])
    assert found(kind, "word", "is", "x' OR 1=1 --") == {0}
    assert found(kind, "word", "contains", "' OR") == {0}


def test_values_that_make_no_sense_are_refused():
    for name, op, value in (
        ("number", "lt", "many"),
        ("number", "between", [1]),
        ("number", "lt", None),
        ("text", "is", ""),
        ("text", "in", []),
        ("text", "in", ["x"] * 1001),
        ("text", "contains", 5),
        ("text", "lt", "x"),
        ("date", "within", "whenever"),
        ("datetime", "is", {}),
        ("user", "is", "Ana"),
    ):
        with pytest.raises(Invalid):
            make(name, {}).lookup(F("x"), op, value, SPANISH)
