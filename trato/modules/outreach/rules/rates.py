"""How many promises were kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """Promises that were kept and broken; open and withdrawn ones don't count."""

    kept: int
    broken: int

    @property
    def count(self) -> int:
        """How many promises the rate is made of."""
        return self.kept + self.broken

    @property
    def percent(self) -> int | None:
        """Kept of a hundred, rounded half up; None where nothing was decided yet."""
        return (self.kept * 200 + self.count) // (2 * self.count) if self.count else None
