"""Browsers of the cast, and records made through the one write path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def browser(cast: Any, signed_in: Callable[[Any], Client]) -> Client:
    """The administrator's browser."""
    return signed_in(cast.owner)


@pytest.fixture
def make(cast: Any, as_: Any) -> Callable[..., Any]:
    """``make("things", name="A")``: a record, made by the administrator unless ``by`` says who."""
    from trato.engine import actions, objects

    def one(plural: str, by: Any = None, **values: Any) -> Any:
        with as_(by or cast.owner) as actor:
            return actions.create(actor, objects.get(plural), values)

    return one
