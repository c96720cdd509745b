"""The order in which rows of one file are written: those that others of the file are part of come first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from ..kinds import Reader, Unresolved
from ..objects import Field, Object

Values = Mapping[str, Any]


class Row(Protocol):
    """A row on its way: stored values by field name, links as they were written."""

    @property
    def values(self) -> dict[str, Any]: ...


T = TypeVar("T")
R = TypeVar("R", bound=Row)
#: Levels of rows above a row, at most; what goes on longer stands in a circle.
DEEPEST = 50


def in_waves(
    obj: Object, linking: Mapping[str, Field], rows: Sequence[R], write: Callable[[Sequence[R]], Sequence[T]]
) -> list[T]:
    """What ``write`` makes of rows, in their order, when it is asked wave by wave: a row that names another of these
    rows in a link (one of the fields ``linking``) to records of the same object comes in a later wave than that one.
    """
    names = [name for name, field in linking.items() if field.kind.to == (obj.plural,)]
    found: dict[int, T] = {}
    for wave in waves(obj, names, [row.values for row in rows]):
        found.update(zip(wave, write([rows[place] for place in wave]), strict=True))
    return [found[place] for place in range(len(rows))]


def waves(obj: Object, names: Sequence[str], rows: Sequence[Values]) -> list[list[int]]:
    """The places of rows, wave by wave. Rows that name each other in a circle come in the first."""
    if not any(isinstance(row.get(name), Unresolved) for row in rows for name in names):
        return [list(range(len(rows)))]
    called: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        for word in _words(obj, row):
            called[word].append(place)
    above = [_above(row, place, names, called) for place, row in enumerate(rows)]
    found: dict[int, list[int]] = defaultdict(list)
    for place in range(len(rows)):
        found[_depth(place, above)].append(place)
    return [found[depth] for depth in sorted(found)]


def _words(obj: Object, row: Values) -> set[str]:
    """What a row is called by: its name and its duplicate keys."""
    given = [(obj.builtin[name].kind, row.get(name)) for name in {*obj.title_from, *obj.duplicate_keys}]
    return {kind.text(value, Reader()).casefold() for kind, value in given if isinstance(value, str) and value}


def _above(row: Values, place: int, names: Sequence[str], called: Mapping[str, list[int]]) -> list[int]:
    texts = [value.text.strip().casefold() for name in names if isinstance(value := row.get(name), Unresolved)]
    return [other for text in texts for other in called.get(text, ()) if other != place]


def _depth(place: int, above: Sequence[Sequence[int]]) -> int:
    """How many rows stand above one, the longest way; 0 in a circle."""
    depth, level = 0, set(above[place])
    while level:
        depth += 1
        if place in level or depth > DEEPEST:
            return 0
        level = {higher for each in level for higher in above[each]}
    return depth
