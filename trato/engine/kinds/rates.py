"""What one unit of the workspace's currency is worth in others: known by whoever keeps exchange rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..workspaces.actors import Actor

Source = Callable[[Any], Mapping[str, Decimal]]
_sources: list[Source] = []


def knows_rates(source: Source) -> Source:
    """Decorator: the function gives, for an actor, the latest rates by currency, the workspace's own with 1."""
    _sources[:] = [source]
    return source


def latest(actor: Actor | None) -> Mapping[str, Decimal]:
    """The latest rates; none where nobody knows, or where it is not known who asks."""
    return _sources[0](actor) if _sources and actor is not None else {}
