"""Records for the tests of people, made through the same action as any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from trato.engine.models import Record
    from trato.engine.workspaces.actors import Actor

    from .kit import Make


@pytest.fixture
def make(owner: Actor) -> Make:
    """``make("contacts", first_name="Ana")``: a record of Acme, made by its administrator."""
    from trato.engine import actions, objects

    def create(plural: str, **values: Any) -> Record:
        return actions.create(owner, objects.get(plural), values)

    return create


@pytest.fixture
def tie(make: Make) -> Make:
    """``tie(ana, "works at", acme)``: a relationship of one of the types there are."""
    from trato.modules.people.models import RelationshipType

    from .kit import ref

    def relate(source: Record, words: str, target: Record, **values: Any) -> Record:
        kind = RelationshipType.objects.get(name=words, deleted_at=None)
        return make("relationships", source=ref(source), kind=kind.id, target=ref(target), **values)

    return relate
