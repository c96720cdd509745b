"""How two values are compared: each comparator reads a record's values once, and tells of two what speaks for one.

Pure functions over what ``read`` made. Points are between ``different`` and ``same`` of the comparison; what one of the
two does not say is no evidence at all. Sounds are those of Soundex (US National Archives), the first letter among them.
"""

from __future__ import annotations

import math
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from ..kinds import Reader
from ..objects import Comparison, Field

WORD = re.compile(r"[^\W_]+")
SOUNDS = {
    letter: digit
    for digit, letters in {"1": "bfpv", "2": "cgjkqsxz", "3": "dt", "4": "l", "5": "mnñ", "6": "r"}.items()
    for letter in letters
}
#: Letters written as one and heard as another.
HEARD = (("ph", "f"), ("sch", "s"), ("th", "t"), ("ll", "l"))
#: What a company's name says of its legal form, which people leave out or write in many ways.
FORMS = frozenset(
    "ab ag as asbl bv co company corp corporation ev gmbh inc incorporated kg limited llc llp lp ltd ltda nv oy plc "
    "pty sa sac sarl sas sc sca scs sl sll slu snc spa spol spzoo srl sro the".split()
)
#: Records a workspace is thought to have beside its own, so that in a small one no name seems common.
IMAGINED = 1000
#: Records from which on even a rare name is not enough.
CROWD = 20_000
READER = Reader()


def words(text: str) -> list[str]:
    """The words of a text without case, accents and signs."""
    folded = text.casefold()
    if not folded.isascii():
        folded = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return WORD.findall(folded)


def sound(text: str) -> str:
    """How a name sounds, roughly: what is written in other scripts begins as it is written."""
    text = text.replace(" ", "")
    for written, heard in HEARD:
        text = text.replace(written, heard)
    code, last = "", ""
    for place, letter in enumerate(text):
        digit = SOUNDS.get(letter, "")
        if digit and digit != last:
            code += digit
        elif place == 0 and not digit:
            code += letter
        if letter not in "hw":
            last = digit
    return code[:4] if len(code) > 1 else text[:4]


def nearness(one: str, other: str) -> float:
    """How near two folded texts are: 1 the same, 0 tells nothing, -1 clearly another."""
    if one == other:
        return 1.0
    if len(one) == 1 or len(other) == 1:
        return 0.2 if one[0] == other[0] else -1.0
    likeness = JaroWinkler.similarity(one, other)
    if likeness >= 0.92:
        return 0.75
    shorter, longer = sorted((one.split(), other.split()), key=len)
    if len(shorter) < len(longer) and set(shorter) <= set(longer):
        return 0.7
    if likeness >= 0.84:
        return 0.4
    return 0.0 if likeness >= 0.75 else -1.0


@dataclass
class Frequencies:
    """How often a value is among the records: an agreement on a common name tells less than one on a rare name."""

    counts: Mapping[str, int] = field(default_factory=dict)
    records: int = 0

    @cached_property
    def crowd(self) -> float:
        """The bits that a name tells less among so many."""
        return max(0.0, math.log2(max(self.records, 1) / CROWD))

    def limit(self, value: str, points: float) -> float:
        """The points an agreement on this value is worth, at most log2(1 / its share of the records)."""
        count = self.counts.get(value, 1)
        return points if count < 2 else min(points, -math.log2((count - 1) / (self.records + IMAGINED)))


RARE = Frequencies()


class Comparator(ABC):
    """One way to compare. ``read`` gives None where a record says nothing; the rest is only asked of what it gave."""

    name: ClassVar[str]
    #: Whether an agreement on a common value counts for less.
    counted: ClassVar[bool] = False

    def __init__(self, comparison: Comparison, fields: Sequence[Field]) -> None:
        self.same, self.different = comparison.same, comparison.different
        self.fields = fields

    @abstractmethod
    def read(self, values: Mapping[str, Any]) -> Any:
        """What is compared, as JSON; None for nothing."""

    @abstractmethod
    def points(self, one: Any, other: Any, often: Frequencies) -> float:
        """The evidence of two read values."""

    def common(self, value: Any) -> list[str]:
        """The values whose frequency counts."""
        return []

    def alone(self, value: Any) -> Iterable[str]:
        """Keys that are enough to look at two records which share one."""
        return ()

    def joined(self, value: Any) -> Iterable[str]:
        """Keys of which two records have to share one each of two comparators."""
        return ()

    def _graded(self, nearness: float, points: float) -> float:
        return points * nearness if nearness >= 0 else -self.different * nearness


