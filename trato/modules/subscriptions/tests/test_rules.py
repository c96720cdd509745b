"""Periods, their parts, recurring revenue and terms, by hand and by all that can be cut."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trato.modules.subscriptions import rules

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
AMOUNTS = st.decimals(D("0"), D("100000"), places=2)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 5, 15), 12, date(2027, 5, 15)),
    ],
)
def test_months_are_added_as_a_calendar_has_them(day, months, then) -> None:
    assert rules.add_months(day, months) == then


def test_periods_of_the_31st_end_with_their_months() -> None:
    anchor = date(2026, 1, 31)
    assert rules.period_around(anchor, 1, date(2026, 3, 15)) == (date(2026, 2, 28), date(2026, 3, 31))
    assert rules.period_around(anchor, 1, date(2026, 3, 31)) == (date(2026, 3, 31), date(2026, 4, 30))
    assert rules.period_around(anchor, 3, date(2026, 1, 1)) == (date(2025, 10, 31), date(2026, 1, 31))


@given(DAYS, st.sampled_from([1, 3, 6, 12]), DAYS)
def test_every_day_is_in_one_period_and_periods_touch(anchor, months, day) -> None:
    first, end = rules.period_around(anchor, months, day)
    assert first <= day < end
    assert rules.period_around(anchor, months, end)[0] == end
    assert rules.period_around(anchor, months, first - timedelta(days=1))[1] == first


def test_ten_of_thirty_days_cost_a_third() -> None:
    term = rules.Term(D("100.00"), date(2026, 4, 21))
    [piece] = rules.pieces(term, date(2026, 4, 1), 1, date(2026, 5, 1), 2)
    assert (piece.first, piece.end, piece.amount, piece.whole) == (
        date(2026, 4, 21),
        date(2026, 5, 1),
        D("33.33"),
        False,
    )


def test_an_upgrade_in_the_middle_gives_back_the_rest_and_charges_the_new() -> None:
    """30 a month paid for June; from the 16th (15 of 30 days) 50 a month: 15 back, 25 charged."""
    anchor, end = date(2026, 6, 1), date(2026, 7, 1)
    [back] = rules.pieces(rules.Term(D(30), anchor, date(2026, 6, 16), end), anchor, 1, end, 2)
    [new] = rules.pieces(rules.Term(D(50), date(2026, 6, 16)), anchor, 1, end, 2)
    assert (back.amount, new.amount) == (D("-15.00"), D("25.00"))


def test_what_ended_before_it_began_is_given_back_whole() -> None:
    anchor, end = date(2026, 6, 1), date(2026, 7, 1)
    [back] = rules.pieces(rules.Term(D(30), anchor, date(2026, 5, 1), end), anchor, 1, end, 2)
    assert (back.first, back.amount, back.whole) == (anchor, D("-30.00"), True)


@given(
    AMOUNTS, st.sampled_from([0, 2, 3]), DAYS, st.sampled_from([1, 3, 12]), st.lists(st.integers(1, 400), max_size=8)
)
def test_however_periods_are_cut_the_parts_come_to_the_whole(amount, places, anchor, months, cuts) -> None:
    amount = amount.quantize(D(1).scaleb(-places))
    end = rules.add_months(anchor, months * 2)
    days = sorted({anchor + timedelta(days=cut) for cut in cuts if anchor + timedelta(days=cut) < end} | {end})
    billed, charged = None, D(0)
    for day in days:
        term = rules.Term(amount, anchor, None, billed)
        charged += sum((piece.amount for piece in rules.pieces(term, anchor, months, day, places)), D(0))
        billed = day
    assert charged == amount * 2


@given(AMOUNTS, DAYS, st.integers(0, 700))
def test_what_is_charged_and_given_back_is_what_was_used(amount, anchor, used) -> None:
    """Two years in advance, ended on any day: charged less given back is what was charged up to that day alone."""
    end, until = rules.add_months(anchor, 24), anchor + timedelta(days=used)
    whole = sum((p.amount for p in rules.pieces(rules.Term(amount, anchor), anchor, 12, end, 2)), D(0))
    back = sum((p.amount for p in rules.pieces(rules.Term(amount, anchor, until, end), anchor, 12, end, 2)), D(0))
    alone = sum((p.amount for p in rules.pieces(rules.Term(amount, anchor, until), anchor, 12, end, 2)), D(0))
    assert whole + back == alone


def test_monthly_revenue_of_a_year_with_a_discount() -> None:
    assert rules.monthly(D(1200), 12) == D("100.0000")
    assert rules.monthly(D(100), 3, D(10)) == D("30.0000")
    assert rules.monthly(D(100), 12) == D("8.3333")


def test_movements_are_named_as_the_field_names_them() -> None:
    before = {"stays": D(10), "grows": D(10), "shrinks": D(10), "leaves": D(10)}
    after = {"stays": D(10), "grows": D(15), "shrinks": D(4), "comes": D(7), "returns": D(3)}
    told = rules.movements(before, after, known={"returns"})
    assert told == {"new": D(7), "reactivation": D(3), "expansion": D(5), "contraction": D(-6), "churn": D(-10)}


@given(
    st.dictionaries(st.integers(0, 8), st.decimals(D(0), D(100), places=2)),
    st.dictionaries(st.integers(0, 8), st.decimals(D(0), D(100), places=2)),
    st.sets(st.integers(0, 8)),
)
def test_movements_come_to_the_difference(before, after, known) -> None:
    told = rules.movements(before, after, known)
    assert sum(told.values()) == sum(after.values()) - sum(before.values())


@pytest.mark.parametrize(
    ("end", "notice", "unit", "last"),
    [
        (date(2026, 12, 31), 3, "month", date(2026, 9, 30)),
        (date(2026, 3, 31), 1, "month", date(2026, 2, 28)),
        (date(2024, 3, 31), 1, "month", date(2024, 2, 29)),
        (date(2026, 12, 31), 30, "day", date(2026, 12, 1)),
        (date(2026, 12, 31), 6, "week", date(2026, 11, 19)),
    ],
)
def test_the_last_day_of_notice(end, notice, unit, last) -> None:
    assert rules.last_notice(end, notice, unit) == last


def test_notice_in_time_ends_the_term_and_late_notice_the_next_one() -> None:
    end = date(2025, 12, 31)
    agreed = rules.Agreed(date(2025, 1, 1), end, 3, "month", 12)
    assert rules.effective_end(agreed, date(2025, 9, 30)) == end
    assert rules.effective_end(agreed, date(2025, 10, 1)) == date(2026, 12, 31)
    assert rules.effective_end(agreed, date(2027, 2, 1)) == date(2027, 12, 31)
    assert rules.effective_end(replace(agreed, renewal_months=None), date(2025, 12, 30)) == end
    assert rules.effective_end(rules.Agreed(date(2025, 1, 1), None, 1), date(2026, 5, 10)) == date(2026, 6, 10)


def test_renewals_of_a_contract_from_the_31st_stay_at_the_end_of_months() -> None:
    start = date(2026, 1, 31)
    first = rules.add_months(start, 1) - timedelta(days=1)
    assert first == date(2026, 2, 27)
    assert rules.next_end(first, 1, start) == date(2026, 3, 30)
    assert rules.next_end(date(2026, 3, 30), 1, start) == date(2026, 4, 29)


def course(**given) -> rules.Course:
    return rules.Course(date(2026, 1, 31), 1, **{"advance": True, **given})


def test_the_next_invoice_is_at_the_beginning_of_a_period_or_at_its_end() -> None:
    today = date(2026, 3, 10)
    assert course().next_invoice(today) == date(2026, 1, 31)
    assert course(billed_until=date(2026, 2, 28)).next_invoice(today) == date(2026, 2, 28)
    assert course(billed_until=date(2026, 2, 28)).until() == date(2026, 3, 31)
    assert course(advance=False).next_invoice(today) == date(2026, 2, 28)


def test_what_stops_is_invoiced_to_its_last_day_or_given_back() -> None:
    today, stop = date(2026, 3, 10), date(2026, 3, 15)
    assert course(billed_until=date(2026, 2, 28), stops_on=stop).until() == stop
    assert course(billed_until=stop, stops_on=stop).next_invoice(today) is None
    assert course(billed_until=date(2026, 3, 31), stops_on=stop).next_invoice(today) == stop
    assert course(billed_until=date(2026, 3, 31), stops_on=stop).until() == stop
    assert course(billed_until=date(2026, 3, 31), stops_on=date(2026, 3, 1)).next_invoice(today) == today
    assert course(stops_on=date(2026, 1, 31)).next_invoice(today) is None
