"""What kinds share whose value is a code of a standard: country, language, time zone, currency."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from django.db.models import Q
from django.db.models.expressions import Combinable
from markupsafe import Markup

from . import html, lookups
from .base import Kind, Reader
from .texts import Invalid, Words


class Code(Kind):
    """A code, shown by its name in the reader's language. A subclass says `names` and `find`."""

    empty = ""
    longest = 100
    wrong: ClassVar[Words]
    code_length: ClassVar[int]

    def names(self, language: str) -> dict[str, str]:
        """Every code that is offered, with its name, sorted by name."""
        return {}

    def find(self, text: str, language: str) -> str | None:
        """The code meant by a code or a name, None when there is none."""
        return None

    def name_of(self, code: str, language: str) -> str:
        return self.names(language).get(code, code)

    def _parse(self, text: str, reader: Reader) -> str:
        code = self.find(text, reader.language)
        if code is None:
            raise Invalid(self.name, self.wrong)
        return code

    def plain(self, value: Any, reader: Reader) -> str:
        return self.name_of(value, reader.language) if value else ""

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        values = self._attributes(name, id, invalid, described_by)
        offered = html.options([("", "")]) + self.offered(reader.language)
        return html.select(self.typed(name, value, reader), offered, values)

    @classmethod
    @lru_cache(128)
    def offered(cls, language: str) -> Markup:
        """The options of a select, made once a language: there are hundreds."""
        return html.options(cls().names(language).items())

    def schema(self) -> dict[str, Any]:
        return self.nullable({"type": "string", "maxLength": self.code_length})

    def is_blank(self, lhs: Combinable) -> Q:
        return lookups.is_blank_text(lhs)
