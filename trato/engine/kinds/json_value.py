"""Any JSON, for what programs leave with a record."""

from __future__ import annotations

import json
import math
from typing import Any

from django.db import models
from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup, escape

from . import html
from .base import Kind, Reader
from .texts import Invalid, readable, shorten

LARGEST = 100_000  # characters
DEEPEST = 32


def check(value: Any, depth: int = 0) -> None:
    """Refuse what jsonb can't hold: what is no JSON, NUL and lone surrogates in texts, numbers without end."""
    if depth > DEEPEST:
        raise Invalid("too_deep", _("This is nested too deep."))
    if isinstance(value, str):
        readable(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            readable(key)
            check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            check(item, depth + 1)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise Invalid("json", _("This is not JSON."))
    elif isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= 2**63:
            raise Invalid("range", _("This number is too large."))
    elif value is not None and not isinstance(value, bool):
        raise Invalid("json", _("This is not JSON."))


class Json(Kind):
    name = "json"
    label = _("JSON")
    search_sql = "trato_words(%s, '$.**')"
    operators = ("empty", "filled")
    sortable = False
    longest = LARGEST

    def is_empty(self, value: Any) -> bool:
        return value is None

    def clean(self, value: Any, reader: Reader) -> Any:
        if value is None:
            return self._nothing()
        check(value)
        if len(json.dumps(value)) > 6 * LARGEST:
            raise Invalid("too_long", _("At most %(n)s characters."), n=LARGEST)
        return value

    def _parse(self, text: str, reader: Reader) -> Any:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise Invalid("json", _("This is not JSON.")) from None
        check(value)
        return value

    def text(self, value: Any, reader: Reader) -> str:
        return "" if value is None else json.dumps(value, ensure_ascii=False)

    def cell(self, value: Any, reader: Reader) -> Markup:
        return Markup("<code>{}</code>").format(shorten(self.text(value, reader))) if value is not None else Markup("")

    def show(self, value: Any, reader: Reader) -> Markup:
        if value is None:
            return Markup("")
        return Markup("<pre>{}</pre>").format(escape(json.dumps(value, ensure_ascii=False, indent=2)))

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        values = {**self._attributes(name, id, invalid, described_by), "rows": 5, "spellcheck": "false"}
        return html.element("textarea", values, "\n" + self.typed(name, value, reader))

    def schema(self) -> dict[str, Any]:
        return {}

    def custom(self, name: str) -> Combinable:
        return KeyTransform(name, F("custom"))

    def model_field(self) -> models.Field:
        return models.JSONField()