class Person(Comparator):
    """First and last name, in either order; half of the points each.

    Among very many people even a rare name is somebody else's too: from ``CROWD`` records on, each doubling takes a bit
    of what a name can tell at most.
    """

    name = "person"
    counted = True

    def read(self, values: Mapping[str, Any]) -> list[str] | None:
        parts = [" ".join(words(values.get(each.name) or "")) for each in self.fields]
        return parts if any(parts) else None

    def points(self, one: list[str], other: list[str], often: Frequencies) -> float:
        return self.told(one, other, often)[0]

    def told(self, one: list[str], other: list[str], often: Frequencies) -> tuple[float, bool]:
        """The points, and whether the first names are clearly two."""
        points, apart = self._both(one, other, often)
        if points < self.same / 2:
            turned, turned_apart = self._both(one, other[::-1], often)
            if turned - 2 > points:
                points, apart = turned - 2, turned_apart
        return min(points, self.same - often.crowd), apart

    def _both(self, one: list[str], other: list[str], often: Frequencies) -> tuple[float, bool]:
        total, apart = 0.0, False
        for place, (mine, yours) in enumerate(zip(one, other, strict=True)):
            if not mine or not yours:
                continue
            near = nearness(mine, yours)
            worth = min(often.limit(mine, self.same / 2), often.limit(yours, self.same / 2)) if near > 0 else 0
            total += worth * near if near >= 0 else self.different / 2
            apart = apart or (place == 0 and near < 0)
        return total, apart

    def common(self, value: list[str]) -> list[str]:
        return [part for part in value if part]

    def alone(self, value: list[str]) -> Iterable[str]:
        return ["".join(sorted(map(sound, value)))] if all(value) else ()

    def joined(self, value: list[str]) -> Iterable[str]:
        return {sound(part) for part in value if part}


class Words(Comparator):
    """A text: the same words, in any order and nearly so written."""

    name = "words"
    counted = True

    def read(self, values: Mapping[str, Any]) -> str | None:
        return " ".join(words(str(values.get(self.fields[0].name) or ""))) or None

    def points(self, one: str, other: str, often: Frequencies) -> float:
        if one == other:
            return often.limit(one, self.same)
        ratio = fuzz.token_sort_ratio(one, other) / 100
        near = 1 if ratio >= 0.99 else 0.75 if ratio >= 0.92 else 0.4 if ratio >= 0.84 else 0 if ratio >= 0.7 else -1
        return self._graded(near, min(often.limit(one, self.same), often.limit(other, self.same)))

    def common(self, value: str) -> list[str]:
        return [value]

    def alone(self, value: str) -> Iterable[str]:
        heard = sorted(sound(word) for word in value.split())
        return ["".join(heard[:4])]

    def joined(self, value: str) -> Iterable[str]:
        return [sound(value.split(maxsplit=1)[0])]


class Company(Words):
    """The name of a company, without its legal form."""

    name = "company"

    def read(self, values: Mapping[str, Any]) -> str | None:
        said = words(str(values.get(self.fields[0].name) or "").replace(".", ""))
        return " ".join([word for word in said if word not in FORMS] or said) or None


class Keys(Comparator):
    """Values that are the same or not: e-mail addresses, phone numbers, tax numbers; one in common is enough."""

    name = "keys"

    def read(self, values: Mapping[str, Any]) -> list[str] | None:
        known = self.fields[0]
        value = values.get(known.name)
        if known.kind.is_empty(value):
            return None
        return known.kind.keys(value) or ["".join(words(known.kind.text(value, READER)))]

    def points(self, one: list[str], other: list[str], often: Frequencies) -> float:
        return self.same if not set(one).isdisjoint(other) else self.different

    def alone(self, value: list[str]) -> Iterable[str]:
        return value


