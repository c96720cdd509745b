"""Numbers: integers, or decimals with a fixed number of digits after the point."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from . import locales, lookups
from .base import Kind, Reader
from .options import Option
from .texts import DIRECTION, Invalid

# JSON numbers are read as doubles by most programs: what they can't hold exactly is refused, not rounded.
LARGEST = Decimal(2**53 - 1)
SIGNIFICANT = 15
MOST_DIGITS = 6  # after the point
# What is written for a minus, a space and an apostrophe, as these.
PLAIN = str.maketrans("\u2212\u2013\u00a0\u202f\u2019", "--  '") | DIRECTION


@lru_cache(64)
def number_pattern(marks: locales.Marks) -> re.Pattern[str]:
    """Digits with these marks; what groups them, or a space or an apostrophe, parts whole thousands."""
    decimal, group, thousands = marks
    mark = f"[ '{re.escape(group.translate(PLAIN))}]"
    whole = rf"\d+|\d{{1,3}}(?:{mark}\d{{{3 if thousands else '2,3'}}})+"
    return re.compile(rf"([+-]?) ?({whole})?(?:{re.escape(decimal)}(\d*))?", re.ASCII)


def read_number(text: str, reader: Reader) -> Decimal:
    """The number of text written as the reader does ("1.234,56" in Spanish). Raises Invalid, with an example."""
    found = number_pattern(reader.marks).fullmatch(text.translate(PLAIN))
    if not found or not (found[2] or found[3]):
        example = reader.numbers or locales.number(Decimal("1234.5"), 1, reader.language)
        raise Invalid("number", _("Write a number, like %(example)s."), example=example)
    whole = re.sub(r"\D", "", found[2] or "0")
    return Decimal(f"{found[1]}{whole}.{found[3] or '0'}")


class Number(Kind):
    """A number: int when `digits` is 0, else Decimal. Stored exactly; never rounded on the way in."""

    name = "number"
    label = _("Number")
    operators = lookups.ORDERED
    align = "end"
    longest = 60
    options = (
        Option("digits", _("Digits after the point"), "integer", default=0, minimum=0, maximum=MOST_DIGITS),
        Option("minimum", _("Least"), "integer"),
        Option("maximum", _("Most"), "integer"),
    )
    digits: int
    minimum: int | None
    maximum: int | None

    def __init__(self, *, required: bool = False, whole: int = 16, **options: Any) -> None:
        super().__init__(required=required, **options)
        self.whole = whole  # digits before the point that the column holds

    def _clean(self, value: Any, reader: Reader) -> int | Decimal:
        if isinstance(value, str):
            return self._parse_machine(value) if value[:60].isascii() else self.parse(value, reader)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise Invalid("number", _("Write a number, like %(example)s."), example="1234.5")
        return self._fit(Decimal(repr(value)) if isinstance(value, float) else Decimal(value))

    def _parse_machine(self, text: str) -> int | Decimal:
        """JSON may carry a decimal as text ("12.50") to keep it exact: always with a point, whoever reads."""
        if not re.fullmatch(r"\s*-?\d{1,20}(\.\d{1,10})?\s*", text):
            raise Invalid("number", _("Write a number, like %(example)s."), example="1234.5")
        return self._fit(Decimal(text.strip()))

    def _parse(self, text: str, reader: Reader) -> int | Decimal:
        return self._fit(read_number(text, reader))

    def _fit(self, value: Decimal) -> int | Decimal:
        if not value.is_finite() or abs(value) > LARGEST or abs(value) >= 10**self.whole:
            raise Invalid("range", _("This number is too large."))
        try:
            exact = value.quantize(Decimal(1).scaleb(-self.digits))
        except InvalidOperation:
            raise Invalid("range", _("This number is too large.")) from None
        if exact != value:
            if not self.digits:
                raise Invalid("whole", _("Write a whole number."))
            raise Invalid("digits", _("At most %(n)s digits after the point."), n=self.digits)
        if self.digits and len(exact.normalize().as_tuple().digits) > SIGNIFICANT:
            raise Invalid("range", _("This number is too large."))
        if self.minimum is not None and value < self.minimum:
            raise Invalid("minimum", _("At least %(n)s."), n=self.minimum)
        if self.maximum is not None and value > self.maximum:
            raise Invalid("maximum", _("At most %(n)s."), n=self.maximum)
        return exact if self.digits else int(exact)

    def dump(self, value: Any) -> int | float | None:
        if value is None:
            return None
        return int(value) if value == int(value) else float(value)

    def load(self, data: Any) -> int | Decimal | None:
        if data is None:
            return None
        return Decimal(repr(data)).quantize(Decimal(1).scaleb(-self.digits)) if self.digits else int(data)

    def text(self, value: Any, reader: Reader) -> str:
        if value is None:
            return ""
        return f"{value:.{self.digits}f}".replace(".", locales.marks(reader.language).decimal)

    def plain(self, value: Any, reader: Reader) -> str:
        return "" if value is None else locales.number(value, self.digits, reader.language)

    def _attributes(self, name: str, id: str, invalid: bool, described_by: str) -> dict[str, Any]:
        mode = "decimal" if self.digits else "numeric"
        return {**super()._attributes(name, id, invalid, described_by), "inputmode": mode, "autocomplete": "off"}

    def schema(self) -> dict[str, Any]:
        limits = {"minimum": self.minimum, "maximum": self.maximum}
        given = {name: limit for name, limit in limits.items() if limit is not None}
        return self.nullable({"type": "number" if self.digits else "integer", **given})

    def custom(self, name: str) -> Combinable:
        """Always a decimal: values kept before the digits were changed have to stay readable."""
        exact = models.DecimalField(max_digits=SIGNIFICANT + MOST_DIGITS, decimal_places=MOST_DIGITS)
        return Cast(KeyTextTransform(name, F("custom")), output_field=exact)

    def model_field(self) -> models.Field:
        if not self.digits:
            return models.BigIntegerField()
        return models.DecimalField(max_digits=self.whole + self.digits, decimal_places=self.digits)


class ShortNumber(Number):
    """The same, without zeros at its end: 12 and 0.5, where a column keeps more digits than most write."""

    def text(self, value: Any, reader: Reader) -> str:
        return (
            "" if value is None else f"{value:.{_needed(value)}f}".replace(".", locales.marks(reader.language).decimal)
        )

    def plain(self, value: Any, reader: Reader) -> str:
        return "" if value is None else locales.number(value, _needed(value), reader.language)


def _needed(value: int | Decimal) -> int:
    """The digits after the point that a number really has."""
    exponent = Decimal(value).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
