"""What the contract tests fill into this module's objects where their rules ask for more than the kinds."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from trato.engine import access
from trato.engine.workspaces.actors import Actor

_numbers = count(1)
EUROS = [{"amount": amount, "currency": "EUR"} for amount in ("0", "1.5", "1234.56")]


def _somebody_else(actor: Actor, n: int) -> str:
    """Nobody sets their own quota."""
    return str(access.members(actor).exclude(id=actor.user_id).values_list("id", flat=True)[n])


def _year(actor: Actor, n: int) -> str:
    """The first day of a year, which is that of a quarter and a month too; there is one goal for each."""
    return date(2000 + 2000 * n + next(_numbers) % 1900, 1, 1).isoformat()


GOAL: dict[str, Any] = {"person": _somebody_else, "starts_on": _year, "amount": EUROS}
VALUES: dict[str, dict[str, Any]] = {
    "quotas": GOAL,
    "forecast-calls": GOAL,
    "commission-rates": {"start": EUROS},
}
