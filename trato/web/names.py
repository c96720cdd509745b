"""From the names in an address to what they stand for, and from what there is to what it is called.

Labels are translated when they are first said in a language, and remembered: a list says a hundred of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import get_language

from trato.engine import access, objects
from trato.engine.objects import Object
from trato.engine.workspaces.actors import Actor


def object_or_404(request: HttpRequest, plural: str) -> Object:
    """The object of an address, if the person may see any of it."""
    try:
        obj = objects.get(plural)
    except objects.UnknownObject:
        raise Http404(plural) from None
    if not access.may_see_any(request.actor, obj):
        raise Http404(plural)
    return obj


@dataclass(frozen=True)
class Called:
    """What an object is called in one language."""

    one: str
    many: str
    group: str


def called(obj: Object) -> Called:
    """What an object is called in the page's language."""
    return _called(obj, get_language() or "")


@lru_cache(2_000)
def _called(obj: Object, language: str) -> Called:
    return Called(str(obj.label), str(obj.label_plural), str(obj.group))


_labels: dict[tuple[Any, ...], dict[str, str]] = {}


def labels(actor: Actor, obj: Object) -> dict[str, str]:
    """What an object's fields are called, by name; also of fields the actor may not see."""
    key = (obj.plural, actor.workspace.id, actor.workspace.fields_version, get_language())
    known = _labels.get(key)
    if known is None:
        if len(_labels) > 5_000:
            _labels.clear()
        known = _labels[key] = {name: str(field.label) for name, field in obj.fields(actor.workspace).items()}
    return known
