"""One value of a list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.db.models.expressions import Combinable
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from . import html, lookups
from .base import Kind, Reader
from .options import COLOURS, Option
from .texts import Invalid, Words, fold

BADGE = html.Pattern('<span class="badge bg-{}-lt">{}</span>')
CHOICES = Option("choices", _("Choices"), "choices", _("One a line, in the order they are offered."), (), required=True)


class Offer:
    """The list that choice kinds share: labels and colours by value, and the value of what a person writes."""

    def __init__(self, choices: Iterable[Any]) -> None:
        choices = list(choices)
        self.labels: dict[str, Words] = {}
        self.colours: dict[str, str] = {}
        #: Those that are offered no longer, though records hold them.
        self.retired: frozenset[str] = frozenset(
            choice["value"] for choice in choices if isinstance(choice, dict) and choice.get("retired")
        )
        self._badges: dict[str, dict[str, Markup]] = {}
        self._written: dict[str, dict[str, str]] = {}
        for choice in choices:
            if isinstance(choice, dict):
                value, label, *colour = choice["value"], choice.get("label") or choice["value"], choice.get("colour")
            else:
                value, label, *colour = choice
            self.labels[value] = label
            self.colours[value] = colour[0] if colour and colour[0] in COLOURS else "gray"

    def find(self, text: str, language: str) -> str:
        """The value meant by a value or a label, in any case, in the reader's language or in English."""
        if text in self.labels:
            return text
        written = self._written.get(language)
        if written is None:
            written = self._written[language] = self._index(language)
        try:
            return written[fold(text)]
        except KeyError:
            offered = ", ".join(str(label) for label in list(self.labels.values())[:10])
            raise Invalid("choice", _("Choose one of: %(offered)s."), offered=offered) from None

    def _index(self, language: str) -> dict[str, str]:
        written: dict[str, str] = {}
        for spoken in (language, "en"):
            with translation.override(spoken):
                for value, label in self.labels.items():
                    written.setdefault(fold(str(label)), value)
        return {fold(value): value for value in self.labels} | written

    def label(self, value: str) -> str:
        return str(self.labels.get(value, value))

    def badge(self, value: str) -> Markup:
        """Made once a language: a list shows the same few again and again."""
        known = self._badges.setdefault(translation.get_language() or "", {})
        if value not in known:
            made = BADGE.format(self.colours.get(value, "gray"), self.label(value))
            if value not in self.labels:
                return made
            known[value] = made
        return known[value]

    def pairs(self, held: Iterable[str] = ()) -> list[tuple[str, str]]:
        """What is offered where these are held already, in order."""
        left_out = self.retired.difference(held)
        return [(value, str(label)) for value, label in self.labels.items() if value not in left_out]


class Choice(Kind):
    """One value of a list of (value, label, colour)."""

    name = "choice"
    label = _("Choice")
    options = (CHOICES,)
    empty = ""
    choices: Iterable[Any]

    def __init__(self, *, required: bool = False, **options: Any) -> None:
        super().__init__(required=required, **options)
        self.offer = Offer(self.choices)

    def _clean(self, value: Any, reader: Reader) -> str:
        if isinstance(value, str) and value in self.offer.labels:
            return value
        return super()._clean(value, reader)

    def _parse(self, text: str, reader: Reader) -> str:
        return self.offer.find(text, reader.language)

    def plain(self, value: Any, reader: Reader) -> str:
        return self.offer.label(value) if value else ""

    def cell(self, value: Any, reader: Reader) -> Markup:
        return self.offer.badge(value) if value else Markup("")

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        chosen = self.typed(name, value, reader)
        offered = self.offer.pairs([chosen])
        choices = offered if self.required and chosen else [("", ""), *offered]
        return html.select(chosen, html.options(choices), self._attributes(name, id, invalid, described_by))

    def schema(self) -> dict[str, Any]:
        return self.nullable({"type": "string", "enum": list(self.offer.labels)})

    def is_blank(self, lhs: Combinable) -> Q:
        return lookups.is_blank_text(lhs)
