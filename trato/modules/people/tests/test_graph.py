"""The graph of relationships: nodes on an ellipse around the middle, none upon another, none out of the frame."""

import math
from itertools import combinations

import pytest

from trato.modules.people.graph import HEIGHT, MOST_NODES, RADIUS_X, RADIUS_Y, WIDTH, around, frame

MIDDLE = (WIDTH / 2, HEIGHT / 2)


def ties(count: int) -> list[dict]:
    return [{"title": f"Name {n}", "url": f"/{n}"} for n in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 12])
def test_nodes_stand_evenly_on_the_ellipse(count: int) -> None:
    placed = around(ties(count))
    assert [node["title"] for node in placed] == [f"Name {n}" for n in range(count)]
    angles = []
    for node in placed:
        across, down = (node["x"] - MIDDLE[0]) / RADIUS_X, (node["y"] - MIDDLE[1]) / RADIUS_Y
        assert math.hypot(across, down) == pytest.approx(1, abs=0.01)
        angles.append(math.degrees(math.atan2(down, across)) % 360)
    for n, angle in enumerate(angles):
        # Coordinates are rounded to a tenth, so angles are right to a fraction of a degree.
        assert (angle - n * 360 / count + 180) % 360 - 180 == pytest.approx(0, abs=0.2)


@pytest.mark.parametrize("count", range(2, MOST_NODES + 1))
def test_no_node_lies_upon_another_or_out_of_the_frame(count: int) -> None:
    placed = around(ties(count))
    _left, top, width, height = map(float, frame(placed).split())
    for one, other in combinations(placed, 2):
        assert math.dist((one["x"], one["y"]), (other["x"], other["y"])) > 12  # twice a node's radius
    for node in placed:
        for x, y in ((node["x"], node["y"]), (node["lx"], node["ly"])):
            assert 0 <= x <= width and top + 6 <= y <= top + height - 6


@pytest.mark.parametrize("count", range(1, MOST_NODES + 1))
def test_names_run_away_from_the_middle_and_have_room(count: int) -> None:
    for node in around(ties(count)):
        if node["anchor"] == "start":
            assert node["x"] > MIDDLE[0] and WIDTH - node["lx"] >= 90
        elif node["anchor"] == "end":
            assert node["x"] < MIDDLE[0] and node["lx"] >= 90
        else:
            assert abs(node["lx"] - node["x"]) < 1


def test_at_most_twelve_are_drawn_and_none_needs_no_room() -> None:
    assert len(around(ties(30))) == MOST_NODES
    assert around([]) == []
    _left, _top, width, height = map(float, frame([]).split())
    assert width == WIDTH and height < HEIGHT
