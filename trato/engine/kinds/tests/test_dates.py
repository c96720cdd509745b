"""Days, moments and periods, against ISO 8601, CLDR and the calendar."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from trato.engine.kinds import Date, DateTime, Invalid, Reader
from trato.engine.kinds.periods import period

from .examples import AMERICAN, HUNGARIAN, SPANISH

BRITISH = Reader(language="en-GB", country="GB", now=SPANISH.now)
GERMAN = Reader(language="de", country="DE", now=SPANISH.now)


@pytest.mark.parametrize(
    ("text", "reader", "day"),
    [
        ("2026-02-01", SPANISH, date(2026, 2, 1)),
        ("2026-2-1", AMERICAN, date(2026, 2, 1)),
        ("20260201", SPANISH, date(2026, 2, 1)),
        ("2026-02-01T00:00:00", SPANISH, date(2026, 2, 1)),
        ("2026/02/01", AMERICAN, date(2026, 2, 1)),
        ("01/02/2026", SPANISH, date(2026, 2, 1)),
        ("01/02/2026", BRITISH, date(2026, 2, 1)),
        ("01/02/2026", AMERICAN, date(2026, 1, 2)),
        ("1.2.2026", GERMAN, date(2026, 2, 1)),
        ("1. 2. 2026", GERMAN, date(2026, 2, 1)),
        ("2026. 02. 01.", HUNGARIAN, date(2026, 2, 1)),
        ("31/12/69", SPANISH, date(1969, 12, 31)),
        ("31/12/46", SPANISH, date(2046, 12, 31)),
        ("31/12/47", SPANISH, date(1947, 12, 31)),
        ("3 de marzo de 2026", SPANISH, date(2026, 3, 3)),
        ("mar, 3 mar 2026", SPANISH, date(2026, 3, 3)),
        ("3 March 2026", SPANISH, date(2026, 3, 3)),
        ("March 3rd, 2026", AMERICAN, date(2026, 3, 3)),
        ("3. März 2026", GERMAN, date(2026, 3, 3)),
        ("29/02/2024", SPANISH, date(2024, 2, 29)),
        ("13 d’abr. 2026", Reader(language="ca"), date(2026, 4, 13)),
        ("2026. jan. 13.", HUNGARIAN, date(2026, 1, 13)),
        ("13.01.2026\u202fг.", Reader(language="bg"), date(2026, 1, 13)),
        ("2026年1月13日", Reader(language="ja"), date(2026, 1, 13)),
    ],
)
def test_a_day_is_read_as_its_reader_writes_it(text, reader, day):
    assert Date().parse(text, reader) == day


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        ("29/02/2026", SPANISH),
        ("13/13/2026", SPANISH),
        ("12/31/2026", SPANISH),
        ("31/12/2026", AMERICAN),
        ("2026-02-30", SPANISH),
        ("0000-01-01", SPANISH),
        ("3 de nada de 2026", SPANISH),
        ("tomorrow", SPANISH),
        ("1/2", SPANISH),
        ("01/02/003", SPANISH),
    ],
)
def test_a_day_that_is_none_is_refused(text, reader):
    with pytest.raises(Invalid) as caught:
        Date().parse(text, reader)
    assert caught.value.code == "date"


def test_a_moment_is_no_day():
    with pytest.raises(Invalid):
        Date().clean(datetime(2026, 1, 1, tzinfo=UTC), SPANISH)


@pytest.mark.parametrize(
    ("text", "reader", "moment"),
    [
        ("2026-07-01T12:00:00Z", SPANISH, datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01T12:00:00+05:30", SPANISH, datetime(2026, 7, 1, 6, 30, tzinfo=UTC)),
        ("2026-07-01T12:00", SPANISH, datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-01-01 12:00", SPANISH, datetime(2026, 1, 1, 11, tzinfo=UTC)),
        ("1/7/2026 12:00", SPANISH, datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("7/1/2026, 6:05 PM", AMERICAN, datetime(2026, 7, 1, 22, 5, tzinfo=UTC)),
        ("7/1/2026 12:00 am", AMERICAN, datetime(2026, 7, 1, 4, tzinfo=UTC)),
        ("1/7/2026 12:00 +02", SPANISH, datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("01.07.2026 14:30:15", GERMAN, datetime(2026, 7, 1, 14, 30, 15, tzinfo=UTC)),
        ("2026-07-01", SPANISH, datetime(2026, 6, 30, 22, tzinfo=UTC)),
    ],
)
def test_a_moment_is_local_to_its_reader_unless_it_says_otherwise(text, reader, moment):
    assert DateTime().parse(text, reader) == moment


@pytest.mark.parametrize("text", ["1/7/2026 25:00", "1/7/2026 13:00 pm", "12:00", "9999-12-31T23:59:59-14:00", "soon"])
def test_a_moment_that_is_none_is_refused(text):
    with pytest.raises(Invalid):
        DateTime().parse(text, SPANISH)


def test_the_hour_that_comes_twice_stays_the_one_it_was():
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    texts = [DateTime().text(moment, SPANISH) for moment in (first, second)]
    assert texts == ["2026-10-25 02:30:00+02:00", "2026-10-25 02:30:00+01:00"]
    assert [DateTime().parse(text, SPANISH) for text in texts] == [first, second]


def test_cells_follow_cldr():
    day, moment = date(2026, 12, 31), datetime(2026, 12, 31, 17, 30, tzinfo=UTC)
    assert Date().cell(day, SPANISH) == (
        '<time datetime="2026-12-31" title="jueves, 31 de diciembre de 2026">31 dic 2026</time>'
    )
    assert Date().plain(day, AMERICAN) == "Dec 31, 2026"
    assert DateTime().plain(moment, SPANISH) == "31 dic 2026, 18:30"
    assert DateTime().plain(moment, AMERICAN) == "Dec 31, 2026, 12:30\u202fPM"
    assert 'datetime="2026-12-31T18:30:00+01:00"' in DateTime().cell(moment, SPANISH)


def test_json_is_what_postgresql_writes():
    assert DateTime().dump(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05+00:00"
    assert DateTime().dump(datetime(2026, 1, 2, 3, 4, 5, 120000, tzinfo=UTC)) == "2026-01-02T03:04:05.12+00:00"


def test_the_input_is_in_local_time():
    html = DateTime().input("at", datetime(2026, 7, 1, 10, tzinfo=UTC), SPANISH, id="at")
    assert 'type="datetime-local"' in html
    assert 'value="2026-07-01T12:00"' in html


@pytest.mark.parametrize(
    ("value", "first", "after"),
    [  # now is Wednesday 2026-11-18, noon in Madrid
        ("today", "2026-11-18", "2026-11-19"),
        ("yesterday", "2026-11-17", "2026-11-18"),
        ("tomorrow", "2026-11-19", "2026-11-20"),
        ("this_week", "2026-11-16", "2026-11-23"),
        ("last_week", "2026-11-09", "2026-11-16"),
        ("next_week", "2026-11-23", "2026-11-30"),
        ("this_month", "2026-11-01", "2026-12-01"),
        ("last_month", "2026-10-01", "2026-11-01"),
        ("next_month", "2026-12-01", "2027-01-01"),
        ("this_quarter", "2026-10-01", "2027-01-01"),
        ("this_year", "2026-01-01", "2027-01-01"),
        ("last_year", "2025-01-01", "2026-01-01"),
        ({"last": 7, "unit": "day"}, "2026-11-12", "2026-11-19"),
        ({"next": 2, "unit": "week"}, "2026-11-18", "2026-12-02"),
        ({"last": 1, "unit": "month"}, "2026-10-19", "2026-11-19"),
        ({"next": 1, "unit": "year"}, "2026-11-18", "2027-11-18"),
    ],
)
def test_periods_start_and_end_at_midnights_of_the_zone(value, first, after):
    madrid = ZoneInfo("Europe/Madrid")
    start, end = period(value, SPANISH.now, "Europe/Madrid")
    assert start == datetime.fromisoformat(first).replace(tzinfo=madrid)
    assert end == datetime.fromisoformat(after).replace(tzinfo=madrid)


def test_today_is_the_day_of_the_zone():
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert period("today", new_year, "Europe/Madrid")[0].date() == date(2027, 1, 1)
    assert period("today", new_year, "America/New_York")[0].date() == date(2026, 12, 31)


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", "someday", 7, [], {}, {"last": 0, "unit": "day"}, {"last": True, "unit": "day"}),
        *({"last": 1}, {"unit": "day"}, {"last": 10**9, "unit": "year"}, {"last": 1000, "unit": "year", "x": 1}),
        *({"next": "7", "unit": "day"}, {"last": 1, "next": 1, "unit": "day"}, {"unit": "day", "many": 1}),
        {"last": 1, "unit": []},
    ],
)
def test_a_period_that_is_none_is_refused(value):
    with pytest.raises(Invalid):
        period(value, SPANISH.now, "UTC")


def test_a_period_before_the_calendar_is_refused():
    with pytest.raises(Invalid):
        period({"last": 1000, "unit": "year"}, datetime(500, 1, 1, tzinfo=UTC), "UTC")