class Site(Keys):
    """The host of an address on the web, without www."""

    name = "site"

    def read(self, values: Mapping[str, Any]) -> list[str] | None:
        text = str(values.get(self.fields[0].name) or "").casefold().partition("://")
        host = (text[2] or text[0]).partition("/")[0].removeprefix("www.").partition(":")[0]
        return [host] if host else None


class Exact(Keys):
    """A value that many records share: the account somebody works for, a choice, a suffix."""

    name = "exact"

    def alone(self, value: list[str]) -> Iterable[str]:
        return ()

    def joined(self, value: list[str]) -> Iterable[str]:
        return value


class Day(Comparator):
    """A date; days and months change places, and one digit is mistyped."""

    name = "day"

    def read(self, values: Mapping[str, Any]) -> str | None:
        value = values.get(self.fields[0].name)
        return value.strftime("%Y%m%d") if value else None

    def points(self, one: str, other: str, often: Frequencies) -> float:
        if one == other:
            return self.same
        if one[:4] == other[:4] and one[4:6] == other[6:] and one[6:] == other[4:6]:
            return self.same * 0.7
        return self.same * 0.5 if OSA.distance(one, other, score_cutoff=1) == 1 else self.different

    def joined(self, value: str) -> Iterable[str]:
        return [value]


class Place(Comparator):
    """Postal addresses: street, number, postcode and town, each as far as both say it; the nearest two count."""

    name = "place"
    MOST = 5

    def read(self, values: Mapping[str, Any]) -> list[list[str]] | None:
        value = values.get(self.fields[0].name) or []
        found = [self._parts(item) for item in (value if isinstance(value, list) else [value])[: self.MOST]]
        return [parts for parts in found if any(parts)] or None

    @staticmethod
    def _parts(item: Mapping[str, str]) -> list[str]:
        said = words(item["line1"])
        numbers = [word for word in said if word[0].isdigit()]
        street = [word for word in said if not word[0].isdigit()]
        rest = ("line2", "postcode", "city")
        return [" ".join(numbers), " ".join(street), *(" ".join(words(item[name])) for name in rest)]

    def points(self, one: list[list[str]], other: list[list[str]], often: Frequencies) -> float:
        best = max(self._two(mine, yours) for mine in one for yours in other)
        return min(max(best * self.same / 12, self.different), self.same)

    @staticmethod
    def _two(one: Sequence[str], other: Sequence[str]) -> float:
        """Twelfths of the whole agreement."""
        total = 0.0
        (number, street, line2, postcode, city), (number2, street2, line22, postcode2, city2) = one, other
        if street and street2:
            # The name of a building stands above the street, or below it.
            likeness = max(
                JaroWinkler.similarity(*pair) for pair in ((street, street2), (street, line22), (line2, street2))
            )
            told = bool(number and number2)
            same = told and not set(number.split()).isdisjoint(number2.split())
            if likeness >= 0.9:
                total += 7 if same else 3.5 if told else 5
            else:
                total += (4 if same else 1.5) if likeness >= 0.8 else -3
        if postcode and postcode2:
            distance = OSA.distance(postcode, postcode2, score_cutoff=1)
            total += 4 if distance == 0 else 2 if distance == 1 else -2
        if city and city2:
            likeness = JaroWinkler.similarity(city, city2)
            total += 3 if likeness >= 0.92 else 1.5 if likeness >= 0.84 else -1.5
        if line2 and line22 and JaroWinkler.similarity(line2, line22) >= 0.88:
            total += 2
        return total

    def alone(self, value: list[list[str]]) -> Iterable[str]:
        for number, street, _line2, postcode, _city in value:
            if number and street:
                yield f"{number} {sound(street)}"
            if number and postcode:
                yield f"{number} {postcode}"
            if street and postcode:
                yield f"{postcode} {street[:3]}"

    def joined(self, value: list[list[str]]) -> Iterable[str]:
        for _number, _street, _line2, postcode, city in value:
            if postcode:
                yield postcode
            if city:
                yield sound(city)


COMPARATORS: dict[str, type[Comparator]] = {
    each.name: each for each in (Person, Words, Company, Keys, Site, Exact, Day, Place)
}
