"""A customer with a subscription of two lines, made through the same actions as any."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from trato.engine.models import Record
    from trato.engine.workspaces.actors import Actor

EUROS = {"currency": "EUR"}


def _runner(actor: Actor) -> Callable[..., Any]:
    from trato.engine import actions, objects

    def act(name: str, record: Record, **given: Any) -> Any:
        told = {key: value.isoformat() if isinstance(value, date) else value for key, value in given.items()}
        actions.run(actor, objects.of_record(record), name, record.id, told)
        record.refresh_from_db()
        return record

    return act


def _beginner(actor: Actor) -> Callable[..., Any]:
    from trato.engine import actions, objects

    account = actions.create(actor, objects.get("accounts"), {"name": "Bar Sol"})

    def make(starts_on: date, *prices: float, **given: Any) -> Any:
        lines = [
            {"description": f"Line {place}", "price": EUROS | {"amount": str(price)}, "position": place}
            for place, price in enumerate(prices, start=1)
        ]
        values = {"account": str(account.id), "starts_on": starts_on.isoformat(), "currency": "EUR", "name": "Coffee"}
        made = actions.create(actor, objects.get("subscriptions"), {**values, **given, "subscription-lines": lines})
        return _runner(actor)("activate", made)

    return make


@pytest.fixture
def run(owner: Actor) -> Callable[..., Any]:
    """``run("pause", record, on=day)``: an action of the record's object, as a person runs it."""
    return _runner(owner)


@pytest.fixture
def begun(owner: Actor) -> Callable[..., Any]:
    """``begun(date(2026, 6, 1), 30, 50)``: an active subscription from a day on with lines of these prices."""
    return _beginner(owner)


@pytest.fixture
def begun_as() -> Callable[..., Any]:
    """``begun, run = begun_as(actor)``: both of them, inside the actor's workspace."""
    return lambda actor: (_beginner(actor), _runner(actor))
