"""What some kinds ask of those who stand above them: fields of objects, filters in words and as a builder.

A kind knows neither rights nor objects. Who knows both gives itself with ``stands_above``; where nobody did, as in a
program that has no pages, kinds say less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from markupsafe import Markup

from .base import Reader


class Above(Protocol):
    """Who knows objects and the rights of ``reader.actor``. ``plurals`` are the objects a filter may be about: where
    they are several, the first one it fits is meant.
    """

    def words(self, plurals: Sequence[str], tree: Mapping[str, Any], reader: Reader) -> str:
        """A filter in one line of words."""

    def shown(self, plurals: Sequence[str], tree: Mapping[str, Any], reader: Reader) -> Markup:
        """A filter on a page, with what is wrong with it by now."""

    def builder(self, plurals: Sequence[str], tree: Any, reader: Reader, *, name: str, typed: Any) -> Markup:
        """The builder of a filter; ``typed`` is what its controls sent, None for nothing yet."""

    def built(self, plurals: Sequence[str], data: Mapping[str, str], reader: Reader, *, name: str) -> Any:
        """The filter a builder sent, with the condition that was still being made; raises Invalid."""

    def questions(self, kind: Any, name: str, value: Any, reader: Reader, *, id: str) -> Markup:
        """The control of some questions; ``value`` as ``Kind.input`` takes it."""

    def fields(self, plurals: Sequence[str], reader: Reader) -> list[tuple[str, str]]:
        """The fields of any of these objects that can be written, by label: (name, label)."""


_above: list[Above] = []


def stands_above(one: type[Above]) -> type[Above]:
    """Class decorator: an instance answers from now on."""
    _above[:] = [one()]
    return one


def above(reader: Reader) -> Above | None:
    """Who answers a reader; None where nobody does, or where it is not known who reads."""
    return _above[0] if _above and reader.actor is not None else None
