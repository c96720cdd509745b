"""What the tests of outreach work with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from trato.engine.models import Record
    from trato.engine.workspaces.actors import Actor


@pytest.fixture
def make(owner: Actor) -> Callable[..., Record]:
    """``make("contacts", first_name="Ana")``: a record of Acme, made by its administrator."""
    from trato.engine import actions, objects

    def create(plural: str, **values: Any) -> Record:
        return actions.create(owner, objects.get(plural), values)

    return create


@pytest.fixture
def act(owner: Actor) -> Callable[..., Record]:
    """``act(record, "stop", why="…")``: run an action as the administrator."""
    from trato.engine import actions, objects

    def run(record: Record, name: str, **given: Any) -> Record:
        return actions.run(owner, objects.of_record(record), name, record.id, given)

    return run


@pytest.fixture
def again(owner: Actor) -> Callable[[Record], Record]:
    """The record as it is now."""
    from trato.engine import access, objects

    return lambda record: access.get(owner, objects.of_record(record), record.id)
