"""The choices of a field in a form: a line each, ``value = label #colour #retired``; rows, where scripts run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from trato.engine.kinds import LongText, Reader
from trato.engine.kinds.options import COLOURS

RETIRED = "retired"
HINT = _("In the order they are offered. What is retired is offered no longer; records keep it.")
NAMES = {
    "blue": _("Blue"),
    "azure": _("Azure"),
    "indigo": _("Indigo"),
    "purple": _("Purple"),
    "pink": _("Pink"),
    "red": _("Red"),
    "orange": _("Orange"),
    "yellow": _("Yellow"),
    "lime": _("Lime"),
    "green": _("Green"),
    "teal": _("Teal"),
    "cyan": _("Cyan"),
    "gray": _("Grey"),
}


class ChoiceLines(LongText):
    """The control of choices; with ``fixed`` their values neither come nor go."""

    grouped = True

    def __init__(self, *, required: bool = False, fixed: bool = False) -> None:
        super().__init__(required=required)
        self.fixed = fixed

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """The text, which a script turns into rows with a colour to pick."""
        context = {
            "attributes": self._attributes(name, id, invalid, described_by),
            "text": self.typed(name, value, reader),
            "id": id,
            "fixed": self.fixed,
            "colours": [(colour, NAMES[colour]) for colour in COLOURS],
        }
        return Markup(render_to_string("parts/choices.html", context))  # noqa: S704  # a template escapes


def read(text: str) -> list[dict[str, Any]]:
    """The choices that are written, a line each."""
    return [_choice(line) for line in text.splitlines() if line.strip()]


def written(items: Iterable[Any]) -> str:
    """The same the other way round."""
    return "\n".join(map(_line, items))


def _choice(line: str) -> dict[str, Any]:
    words, marks = line.split(), []
    while words and words[-1].startswith("#") and words[-1][1:] in (*COLOURS, RETIRED):
        marks.append(words.pop()[1:])
    value, sign, label = " ".join(words).partition("=")
    colours = [mark for mark in marks if mark != RETIRED]
    choice: dict[str, Any] = {"value": value.strip(), "label": (label if sign else value).strip()}
    return choice | ({"colour": colours[0]} if colours else {}) | ({RETIRED: True} if RETIRED in marks else {})


def _line(item: Any) -> str:
    if isinstance(item, str):
        return item
    same = item.get("label", item["value"]) == item["value"]
    colour = item.get("colour", "gray")
    marks = [*([] if colour == "gray" else [f"#{colour}"]), *([f"#{RETIRED}"] if item.get(RETIRED) else [])]
    return " ".join([item["value"] if same else f"{item['value']} = {item['label']}", *marks])
