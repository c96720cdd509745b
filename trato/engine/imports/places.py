"""Addresses as files have them: without their country, and with regions nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pycountry

from ..kinds import Invalid, Kind, Reader
from ..kinds.country import find_region

#: Of a sample's different regions, the share a country has to know to be taken for theirs.
ENOUGH = 0.7


def country_of(texts: Iterable[str], home: str) -> str:
    """The one country whose regions these are; ``home``, the workspace's own, where it knows as many as any other, and
    "" for none.
    """
    names = {text.strip() for text in texts if text.strip()}
    if len(names) < 2:
        return home
    known = {
        each.alpha_2: sum(find_region(name, each.alpha_2) is not None for name in names) for each in pycountry.countries
    }
    most = max(known.values())
    best = [country for country, count in known.items() if count == most]
    if most < len(names) * ENOUGH:
        return home
    return home if home in best else best[0] if len(best) == 1 else ""


def regions_in(header: Sequence[str], sample: Sequence[Sequence[str]], mapping: Mapping[str, str]) -> list[str]:
    """The regions of a sample whose addresses say no country."""
    targets = [mapping.get(name, "") for name in header]
    if any(target.endswith(".country") for target in targets):
        return []
    places = [place for place, target in enumerate(targets) if target.endswith(".region")]
    return [row[place] for row in sample for place in places if place < len(row)]


def clean_address(kind: Kind, item: Any, reader: Reader) -> Any:
    """The clean list of one address; a region its country doesn't know is kept beside the town. Raises Invalid."""
    try:
        return kind.clean([item], reader)
    except Invalid as problem:
        if problem.code != "region" or not isinstance(item, dict):
            raise
    town = ", ".join(filter(None, (item.get("city"), item.get("region"))))
    return kind.clean([{**item, "city": town, "region": ""}], reader)
