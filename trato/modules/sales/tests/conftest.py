"""What the tests of sales work with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from trato.engine.models import Record
    from trato.engine.workspaces.actors import Actor

    from .kit import Make


@pytest.fixture
def make(owner: Actor) -> Make:
    """``make("deals", name="Beans")``: a record of Acme, made by its administrator."""
    from trato.engine import actions, objects

    def create(plural: str, **values: Any) -> Record:
        return actions.create(owner, objects.get(plural), values)

    return create


@pytest.fixture
def stages(owner: Actor) -> dict[str, Any]:
    """The stages of the usual pipeline by their names."""
    from trato.engine import access, objects

    return dict(access.visible(owner, objects.get("stages")).order_by("position").values_list("name", "id"))
