"""Which column of a file is which field: by its name first, by what stands in it second.

A target is the name of a field, a part of its items (`addresses.city`, `addresses.number` for a house number of its
own), or `name` for a full name where an object has name parts. Several columns may go to a field of many values;
never two to a single one.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from .synonyms import CONCEPTS, COURTESY, FILLERS, LABELS, LEADS, NETWORKS, PARTS, STRANGERS, WHOLE_TOO

MANY = frozenset({"emails", "phones", "addresses", "handles", "tags", "links", "choices"})
LONGEST = 300  # characters of a value that are looked at
ALIKE = 88  # of 100: how close a misspelt name has to be
_CERTAIN, _NAMED, _KNOWN, _SIMILAR, _SEEN = 100, 95, 90, 70, 50
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w{2,}")
_PHONE = re.compile(r"(?=(?:\D*\d){7,15}\D*$)[+(0-9][0-9 ()./-]+(?:(?:x|ext\.?) ?\d+)?")
_DATE = re.compile(
    r"\d{4}-\d\d?-\d\d?(?!\d).*|\d\d?[-/.]\d\d?[-/.](?:\d\d){1,2}(?!\d).*|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])"
)
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


@dataclass(frozen=True)
class MappingField:
    """What the guess has to know about a field."""

    name: str
    label: str
    kind_name: str
    aliases: tuple[str, ...] = ()

    @property
    def many(self) -> bool:
        return self.kind_name in MANY


@dataclass(frozen=True)
class Column:
    """A column's name taken apart: what it is about, and which of several values it is."""

    phrase: str
    label: str = ""
    number: str = ""
    network: str = ""
    stranger: bool = False


def guess(
    header: Sequence[str],
    sample: Sequence[Sequence[str]],
    fields: Sequence[MappingField],
    remembered: Mapping[str, str | None] | None = None,
) -> list[str | None]:
    """A target, or None, for each column of the header.

    `sample` are some rows of text; `remembered` maps names of columns to the targets a person chose before (None:
    leave it out).
    """
    known = {fold(name): target for name, target in (remembered or {}).items()}
    targets = _Targets(fields)
    offers: list[tuple[float, int, str]] = []
    result: list[str | None] = [None] * len(header)
    for at, name in enumerate(header):
        if fold(name) in known:
            target = known[fold(name)]
            if target is None or targets.exists(target):
                offers += [(1000, -at, target)] if target else []
                continue
        values = [text for row in sample if at < len(row) and (text := row[at][:LONGEST].strip())]
        offers += [(score, -at, target) for target, score in targets.offers(name, values).items()]
    taken: set[tuple[str, ...]] = set()
    for _score, place, target in sorted(offers, reverse=True):
        slot = targets.slot(target, header[-place])
        if result[-place] is None and slot not in taken:
            result[-place] = target
            taken.add(slot)
    return targets.settle(header, result)


