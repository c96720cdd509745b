"""Rows of one file that name each other are written from the top down."""

from __future__ import annotations

from typing import Any

import pytest

from trato.engine import objects
from trato.engine.bulk.waves import waves
from trato.engine.kinds import Unresolved


def row(name: str, above: str = "") -> dict[str, Any]:
    return {"name": name, "partner": Unresolved(above) if above else None}


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([row("a"), row("b")], [[0, 1]]),
        ([row("b", "A "), row("a")], [[1], [0]]),
        ([row("c", "b"), row("b", "a"), row("a"), row("d", "elsewhere")], [[2, 3], [1], [0]]),
        ([row("a", "a")], [[0]]),
        ([row("a", "b"), row("b", "a"), row("c")], [[0, 1, 2]]),
        ([row("x", "a"), row("a", "b"), row("b", "a")], [[0, 1, 2]]),
        ([], [[]]),
    ],
    ids=["none", "one above", "three levels", "itself", "circle", "below a circle", "no rows"],
)
def test_what_is_named_comes_first(rows: list[dict[str, Any]], wanted: list[list[int]]) -> None:
    assert waves(objects.get("things"), ["partner"], rows) == wanted
