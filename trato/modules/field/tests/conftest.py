"""Accounts with places, and visits to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., Any]


@pytest.fixture
def make(owner: Any) -> Make:
    """``make("visits", purpose="Show the grinder", ...)``: a record of Acme, made by its administrator."""
    from trato.engine import actions, objects

    return lambda plural, **values: actions.create(owner, objects.get(plural), values)


@pytest.fixture
def account(make: Make, owner: Any) -> Make:
    """``account("Bar Luna", "Madrid", (40.4165, -3.70256))``: an account of the administrator's in a town of Spain."""
    from trato.engine.places.models import Point

    def create(name: str, city: str = "", spot: tuple[float, float] | None = None, **values: Any) -> Any:
        address = {"line1": "Calle Mayor 1", "city": city, "country": "ES", "primary": True}
        given = {"name": name, "owner": str(owner.user_id), "addresses": [address] if city else []}
        made = make("accounts", **given | values)
        if spot:
            told = {"city": city, "country": "ES", "latitude": spot[0], "longitude": spot[1], "precision": "city"}
            Point.objects.create(object="accounts", record_id=made.id, field="addresses", **told)
        return made

    return create


@pytest.fixture
def visit(make: Make, owner: Any) -> Make:
    """``visit(account, "2026-12-01T10:00:00Z")``: a planned visit of the administrator's."""

    def create(to: Any, at: str, **values: Any) -> Any:
        given = {"purpose": "Talk", "account": str(to.id), "planned_at": at, "owner": str(owner.user_id)}
        return make("visits", **given | values)

    return create
