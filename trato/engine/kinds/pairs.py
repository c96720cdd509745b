"""Names with their values, few of each and different from record to record: what tells variants apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from . import html
from .base import Reader, Typed
from .json_value import Json
from .texts import Invalid, clip, shorten

MOST, LONGEST = 20, 200
#: Empty lines a form has for more.
SPARE = 2


class Pairs(Json):
    """Stored as an object of texts (or whole numbers) by name, None for none."""

    name = "pairs"
    label = _("Names and values")
    grouped = True
    in_cell = False

    def is_empty(self, value: Any) -> bool:
        return value is None or value == {}

    def clean(self, value: Any, reader: Reader) -> Any:
        if isinstance(value, str):
            return self.parse(value, reader)
        return self._checked(super().clean(None if value == {} else value, reader))

    def _parse(self, text: str, reader: Reader) -> Any:
        """JSON, or as people write it: "size: 250 g; grind: fine"."""
        if text.startswith(("{", "[")):
            return self._checked(super()._parse(text, reader) or None)
        found: dict[str, str] = {}
        for piece in filter(None, map(str.strip, text.split(";"))):
            name, said = (part.strip() for part in piece.partition(":")[::2])
            if not name or not said or name in found:
                example = "size: S; colour: red"
                raise Invalid("pairs", _("Write names with their values, such as %(example)s."), example=example)
            found[name] = said
        return self._checked(found or None)

    def _checked(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, Mapping) or len(value) > MOST:
            raise Invalid("pairs", _("Give at most %(n)s names, each with its value."), n=MOST)
        for name, said in value.items():
            if not name.strip() or type(said) not in (str, int) or max(len(name), len(str(said))) > LONGEST:
                raise Invalid("pairs", _("Each name has a text as its value, at most %(n)s characters."), n=LONGEST)
        return value

    def plain(self, value: Any, reader: Reader) -> str:
        """In words: "size: 250 g, grind: fine"."""
        return ", ".join(f"{name}: {said}" for name, said in (value or {}).items())

    def cell(self, value: Any, reader: Reader) -> Markup:
        return Markup("{}").format(shorten(self.plain(value, reader)))

    def show(self, value: Any, reader: Reader) -> Markup:
        return Markup("{}").format(self.plain(value, reader))

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """A line each, and some more to fill in; one whose name is emptied goes."""
        if isinstance(value, Typed):
            lines = [(value.get(f"{name}-{n}-name"), value.get(f"{name}-{n}-value")) for n in range(MOST)]
            lines = [line for line in lines if any(line)]
        else:
            lines = [(each, str(said)) for each, said in (value or {}).items()]
        lines += [("", "")] * min(SPARE, MOST - len(lines))
        drawn = [self._line(name, n, line, id) for n, line in enumerate(lines)]
        return html.fieldset(Markup("").join(drawn), id=id, invalid=invalid, described_by=described_by)

    def _line(self, name: str, n: int, line: tuple[str, str], id: str) -> Markup:
        named = (("name", _("Name"), _("Name %(n)s")), ("value", _("Value"), _("Value %(n)s")))
        controls = []
        for (part, hint, label), said in zip(named, line, strict=True):
            own: dict[str, Any] = {"class": "form-control", "name": f"{name}-{n}-{part}", "id": f"{id}-{n}-{part}"}
            own |= {"aria-label": label % {"n": n + 1}, "placeholder": hint, "maxlength": LONGEST}
            controls.append(html.control(said, own))
        return html.element("div", {"class": "pairs-line"}, Markup("").join(controls))

    def from_form(self, data: Mapping[str, str], name: str, reader: Reader) -> Any:
        if f"{name}-0-name" not in data:
            return self.parse(data.get(name, ""), reader)
        found: dict[str, str] = {}
        for n in range(MOST):
            each, said = (clip(data.get(f"{name}-{n}-{part}", "")).strip() for part in ("name", "value"))
            if said and not each:
                raise Invalid("pairs", _("“%(value)s” needs a name."), value=said[:60])
            if each in found:
                raise Invalid("pairs", _("“%(name)s” stands here twice."), name=each[:60])
            if each and said:
                found[each] = said
        return self.clean(found, reader)

    def schema(self) -> dict[str, Any]:
        values = {"type": ["string", "integer"]}
        return self.nullable({"type": "object", "additionalProperties": values, "maxProperties": MOST})
