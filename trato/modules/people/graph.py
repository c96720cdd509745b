"""Where the names around a record stand in its small graph of relationships. Pure geometry."""

import math
from collections.abc import Sequence
from typing import Any

WIDTH, HEIGHT, RADIUS_X, RADIUS_Y = 360, 220, 68, 84
MARGIN = 28
MOST_NODES = 12


def frame(placed: Sequence[dict[str, Any]]) -> str:
    """The view box that holds the nodes, their names and the middle: as wide as ever, and no higher than needed."""
    heights = [HEIGHT / 2, *(node["y"] for node in placed)]
    top, bottom = min(heights) - MARGIN, max(heights) + MARGIN
    return f"0 {top:g} {WIDTH} {bottom - top:g}"


def around(ties: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each tie with the place of its node (``x``, ``y``) and of its name (``lx``, ``ly``, ``anchor``), evenly on an
    ellipse.

    The first stands to the right, the others follow clockwise; at most twelve are placed. Units are those of the view
    box.
    """
    placed = []
    shown = ties[:MOST_NODES]
    for number, tie in enumerate(shown):
        angle = 2 * math.pi * number / len(shown)
        x, y = WIDTH / 2 + RADIUS_X * math.cos(angle), HEIGHT / 2 + RADIUS_Y * math.sin(angle)
        right, level = math.cos(angle) > 0.2, abs(math.cos(angle)) <= 0.2
        placed.append(
            tie
            | {
                "x": round(x, 1),
                "y": round(y, 1),
                "lx": round(x if level else x + (10 if right else -10), 1),
                "ly": round(y + (18 if math.sin(angle) > 0 else -10) if level else y + 4, 1),
                "anchor": "middle" if level else "start" if right else "end",
            }
        )
    return placed
