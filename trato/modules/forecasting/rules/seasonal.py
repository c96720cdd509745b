"""A seasonal forecast of a series of equal steps: exponential smoothing after Holt and Winters, chosen by what it would
have missed.

Nine forms are tried: season multiplied, added or none; trend straight, damped or none (Hyndman and Athanasopoulos,
*Forecasting: Principles and Practice*, chapter 8). Each is fitted to the beginning of the series and asked for what
followed; the one that missed least is fitted to all of it. The interval comes from the errors the fitted form made one
step ahead, drawn again and again with a fixed seed (the same series always has the same forecast), and is widened until
it would have held its share of what was held out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import fmean, median

#: The share of outcomes that an interval is to hold.
INTERVAL = 0.80
PATHS = 400
#: How many beginnings of the series a form is tried on, each one season shorter, while three seasons are left.
TRIALS = 3
SEASONS = ("times", "plus", "none")
#: How much of the trend is left a step later: none, most, all.
DAMPINGS = (0.0, 0.95, 1.0)
#: What the search for the three weights begins with and how far it looks around, ever closer.
STARTS = ((0.3, 0.05, 0.1), (0.6, 0.02, 0.4), (0.1, 0.1, 0.6))
REACH = (0.25, 0.1, 0.04, 0.015)
#: A series of which more than this share is zero has no rhythm to be learned.
SPARSE = 0.5


@dataclass(frozen=True)
class Outlook:
    """What is to come. ``method``: ``seasonal``, ``level`` (an average of late) or ``none``; ``note`` says why it is no
    seasonal one: ``short``, ``sparse`` or "". ``error`` and ``naive`` are what the method, and the same month of the
    year before, missed on the ``held_out`` last steps, in % (None where nothing could be held out).
    """

    values: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    method: str
    note: str = ""
    error: float | None = None
    naive: float | None = None
    held_out: int = 0


@dataclass(frozen=True)
class Form:
    """One form of smoothing with its weights, and where it stands after the last value."""

    season: str
    damping: float
    weights: tuple[float, float, float] = (0.3, 0.05, 0.1)
    level: float = 0.0
    trend: float = 0.0
    seasons: tuple[float, ...] = ()  # the next step's first
    errors: tuple[float, ...] = ()  # one step ahead; of a multiplied season in shares of what was expected

    def ahead(self, steps: int, shocks: Sequence[float] = ()) -> list[float]:
        """What it expects, step by step; with ``shocks`` (errors as in ``errors``) what it would live through."""
        level, trend, seasons = self.level, self.trend, list(self.seasons)
        found = []
        for step in range(steps):
            shock = shocks[step] if shocks else 0.0
            value, level, trend = _step(self, level, trend, seasons, step % len(seasons), shock=shock)
            found.append(max(value, 0.0))
        return found


def naive_forecast(series: Sequence[float], steps: int, period: int) -> list[float]:
    """The value of the same step one period before (the seasonal naive method)."""
    return [series[len(series) - period + step % period] for step in range(steps)]


def miss(actual: Sequence[float], expected: Sequence[float]) -> float | None:
    """The mean absolute percentage error (MAPE); where a value is zero, the sum of the errors as a percentage of the
    sum of the values, since nothing can be a percentage of zero. None where all is zero.
    """
    errors = [abs(one - other) for one, other in zip(actual, expected, strict=True)]
    if all(value > 0 for value in actual):
        return 100 * fmean(error / value for error, value in zip(errors, actual, strict=True))
    total = sum(abs(value) for value in actual)
    return 100 * sum(errors) / total if total else None


def outlook(series: Sequence[float], steps: int, period: int = 12) -> Outlook:
    """Forecast ``steps`` values after a series of values >= 0, the oldest first, with an interval and what was missed.

    Two whole periods and two steps are the least for a season to be told from chance; below that, or where most of the
    series is zero, the average of late is all that is said.
    """
    values = [float(value) for value in series]
    if not any(values):
        return Outlook((0.0,) * steps, (0.0,) * steps, (0.0,) * steps, "none", "short")
    if len(values) < 2 * period + 2:
        return _level(values, steps, period, "short")
    if sum(value == 0 for value in values) > SPARSE * len(values):
        return _level(values, steps, period, "sparse")
    tried = min(TRIALS, max(1, len(values) // period - 2))
    held = [(values[: -period * trial], values[-period * trial :][:period]) for trial in range(1, tried + 1)]
    held = [(before, after) for before, after in held if len(before) >= period + 2]
    forms = [Form(season, damping) for season, damping in product(SEASONS, DAMPINGS) if _fits(season, values)]
    best = min(forms, key=lambda form: _missed(form, held, period))
    fitted = fit(best, values, period)
    before, after = held[0]
    lows, highs = interval(fitted, steps, _stretch(best, held, period))
    return Outlook(
        *(tuple(fitted.ahead(steps)), lows, highs, "seasonal"),
        error=miss(after, fit(best, before, period).ahead(len(after))),
        naive=miss(after, naive_forecast(before, len(after), period)),
        held_out=len(after),
    )


def _fits(season: str, values: Sequence[float]) -> bool:
    """A share of a season can't be told where a value is zero."""
    return season != "times" or min(values) > 0


