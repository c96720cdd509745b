"""From the names in an address to what they stand for; what the person may not see is not there."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from trato.engine import access, objects
from trato.engine.objects import Object


def object_or_404(request: HttpRequest, plural: str) -> Object:
    """The object of an address, if the person may see any of it."""
    try:
        obj = objects.get(plural)
    except objects.UnknownObject:
        raise Http404(plural) from None
    if not access.may_see_any(request.actor, obj):
        raise Http404(plural)
    return obj
