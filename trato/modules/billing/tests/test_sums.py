"""Sums of parts, allocation, reminders and punctuality: by hand and by properties."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trato.modules.billing.rules import (
    Debt,
    Level,
    Punctuality,
    Sum,
    aged,
    allocate,
    completed,
    excess,
    next_level,
    percent_part,
    punctuality,
    released,
    rounded,
    share,
    status_of,
)

D = Decimal
DAY = date(2026, 3, 1)
digits = st.sampled_from([0, 2, 3])


def amounts(places: int, most: int = 10**7) -> st.SearchStrategy[Decimal]:
    return st.integers(0, most).map(lambda units: D(units).scaleb(-places))


def test_half_a_unit_rounds_up_in_every_currency() -> None:
    assert rounded(D("0.005"), 2) == D("0.01")
    assert rounded(D("-0.005"), 2) == D("-0.01")
    assert rounded(D("10.5"), 0) == D("11")  # yen
    assert rounded(D("1.0005"), 3) == D("1.001")  # Kuwaiti dinar


def test_a_third_of_a_hundred() -> None:
    assert share(D(100), D(1), D(3), 2) == D("33.33")
    assert percent_part(D(100), D("66.66"), D("33.34"), 2) == D("33.34")


@given(digits.flatmap(lambda n: st.tuples(st.just(n), amounts(n))), st.lists(st.integers(1, 100), min_size=1))
def test_percents_never_bill_more_than_the_whole_and_a_last_hundred_completes_it(
    money: tuple[int, Decimal], percents: list[int]
) -> None:
    places, whole = money
    done = D(0)
    for percent in percents:
        part = percent_part(whole, done, D(percent), places)
        assert part >= 0
        assert part == rounded(part, places)
        done += part
        assert done <= whole
    assert done + percent_part(whole, done, D(100), places) == whole


@given(digits, st.data())
def test_parts_and_their_taxes_sum_up_to_the_whole(places: int, data: st.DataObject) -> None:
    rate = data.draw(st.sampled_from([D(0), D(7), D(19), D("5.5"), D(21)]))
    nets = data.draw(st.lists(amounts(places, 10**6), min_size=1, max_size=8))
    whole = {"a": Sum(sum(nets), rounded(sum(nets) * rate / 100, places))}
    done: dict[str, Sum] = {}
    for net in nets:
        natural = {"a": Sum(net, rounded(net * rate / 100, places))}
        part = completed(whole, done, natural)["a"]
        before = done.get("a", Sum())
        done["a"] = Sum(before.net + part.net, before.tax + part.tax)
    assert done == whole


def test_three_thirds_of_a_euro_with_tax() -> None:
    """1.00 net is 0.19 tax; 0.34 + 0.33 are 0.06 + 0.06, so that the last 0.33 has 0.07."""
    whole = {"s": Sum(D("1.00"), D("0.19"))}
    done = {"s": Sum(D("0.67"), D("0.12"))}
    assert completed(whole, done, {"s": Sum(D("0.33"), D("0.06"))}) == {"s": Sum(D("0.33"), D("0.07"))}
    assert completed(whole, done, {"s": Sum(D("0.30"), D("0.06"))}) == {"s": Sum(D("0.30"), D("0.06"))}
    assert completed(whole, {}, {"other": Sum(D(5), D(1))}) == {"other": Sum(D(5), D(1))}


def test_a_credit_is_never_above_its_invoice() -> None:
    whole = {"s": Sum(D(100), D(19)), "r": Sum(D(50), D("3.50"))}
    done = {"s": Sum(D(60), D("11.40"))}
    assert excess(whole, done, {"s": Sum(D(40), D("7.60"))}) == []
    assert excess(whole, done, {"s": Sum(D("40.01"), D("7.60"))}) == ["s"]
    assert excess(whole, done, {"s": Sum(D(40), D("7.61"))}) == ["s"]
    assert excess(whole, {}, {"r": Sum(D(50), D("3.50")), "z": Sum(D(1), D(0))}) == ["z"]


def test_a_payment_of_exactly_one_invoice_is_for_it_else_the_oldest_come_first() -> None:
    debts = [
        Debt("new", DAY + timedelta(9), D(50)),
        Debt("old", DAY, D(30)),
        Debt("paid", DAY - timedelta(90), D(0)),
        Debt("mid", DAY + timedelta(5), D(20)),
    ]
    assert allocate(D(20), debts) == ({"mid": D(20)}, D(0))
    assert allocate(D(45), debts) == ({"old": D(30), "mid": D(15)}, D(0))
    assert allocate(D(130), debts) == ({"old": D(30), "mid": D(20), "new": D(50)}, D(30))


@given(
    amounts(2),
    st.lists(st.tuples(st.integers(-400, 400), amounts(2, 10**5)), max_size=12),
)
def test_no_cent_of_a_payment_is_lost_or_made(amount: Decimal, owed: list[tuple[int, Decimal]]) -> None:
    debts = [Debt(n, DAY + timedelta(days), open_) for n, (days, open_) in enumerate(owed)]
    taken, credit = allocate(amount, debts)
    assert sum(taken.values(), D(0)) + credit == amount
    assert all(0 < part <= debts[n].open for n, part in taken.items())
    assert credit == 0 or all(taken.get(d.id, D(0)) == d.open for d in debts)


@given(st.lists(amounts(2, 10**5).filter(bool), max_size=8), amounts(2, 10**6))
def test_what_is_given_back_is_the_excess_as_far_as_it_was_paid(paid: list[Decimal], over: Decimal) -> None:
    given_back = released(over, list(enumerate(paid)))
    assert sum(given_back.values(), D(0)) == min(over, sum(paid, D(0)))
    assert all(part <= paid[n] for n, part in given_back.items())
    assert released(D(5), [("first", D(4)), ("last", D(3))]) == {"last": D(3), "first": D(2)}


def test_how_an_invoice_stands() -> None:
    def at(**sums: int) -> str:
        known = {name: D(sums.get(name, 0)) for name in ("paid", "credited", "written_off")}
        return status_of(D(100), **known, due=DAY, today=DAY + timedelta(sums.get("days", 0)))

    assert at() == "issued"
    assert at(days=1) == "overdue"
    assert at(paid=40) == "partly_paid"
    assert at(paid=40, days=3) == "overdue"
    assert at(paid=100, days=3) == "paid"
    assert at(credited=100) == "credited"
    assert at(paid=60, credited=40) == "paid"
    assert at(paid=60, written_off=40) == "written_off"


LEVELS = [Level(1, 3), Level(2, 14), Level(3, 30)]


def test_reminders_come_one_after_the_other_and_a_week_apart() -> None:
    def due(days: int, last: int = 0, ago: int | None = None) -> int | None:
        today = DAY + timedelta(days)
        return next_level(LEVELS, DAY, today, last, None if ago is None else today - timedelta(ago))

    assert due(2) is None
    assert due(3) == 1
    assert due(200) == 1  # nobody begins with the last one
    assert due(200, 1, 6) is None
    assert due(200, 1, 7) == 2
    assert due(13, 1, 10) is None
    assert due(99, 3, 60) is None


def test_how_somebody_pays() -> None:
    paid = [(DAY, DAY - timedelta(2)), (DAY, DAY), (DAY, DAY + timedelta(5)), (DAY, DAY + timedelta(30))]
    assert punctuality(paid) == Punctuality(4, 2.5, 30, 0.5)
    assert punctuality([]) is None


def test_what_is_open_by_age() -> None:
    debts = [Debt(n, DAY - timedelta(n), D(n + 1)) for n in (-5, 0, 1, 30, 31, 90, 91, 400)]
    assert aged(debts, DAY) == [D(-3), D(33), D(32), D(91), D(493)]
