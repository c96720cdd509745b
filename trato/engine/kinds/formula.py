"""A formula: what an administrator writes over other fields. Its values are of another kind, the one it comes to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .base import Kind
from .date import Date
from .datetime import DateTime
from .money import MoneyKind
from .number import MOST_DIGITS, Number
from .options import Option
from .text import Text
from .yes_no import Bool

RESULTS: dict[str, type[Kind]] = {kind.name: kind for kind in (Number, MoneyKind, Text, Bool, Date, DateTime)}


class Formula(Kind):
    """What a formula field is made from: ``expression`` and the ``digits`` numbers are rounded to are an
    administrator's, or found as ``result`` is, the kind of what it comes to, is found when it is saved.
    """

    name = "formula"
    label = _("Formula")
    sortable = False
    options = (
        Option("expression", _("Formula"), "formula", required=True),
        Option("digits", _("Digits after the point"), "integer", minimum=0, maximum=MOST_DIGITS),
        Option("result", _("Comes to"), "text", default="number"),
    )
    expression: str
    digits: int | None
    result: str

    @property
    def held(self) -> Kind:
        """The kind of the values."""
        kind = RESULTS.get(self.result, Text)
        if kind is Number:
            return Number(digits=self.digits or 0)
        return Text(max_length=10_000) if kind is Text else kind()