class _Targets:
    """The targets that some fields have, and how well a column fits each."""

    def __init__(self, fields: Sequence[MappingField]) -> None:
        self._fields = {field.name: field for field in fields}
        self._kinds = {field.kind_name: field.name for field in reversed(fields)}
        self._spellings = {
            fold(word): field.name
            for field in reversed(fields)
            for word in (field.name.removeprefix("custom."), str(field.label), *field.aliases)
        }
        self._concepts = dict(self._by_concept(fields))

    def _by_concept(self, fields: Sequence[MappingField]) -> Iterable[tuple[str, str]]:
        """The target that stands for each concept among these fields."""
        names = set(self._fields)
        if "first_name" in names and "name" not in names:
            yield "name", "name"
        elif "name" in names and not names & {"account", "first_name"}:
            yield "account", "name"  # a company's own name
        addresses = self._kinds.get("addresses")
        if addresses:
            yield from ((part, f"{addresses}.{part}") for part in PARTS)
        for field in fields:
            concept = CONCEPTS.get(fold(field.name)) or CONCEPTS.get(fold(str(field.label)))
            if concept and concept not in PARTS and field.name not in ("name", "custom.name"):
                yield concept, field.name
        for kind in ("emails", "phones", "handles", "tags"):
            if kind in self._kinds:
                yield kind, self._kinds[kind]
                if kind == "handles" and "website" not in names:
                    yield "website", self._kinds[kind]
        if "name" in names:
            yield "name", "name"

    def exists(self, target: str) -> bool:
        """Whether these fields have the target."""
        field, _dot, part = target.partition(".")
        return (
            target in self._fields
            or (target == "name" and "name" in self._concepts)
            or (part in PARTS and field in self._fields and self._fields[field].kind_name == "addresses")
        )

    def slot(self, target: str, name: str) -> tuple[str, ...]:
        """What only one column can fill: a single field, or one part of one of several addresses."""
        field, _dot, part = target.partition(".")
        if part in PARTS and field in self._fields:
            column = read_name(name)
            return target, column.label, column.number
        return (target, name) if target in self._fields and self._fields[target].many else (target,)

    def offers(self, name: str, values: list[str]) -> dict[str, float]:
        """Targets that the column may go to, with scores up to 100."""
        folded = fold(name)
        exact = self._spellings.get(folded)
        if exact:
            return {exact: _CERTAIN}
        column = read_name(name)
        if column.stranger:
            return {}
        if column.network:
            handles = self._concepts.get("handles")
            return {handles: _NAMED} if handles else {}
        for phrase, score in ((folded, _NAMED), (column.phrase, _KNOWN)):
            concept = CONCEPTS.get(phrase)
            if concept:
                return self._told(concept, values, score)
        return self._similar(column.phrase) or self._seen(values)

    def _told(self, concept: str, values: list[str], score: float) -> dict[str, float]:
        """What a column with a known name is, unless what stands in it speaks against that."""
        if concept == "job_title" and values and all(fold(value) in COURTESY for value in values):
            concept = "salutation"
        seen = self._seen(values) if concept in ("name", "handles") else {}
        target = self._concepts.get(concept)
        return seen or ({target: score} if target else {})

    def _similar(self, phrase: str) -> dict[str, float]:
        """Fields with nearly the same name."""
        if len(phrase) < 4:
            return {}
        words = {**{word: self._concepts.get(concept) for word, concept in CONCEPTS.items()}, **self._spellings}
        close: dict[str, float] = {}
        for word, target in words.items():
            likeness = fuzz.ratio(phrase, word) if target and abs(len(word) - len(phrase)) < 4 else 0
            if target and likeness >= ALIKE:
                close[target] = max(close.get(target, 0), likeness * _SIMILAR / 100)
        return close

    def _seen(self, values: list[str]) -> dict[str, float]:
        """What the values themselves look like, when at least seven in ten agree."""
        for pattern, concepts in (
            (_EMAIL, ("emails",)),
            (_URL, ("website",)),
            (_DATE, ("birthday",)),
            (_PHONE, ("phones",)),
        ):
            if values and sum(bool(pattern.fullmatch(value)) for value in values) >= len(values) * 0.7:
                return {self._concepts[concept]: _SEEN for concept in concepts if concept in self._concepts}
        return {}

    def settle(self, header: Sequence[str], result: list[str | None]) -> list[str | None]:
        """What columns mean for each other: `Name` beside a first name is the last name, `Nombre` alone is the whole
        one."""
        first, last = self._concepts.get("first_name"), self._concepts.get("last_name")
        if first and last and self._concepts.get("name") == "name":
            for at, target in enumerate(result):
                if target == "name" and first in result and last not in result:
                    result[at] = last
                elif target in (first, last) and fold(header[at]) in WHOLE_TOO and not {first, last} <= {*result}:
                    result[at] = result[at] if "name" in result else "name"
        parts = (target for target in result if target and target not in self._fields)
        number = next((target for target in parts if target.endswith(".number")), None)
        if number and number.replace(".number", ".line1") not in result:
            result = [None if target == number else target for target in result]
        return result


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """The words of a name in lower case without accents and signs: `E-mail 1 - Value` is `email 1 value`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    plain = "".join(char for char in unicodedata.normalize("NFKD", apart) if not unicodedata.combining(char))
    words = " ".join(re.findall(r"[^\W_]+", plain.casefold()))
    return re.sub(r"\be (?=mail)", "e", words)


@lru_cache(maxsize=4096)
def read_name(name: str) -> Column:
    """Takes a column's name apart: `Business Postal Code 2` is a postal code, labelled work, number 2."""
    words = fold(name).split()
    whole, joined = " ".join(words), "".join(words)
    network = next((one for one in NETWORKS if one in words or (len(one) > 5 and one in joined)), "")
    if network and len(words) <= 4:
        return Column(whole, network=network)
    label = " ".join(dict.fromkeys(LABELS[word] for word in words if word in LABELS))
    if whole in CONCEPTS:
        return Column(whole, label)
    stranger = not STRANGERS.isdisjoint(words)
    for phrase in _shorter(words):
        if phrase in CONCEPTS:
            number = next((word for word in words if word.isdecimal() and word not in phrase.split()), "")
            return Column(phrase, label, number, stranger=stranger)
    return Column(whole, label, stranger=stranger)


def _shorter(words: list[str]) -> Iterable[str]:
    """The name with less and less of what only says which one of several it is."""
    told = [word for word in words if word not in FILLERS]
    yield " ".join(word for word in told if word not in LABELS)
    bare = [word for word in told if not word.isdecimal()]
    yield " ".join(bare)
    unlabelled = [word for word in bare if word not in LABELS]
    yield " ".join(unlabelled)
    yield from (word for word in bare if word in LABELS and not unlabelled)  # Business Fax
    if unlabelled[:1] and unlabelled[0] in LEADS:
        yield " ".join(unlabelled[1:])
        yield unlabelled[0] if unlabelled[1:] == ["name"] else ""
