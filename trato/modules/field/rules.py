"""Distances over the earth, the order of stops, and what a device without a network may have done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import Any
from uuid import UUID

#: Mean radius of the earth in kilometres (IUGG).
EARTH = 6371.0088
#: Stops whose order is looked for; a day has fewer.
MOST_STOPS = 30

Spot = tuple[float, float]


def distance(here: Spot, there: Spot) -> float:
    """Kilometres along the great circle between two places in degrees (latitude, longitude), by the haversine."""
    up, over = radians(there[0] - here[0]) / 2, radians(there[1] - here[1]) / 2
    chord = sin(up) ** 2 + cos(radians(here[0])) * cos(radians(there[0])) * sin(over) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(chord)))


def length(spots: Sequence[Spot], order: Sequence[int]) -> float:
    """Kilometres of the way over these places in this order."""
    return sum(distance(spots[a], spots[b]) for a, b in pairwise(order))


def shortest_order(spots: Sequence[Spot], *, start: int | None = None) -> list[int]:
    """A short way over all places, as their indexes, from ``start`` on where it is said; it need not come back.

    From each place in turn (after ``start``) always on to the nearest one left, each such way with its stretches turned
    round for as long as that makes it shorter (2-opt); the shortest of these. Raises ValueError for more than
    ``MOST_STOPS``.
    """
    if len(spots) > MOST_STOPS:
        raise ValueError(f"At most {MOST_STOPS} stops.")
    table = [[distance(a, b) for b in spots] for a in spots]
    fixed = [] if start is None else [start]
    begun = [[*fixed, first] for first in range(len(spots)) if first != start] or [fixed]
    ways = [_untangled(_nearest_first(table, way), table, since=len(fixed)) for way in begun]
    return min(ways, key=lambda way: _long(way, table))


def _long(way: Sequence[int], table: Sequence[Sequence[float]]) -> float:
    return sum(table[a][b] for a, b in pairwise(way))


def _nearest_first(table: Sequence[Sequence[float]], begun: list[int]) -> list[int]:
    way, left = list(begun), set(range(len(table))) - set(begun)
    while left:
        nearest = min(left, key=lambda other: (table[way[-1]][other], other))
        way.append(nearest)
        left.remove(nearest)
    return way


def _untangled(way: list[int], table: Sequence[Sequence[float]], *, since: int) -> list[int]:
    """The way with stretches turned round, those before ``since`` left out, while that makes it shorter."""

    def step(a: int, b: int) -> float:
        return table[way[a]][way[b]] if a >= 0 and b < len(way) else 0.0

    better = True
    while better:
        better = False
        for i in range(since, len(way) - 1):
            for j in range(i + 1, len(way)):
                if step(i - 1, j) + step(i, j + 1) < step(i - 1, i) + step(j, j + 1) - 1e-9:
                    way[i : j + 1] = reversed(way[i : j + 1])
                    better = True
    return way


#: What may be written without a network: objects by what is done with them, with the fields or the named actions.
OFFLINE: dict[str, dict[str, tuple[str, ...]]] = {
    "create": {
        "notes": ("body", "about", "happened_at"),
        "tasks": ("subject", "body", "about", "due_at"),
        "orders": ("account", "contact", "wanted_on", "ordered_on", "notes", "order-lines"),
        "files": ("subject", "about", "happened_at"),  # photos: the picture comes beside the item
    },
    "change": {"visits": ("purpose", "outcome", "report")},
    "act": {"visits": ("check_in", "check_out")},
}


@dataclass(frozen=True)
class Item:
    """One thing that somebody wrote without a network. ``id``: made by the device, of a new record its own;
    ``base``: what the changed fields held on the device before, and ``version`` which version that was.
    """

    id: UUID
    does: str
    object: str
    record: UUID | None
    action: str
    version: int | None
    base: Mapping[str, Any]
    values: Mapping[str, Any]


def read_item(data: Any) -> Item:
    """The item that a device sends as JSON; raises ValueError, with the name of the member, for what is none."""
    if not isinstance(data, Mapping) or set(data) - {field.name for field in fields(Item)}:
        raise ValueError("item")
    does, plural, action = (_text(data, name) for name in ("does", "object", "action"))
    allowed = OFFLINE.get(does, {}).get(plural)
    if allowed is None:
        raise ValueError("object")
    values, base = _mapping(data, "values"), _mapping(data, "base")
    names = {action} if does == "act" else set(values)
    if not names <= set(allowed):
        raise ValueError("action" if does == "act" else "values")
    version = data.get("version")
    if version is not None and (isinstance(version, bool) or not isinstance(version, int) or not 0 < version < 2**31):
        raise ValueError("version")
    record = None if does == "create" else _uuid(data, "record")
    return Item(_uuid(data, "id"), does, plural, record, action, version, base, values)


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name, "")
    if not isinstance(value, str):
        raise ValueError(name)
    return value


def _mapping(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = data.get(name, {})
    if not isinstance(value, Mapping):
        raise ValueError(name)
    return value


def _uuid(data: Mapping[str, Any], name: str) -> UUID:
    try:
        return UUID(_text(data, name))
    except ValueError:
        raise ValueError(name) from None
