"""The small grammar of texts with placeholders: ``{name}``, ``{name|what stands for none}``, ``{{`` and ``}}``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

NAMES = ("first_name", "account", "sender")
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}|]*)(?:\|([^{}]*))?\}|[{}]")


def problem(text: str) -> str:
    """What is wrong with a text, in words; "" where nothing is."""
    for found in _PIECE.finditer(text):
        whole, name = found[0], found[1]
        if whole in ("{{", "}}"):
            continue
        if name is None:
            return _("A “%(brace)s” stands alone. Write it twice where you mean the sign itself.") % {"brace": whole}
        if name not in NAMES:
            known = ", ".join(f"{{{one}}}" for one in NAMES)
            return _("“%(name)s” can't be filled in. These can: %(known)s.") % {"name": whole[:60], "known": known}
    return ""


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text that has no problem with its placeholders filled in; values are taken as they are, braces too."""

    def piece(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        return values.get(found[1]) or found[2] or ""

    return _PIECE.sub(piece, text)
