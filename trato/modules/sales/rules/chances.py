"""How likely an open deal is won, learned from closed ones: naive Bayes, smoothed after Laplace.

A deal is described by what it has come to and by what it is. What it has come to only grows: it reached a stage, lasted
so many days, had so many activities. There the closed deals that came as far are asked, won or lost, so that a young
deal isn't held against old ones. What it is (source, country, industry, owner) is compared as such; what is not known,
or what hardly any closed deal had, says nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log
from typing import Any

#: Won and lost deals needed of each. With n of one sort a share is known to half of 1/√n: to 11 points with 20.
NEEDED = 20
#: The newest closed deals that are learned from.
MOST = 20_000
#: What fewer closed deals had says nothing: one of them alone would sway it.
RARE = 5
#: Days a deal lasted, and activities it had, at least.
LASTED = (7, 14, 30, 60, 90, 180, 365)
HAD = (1, 3, 6, 12, 24)
#: What is compared as such.
NAMED = ("source", "country", "industry", "owner")
#: Held-out deals below which a calibration says too little.
HELD_OUT = 10
BINS = 10
REASONS = 3
#: Log odds below which a reason is none.
TELLING = 0.05


@dataclass(frozen=True)
class Example:
    """A closed deal: the stages it came into with the day of each, how many days it lasted, on which of them something
    happened, and what it was.
    """

    won: bool
    path: tuple[tuple[str, float], ...] = ()
    days: float = 0
    happened: tuple[float, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)

    def upto(self, day: float) -> "Asked":
        """The deal as it stood on that day of its life."""
        reached = [stage for stage, since in self.path if since <= day]
        return Asked(reached[-1] if reached else "", day, sum(at <= day for at in self.happened), self.named)


@dataclass(frozen=True)
class Asked:
    """An open deal: the stage it stands in, the days since it was opened, its activities, and what it is."""

    stage: str = ""
    days: float = 0
    activities: int = 0
    named: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reason:
    """One thing that speaks for a deal (``weight`` above 0, in log odds) or against it; ``won`` and ``lost`` are how
    many closed deals had it.
    """

    feature: str
    value: str
    weight: float
    won: int
    lost: int


@dataclass(frozen=True)
class Verdict:
    """A win probability from 0 to 1, and all reasons, the weightiest first."""

    chance: float
    reasons: tuple[Reason, ...]

    def best(self, sign: int) -> list[Reason]:
        """The strongest reasons for (1) or against (-1)."""
        return [reason for reason in self.reasons if reason.weight * sign >= TELLING][:REASONS]


def learn(examples: Iterable[Example]) -> dict[str, Any]:
    """Counts of won and lost deals as JSON: ``{"won": n, "lost": n, "stage": {value: [won, lost]}, "days": ...}``."""
    counts: dict[str, Counter[tuple[str, bool]]] = {name: Counter() for name in ("stage", "days", "activities", *NAMED)}
    total: Counter[bool] = Counter()
    for each in examples:
        total[each.won] += 1
        for stage in {stage for stage, _since in each.path}:
            counts["stage"][stage, each.won] += 1
        for name, steps, had in (("days", LASTED, each.days), ("activities", HAD, len(each.happened))):
            for step in steps:
                counts[name][str(step), each.won] += had >= step
        for name, value in each.named.items():
            if value:
                counts[name][value, each.won] += 1
    told = {
        name: {value: [found[value, True], found[value, False]] for value in sorted({value for value, _won in found})}
        for name, found in counts.items()
    }
    return {"won": total[True], "lost": total[False], **told}


def is_enough(model: Mapping[str, Any]) -> bool:
    """Whether there are closed deals enough to learn from."""
    return min(model.get("won", 0), model.get("lost", 0)) >= NEEDED


def judge(model: Mapping[str, Any], asked: Asked) -> Verdict:
    """The win probability of a deal: prior odds times, for each thing known of it, how much more often it was so of won
    deals than of lost ones.
    """
    won, lost = model["won"], model["lost"]
    reasons = []
    passed = [
        ("stage", asked.stage),
        ("days", _last(LASTED, asked.days)),
        ("activities", _last(HAD, asked.activities)),
    ]
    for name, value in passed:
        w, n = model[name].get(value, (0, 0))
        if w + n >= RARE:
            reasons.append(Reason(name, value, log((w + 1) / (won + 2)) - log((n + 1) / (lost + 2)), w, n))
    for name, value in asked.named.items():
        known = model[name]
        w, n = known.get(value, (0, 0))
        if w + n >= RARE:
            all_won, all_lost = (sum(pair[place] for pair in known.values()) for place in (0, 1))
            weight = log((w + 1) / (all_won + len(known))) - log((n + 1) / (all_lost + len(known)))
            reasons.append(Reason(name, value, weight, w, n))
    odds = log((won + 1) / (lost + 1)) + sum(reason.weight for reason in reasons)
    return Verdict(1 / (1 + exp(-odds)), tuple(sorted(reasons, key=lambda reason: -abs(reason.weight))))


def _last(steps: Sequence[int], value: float) -> str:
    return next((str(step) for step in reversed(steps) if value >= step), "")


def calibrate(examples: Sequence[Example]) -> dict[str, Any]:
    """How well deals are foretold that were not learned from: the newest fifth (``examples`` come the oldest first),
    each as it stood at the middle of its life, by what the others teach. ``{}`` where there are too few.

    ``brier`` is the mean square of what was missed (0 is perfect), ``base`` the same of always saying the share that
    was won before; ``bins`` are [from, to, deals, mean chance, share won] by chance.
    """
    cut = len(examples) * 4 // 5
    model, held = learn(examples[:cut]), examples[cut:]
    if not is_enough(model) or len(held) < HELD_OUT:
        return {}
    told = [(judge(model, each.upto(each.days / 2)).chance, each.won) for each in held]
    usual = model["won"] / (model["won"] + model["lost"])
    return {
        "deals": len(told),
        "brier": _missed((chance, won) for chance, won in told),
        "base": _missed((usual, won) for _chance, won in told),
        "bins": _bins(told),
    }


def _missed(told: Iterable[tuple[float, bool]]) -> float:
    squares = [(chance - won) ** 2 for chance, won in told]
    return sum(squares) / len(squares)


def _bins(told: Sequence[tuple[float, bool]]) -> list[list[float]]:
    """Of each tenth of the scale that has deals: its ends, how many, what was said on average, and what was so."""
    found = []
    for number in range(BINS):
        inside = [(chance, won) for chance, won in told if min(int(chance * BINS), BINS - 1) == number]
        if inside:
            mean, share = (sum(pair[place] for pair in inside) / len(inside) for place in (0, 1))
            found.append([number / BINS, (number + 1) / BINS, len(inside), mean, share])
    return found
