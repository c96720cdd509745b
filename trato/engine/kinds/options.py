"""The settings of a kind that an administrator may give to a custom field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from .texts import Invalid, Words, readable

# Tabler's colours for badges: a colour outside the list is refused, since it becomes a class name.
COLOURS = (
    *("blue", "azure", "indigo", "purple", "pink", "red", "orange"),
    *("yellow", "lime", "green", "teal", "cyan", "gray"),
)
MOST_CHOICES = 500
LONGEST_VALUE = 100
LONGEST_LABEL = 200
LONGEST_FORMULA = 2_000


@dataclass(frozen=True)
class Option:
    """One setting. `type` is integer, text, formula, choices (of {value, label, colour}) or objects (plurals)."""

    name: str
    label: Words
    type: str
    help: Words = ""
    default: Any = None
    minimum: int | None = None
    maximum: int | None = None
    required: bool = False

    def clean(self, value: Any) -> Any:
        """The option's value, its default where nothing is given. Raises Invalid naming the option."""
        if value is None or value in ("", []):
            if self.required:
                raise Invalid("option", _("“%(option)s” is missing."), option=self.label)
            return self.default
        checks = {
            "integer": self._integer,
            "text": self._text,
            "choices": self._choices,
            "objects": self._objects,
            "formula": self._formula,
        }
        return checks[self.type](value)

    def _integer(self, value: Any) -> int:
        if type(value) is not int or not self._within(value):
            raise Invalid("option", _("“%(option)s” is a whole number within its limits."), option=self.label)
        return value

    def _within(self, value: int) -> bool:
        low = -(2**53) if self.minimum is None else self.minimum
        high = 2**53 if self.maximum is None else self.maximum
        return low <= value <= high

    def _text(self, value: Any) -> str:
        text = readable(value).strip()
        if len(text) > LONGEST_LABEL:
            raise Invalid("too_long", _("At most %(n)s characters."), n=LONGEST_LABEL)
        return text

    def _formula(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > LONGEST_FORMULA:
            raise Invalid("too_long", _("At most %(n)s characters."), n=LONGEST_FORMULA)
        return value.strip()

    def _objects(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(name, str) and name for name in value):
            raise Invalid("option", _("“%(option)s” is a list of names of objects."), option=self.label)
        return tuple(dict.fromkeys(value))

    def _choices(self, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list | tuple) or len(value) > MOST_CHOICES:
            raise Invalid("option", _("“%(option)s” is a list of at most %(n)s."), option=self.label, n=MOST_CHOICES)
        choices = [self._choice(item) for item in value]
        if len({choice["value"] for choice in choices}) < len(choices):
            raise Invalid("option", _("“%(option)s” has the same value twice."), option=self.label)
        return choices

    def _choice(self, item: Any) -> dict[str, Any]:
        if isinstance(item, str):
            item = {"value": item}
        if not isinstance(item, dict) or item.keys() - {"value", "label", "colour", "retired"}:
            raise Invalid("option", _("Each choice has a value and maybe a label and a colour."))
        value = readable(item.get("value", "")).strip()
        label = readable(item.get("label") or value).strip()
        colour = item.get("colour") or "gray"
        if not value or len(value) > LONGEST_VALUE or len(label) > LONGEST_LABEL:
            raise Invalid("option", _("Each choice has a short value and a short label."))
        if colour not in COLOURS:
            raise Invalid("option", _("Choose one of: %(offered)s."), offered=", ".join(COLOURS))
        retired = {"retired": True} if item.get("retired") is True else {}
        return {"value": value, "label": label, "colour": colour, **retired}
