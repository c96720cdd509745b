"""Text of several lines, without any formatting."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from markupsafe import Markup, escape

from . import html
from .base import Reader
from .options import Option
from .text import Text
from .texts import readable, shorten


class LongText(Text):
    """Several lines; line ends become "\\n" and the ends of the whole are trimmed."""

    name = "longtext"
    label = _("Long text")
    sortable = False
    options: ClassVar[tuple[Option, ...]] = (
        Option("max_length", _("Most characters"), "integer", default=100_000, minimum=1, maximum=1_000_000),
    )

    def _clean(self, value: Any, reader: Reader) -> str:
        if isinstance(value, str) and len(value) > 4 * self.max_length:
            self._too_long()
        text = readable(value).replace("\r\n", "\n").replace("\r", "\n").strip()
        if len(text) > self.max_length:
            self._too_long()
        return text

    def cell(self, value: Any, reader: Reader) -> Markup:
        return escape(shorten(" ".join(value[:500].split()))) if value else Markup("")

    def show(self, value: Any, reader: Reader) -> Markup:
        return Markup("<br>").join((value or "").split("\n"))

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        values = {**self._attributes(name, id, invalid, described_by), "rows": 5}
        # HTML drops one line break straight after <textarea>: this one is there to be dropped.
        return html.element("textarea", values, "\n" + self.typed(name, value, reader))
