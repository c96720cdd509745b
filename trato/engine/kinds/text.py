"""A line of text."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _

from . import lookups
from .base import Kind, Reader
from .options import Option
from .texts import Invalid, readable

BREAKS = re.compile(r"[\t\n\r\x85\u2028\u2029]+")


class Text(Kind):
    """One line. Line breaks and tabs become spaces; the ends are trimmed."""

    name = "text"
    label = _("Text")
    operators = lookups.TEXT
    options: ClassVar[tuple[Option, ...]] = (
        Option("max_length", _("Most characters"), "integer", default=255, minimum=1, maximum=10_000),
    )
    empty = ""
    max_length: int

    def _clean(self, value: Any, reader: Reader) -> str:
        if isinstance(value, str) and len(value) > 4 * self.max_length:
            self._too_long()
        text = readable(value)
        if not text.isprintable():
            text = BREAKS.sub(" ", text)
        text = text.strip()
        if len(text) > self.max_length:
            self._too_long()
        return text

    def parse(self, text: str, reader: Reader) -> str:
        return self.clean(text, reader)

    def _too_long(self) -> None:
        raise Invalid("too_long", _("At most %(n)s characters."), n=self.max_length)

    def _attributes(self, name: str, id: str, invalid: bool, described_by: str) -> dict[str, Any]:
        return {**super()._attributes(name, id, invalid, described_by), "maxlength": self.max_length}

    def schema(self) -> dict[str, Any]:
        return self.nullable({"type": "string", "maxLength": self.max_length})

    def is_blank(self, lhs: Combinable) -> Q:
        return lookups.is_blank_text(lhs)

    def custom(self, name: str) -> Combinable:
        return KeyTextTransform(name, F("custom"))
