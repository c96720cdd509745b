"""A filter as a value: which records of an object a rule, a price or a list is for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from markupsafe import Markup

from . import html
from .above import above
from .base import Reader, Typed
from .json_value import Json
from .texts import Invalid, clip, shorten

CONDITIONS = ngettext_lazy("%(n)s condition", "%(n)s conditions", "n")


def conditions(tree: Any) -> int:
    """How many comparisons a filter is made of."""
    if isinstance(tree, list):
        return sum(map(conditions, tree))
    if not isinstance(tree, Mapping):
        return 0
    return ("field" in tree or "related" in tree) + sum(map(conditions, tree.values()))


def _written(data: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """What somebody without scripts wrote, and what stood there before; None where that stayed as it was."""
    written, before = (clip(data.get(f"{name}-{part}", "")) for part in ("text", "before"))
    return None if written.split() == before.split() else (written, before)


class Filter(Json):
    """Stored as the tree of the filter language; nothing is no filter, which holds everything.

    ``about`` are the objects it may be a filter of; where they are several, the field ``by`` of the same record says
    which. That its fields are there is looked at when a record is written (``values.verify``).
    """

    name = "filter"
    label = _("Filter")
    grouped = True
    in_cell = False

    def __init__(self, *, required: bool = False, about: Sequence[str] = (), by: str = "") -> None:
        super().__init__(required=required)
        self.about, self.by = tuple(about), by

    def objects(self, beside: Mapping[str, Any]) -> tuple[str, ...]:
        """Which objects it can be a filter of, beside these values of the same record; () where none is chosen yet."""
        if self.by not in beside:
            return self.about
        return tuple(plural for plural in self.about if plural == beside[self.by])

    def is_empty(self, value: Any) -> bool:
        return value is None or value == {}

    def clean(self, value: Any, reader: Reader) -> Any:
        if isinstance(value, str):
            return self.parse(value, reader)
        cleaned = super().clean(value or None, reader)
        if cleaned is not None and not isinstance(cleaned, Mapping):
            raise Invalid("filter", _("This is no filter."))
        return cleaned

    def _parse(self, text: str, reader: Reader) -> Any:
        value = super()._parse(text, reader) or None
        if value is not None and not isinstance(value, Mapping):
            raise Invalid("filter", _("This is no filter."))
        return value

    # -- shown --------------------------------------------------------------------------------------------------

    def plain(self, value: Any, reader: Reader) -> str:
        """In words: "Source is Fair and Rating is Hot"."""
        if self.is_empty(value):
            return ""
        teller = above(reader)
        if teller is None:
            n = conditions(value)
            return str(CONDITIONS % {"n": n})
        return teller.words(self.objects(reader.beside) or self.about, value, reader)

    def cell(self, value: Any, reader: Reader) -> Markup:
        return Markup("{}").format(shorten(self.plain(value, reader)))

    def show(self, value: Any, reader: Reader) -> Markup:
        teller = above(reader)
        if self.is_empty(value) or teller is None:
            return self.cell(value, reader)
        return teller.shown(self.objects(reader.beside) or self.about, value, reader)

    # -- the form -----------------------------------------------------------------------------------------------

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """The builder, and without scripts a text of JSON; it follows the field that says what it is a filter of."""
        typed = value.data if isinstance(value, Typed) else None
        held = self.typed(name, value, reader)
        written, before = (held, held) if typed is None else _written(typed, name) or (held, held)
        tree = value if typed is None else self._read(written)
        teller = above(reader)
        if teller is None:
            return super().input(name, value, reader, id=id, invalid=invalid, described_by=described_by)
        made = teller.builder(self._objects(typed, reader), tree, reader, name=name, typed=typed)
        whole = self._following(made, name, reader) + self._without_scripts(name, written, before)
        return html.fieldset(whole, id=id, invalid=invalid, described_by=described_by)

    def _objects(self, typed: Mapping[str, str] | None, reader: Reader) -> tuple[str, ...]:
        """Which objects it can be a filter of, by what stands in the form or in the record."""
        return self.objects(typed if typed is not None and self.by in typed else reader.beside)

    def _read(self, text: str) -> Any:
        """The tree a form sent; nothing where it is none."""
        try:
            return self.parse(text, Reader())
        except Invalid:
            return None

    def _following(self, made: Markup, name: str, reader: Reader) -> Markup:
        """The builder, asked for anew when another object is chosen."""
        if not self.by:
            return made
        follows = {
            "class": "builder-about",
            "hx-get": f"{reader.base}/pick/filter",
            "hx-trigger": f"change from:[name='{self.by}']",
            "hx-include": f"[name='{self.by}'], [name='{name}']",
            "hx-vals": json.dumps({"builder": name, "by": self.by}),
            "hx-target": "find trato-builder",
            "hx-swap": "outerHTML",
        }
        return html.element("div", follows, made)

    def _without_scripts(self, name: str, text: str, before: str) -> Markup:
        """The same as JSON for who has no scripts; what it was stands beside it, so that only a change counts."""
        values = {"class": "form-control", "name": f"{name}-text", "rows": 4, "spellcheck": "false"}
        written = html.element("textarea", values | {"aria-label": _("Filter as JSON")}, "\n" + text)
        return html.element("noscript", {}, written + html.control(before, {"name": f"{name}-before"}, type="hidden"))

    def from_form(self, data: Mapping[str, str], name: str, reader: Reader) -> Any:
        """The tree, with the condition that was still open in the builder."""
        if written := _written(data, name):
            return self.parse(written[0], reader)
        teller = above(reader)
        if teller is None or f"{name}-mode" not in data:
            return self.parse(data.get(name, ""), reader)
        return self.clean(teller.built(self._objects(data, reader), data, reader, name=name), reader)

    def schema(self) -> dict[str, Any]:
        return self.nullable({"type": "object", "description": "A filter, as the parameter `filter` of lists."})
