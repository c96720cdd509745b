"""Amounts of several currencies in the workspace's base currency, by dated rates."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.models import ExchangeRate
from trato.modules.catalog.rules import convert

#: Digits beyond those of the currency: sums are rounded once, when they are shown.
EXACT = 4


class Exchange:
    """The rates of some currencies, read once; ``missing`` names those that had none on a day they were needed."""

    def __init__(self, actor: Actor, currencies: Iterable[str]) -> None:
        self.base = actor.workspace.currency
        self.missing: set[str] = set()
        self._days: dict[str, list[date]] = defaultdict(list)
        self._rates: dict[str, list[Decimal]] = defaultdict(list)
        foreign = {currency for currency in currencies if currency and currency != self.base}
        if foreign:
            rows = ExchangeRate.objects.filter(deleted_at=None, base=self.base, currency__in=foreign).order_by("day")
            for currency, day, rate in rows.values_list("currency", "day", "rate"):
                self._days[currency].append(day)
                self._rates[currency].append(rate)

    def to_base(self, amount: Decimal | None, currency: str, day: date) -> Decimal:
        """An amount by the latest rate of its currency on the day, or by the first one there is where the day is before
        it; 0 where there is none at all, and the currency is named in ``missing``.
        """
        if not amount or currency == self.base:
            return amount or Decimal(0)
        days = self._days.get(currency)
        if not days:
            self.missing.add(currency)
            return Decimal(0)
        rate = self._rates[currency][max(bisect_right(days, day) - 1, 0)]
        found = convert(amount, currency, self.base, {self.base: Decimal(1), currency: rate}, exact=EXACT)
        return found if found is not None else Decimal(0)
