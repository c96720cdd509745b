"""What open deals bring, learned from what became of those before them: how many were won, and when, of deals that
stood in the same stage for about as long.

A *cohort* is a number of deals alike at the beginning of one month: same stage, about the same time in it. From cohorts
whose later months are known follows the chance to be won in the first month, the second, and so on. Where few deals
stood like this, the stage's own chance counts as well, and where it had few, that of all deals (each level counts as
``PRIOR`` deals of the one above).

The outlook of a month is then: what the deals open today bring in it, and what deals bring that are not there yet. The
latter is the seasonal forecast of all that is won (``seasonal``), of which as much is taken as came, so many months
ahead, from deals that were not open yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import NormalDist

from .seasonal import INTERVAL, Outlook, miss, naive_forecast, outlook

#: Days in a stage are told apart up to these; beyond the last it is all the same.
AGES = (30, 90, 180)
#: How many deals of its own weigh as much as what is known of all alike.
PRIOR = 10.0
#: Months ahead that are looked at, and of these how many are held out to say what was missed.
AHEAD, HELD = 12, 6
#: Deals whose end is known that are the least to learn from.
FEWEST = 50
#: How many standard deviations the interval reaches to either side.
REACH = NormalDist().inv_cdf((1 + INTERVAL) / 2)


@dataclass(frozen=True)
class Cohort:
    """Deals alike at the beginning of month ``month`` (counted from the first of the series; the last is today):
    ``won_in`` 0 for those won in that very month, None for those not won (yet). ``amount`` is what they are worth
    together, ``squares`` the sum of the squares of what each is worth.
    """

    month: int
    stage: str
    age: int
    won_in: int | None
    count: int
    amount: float
    squares: float


@dataclass(frozen=True)
class Joined:
    """The outlook of the months to come. ``open`` is what today's deals bring, ``fresh`` what others bring; ``error``,
    ``season_error`` and ``naive`` are what this outlook, the season alone and the year before missed, in %, on the
    ``held_out`` last months as it would have been made before them. ``learned``: how many deals it was learned from;
    ``alone`` where they were too few and the season says it all.
    """

    values: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    open: tuple[float, ...]
    fresh: tuple[float, ...]
    season: Outlook
    learned: int
    alone: bool
    error: float | None = None
    season_error: float | None = None
    naive: float | None = None
    held_out: int = 0


def age_of(days: float) -> int:
    """Which of the ages it is: 0 below 30 days, and so on."""
    return sum(days >= bound for bound in AGES)


class Chances:
    """What became of the cohorts up to a month, as chances to be won so many months later."""

    def __init__(self, cohorts: Iterable[Cohort], until: int) -> None:
        self._stood: dict[tuple[str, ...], list[float]] = defaultdict(lambda: [0.0] * AHEAD)
        self._won: dict[tuple[str, ...], list[float]] = defaultdict(lambda: [0.0] * AHEAD)
        for one in cohorts:
            for key in self._keys(one.stage, one.age):
                for ahead in range(min(until - one.month, AHEAD)):  # what came later was not known then
                    self._stood[key][ahead] += one.count
                    self._won[key][ahead] += one.count if one.won_in == ahead else 0

    @staticmethod
    def _keys(stage: str, age: int) -> tuple[tuple[str, ...], ...]:
        return (), (stage,), (stage, str(age))

    @property
    def learned(self) -> int:
        """How many deals at the beginning of a month it was learned from."""
        return round(self._stood[()][0])

    def of(self, stage: str, age: int, ahead: int) -> float:
        """The chance of a deal to be won in the month so many months from now."""
        chance = 0.0
        for key in self._keys(stage, age):
            stood, won = self._stood[key][ahead], self._won[key][ahead]
            prior = PRIOR if key else 1.0
            chance = (won + prior * chance) / (stood + prior)
        return chance


def brought(cohorts: Iterable[Cohort], chances: Chances, ahead: int) -> tuple[float, float]:
    """What deals bring in the month so many months from now, and the variance of that: each is won whole or not."""
    mean = variance = 0.0
    for one in cohorts:
        chance = chances.of(one.stage, one.age, ahead)
        mean += chance * one.amount
        variance += chance * (1 - chance) * one.squares
    return mean, variance


def fresh_share(cohorts: Sequence[Cohort], won: Sequence[float], ahead: int) -> float:
    """What part of a month's wins came from deals that were not open so many months before its beginning, over the
    months that ``won`` holds.
    """
    last = len(won)
    known = {one.month for one in cohorts}
    months = [month for month in range(last - ahead) if month in known]
    total = sum(won[month + ahead] for month in months)
    if not total:
        return 1.0
    old = sum(one.amount for one in cohorts if one.won_in == ahead and one.month + ahead < last)
    return min(max(1 - old / total, 0.0), 1.0)


def joined(
    won: Sequence[float], cohorts: Sequence[Cohort], steps: int = AHEAD, *, so_far: float = 0.0, left: float = 1.0
) -> Joined:
    """The outlook of the present month and those after it, ``steps`` in all (at most ``AHEAD``).

    ``won``: what was won month by month up to the last whole one; ``cohorts``: how open deals stood at the beginning of
    each of these and (``month`` = their number) stand now; ``so_far``: what is won in the present month already, of
    which the share ``left`` is still to come.
    """
    found = _begun(_joined(won, cohorts, steps), so_far, left)
    held = min(HELD, len(won) // 3)
    if held < 2:
        return found
    before, after = list(won[:-held]), list(won[-held:])
    then = _joined(before, [one for one in cohorts if one.month <= len(before)], held)
    naive = miss(after, naive_forecast(before, held, 12)) if len(before) >= 12 else None
    told = {"error": miss(after, then.values), "season_error": miss(after, then.season.values), "naive": naive}
    return replace(found, held_out=held, **told)


def _begun(found: Joined, so_far: float, left: float) -> Joined:
    """The outlook with its first month begun: what is won is certain, of the rest only what the days left bring."""

    def first(values: tuple[float, ...], more: float = so_far) -> tuple[float, ...]:
        return (more + left * values[0], *values[1:])

    return replace(
        found,
        values=first(found.values),
        lows=first(found.lows),
        highs=first(found.highs),
        open=first(found.open, 0.0),
        fresh=first(found.fresh, 0.0),
    )


def _joined(won: Sequence[float], cohorts: Sequence[Cohort], steps: int) -> Joined:
    now, season = len(won), outlook(won, steps)
    # What was won after the series ends was not known then.
    seen = [one if one.won_in is None or one.month + one.won_in < now else _unknown(one) for one in cohorts]
    chances = Chances([one for one in seen if one.month < now], now)
    alone = chances.learned < FEWEST
    standing = [one for one in cohorts if one.month == now]
    parts = []
    for ahead in range(steps):
        half = (season.highs[ahead] - season.lows[ahead]) / 2
        if alone:
            parts.append((0.0, season.values[ahead], half))
            continue
        mean, variance = brought(standing, chances, ahead)
        share = fresh_share([one for one in seen if one.month < now], won, ahead)
        parts.append((mean, share * season.values[ahead], REACH * sqrt(variance + (share * half / REACH) ** 2)))
    return Joined(
        values=tuple(mean + fresh for mean, fresh, _half in parts),
        lows=tuple(max(mean + fresh - half, 0.0) for mean, fresh, half in parts),
        highs=tuple(mean + fresh + half for mean, fresh, half in parts),
        open=tuple(mean for mean, _fresh, _half in parts),
        fresh=tuple(fresh for _mean, fresh, _half in parts),
        season=season,
        learned=chances.learned,
        alone=alone,
    )


def _unknown(one: Cohort) -> Cohort:
    """A cohort whose win lies beyond what is known."""
    return Cohort(one.month, one.stage, one.age, None, one.count, one.amount, one.squares)
