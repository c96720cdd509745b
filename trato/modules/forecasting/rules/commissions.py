"""What sellers earn on what they sell: rates by product or category, in steps of what is sold in a month. Exact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from trato.modules.catalog.rules import rounded

#: What a rate is for: a product, a category, or everything that has no rate of its own.
Sort = tuple[str, Any]
EVERYTHING: Sort = ("", None)


@dataclass(frozen=True)
class Rate:
    """``percent`` of what is sold of a sort in a month from ``start`` on, up to where the next step begins."""

    sort: Sort
    start: Decimal
    percent: Decimal


@dataclass(frozen=True)
class Sold:
    """A part of a sale that counts for one person, in the base currency (negative: given back)."""

    product: Any
    category: str
    amount: Decimal


@dataclass(frozen=True)
class Earned:
    """What was sold of one sort, and what is earned on it, rounded to the currency's digits."""

    sort: Sort
    sold: Decimal
    commission: Decimal


def sort_of(rates: Iterable[Rate], sold: Sold) -> Sort | None:
    """The sort whose rates hold for a sale: its product's, else its category's, else those for everything; None where
    no rate does.
    """
    known = {rate.sort for rate in rates}
    wanted: tuple[Sort, ...] = (("product", sold.product), ("category", sold.category), EVERYTHING)
    return next((sort for sort in wanted if sort in known and (sort == EVERYTHING or sort[1])), None)


def stepped(amount: Decimal, rates: Sequence[Rate]) -> Fraction:
    """What is earned on an amount, each part at the rate of its own step; on less than nothing the lowest."""
    steps = sorted(rates, key=lambda rate: rate.start)
    if amount < 0:
        return Fraction(amount) * Fraction(steps[0].percent) / 100
    ends = [*(Fraction(rate.start) for rate in steps[1:]), None]
    earned = Fraction()
    for rate, end in zip(steps, ends, strict=True):
        reached = Fraction(amount) if end is None else min(Fraction(amount), end)
        earned += max(reached - Fraction(rate.start), Fraction()) * Fraction(rate.percent) / 100
    return earned


def earned(sales: Iterable[Sold], rates: Sequence[Rate], share: Decimal, digits: int) -> list[Earned]:
    """What one person earns on what counts for them in a month, by sort of rate; ``share`` is the part of the plan that
    is theirs, in percent. What no rate holds for stands last, and earns nothing.
    """
    sums: dict[Sort | None, Decimal] = defaultdict(Decimal)
    for sold in sales:
        sums[sort_of(rates, sold)] += sold.amount
    found = []
    for sort, amount in sums.items():
        own = [rate for rate in rates if rate.sort == sort]
        exact = stepped(amount, own) * Fraction(share) / 100 if own else Fraction()
        found.append(Earned(sort or ("none", None), amount, rounded(exact, digits)))
    return sorted(found, key=lambda one: (one.sort[0] == "none", -one.sold))
