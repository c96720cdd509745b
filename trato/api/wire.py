"""JSON in and out: strict on the way in, fast on the way out."""

from __future__ import annotations

import json
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _

TYPES = frozenset({"application/json", "application/merge-patch+json"})


class BadJson(ValueError):
    """Text that is no JSON, or JSON that could be read in two ways; the message says what is wrong."""


def _plain(value: Any) -> Any:
    """What orjson does not know itself."""
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def encode(value: Any) -> bytes:
    """JSON text; ids and moments are written as their texts."""
    return orjson.dumps(value, default=_plain)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson(_("A name is there twice in one object."))
    return found


def decode(text: bytes) -> Any:
    """The value of JSON text (RFC 8259): no NaN, no broken characters, no name twice. Raises BadJson."""
    try:
        orjson.loads(text)  # refuses what the standard library lets through: NaN, lone surrogates, broken UTF-8
        return json.loads(text.decode(), object_pairs_hook=_unique)
    except BadJson:
        raise
    except (ValueError, RecursionError) as error:
        raise BadJson(_("This is no valid JSON: %(why)s.") % {"why": str(error)[:120]}) from None


def content_type(request: HttpRequest) -> str:
    """The content type of a request without its parameters, in lower case."""
    return request.content_type.lower() if request.content_type else ""
