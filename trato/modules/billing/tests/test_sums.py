"""Sums of parts, allocation, reminders and punctuality: by hand and by properties."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trato.modules.billing.rules.sums import (
    Debt,
    Level,
    Part,
    Piece,
    Punctuality,
    Sum,
    aged,
    allocate,
    closing_nets,
    closing_sums,
    deduction,
    excess,
    next_level,
    order_status,
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
    unit = D(1).scaleb(-places)
    whole = {"a": Sum(sum(nets), rounded(sum(nets) * rate / 100, places))}
    done: dict[str, Sum] = {}
    for parts, net in enumerate(nets):
        natural = {"a": Sum(net, rounded(net * rate / 100, places))}
        last = (
            {"a": Sum(whole["a"].net - done.get("a", Sum()).net, natural["a"].tax)}
            if parts == len(nets) - 1
            else natural
        )
        part = closing_sums(last, whole, done, parts=parts, unit=unit)["a"]
        before = done.get("a", Sum())
        done["a"] = Sum(before.net + part.net, before.tax + part.tax)
    assert done == whole


@given(digits, st.data())
def test_lines_cut_into_quantities_sum_up_to_the_line(places: int, data: st.DataObject) -> None:
    price = data.draw(st.integers(0, 10**7)) * D("0.0001")
    pieces = data.draw(st.lists(st.integers(1, 50_000).map(lambda n: D(n) / 1000), min_size=1, max_size=9))
    whole = {"l": Piece(sum(pieces), rounded(sum(pieces) * price, places))}
    done: dict[str, Piece] = {}
    for parts, quantity in enumerate(pieces):
        part = Part("l", quantity, rounded(quantity * price, places))
        (net,) = closing_nets([part], whole, done, parts=parts, unit=D(1).scaleb(-places))
        before = done.get("l", Piece())
        done["l"] = Piece(before.quantity + quantity, before.net + net)
    assert done == whole


def test_three_thirds_of_a_euro_with_tax() -> None:
    """1.00 net is 0.19 tax; 0.34 + 0.33 are 0.06 + 0.06, so that the last 0.33 has 0.07."""
    whole, done, cent = {"s": Sum(D("1.00"), D("0.19"))}, {"s": Sum(D("0.67"), D("0.12"))}, D("0.01")
    assert closing_sums({"s": Sum(D("0.33"), D("0.06"))}, whole, done, parts=2, unit=cent) == {
        "s": Sum(D("0.33"), D("0.07"))
    }
    early = {"s": Sum(D("0.20"), D("0.04")), "other": Sum(D(5), D(1))}
    assert closing_sums(early, whole, done, parts=2, unit=cent) == early


def test_a_price_that_somebody_changed_stays_changed() -> None:
    whole, done = {"l": Piece(D(2), D("20.00"))}, {"l": Piece(D(1), D("10.00"))}
    dearer = Part("l", D(1), D("12.00"))
    assert closing_nets([dearer], whole, done, parts=1, unit=D("0.01")) == [D("12.00")]
    assert closing_nets([Part(None, D(1), D("9.99"))], whole, done, parts=1, unit=D("0.01")) == [D("9.99")]


@given(amounts(2), amounts(2), amounts(2))
def test_no_more_comes_off_than_was_billed_in_advance(net: Decimal, tax: Decimal, room: Decimal) -> None:
    off = deduction(Sum(net, tax), room, 2)
    assert 0 <= off.net <= min(net, room)
    assert off.tax <= tax
    assert off == Sum(net, tax) or off.net == room


def test_how_an_order_stands() -> None:
    def at(*lines: tuple[int, int], status: str = "confirmed", billed: bool = False, followed: bool = True) -> str:
        counted = [(D(ordered), D(sent)) for ordered, sent in lines]
        return order_status(status, counted, is_billed=billed, is_followed=followed)

    assert at((2, 0)) == "confirmed"
    assert at((2, 1), (1, 1)) == "in_delivery"
    assert at((2, 2), (1, 1)) == "delivered"
    assert at((2, 2), billed=True) == "invoiced"
    assert at((2, 0), billed=True) == "invoiced"  # services have no deliveries
    assert at((2, 1), billed=True) == "in_delivery"
    assert at((2, 0), status="delivered") == "confirmed"
    assert at((2, 0), status="delivered", followed=False) == "delivered"  # as the shop says
    assert at((2, 2), status="cancelled") == "cancelled"


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
