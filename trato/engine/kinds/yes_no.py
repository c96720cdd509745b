"""Yes or no."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from markupsafe import Markup

from . import html
from .base import Kind, Reader
from .texts import Invalid, fold

YES, NO = pgettext_lazy("answer", "Yes"), pgettext_lazy("answer", "No")
WORDS = {
    True: "1 true t yes y x on si sí oui ja da sim vrai wahr verdadero adevărat",
    False: "0 false f no n off non nein nu não falsch faux falso",
}
FOLDED = {fold(word): answer for answer, words in WORDS.items() for word in words.split()}


class Bool(Kind):
    """Yes, no, or (where `tristate`) not said. A column that is not nullable is a plain switch."""

    name = "bool"
    file_sql = "{0}::text"
    label = _("Yes or no")
    operators = ("is", "is_not", "empty", "filled")
    longest = 20

    def __init__(self, *, required: bool = False, tristate: bool = True, **options: Any) -> None:
        super().__init__(required=required and tristate, **options)
        self.tristate = tristate
        self.empty = None if tristate else False

    def _clean(self, value: Any, reader: Reader) -> bool:
        return value if isinstance(value, bool) else super()._clean(value, reader)

    def _parse(self, text: str, reader: Reader) -> bool:
        folded = fold(text)
        if folded in FOLDED:
            return FOLDED[folded]
        if folded in (fold(str(YES)), fold(str(NO))):
            return folded == fold(str(YES))
        raise Invalid("bool", _("Write yes or no."))

    def text(self, value: Any, reader: Reader) -> str:
        return "" if value is None else "true" if value else "false"

    def plain(self, value: Any, reader: Reader) -> str:
        return "" if value is None else str(YES if value else NO)

    def cell(self, value: Any, reader: Reader) -> Markup:
        if value is None:
            return Markup("")
        badge = Markup('<span class="badge bg-{}-lt">{}</span>')
        return badge.format("green", YES) if value else badge.format("gray", NO)

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        values = self._attributes(name, id, invalid, described_by)
        typed = self.typed(name, value, reader)
        if self.tristate:
            choices = [("", ""), ("true", str(YES)), ("false", str(NO))]
            return html.select(typed, html.options(choices), values)
        switch = {**values, "class": "form-check-input", "required": False, "checked": typed == "true"}
        return html.element(
            "span", {"class": "form-check form-switch"}, html.control("true", switch, type="checkbox", role="switch")
        )

    def schema(self) -> dict[str, Any]:
        schema = {"type": "boolean"}
        return self.nullable(schema) if self.tristate else schema

    def model_field(self) -> models.Field:
        return models.BooleanField()
