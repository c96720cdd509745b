"""Pure rules of people, against the calendars and number rules of the world."""

from datetime import UTC, datetime

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


def test_vat_numbers_are_checked_by_their_country() -> None:
    # ES B58378431 is python-stdnum's documented valid CIF; its last digit is the check digit.
    assert rules.tax_number_problem({"tax_number": "ESB58378431"}) == {}
    assert "tax_number" in rules.tax_number_problem({"tax_number": "ESB58378432"})
    assert rules.tax_number_problem({"tax_number": "12-3456789"}) == {}


def test_nobody_is_related_to_themselves() -> None:
    one = {"source": "contacts/1", "target": "contacts/1"}
    assert set(rules.relationship_problem(one)) == {"target"}
    assert rules.relationship_problem(one | {"target": "contacts/2"}) == {}
