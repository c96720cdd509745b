"""How far somebody is with what they are to sell."""

from __future__ import annotations

from decimal import Decimal


def attainment(won: Decimal, quota: Decimal | None) -> Decimal | None:
    """What of a quota is won, in percent; None without one, or with one of nothing."""
    return 100 * won / quota if quota else None


def pace(won: Decimal, quota: Decimal | None, elapsed: float) -> Decimal | None:
    """How far what is won is ahead of the quota's even share of the days that are over (negative: behind); None without
    a quota.
    """
    return won - quota * Decimal(str(round(elapsed, 6))) if quota else None
