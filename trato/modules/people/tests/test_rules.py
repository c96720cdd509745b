"""Pure rules of people, against the calendars and number rules of the world."""

from datetime import UTC, datetime
from itertools import takewhile
from time import perf_counter

import pytest
from dateutil.rrule import rrulestr

from trato.modules.people import rules


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_a_weekly_meeting_stays_at_ten_when_clocks_change() -> None:
    # Madrid leaves summer time on 25 October 2026: ten o'clock is 08:00 UTC before and 09:00 UTC after.
    found = list(
        rules.occurrences(
            "FREQ=WEEKLY;BYDAY=MO", at(2026, 10, 19, 8), "Europe/Madrid", at(2026, 10, 19), at(2026, 11, 3)
        )
    )
    assert found == [at(2026, 10, 19, 8), at(2026, 10, 26, 9), at(2026, 11, 2, 9)]


def test_the_last_friday_of_a_month() -> None:
    # RFC 5545, 3.8.5.3: monthly on the last Friday; of 2026: 30 January, 27 February, 27 March.
    found = list(
        rules.occurrences("FREQ=MONTHLY;BYDAY=-1FR", at(2026, 1, 30, 9), "UTC", at(2026, 1, 1), at(2026, 4, 1))
    )
    assert found == [at(2026, 1, 30, 9), at(2026, 2, 27, 9), at(2026, 3, 27, 9)]


def test_a_meeting_without_a_rule_happens_once() -> None:
    assert list(rules.occurrences("", at(2026, 5, 1, 9), "UTC", at(2026, 5, 1), at(2026, 5, 2))) == [at(2026, 5, 1, 9)]
    assert list(rules.occurrences("", at(2026, 5, 1, 9), "UTC", at(2026, 5, 2), at(2026, 5, 3))) == []


def test_a_rule_ends_after_its_count() -> None:
    found = list(rules.occurrences("FREQ=DAILY;COUNT=2", at(2026, 5, 1, 9), "UTC", at(2026, 5, 1), at(2026, 6, 1)))
    assert found == [at(2026, 5, 1, 9), at(2026, 5, 2, 9)]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3;BYMONTH=5,6",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU",
        "FREQ=WEEKLY;INTERVAL=5;BYDAY=TU;UNTIL=20260601",
        "FREQ=DAILY;COUNT=400",
        "FREQ=MONTHLY;BYDAY=-1FR",
    ],
)
def test_the_dates_of_an_old_meeting_are_those_counted_from_its_beginning(rule: str) -> None:
    start, first, last = at(2025, 4, 30, 9), at(2026, 4, 20), at(2026, 6, 20)
    every = rrulestr(rule.replace("UNTIL=20260601", "UNTIL=20260601T235959Z"), dtstart=start)
    expected = [one for one in takewhile(lambda one: one < last, every) if one >= first]
    assert list(rules.occurrences(rule, start, "UTC", first, last)) == expected


def test_hundreds_of_very_old_meetings_do_not_hold_a_day_up() -> None:
    # Counted from the beginning these are 46,000 dates each, which take minutes.
    began = perf_counter()
    for _n in range(500):
        found = list(rules.occurrences("FREQ=DAILY", at(1900, 1, 1, 9), "UTC", at(2026, 5, 1), at(2026, 5, 2)))
        assert found == [at(2026, 5, 1, 9)]
    assert perf_counter() - began < 10
    meeting = {"happened_at": at(1899, 12, 31, 9), "recurrence": "FREQ=MONTHLY"}
    assert list(rules.meeting_problem(meeting)) == ["happened_at"]
    assert not rules.meeting_problem(meeting | {"recurrence": ""})


def test_a_meeting_that_never_takes_place_is_refused() -> None:
    # No month has its fifth Monday on the first; the search for one goes on until the year 9999.
    never = {"happened_at": at(2026, 5, 1, 9), "recurrence": "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1"}
    assert list(rules.meeting_problem(never)) == ["recurrence"]
    assert not rules.meeting_problem(never | {"recurrence": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"})
    assert not rules.meeting_problem(never | {"recurrence": "FREQ=WEEKLY;BYDAY=MO;UNTIL=20260601"})


def test_vat_numbers_are_checked_by_their_country() -> None:
    # ES B58378431 is python-stdnum's documented valid CIF; its last digit is the check digit.
    assert rules.tax_number_problem({"tax_number": "ESB58378431"}) == {}
    assert "tax_number" in rules.tax_number_problem({"tax_number": "ESB58378432"})
    assert rules.tax_number_problem({"tax_number": "12-3456789"}) == {}


def test_nobody_is_related_to_themselves() -> None:
    one = {"source": "contacts/1", "target": "contacts/1"}
    assert set(rules.relationship_problem(one)) == {"target"}
    assert rules.relationship_problem(one | {"target": "contacts/2"}) == {}
