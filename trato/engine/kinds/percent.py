"""A percentage: 12.5 is twelve and a half per cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from . import locales
from .base import Reader
from .number import Number
from .options import Option


class Percent(Number):
    name = "percent"
    label = _("Percentage")
    options = (
        Option("digits", _("Digits after the point"), "integer", default=2, minimum=0, maximum=6),
        *Number.options[1:],
    )

    def _parse(self, text: str, reader: Reader) -> int | Decimal:
        return super()._parse(text.removesuffix("%").rstrip(), reader)

    def plain(self, value: Any, reader: Reader) -> str:
        return "" if value is None else f"{super().plain(value, reader)}\u00a0%"


class ShortPercent(Percent):
    """The same, shown without zeros at its end: 8.1 % and 20 %, where a column keeps four digits."""

    def plain(self, value: Any, reader: Reader) -> str:
        if value is None:
            return ""
        exponent = Decimal(value).normalize().as_tuple().exponent
        digits = max(0, -exponent) if isinstance(exponent, int) else 0
        return f"{locales.number(value, digits, reader.language)}\u00a0%"
