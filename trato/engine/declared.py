"""What an object's declaration is made of beside names: where its records stand in time, and what tells them apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Moment:
    """Says that records of an object stand on the timelines of the records they are about."""

    at: str
    about: str = "about"


@dataclass(frozen=True)
class Comparison:
    """One thing two records are compared by, in bits of evidence (docs/adr/0009): ``same`` where they agree wholly,
    ``different`` (below zero) where they clearly don't, between where they nearly do, nothing where one says nothing.

    ``how`` is the name of a comparator (``duplicates/comparing.py``). ``shared``: what people of one household or one
    company have in common, so that it speaks for nobody whose first name is another's.
    """

    how: str
    fields: tuple[str, ...]
    same: float
    different: float = 0
    shared: bool = False


@dataclass(frozen=True)
class Span:
    """Says where a record stands in a calendar: the field of its day or moment, that of its end, and where it recurs
    the field of the rule and that of the zone whose clock the rule runs on.
    """

    start: str
    end: str = ""
    rule: str = ""
    zone: str = ""
