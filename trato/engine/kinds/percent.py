"""A percentage: 12.5 is twelve and a half per cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from .base import Reader
from .number import Number, ShortNumber
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


class ShortPercent(Percent, ShortNumber):
    """The same, without zeros at its end: 8.1 % and 20 %, where a column keeps four digits."""