def _missed(form: Form, held: Sequence[tuple[list[float], list[float]]], period: int) -> float:
    """What a form missed on average over the beginnings it was tried on; those nearer to today count the same."""
    found = [miss(after, fit(form, before, period).ahead(len(after))) for before, after in held]
    said = [error for error in found if error is not None]
    return fmean(said) if said else float("inf")


def _level(values: list[float], steps: int, period: int, note: str) -> Outlook:
    """The average of the last period and, as its interval, what single values lay between."""
    late = values[-period:]
    middle, low, high = fmean(late), *_between(late)
    half = len(values) // 2
    held = min(half, period) if len(values) >= 6 else 0
    error = miss(values[-held:], [fmean(values[:-held][-period:])] * held) if held else None
    return Outlook((middle,) * steps, (low,) * steps, (high,) * steps, "level", note, error, None, held)


def _between(values: Sequence[float]) -> tuple[float, float]:
    """The bounds that leave as much of the values below as above, with ``INTERVAL`` of them between."""
    ordered, out = sorted(values), (1 - INTERVAL) / 2
    last = len(ordered) - 1
    return ordered[round(out * last)], ordered[round((1 - out) * last)]


def _stretch(form: Form, held: Sequence[tuple[list[float], list[float]]], period: int) -> float:
    """How many times as wide intervals have to be to hold ``INTERVAL`` of what was held out; never less than once."""
    shares = []
    for before, after in held:
        fitted = fit(form, before, period)
        middle, (lows, highs) = fitted.ahead(len(after)), interval(fitted, len(after))
        for value, at, low, high in zip(after, middle, lows, highs, strict=True):
            half = high - at if value > at else at - low
            shares.append(abs(value - at) / max(half, abs(at) * 1e-6, 1e-9))
    return max(1.0, sorted(shares)[round(INTERVAL * (len(shares) - 1))])


