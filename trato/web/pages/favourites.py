"""Favourites: the star of a record, and the list of them in the menu."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, favourites
from trato.engine.values import Refused

from ..names import called, object_or_404
from ..respond import base_of, page, said, toast, wants_part


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The person's favourites: a page, and what the menu's section fetches when it is unfolded."""
    items = [
        {
            "label": row["title"],
            "url": f"{base_of(request)}/{obj.ref(row['id'])}",
            "icon": obj.icon,
            "object": called(obj).one,
        }
        for obj, row in favourites.of(request.actor)
    ]
    return page(request, "favourites.html", {"items": items}, title=_("Favourites"), part="parts/favourites.html")


@require_POST
def turn(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """Keep a record at hand (``on`` = 1), or no longer (0)."""
    obj, on = object_or_404(request, plural), request.POST.get("on") != "0"
    address = f"{base_of(request)}/{obj.plural}/{access.as_uuid(record_id)}"
    try:
        favourites.set_favourite(request.actor, obj, record_id, on)
    except Refused as refused:
        return said(request, address, refused.problems[0].message, error=True)
    text = _("Kept among your favourites.") if on else _("No favourite any more.")
    if not wants_part(request):
        return said(request, address, text)
    star = {"url": f"{address}/favourite", "on": on}
    return toast(render(request, "parts/star.html", {"star": star}), request, text)
