"""A small catalogue, made through the same actions as any."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from trato.engine.models import Record
    from trato.engine.workspaces.actors import Actor

Make = Callable[..., Any]


@pytest.fixture
def make(owner: Actor) -> Make:
    """``make("products", name="Huila")``: a record of Acme, made by its administrator."""
    from trato.engine import actions, objects

    def create(plural: str, **values: Any) -> Record:
        given = {name.replace("__", "-"): value for name, value in values.items()}
        return actions.create(owner, objects.get(plural), given)

    return create


@pytest.fixture
def acme_bar(make: Make) -> Record:
    """A customer."""
    return make("accounts", name="Bar Sol", lifecycle="customer")


@pytest.fixture
def huila(make: Make) -> Record:
    """Coffee for 20 euros."""
    return make("products", name="Huila", sku="HUI", price={"amount": "20", "currency": "EUR"}, category="Coffee")


@pytest.fixture
def book(owner: Actor) -> Record:
    """The price book that Acme began with."""
    from trato.engine import access, objects

    return access.visible(owner, objects.get("price-books")).get()
