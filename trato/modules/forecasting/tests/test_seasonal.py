"""The seasonal forecast against a published series, and what it says where there is no season to be learned."""

from __future__ import annotations

from math import pi, sin
from statistics import fmean

import pytest

from trato.modules.forecasting.rules.seasonal import Form, fit, miss, naive_forecast, outlook

#: Passengers of airlines, in thousands a month, January 1949 to December 1960: Box and Jenkins, *Time Series Analysis*,
#: series G.
AIR_PASSENGERS = [
    *(112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118),
    *(115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140),
    *(145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166),
    *(171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194),
    *(196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201),
    *(204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229),
    *(242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278),
    *(284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306),
    *(315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336),
    *(340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337),
    *(360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405),
    *(417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432),
]


def test_airline_passengers_are_forecast_within_five_percent() -> None:
    """The last twelve months, held out: the same month of the year before misses 9.99 %, as published."""
    known, held = AIR_PASSENGERS[:-12], AIR_PASSENGERS[-12:]
    naive = miss(held, naive_forecast(known, 12, 12))
    ours = outlook(known, 12)
    missed = miss(held, ours.values)
    print(f"seasonal naive {naive:.2f} %, ours {missed:.2f} %")  # noqa: T201 - shown by pytest -s
    assert round(naive, 2) == 9.99
    assert missed < 5
    assert ours.method == "seasonal" and ours.held_out == 12 and ours.note == ""
    assert ours.error < ours.naive, "what it says of itself was held out from what it knew, and beats the naive too"
    assert all(low < value < high for low, value, high in zip(ours.lows, ours.values, ours.highs, strict=True))


def test_the_interval_holds_about_as_many_as_it_says() -> None:
    """Eighty percent: 29 of the 36 months after three beginnings would be expected. 22 are the least that chance leaves
    room for (one in a hundred below, binomial).
    """
    inside = 0
    for end in (108, 120, 132):
        ours = outlook(AIR_PASSENGERS[:end], 12)
        after = AIR_PASSENGERS[end : end + 12]
        inside += sum(low <= value <= high for low, value, high in zip(ours.lows, after, ours.highs, strict=True))
    assert inside >= 22


def test_a_clean_season_is_learned_exactly() -> None:
    series = [(100 + month) * (1 + 0.3 * sin(2 * pi * month / 12)) for month in range(60)]
    expected = [(100 + month) * (1 + 0.3 * sin(2 * pi * month / 12)) for month in range(60, 72)]
    assert miss(expected, outlook(series, 12).values) < 0.5


def test_what_is_zero_in_some_months_is_still_seasonal() -> None:
    series = [0, 0, 50, 100, 80, 20] * 2 * 4
    ours = outlook(series, 12)
    assert ours.method == "seasonal"
    assert [round(value) for value in ours.values] == [0, 0, 50, 100, 80, 20] * 2


@pytest.mark.parametrize(
    ("series", "method", "note", "value"),
    [
        ([], "none", "short", 0),
        ([0, 0, 0], "none", "short", 0),
        ([10], "level", "short", 10),
        ([10, 20, 30], "level", "short", 20),
        ([5] * 25, "level", "short", 5),
        ([0] * 29 + [120], "level", "sparse", 10),  # 120 in the last twelve months: 10 a month
    ],
)
def test_a_short_or_sparse_history_says_so(series: list[float], method: str, note: str, value: float) -> None:
    ours = outlook(series, 3)
    assert (ours.method, ours.note) == (method, note)
    assert ours.values == pytest.approx((value,) * 3)


def test_the_same_history_has_the_same_forecast() -> None:
    assert outlook(AIR_PASSENGERS, 6) == outlook(AIR_PASSENGERS, 6)


def test_nothing_below_zero_is_forecast() -> None:
    falling = [max(0.0, 100 - 3 * month) + 1 for month in range(48)]
    ours = outlook(falling, 12)
    assert min(*ours.values, *ours.lows) >= 0


def test_what_was_missed_is_measured_as_the_books_do() -> None:
    assert miss([100, 200], [90, 220]) == 10  # 10 % and 10 %
    assert miss([0, 200], [10, 180]) == 15  # 30 of 200, since nothing is a percentage of zero
    assert miss([0, 0], [1, 1]) is None


def test_the_weights_are_those_that_miss_least() -> None:
    """Against a brute-force search over the same form: no point of a fine grid misses less one step ahead."""
    series = [10 + (month % 4) * 3 + (month * 7919 % 5) for month in range(40)]
    ours = fit(Form("plus", 0.0), series, 4)
    cost = sum(error**2 for error in ours.errors)

    def brute(alpha: float, gamma: float) -> float:
        level, seasons = fmean(series[:4]), [fmean(series[at + r] for r in (0, 4)) for at in range(4)]
        middle = fmean(seasons)
        seasons, total = [one - middle for one in seasons], 0.0
        for at, value in enumerate(series):
            error = value - level - seasons[at % 4]
            level, seasons[at % 4], total = level + alpha * error, seasons[at % 4] + gamma * error, total + error**2
        return total

    grid = [place / 50 for place in range(1, 50)]
    assert cost <= min(brute(alpha, gamma) for alpha in grid for gamma in grid) * 1.01
