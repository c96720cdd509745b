"""Tags: short words, free or agreed, that records are sorted by."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from . import html
from .base import Reader
from .many import MOST_ITEMS, JsonList
from .texts import Invalid, readable

LONGEST = 50
BADGE = html.Pattern('<span class="tag">{}</span>')


def tag_key(tag: str) -> str:
    return f"tag:{tag.casefold()}"


class Tags(JsonList):
    """A list of texts without comma. The same word in another case is the same tag."""

    name = "tags"
    label = _("Tags")
    search_sql = "trato_words(%s, '$[*]')"

    def _clean(self, value: Any, reader: Reader) -> list[str]:
        if isinstance(value, str):
            return self.parse(value, reader)
        if not isinstance(value, list | tuple):
            raise Invalid("list", _("Give a list."))
        if len(value) > MOST_ITEMS:
            raise Invalid("too_many", _("At most %(n)s of them."), n=MOST_ITEMS)
        return self._unite([tag for tag in (self._tag(item) for item in value) if tag])

    def _tag(self, item: Any) -> str:
        tag = " ".join(readable(item).split())
        if len(tag) > LONGEST:
            raise Invalid("too_long", _("At most %(n)s characters."), n=LONGEST)
        if re.search(r"[,;]", tag):
            raise Invalid("tag", _("A tag has no comma or semicolon."))
        return tag

    def _unite(self, items: list[str]) -> list[str]:
        united: dict[str, str] = {}
        for tag in items:
            united.setdefault(tag.casefold(), tag)
        return list(united.values())[:MOST_ITEMS]

    def _parse(self, text: str, reader: Reader) -> list[str]:
        return self._clean(re.split(r"[,;\n]", text), reader)

    def text(self, value: Any, reader: Reader) -> str:
        return ", ".join(value or [])

    def cell(self, value: Any, reader: Reader) -> Markup:
        return Markup(" ").join(BADGE.format(tag) for tag in value or [])

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        values = self._attributes(name, id, invalid, described_by)
        control = html.control(self.typed(name, value, reader), values, autocomplete="off")
        return html.element("trato-tags", {"data-name": name}, control)

    def schema(self) -> dict[str, Any]:
        item = {"type": "string", "minLength": 1, "maxLength": LONGEST}
        return self.nullable({"type": "array", "items": item, "maxItems": MOST_ITEMS})

    def keys(self, value: Any) -> list[str]:
        return [tag_key(tag) for tag in value or []]
