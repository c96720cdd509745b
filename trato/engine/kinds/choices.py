"""Several values of a list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from . import html
from .base import Reader, Typed
from .choice import CHOICES, Offer
from .many import JsonList
from .texts import Invalid, fold, readable


class Choices(JsonList):
    """A list of values, in the order of the offered list."""

    name = "choices"
    label = _("Several choices")
    options = (CHOICES,)
    grouped = True
    choices: Iterable[Any]

    def __init__(self, *, required: bool = False, **options: Any) -> None:
        super().__init__(required=required, **options)
        self.offer = Offer(self.choices)

    def _clean(self, value: Any, reader: Reader) -> list[str]:
        if isinstance(value, str):
            return self.parse(value, reader)
        if not isinstance(value, list | tuple) or len(value) > 2 * len(self.offer.labels) + 10:
            raise Invalid("list", _("Give a list of choices."))
        texts = [text for text in (readable(item).strip() for item in value) if text]
        return self._unite([self.offer.find(text, reader.language) for text in texts])

    def _unite(self, items: list[str]) -> list[str]:
        chosen = set(items)
        return [value for value in self.offer.labels if value in chosen]

    def _parse(self, text: str, reader: Reader) -> list[str]:
        written = self.offer.labels.keys() | {text} if fold(text) in map(fold, self.offer.labels) else ()
        return self._clean([text] if text in written else re.split(r"[;,\n]", text), reader)

    def text(self, value: Any, reader: Reader) -> str:
        return "; ".join(value or [])

    def plain(self, value: Any, reader: Reader) -> str:
        return ", ".join(self.offer.label(item) for item in value or [])

    def cell(self, value: Any, reader: Reader) -> Markup:
        return Markup(" ").join(self.offer.badge(item) for item in value or [])

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """A checkbox each; an empty hidden one beside them says that the group was there."""
        chosen = _posted(value.data, name) if isinstance(value, Typed) else value or []
        boxes = []
        for i, (offered, label) in enumerate(self.offer.pairs(chosen)):
            values = {"class": "form-check-input", "name": name, "id": f"{id}-{i}", "checked": offered in chosen}
            box = html.control(offered, values, type="checkbox")
            boxes.append(
                Markup('<label class="form-check">{}<span class="form-check-label">{}</span></label>').format(
                    box, label
                )
            )
        return html.fieldset(Markup("").join(boxes), id=id, invalid=invalid, described_by=described_by)

    def from_form(self, data: Any, name: str, reader: Reader) -> list[str]:
        return self.clean(_posted(data, name), reader)

    def schema(self) -> dict[str, Any]:
        item = {"type": "string", "enum": list(self.offer.labels)}
        return self.nullable({"type": "array", "items": item, "uniqueItems": True})

    def keys(self, value: Any) -> list[str]:
        return [f"choice:{item}" for item in value or []]


def _posted(data: Any, name: str) -> list[str]:
    """Every value posted under a name, of Django's QueryDict or of a plain mapping."""
    if hasattr(data, "getlist"):
        return data.getlist(name)
    value = data.get(name, [])
    return value if isinstance(value, list) else [value]
