"""Calendars: every record on its days and hours of the person's own clock, and nothing else."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from trato.engine import access, actions, calendars, custom, objects
from trato.engine.calendars import BadCalendar

MADRID = ZoneInfo("Europe/Madrid")


def at(*parts, zone=UTC):
    return datetime(*parts, tzinfo=zone)


def shown(actor, plural, *names, first, last):
    obj = objects.get(plural)
    spans = calendars.spans_of(actor, obj, names)
    found, _more = calendars.entries(actor, obj, access.visible(actor, obj), spans, first=first, last=last)
    return found


def made(actor, plural="things", **values):
    return actions.create(actor, objects.get(plural), {"name": "T"} | values)


def test_a_record_stands_at_the_hour_of_the_persons_clock(owner):
    made(owner, used_at="2026-07-01T22:30:00Z")
    madrid = replace(owner, time_zone="Europe/Madrid")
    (entry,) = shown(madrid, "things", "used_at", first=at(2026, 7, 2, zone=MADRID), last=at(2026, 7, 3, zone=MADRID))
    assert entry.start == datetime(2026, 7, 2, 0, 30)  # summer time: two hours ahead
    assert shown(madrid, "things", "used_at", first=at(2026, 7, 1, zone=MADRID), last=at(2026, 7, 2, zone=MADRID)) == []


def test_days_have_no_hours_and_move_with_no_clock(owner):
    made(owner, made_on="2026-07-02")
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        person, clock = replace(owner, time_zone=zone), ZoneInfo(zone)
        (entry,) = shown(person, "things", "made_on", first=at(2026, 7, 2, zone=clock), last=at(2026, 7, 3, zone=clock))
        assert entry.start == date(2026, 7, 2) and entry.whole_days


def test_a_month_holds_what_a_person_would_put_into_it(owner):
    dice, first, last = random.Random(3), at(2026, 3, 1), at(2026, 4, 1)
    expected = set()
    for number in range(80):
        moment = at(2026, 2, 20) + timedelta(minutes=dice.randrange(60 * 24 * 50))
        thing = made(owner, name=str(number), used_at=moment.isoformat())
        if first <= moment < last:
            expected.add((thing.id, moment.replace(tzinfo=None)))
    found = shown(replace(owner, time_zone="UTC"), "things", "used_at", first=first, last=last)
    assert {(entry.id, entry.start) for entry in found} == expected
    assert found == sorted(found, key=lambda entry: entry.start)


def test_what_began_earlier_and_still_goes_on_is_shown(owner):
    make = {"subject": "Fair", "happened_at": "2026-03-30T08:00:00Z", "ends_at": "2026-04-02T18:00:00Z"}
    actions.create(owner, objects.get("meetings"), make)
    utc = replace(owner, time_zone="UTC")
    (entry,) = shown(utc, "meetings", first=at(2026, 4, 1), last=at(2026, 4, 2))
    assert (entry.start, entry.end) == (datetime(2026, 3, 30, 8), datetime(2026, 4, 2, 18))
    assert shown(utc, "meetings", first=at(2026, 4, 3), last=at(2026, 4, 4)) == []


def test_what_recurs_stands_at_each_of_its_dates_and_keeps_its_hour_over_the_change_of_clocks(owner):
    rule = {"subject": "Round", "happened_at": "2026-03-16T09:00:00Z", "recurrence": "FREQ=WEEKLY"}
    actions.create(owner, objects.get("meetings"), rule | {"time_zone": "Europe/Madrid"})
    madrid = replace(owner, time_zone="Europe/Madrid")
    found = shown(madrid, "meetings", first=at(2026, 3, 1, zone=MADRID), last=at(2026, 4, 10, zone=MADRID))
    assert [entry.start for entry in found] == [datetime(2026, 3, 16 + n, 10) for n in (0, 7, 14)] + [
        datetime(2026, 4, 6, 10)
    ]
    assert all(entry.fixed for entry in found)


def test_an_end_that_somebody_may_not_see_is_not_told(owner, cast, as_, set_role):
    make = {"subject": "Fair", "happened_at": "2026-03-30T08:00:00Z", "ends_at": "2026-03-30T18:00:00Z"}
    actions.create(owner, objects.get("meetings"), make)
    set_role(cast.reader, {"objects": {"meetings": {"see": "all", "fields": {"ends_at": "hidden"}}}})
    with as_(cast.reader) as reader:
        (entry,) = shown(reader, "meetings", first=at(2026, 3, 30), last=at(2026, 3, 31))
        assert entry.end is None
        with pytest.raises(BadCalendar):
            calendars.spans_of(reader, objects.get("meetings"), ["ends_at"])


def test_added_dates_make_a_calendar(owner):
    custom.add(owner, objects.get("things"), {"label": "Renewal", "name": "renewal", "kind": "date"})
    thing = made(owner, **{"custom.renewal": "2026-05-05"})
    made(owner)
    (entry,) = shown(owner, "things", "custom.renewal", first=at(2026, 5, 1), last=at(2026, 6, 1))
    assert (entry.id, entry.start) == (thing.id, date(2026, 5, 5))


@pytest.mark.parametrize(
    ("first", "last"), [((2026, 1, 2), (2026, 1, 1)), ((2026, 1, 1), (2026, 1, 1)), ((1900, 1, 1), (2100, 1, 1))]
)
def test_no_calendar_of_nothing_or_of_centuries(owner, first, last):
    with pytest.raises(BadCalendar):
        shown(owner, "things", "used_at", first=at(*first), last=at(*last))
