"""What the contract tests fill into this module's objects where their rules ask for more than the kinds."""

from __future__ import annotations

from itertools import count
from typing import Any

from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.tests.samples import LINE

_numbers = count(1)


def _key(actor: Actor, n: int) -> str:
    return f"{'ABC'[n]}-{next(_numbers)}"


VALUES: dict[str, dict[str, Any]] = {
    "contracts": {
        "number": _key,
        "starts_on": ["1969-07-20"] * 3,
        "ends_on": ["2026-12-31", "2027-12-31", "2028-12-31"],
    },
    "subscriptions": {"number": _key, "currency": ["EUR", "EUR", "EUR"]},
    "subscription-lines": LINE,
}
