"""What a configuration consists of: sections of items, each known by a key that means the same in every workspace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..workspaces.actors import Actor

Item = dict[str, Any]


@dataclass(frozen=True)
class Section:
    """One part of the configuration.

    ``key`` names the members of an item by which it is known again (no ids: those differ between workspaces). ``read``
    gives all items as JSON. ``write`` adds an item (``before`` is None) or makes one that is there the same, and raises
    ``values.Refused``; it may leave out nothing it was given.
    """

    name: str
    label: Any
    key: tuple[str, ...]
    read: Callable[[Actor], list[Item]]
    write: Callable[[Actor, Item, Item | None], None]

    def key_of(self, item: Mapping[str, Any]) -> tuple[Any, ...]:
        """What the item is known by."""
        return tuple(item.get(name) for name in self.key)


_sections: dict[str, Section] = {}


def section(
    name: str, label: Any, *, key: tuple[str, ...], read: Callable[[Actor], list[Item]]
) -> Callable[[Callable[[Actor, Item, Item | None], None]], Callable[[Actor, Item, Item | None], None]]:
    """Decorator of a section's ``write``; sections are written in the order in which they were made known."""

    def decorate(write: Callable[[Actor, Item, Item | None], None]) -> Callable[[Actor, Item, Item | None], None]:
        _sections[name] = Section(name, label, key, read, write)
        return write

    return decorate


def sections() -> dict[str, Section]:
    """Every section by name, in the order in which they are written."""
    return _sections
