"""What kinds with several items share: e-mails, phones, addresses, handles.

An item is a JSON object with its own fields, `primary` (true for exactly one: always the first) and, where it was
given, `label` ("work", "mobile"). The same item twice is kept once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTransform
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup, escape

from . import html, lookups
from .base import Kind, Reader, Typed
from .texts import Invalid, Words, readable

MOST_ITEMS = 100
EMPTY_ROWS = 2
LABELS: dict[str, Words] = {
    "work": _("Work"),
    "home": _("Home"),
    "mobile": _("Mobile"),
    "fax": _("Fax"),
    "billing": _("Billing"),
    "shipping": _("Shipping"),
    "other": _("Other"),
}
LABELLED = re.compile(r"(.*\S) ?\(([^\W\d][^()\d]{0,39})\)", re.DOTALL)
PLAIN_LABEL = re.compile(r"[^\W\d_][^()\d;,\n]{0,39}")


@dataclass(frozen=True)
class Part:
    """One input of an item. `width` is a Bootstrap column class."""

    name: str
    label: Words
    type: str = "text"
    longest: int = 200
    width: str = "col"
    autocomplete: str = ""


def label_words(label: str) -> str:
    return str(LABELS.get(label.casefold(), label))


class JsonList(Kind):
    """A jsonb list found through look-up keys."""

    many = True
    sortable = False
    operators = lookups.KEYED
    file_sql = "chr(1) || nullif({0}, '[]')::text"
    longest = 100_000

    @property
    def empty(self) -> list[Any]:
        """A list of its own for every record."""
        return []

    def is_blank(self, lhs: Combinable) -> Q:
        return lookups.is_null(lhs) | Q(Exact(lhs, Value([], output_field=models.JSONField())))

    def query_keys(self, value: Any, reader: Reader) -> list[str]:
        found: dict[str, None] = {}
        for item in lookups.several(value):
            keys = self.keys(self.clean([item], reader))
            if not keys:
                raise Invalid("no_value", _("Say what to look for."))
            found.update(dict.fromkeys(keys))
        return list(found)

    def custom(self, name: str) -> Combinable:
        return KeyTransform(name, F("custom"))

    def model_field(self) -> models.Field:
        return models.JSONField()

    def nullable(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {**schema, "minItems": 1} if self.required else schema

    def merge(self, mine: Any, other: Any) -> Any:
        """Everything of both, mine first."""
        return self._unite([*(mine or []), *(other or [])])

    def without(self, mine: Any, other: Any) -> Any:
        """My items but those that are also in the other, told apart as ``merge`` does."""
        left = [item for item in mine or [] if len(self._unite([*(other or []), item])) > len(other or [])]
        return self._unite(left)

    def _unite(self, items: list[Any]) -> list[Any]:
        """Each item once, in order, as many as may be kept."""
        return list(dict.fromkeys(items))[:MOST_ITEMS]

    def diff(self, old: Any, new: Any, reader: Reader) -> Markup:
        """The items that went and those that came."""
        before, after = (self._words_of(items or [], reader) for items in (old, new))
        parts = [("del", words) for words in before if words not in after]
        parts += [("ins", words) for words in after if words not in before]
        if not parts:
            return super().diff(old, new, reader)
        return Markup(" ").join(Markup("<{0}>{1}</{0}>").format(tag, words) for tag, words in parts)

    def _words_of(self, items: list[Any], reader: Reader) -> list[str]:
        return [self.plain([item], reader) for item in items]


class Items(JsonList):
    """A list of objects. A subclass says `parts`, `_item`, `_read`, `_write`, `_same` and `one`."""

    grouped = True
    privacy = "personal"
    parts: ClassVar[tuple[Part, ...]]
    separator: ClassVar[re.Pattern[str]] = re.compile(r"[;,\n]")
    between: ClassVar[str] = "; "

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset([*(part.name for part in self.parts), "label"])

    # -- one item -----------------------------------------------------------------------------------------------

    def _item(self, data: Mapping[str, str], reader: Reader) -> dict[str, Any]:
        """The fields of a clean item from readable, trimmed texts by part name. Raises Invalid."""
        raise Invalid("item", _("This item can't be read."))

    def _read(self, text: str, reader: Reader) -> dict[str, str]:
        """The parts meant by text."""
        return {self.parts[0].name: text}

    def _write(self, item: Mapping[str, Any], reader: Reader) -> str | None:
        """Text that `_read` understands, None where only JSON will do."""
        return item[self.parts[0].name]

    def _same(self, item: Mapping[str, Any]) -> str:
        """Items with the same answer are one."""
        return self.keys([item])[0]

    def one(self, item: Mapping[str, Any], reader: Reader) -> Markup:
        """HTML of one item, without its label."""
        return escape(self.words(item, reader))

    def words(self, item: Mapping[str, Any], reader: Reader) -> str:
        return item[self.parts[0].name]

    # -- the list -----------------------------------------------------------------------------------------------

    def _clean(self, value: Any, reader: Reader) -> list[dict[str, Any]]:
        if isinstance(value, str):
            return self.parse(value, reader)
        if not isinstance(value, list | tuple):
            raise Invalid("list", _("Give a list."))
        if len(value) > MOST_ITEMS:
            raise Invalid("too_many", _("At most %(n)s of them."), n=MOST_ITEMS)
        return self._unite([self._one(item, reader) for item in value])

    def _one(self, item: Any, reader: Reader) -> dict[str, Any]:
        if isinstance(item, str):
            item = self._read(readable(item).strip(), reader)
        if not isinstance(item, dict):
            raise Invalid("item", _("Give each item as an object or a text."))
        given = {"label": "", **item}
        primary = given.pop("primary", False)
        if unknown := given.keys() - self._known:
            raise Invalid("unknown", _("Unknown: %(names)s."), names=", ".join(sorted(map(str, unknown)))[:200])
        if not isinstance(primary, bool):
            raise Invalid("primary", _("“primary” is true or false."))
        texts = {name: readable("" if text is None else text).strip() for name, text in given.items()}
        for part in self.parts:
            if len(texts.get(part.name, "")) > part.longest:
                raise Invalid("too_long", _("At most %(n)s characters."), n=part.longest)
        if len(label := " ".join(texts.pop("label").split())) > 40:
            raise Invalid("too_long", _("At most %(n)s characters."), n=40)
        clean = {**self._item(texts, reader), "primary": primary}
        return {**clean, "label": label} if label else clean

    def _unite(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each item once, the primary one first."""
        if len(items) == 1:
            return [{**items[0], "primary": True}]
        items = sorted(items, key=lambda item: not item["primary"])
        united: dict[str, dict[str, Any]] = {}
        for item in items:
            kept = united.setdefault(self._same(item), item)
            if "label" in item and "label" not in kept:
                united[self._same(item)] = {**kept, "label": item["label"]}
        return [{**item, "primary": not i} for i, item in enumerate(list(united.values())[:MOST_ITEMS])]

    def merge(self, mine: Any, other: Any) -> Any:
        """Everything of both; mine stays the primary one."""
        if not mine:
            return other
        return self._unite([*mine, *({**item, "primary": False} for item in other or [])])

    def _parse(self, text: str, reader: Reader) -> list[dict[str, Any]]:
        """Several separated by ; , or a new line, each maybe followed by (label); or the JSON."""
        if text[0] == "[":
            try:
                return self._clean(json.loads(text), reader)
            except (ValueError, RecursionError):
                raise Invalid("json", _("This is not JSON of a list.")) from None
        pieces = [piece.strip() for piece in self.separator.split(text)]
        if len(pieces) > MOST_ITEMS:
            raise Invalid("too_many", _("At most %(n)s of them."), n=MOST_ITEMS)
        items: list[dict[str, Any]] = []
        for piece in filter(None, pieces):
            labelled = LABELLED.fullmatch(piece)
            item: dict[str, Any] = dict(self._read(labelled[1] if labelled else piece, reader))
            items.append(self._one({**item, "label": labelled[2]} if labelled else item, reader))
        return self._unite(items)

    def text(self, value: Any, reader: Reader) -> str:
        written: list[str] = []
        for item in value or []:
            text, label = self._write(item, reader), item.get("label", "")
            if (
                text is None
                or self.separator.search(text)
                or (not PLAIN_LABEL.fullmatch(label) if label else LABELLED.fullmatch(text))
            ):
                return json.dumps(value, ensure_ascii=False)
            written.append(f"{text} ({label})" if label else text)
        whole = self.between.join(written)
        return json.dumps(value, ensure_ascii=False) if whole[:1] == "[" else whole

    def plain(self, value: Any, reader: Reader) -> str:
        return ", ".join(self._with_label(item, self.words(item, reader)) for item in value or [])

    def _with_label(self, item: Mapping[str, Any], words: str) -> str:
        return f"{words} ({label_words(item['label'])})" if item.get("label") else words

    def cell(self, value: Any, reader: Reader) -> Markup:
        """The primary one, and how many more there are."""
        if not value:
            return Markup("")
        first = self.one(value[0], reader)
        more = len(value) - 1
        return Markup('{} <span class="text-secondary">+{}</span>').format(first, more) if more else first

    def show(self, value: Any, reader: Reader) -> Markup:
        rows = []
        for item in value or []:
            label = item.get("label")
            named = Markup(' <span class="text-secondary">{}</span>').format(label_words(label)) if label else ""
            rows.append(Markup("<div>{}{}</div>").format(self.one(item, reader), named))
        return Markup("").join(rows)

    def schema(self) -> dict[str, Any]:
        return self._list_schema(required=[self.parts[0].name])

    def _list_schema(self, *, required: list[str]) -> dict[str, Any]:
        names = {part.name: {"type": "string", "maxLength": part.longest} for part in self.parts}
        item = {
            "type": "object",
            "properties": {**names, "primary": {"type": "boolean"}, "label": {"type": "string", "maxLength": 40}},
            "required": required,
            "additionalProperties": False,
        }
        return self.nullable({"type": "array", "items": item, "maxItems": MOST_ITEMS})

    # -- the form -----------------------------------------------------------------------------------------------

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """A row for each item and two empty ones; `<trato-rows>` adds more from its template where there is script."""
        rows = self._typed_rows(name, value) if isinstance(value, Typed) else self._rows(value, reader)
        rows += [{}] * EMPTY_ROWS
        inside = [self._row(name, str(i), row, reader, id) for i, row in enumerate(rows)]
        template = html.element("template", {}, self._row(name, "{row}", {}, reader, id))
        listed = html.element("trato-rows", {"data-name": name}, Markup("").join([*inside, template]))
        return html.fieldset(listed, id=id, invalid=invalid, described_by=described_by)

    def _rows(self, value: Any, reader: Reader) -> list[dict[str, str]]:
        return [{**item, "primary": "on" if item["primary"] else ""} for item in value or []]

    def _typed_rows(self, name: str, typed: Typed) -> list[dict[str, str]]:
        return [
            {part: typed.get(f"{name}-{i}-{part}") for part in self._names()}
            | {"primary": "on" if typed.get(f"{name}-primary") == str(i) else ""}
            for i in self._numbers(typed.data, name)
        ]

    def _names(self) -> list[str]:
        return [*(part.name for part in self.parts), "label"]

    def _numbers(self, data: Mapping[str, str], name: str) -> list[int]:
        """The numbers of the rows that say something, in order; rows past the limit are refused by `_clean`."""
        parts = "|".join(part.name for part in self.parts)
        row = re.compile(rf"{re.escape(name)}-(\d{{1,6}})-(?:{parts})", re.ASCII)
        posted = (row.fullmatch(given) for given in data)
        return sorted({int(found[1]) for found in posted if found and data.get(found[0], "").strip()})

    def from_form(self, data: Mapping[str, str], name: str, reader: Reader) -> list[dict[str, Any]]:
        primary = data.get(f"{name}-primary")
        items = []
        for i in self._numbers(data, name):
            item: dict[str, Any] = {part: data.get(f"{name}-{i}-{part}", "") for part in self._names()}
            items.append({**self._from_row(item, reader), "label": item["label"], "primary": str(i) == primary})
        return self.clean(items, reader)

    def _from_row(self, row: dict[str, str], reader: Reader) -> dict[str, str]:
        return {part.name: row[part.name] for part in self.parts}

    def _row(self, name: str, number: str, row: Mapping[str, str], reader: Reader, id: str) -> Markup:
        inputs = [
            Markup('<div class="{}">{}</div>').format(
                part.width, self._control(part, f"{name}-{number}", row, reader, f"{id}-{number}")
            )
            for part in self.parts
        ]
        label = {"class": "form-control", "name": f"{name}-{number}-label", "id": f"{id}-{number}-label-of"}
        named = html.control(row.get("label", ""), {**label, "aria-label": _("Label"), "placeholder": _("Label")})
        primary = {"class": "form-check-input", "name": f"{name}-primary", "aria-label": _("Primary")}
        radio = html.control(number, {**primary, "checked": bool(row.get("primary"))}, type="radio", title=_("Primary"))
        return Markup(
            '<div class="row g-2 mb-2 align-items-center trato-row">{}<div class="col-3">{}</div>'
            '<div class="col-auto">{}</div></div>'
        ).format(Markup("").join(inputs), named, radio)

    def _control(self, part: Part, name: str, row: Mapping[str, str], reader: Reader, id: str) -> Markup:
        values = {
            "class": "form-control",
            "name": f"{name}-{part.name}",
            "id": f"{id}-{part.name}",
            "aria-label": part.label,
            "placeholder": part.label,
            "maxlength": part.longest,
            "autocomplete": part.autocomplete,
        }
        return html.control(row.get(part.name, ""), values, type=part.type)
