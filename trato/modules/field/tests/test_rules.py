"""Ways over the earth: distances against published ones, orders against trying all of them."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest

from trato.modules.field.rules import MOST_STOPS, Spot, distance, length, shortest_order

MADRID, BARCELONA, SYDNEY = (40.4165, -3.70256), (41.38879, 2.15899), (-33.86785, 151.20732)


def test_distances_are_those_of_the_great_circle() -> None:
    # Paris Charles de Gaulle to New York JFK, 5,837 km on the sphere (great-circle tables; the ellipsoid has 5,849).
    assert distance((49.009722, 2.547778), (40.639722, -73.778889)) == pytest.approx(5835, abs=8)
    assert distance(MADRID, BARCELONA) == pytest.approx(505, abs=2)
    assert distance((0, 0), (0, 180)) == pytest.approx(20015.1, abs=0.1)  # half the circumference: pi times 6371.0088
    assert distance((0, 179.5), (0, -179.5)) == pytest.approx(111.195, abs=0.001)  # over the date line
    assert distance(SYDNEY, SYDNEY) == 0


def towns(seed: int, many: int) -> list[Spot]:
    luck = Random(seed)
    return [(luck.uniform(36, 43), luck.uniform(-9, 3)) for _ in range(many)]


def best(spots: list[Spot], start: int | None) -> float:
    ways = permutations(range(len(spots)))
    return min(length(spots, way) for way in ways if start is None or way[0] == start)


@pytest.mark.parametrize("many", range(1, 8))
def test_the_way_is_as_short_as_the_best_of_all_or_nearly(many: int) -> None:
    for seed in range(6):
        spots = towns(seed * 10 + many, many)
        for start in (None, 0):
            way = shortest_order(spots, start=start)
            assert sorted(way) == list(range(many))
            assert start is None or way[0] == start
            assert length(spots, way) <= best(spots, start) * 1.06 + 1e-9


def test_from_any_start_it_is_mostly_the_best() -> None:
    found = [(towns(seed, 7), shortest_order(towns(seed, 7))) for seed in range(12)]
    exact = sum(length(spots, way) == pytest.approx(best(spots, None)) for spots, way in found)
    assert exact >= 10


def test_stops_on_a_line_are_passed_one_after_the_other() -> None:
    spots = [(0.0, float(x)) for x in (3, 0, 4, 1, 2)]
    assert shortest_order(spots, start=1) == [1, 3, 4, 0, 2]


def test_no_stops_the_same_stop_twice_and_too_many() -> None:
    assert shortest_order([]) == []
    assert sorted(shortest_order([MADRID, MADRID, BARCELONA])) == [0, 1, 2]
    with pytest.raises(ValueError, match="30"):
        shortest_order([MADRID] * (MOST_STOPS + 1))
