"""A pipeline, and deals on it, for the tests of forecasting."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from tests.cast import As, Cast
    from trato.engine.models import Record

Make = Callable[..., Any]


@pytest.fixture
def browser(cast: Cast, signed_in: Callable[[Any], Client]) -> Client:
    """The administrator's browser."""
    return signed_in(cast.owner)


@pytest.fixture
def make(cast: Cast, as_: As) -> Make:
    """``make("quotas", person=..., ...)``: a record of Acme by its administrator, in a transaction as requests are."""
    from trato.engine import actions, objects

    def create(plural: str, **values: Any) -> Record:
        with as_(cast.owner) as actor:
            return actions.create(actor, objects.get(plural), values)

    return create


@pytest.fixture
def stages(make: Make) -> dict[str, Any]:
    """A pipeline of its own: talk (20 %), offer (50 %), won, lost."""
    pipeline = make("pipelines", name="Test")
    said = [("Talk", "open", 20), ("Offer", "open", 50), ("Signed", "won", 100), ("Gone", "lost", 0)]
    return {
        name: make("stages", pipeline=pipeline.id, name=name, position=at, kind=kind, probability=percent)
        for at, (name, kind, percent) in enumerate(said, 1)
    }


@pytest.fixture
def deal(make: Make, stages: dict[str, Any], cast: Cast) -> Make:
    """``deal(1000, "2026-08-15", owner=cast.member, category="commit")``: an open deal in Talk; ``stage="Signed"``
    with ``on="2026-08-03"`` for one that was won.
    """

    def create(amount: Any, close: str | None, *, stage: str = "Talk", on: str = "", **values: Any) -> Record:
        currency = values.pop("currency", "EUR")
        values |= {"owner": values.pop("owner", cast.owner).id, "stage": stages[stage].id}
        if on:
            values |= {"closed_at": f"{on}T12:00:00Z", "opened_at": "2024-01-01T12:00:00Z"}
        if stage == "Gone":
            values |= {"loss_reason": make("loss-reasons", name=f"Reason {amount} {on}").id}
        value = None if amount is None else {"amount": str(amount), "currency": currency}
        return make("deals", name=f"Deal of {amount}", value=value, close_date=close, **values)

    return create
