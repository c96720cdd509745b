"""How recurring revenue moves from one day to another.

Monthly recurring revenue (MRR) is compared customer by customer. What a customer brings who never brought any is *new*;
who did before and had stopped *comes back* (reactivation); more is *expansion*, less is *contraction*, nothing more is
*churned*. The five come to the difference of the two sums, whatever happened.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal

#: The ways in which it moves, in the order in which a waterfall shows them.
MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Movement:
    """What one customer's revenue did: ``kind`` is one of ``MOVEMENTS``, ``amount`` the difference a month."""

    kind: str
    amount: Decimal


def movement(before: Decimal, after: Decimal, *, known: bool) -> Movement | None:
    """What happened to a customer's MRR; ``known``: they brought some at any time before. None where nothing did."""
    if after == before:
        return None
    if before == 0:
        return Movement("reactivation" if known else "new", after)
    if after == 0:
        return Movement("churn", -before)
    return Movement("expansion" if after > before else "contraction", after - before)


def movements(
    before: Mapping[Hashable, Decimal], after: Mapping[Hashable, Decimal], known: Collection[Hashable]
) -> dict[str, Decimal]:
    """What all customers' movements come to, by kind."""
    found = dict.fromkeys(MOVEMENTS, ZERO)
    for who in before.keys() | after.keys():
        one = movement(before.get(who, ZERO), after.get(who, ZERO), known=who in known)
        if one:
            found[one.kind] += one.amount
    return found
