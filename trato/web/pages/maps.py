"""The records of a list on a map, by the towns of their addresses, with a list of the towns beside it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from babel import Locale
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trato.engine import access, paging
from trato.engine.objects import Field, Object
from trato.engine.places import clusters, locating
from trato.engine.places.clusters import Box

from .. import listing
from ..filtering import Builder
from ..listing import State
from ..names import object_or_404
from ..respond import base_of, page, said, wants_part
from .toolbar import toolbar, with_more

#: Records of one town beside the map.
SHOWN = 25
#: Where the map begins when nothing is on it.
WORLD = Box(-180, -60, 180, 75)


def map_of(
    request: HttpRequest, obj: Object, fields: dict[str, Field], state: State, *, base: str, built: Builder
) -> HttpResponse:
    """The page of a map; with ``box`` and ``zoom`` what is on a part of it, as JSON; with ``place`` the records of a
    town.
    """
    actor = request.actor
    rows = listing.rows_of(actor, obj, state)
    if "box" in request.GET:
        return _part(request, obj, rows, state, base)
    place = request.GET.get("place", "")[:300].replace("\0", "")
    if place and wants_part(request):
        return render(request, "parts/map_records.html", _records(request, obj, rows, state, base=base, place=place))
    towns = clusters.places(actor, obj, rows)
    lost = clusters.unknown(actor, obj, rows)
    context = {
        **toolbar(request, obj, fields, state, base=base, built=built),
        "places": [_place(town, state, base) for town in towns],
        "place": _records(request, obj, rows, state, base=base, place=place) if place else None,
        "map_url": state.url(base),
        "locate_url": f"{base}locate" if actor.rights.may(obj.plural, "import") else "",
        "start": clusters.extent(actor, obj, rows) or WORLD,
        "lost": ngettext(
            "%(n)s record has an address whose town is not known here.",
            "%(n)s records have an address whose town is not known here.",
            lost,
        )
        % {"n": lost}
        if lost
        else "",
    }
    return page(request, "map.html", context, part="parts/map.html", title=str(obj.label_plural))


@require_POST
def locate(request: HttpRequest, plural: str) -> HttpResponse:
    """Look all addresses of an object up anew."""
    obj = object_or_404(request, plural)
    locating.locate_all(request.actor, obj)
    words = _("The addresses are being looked up; the map shows them in a moment.")
    return said(request, f"{base_of(request)}/{obj.plural}/?as=map", words)


def _place(town: dict[str, Any], state: State, base: str) -> dict[str, Any]:
    key = f"{town['country']}|{town['city']}"
    return {
        "key": key,
        "label": _named(town["city"], town["country"]),
        "count": town["count"],
        "url": with_more(state.url(base), place=quote(key)),
    }


def _named(city: str, country: str) -> str:
    """``Madrid, Spain``, in the reader's language."""
    names = Locale.parse((get_language() or "en").replace("-", "_")).territories
    return ", ".join(filter(None, (city, names.get(country, country)))) or _("Somewhere")


def _part(request: HttpRequest, obj: Object, rows: Any, state: State, base: str) -> HttpResponse:
    box = _box(request.GET.get("box", ""))
    zoom = request.GET.get("zoom", "0")
    if box is None or not (zoom.isascii() and zoom.isdigit() and len(zoom) < 3):
        return JsonResponse({"problem": _("That is no part of the map.")}, status=400)
    found = clusters.clusters(request.actor, obj, rows, box, int(zoom))
    told = []
    for one in found:
        country, _bar, city = one.place.partition("|")
        told.append(
            {
                "at": [round(one.latitude, 4), round(one.longitude, 4)],
                "count": one.count,
                "place": one.place,
                "label": _named(city, country) if one.place else "",
                "rough": one.precision == "country",
            }
        )
    towns = clusters.places(request.actor, obj, rows, box)
    return JsonResponse({"clusters": told, "places": [_place(town, state, base) for town in towns]})


def _box(text: str) -> Box | None:
    """West, south, east and north in degrees; None for what is none."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    fits = -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90
    return Box(west, south, east, north) if fits else None


def _records(request: HttpRequest, obj: Object, rows: Any, state: State, *, base: str, place: str) -> dict[str, Any]:
    """The records of one town, by name, some at a time."""
    actor = request.actor
    order = paging.order_of(access.fields(actor, obj), obj, "title")
    inside = clusters.at(actor, obj, rows, place)
    part = paging.page(inside, order, ["title"], SHOWN, request.GET.get("after", "")[:2000])
    country, _bar, city = place.partition("|")
    address = with_more(state.url(base), place=quote(place))
    return {
        "label": _named(city, country),
        "records": [
            {"url": f"{base_of(request)}/{obj.plural}/{row['id']}", "title": row["title"] or str(obj.label)}
            for row in part.rows
        ],
        "more_url": with_more(address, after=part.next) if part.next else "",
        "back_url": state.url(base),
        "avatars": obj.portrait,
    }
