"""How much speaks for two records being one: the points of all comparisons together (docs/adr/0009)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..objects import Comparison, Field
from .comparing import COMPARATORS, RARE, Frequencies, Person

#: At the threshold two records are held to be one with this many bits: nine to one.
AT_THRESHOLD = math.log2(9)


class Verdict(NamedTuple):
    """The points of two records, what agrees as (number of the comparison, points), the most telling first, and the
    points of what differs.
    """

    score: float
    reasons: list[tuple[int, float]]
    against: float = 0.0


class Scorer:
    """The comparisons of one object. What a record says is read once (``read``) and compared often."""

    def __init__(self, comparisons: Sequence[Comparison], fields: Mapping[str, Field], threshold: float) -> None:
        self.comparisons = [
            each for each in comparisons if (each.same or each.different) and all(n in fields for n in each.fields)
        ]
        self.threshold = threshold
        self.comparators = [
            COMPARATORS[each.how](each, [fields[name] for name in each.fields]) for each in self.comparisons
        ]
        self.often: list[Frequencies] = [RARE] * len(self.comparators)
        #: The most that can still come from each comparison on.
        self._rest = [sum(each.same for each in self.comparisons[n:]) for n in range(len(self.comparisons) + 1)]

    @property
    def fields(self) -> dict[str, Field]:
        """The fields that are read."""
        return {known.name: known for comparator in self.comparators for known in comparator.fields}

    def read(self, values: Mapping[str, Any]) -> list[Any]:
        """What a record says to each comparison, as JSON."""
        return [comparator.read(values) for comparator in self.comparators]

    def score(self, one: Sequence[Any], other: Sequence[Any], *, least: float = -math.inf) -> Verdict:
        """The points of two read records; the reasons are left out where the points can't reach ``least``."""
        total = shared = own = against = 0.0
        apart = False
        reasons: list[tuple[int, float]] = []
        for number, comparator in enumerate(self.comparators):
            mine, yours = one[number], other[number]
            if mine is None or yours is None:
                continue
            if isinstance(comparator, Person):
                points, apart = comparator.told(mine, yours, self.often[number])
                total += points
            else:
                points = comparator.points(mine, yours, self.often[number])
                if self.comparisons[number].shared and points > 0:
                    shared += points
                else:
                    total += points
                    own += max(points, 0)
            if points > 0:
                reasons.append((number, round(points, 1)))
            against += min(points, 0)
            if total + shared + self._rest[number + 1] < least:
                return Verdict(total + shared, [])
        # One household, one company: what people have in common tells nothing of two with different first names.
        if not apart or own > 0:
            total += shared
        return Verdict(total, sorted(reasons, key=lambda reason: -reason[1]), against)

    def only_named(self, verdict: Verdict) -> bool:
        """Whether nothing but the name agrees, and something else differs."""
        return verdict.against < 0 and all(self.comparators[number].counted for number, _points in verdict.reasons)

    def names(self, verdict: Verdict) -> list[list[Any]]:
        """The reasons as they are kept: [first field, points]."""
        return [[self.comparisons[number].fields[0], points] for number, points in verdict.reasons]

    def blocks(self, read: Sequence[Any]) -> Iterator[tuple[str, bool]]:
        """The keys of which two records have to share one to be looked at at all, and whether each is joined of what
        two comparisons say.
        """
        joined: list[tuple[int, set[str]]] = []
        for number, (comparator, value) in enumerate(zip(self.comparators, read, strict=True)):
            if value is None:
                continue
            yield from ((f"{number}:{key}", False) for key in set(comparator.alone(value)))
            if halves := set(comparator.joined(value)):
                joined.append((number, halves))
        for place, (number, halves) in enumerate(joined):
            for other, others in joined[place + 1 :]:
                yield from ((f"{number}+{other}:{half}+{its}", True) for half in halves for its in others)

    def count(self, counters: Sequence[Counter[str]], read: Sequence[Any]) -> None:
        """Count the values whose frequency matters; ``counters`` are those of ``learn``."""
        for comparator, counter, value in zip(self.comparators, counters, read, strict=True):
            if comparator.counted and value is not None:
                counter.update(comparator.common(value))

    def learn(self, counters: Iterable[Mapping[str, int]], records: int) -> None:
        """Weigh agreements by how common values are among so many records."""
        self.often = [Frequencies(counter, records) for counter in counters]


def certainty(score: float, threshold: float) -> int:
    """Points as percent: 90 at the threshold, and one bit more doubles the odds."""
    return round(100 / (1 + 2 ** -max(-30.0, min(30.0, score - threshold + AT_THRESHOLD))))
