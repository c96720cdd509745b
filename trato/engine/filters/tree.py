"""The tree of a filter: how it is read, and how large it may be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

#: How deep a tree may nest, how many conditions it may have, and how many times it may go over a link.
DEEPEST, WIDEST, FARTHEST = 8, 200, 16
#: What is asked of related records, and what is counted from them.
QUANTIFIERS = ("any", "none", "all")
TOTALS = ("count", "sum", "min", "max", "avg")


class BadFilter(ValueError):
    """A filter that says something impossible; ``path`` points at the part, ``message`` says what and what to do."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path, self.message = path, message


def parse(source: str | Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The tree of a filter given as JSON text or as a mapping; None when there is none. Raises BadFilter."""
    if source is None or source in ("", {}):
        return None
    if isinstance(source, str):
        try:
            source = json.loads(source)
        except (ValueError, RecursionError):
            raise BadFilter("", _("The filter is no valid JSON.")) from None
    if not isinstance(source, Mapping):
        raise BadFilter("", _('A filter is an object such as {"field": …, "op": …, "value": …}.'))
    return dict(source)


def only(tree: Mapping[str, Any], allowed: set[str], path: str) -> None:
    """Refuse words that mean nothing here; raises BadFilter."""
    unknown = set(tree) - allowed
    if unknown:
        raise BadFilter(path, _("Unknown word “%(word)s” in a condition.") % {"word": str(min(unknown, key=str))[:80]})


def one_of(tree: Mapping[str, Any], words: tuple[str, ...], path: str) -> str | None:
    """Which of some words that exclude each other a condition says; None for none. Raises BadFilter for two."""
    said = [word for word in words if word in tree]
    if len(said) > 1:
        raise BadFilter(path, _("Say only one of: %(words)s.") % {"words": ", ".join(said)})
    return said[0] if said else None