def interval(form: Form, steps: int, stretch: float = 1.0) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The bounds between which ``INTERVAL`` of the drawn futures lie, step by step, then ``stretch`` times as far from
    the middle; nothing is below zero.
    """
    draw = random.Random(0)  # noqa: S311 - no secret: the same series has the same interval
    centred = [error - median(form.errors) for error in form.errors]
    paths = [form.ahead(steps, draw.choices(centred, k=steps)) for _path in range(PATHS)]
    middles, bounds = form.ahead(steps), [_between([path[step] for path in paths]) for step in range(steps)]
    both = list(zip(middles, bounds, strict=True))
    lows = tuple(max(middle - stretch * max(middle - low, 0.0), 0.0) for middle, (low, _high) in both)
    return lows, tuple(middle + stretch * max(high - middle, 0.0) for middle, (_low, high) in both)


def fit(form: Form, values: Sequence[float], period: int) -> Form:
    """The form with the weights that missed least one step ahead, as it stands after the last value."""
    begun = _begin(form, values, period)

    def cost(weights: tuple[float, float, float]) -> float:
        return sum(error * error for error in _run(replace(begun, weights=weights), values, period).errors)

    found = min((_search(form, start, cost) for start in STARTS), key=lambda pair: pair[0])
    return _run(replace(begun, weights=found[1]), values, period)


def _search(
    form: Form, start: tuple[float, float, float], cost: Callable[[tuple[float, float, float]], float]
) -> tuple[float, tuple[float, float, float]]:
    """Go downhill along one weight after the other, by ever smaller steps."""
    free = [0, *([1] if form.damping else []), *([2] if form.season != "none" else [])]
    weights = tuple(value if place in free else 0.0 for place, value in enumerate(start))
    least = cost(weights)
    for reach in REACH:
        moved = True
        while moved:
            moved = False
            for place, by in product(free, (-reach, reach)):
                value = min(max(weights[place] + by, 0.001), 0.999)
                tried = (*weights[:place], value, *weights[place + 1 :])
                if (found := cost(tried)) < least * 0.9999:
                    weights, least, moved = tried, found, True
    return least, weights


def _begin(form: Form, values: Sequence[float], period: int) -> Form:
    """Where a form stands before the first value: level and trend from the first two periods, the season from what
    values were to that line.
    """
    first, second = fmean(values[:period]), fmean(values[period : 2 * period])
    if len(values) < 2 * period:
        second = first
    trend = (second - first) / period if form.damping else 0.0
    level = first - trend * (period + 1) / 2
    if form.season == "none":
        return replace(form, level=level, trend=trend, seasons=(0.0,))
    line = [level + trend * (place + 1) if form.damping else fmean(values[: 2 * period]) for place in range(2 * period)]
    rounds = [place for place in range(0, 2 * period, period) if place + period <= len(values)]
    if form.season == "times":
        seasons = [fmean(values[at + r] / max(line[at + r], 1e-9) for r in rounds) for at in range(period)]
        mean = fmean(seasons)
        return replace(form, level=level, trend=trend, seasons=tuple(one / mean for one in seasons))
    seasons = [fmean(values[at + r] - line[at + r] for r in rounds) for at in range(period)]
    mean = fmean(seasons)
    return replace(form, level=level, trend=trend, seasons=tuple(one - mean for one in seasons))


def _run(form: Form, values: Sequence[float], period: int) -> Form:
    """Go over the series once, learning from each error."""
    level, trend, seasons, errors = form.level, form.trend, list(form.seasons), []
    for at, value in enumerate(values):
        place = at % len(seasons)
        expected = _expected(form, level, trend, seasons[place])
        error = (value - expected) / max(abs(expected), 1e-9) if form.season == "times" else value - expected
        _value, level, trend = _step(form, level, trend, seasons, place, shock=error)
        errors.append(error)
    turned = len(values) % len(seasons)
    return replace(
        form, level=level, trend=trend, seasons=tuple(seasons[turned:] + seasons[:turned]), errors=tuple(errors)
    )


def _expected(form: Form, level: float, trend: float, season: float) -> float:
    """The next value: level and what is left of the trend, with the season."""
    line = level + form.damping * trend
    return line * season if form.season == "times" else line + season


def _step(
    form: Form, level: float, trend: float, seasons: list[float], place: int, *, shock: float
) -> tuple[float, float, float]:
    """The value that comes with this shock, then level and trend after it; ``seasons`` is changed in place."""
    alpha, beta, gamma = form.weights
    season, line = seasons[place], level + form.damping * trend
    if form.season == "times":  # errors in shares of what was expected
        value = line * season * (1 + shock)
        seasons[place] = season * (1 + gamma * shock)
        return value, line * (1 + alpha * shock), form.damping * trend + alpha * beta * line * shock
    value = line + season + shock
    if form.season == "plus":
        seasons[place] = season + gamma * shock
    return value, line + alpha * shock, form.damping * trend + alpha * beta * shock
