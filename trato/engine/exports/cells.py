"""What stands in a file for each field of a record: texts for tables, JSON for NDJSON, the properties of a card for
vCard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import orjson
from django.db import models
from django.utils.translation import gettext as _

from .. import access
from ..kinds import Kind, Reader
from ..objects import Field, Object
from ..workspaces.actors import Actor

#: What the id of a record is called among the fields of a file.
ID = "id"
#: Fields by the property of a card they become; the others have none.
CARD = {
    "first_name": "first_name",
    "middle_name": "middle_name",
    "last_name": "last_name",
    "salutation": "prefix",
    "suffix": "suffix",
    "account": "organization",
    "department": "department",
    "job_title": "job_title",
    "occupation": "role",
    "birthday": "birthday",
    "website": "website",
    "description": "note",
    "language": "language",
    "time_zone": "time_zone",
}
ITEMS = ("emails", "phones", "addresses", "handles", "tags")
Raw = Sequence[Any]


class Cells:
    """Turns raw rows, as the driver gives them, into what a format takes. ``columns`` are the columns to read, in
    order.
    """

    def __init__(self, actor: Actor, obj: Object, fields: Mapping[str, Field | None]) -> None:
        self.actor, self.obj, self.fields = actor, obj, fields
        self.columns = list(
            dict.fromkeys(c for name, field in fields.items() for c in (field.columns if field else (ID,)))
        )
        self._place = {column: place for place, column in enumerate(self.columns)}
        self._links = [field for field in fields.values() if field and type(field.kind).refs is not Kind.refs]
        self._plain = access.reader(actor)

    @property
    def header(self) -> list[str]:
        """The names of the columns of a table, as people know them."""
        return [str(field.label) if field else _("Id") for field in self.fields.values()]

    def tables(self, chunks: Iterable[Sequence[Raw]]) -> Iterable[list[tuple[str, ...]]]:
        """Rows of texts."""
        plain = [
            None if field and field in self._links else self._text(field, self._plain) for field in self.fields.values()
        ]
        for chunk in chunks:
            reader = self._reader(chunk)
            made = [each or self._text(field, reader) for each, field in zip(plain, self.fields.values(), strict=True)]
            yield [tuple([text(row) for text in made]) for row in chunk]

    def documents(self, chunks: Iterable[Sequence[Raw]]) -> Iterable[list[dict[str, Any]]]:
        """Rows as JSON objects, in the shape the API gives: what ``bulk`` and an import of NDJSON take."""
        values = {name: self._value(field) for name, field in self.fields.items()}
        for chunk in chunks:
            reader = self._reader(chunk)
            yield [self._document(row, values, reader) for row in chunk]

    def cards(self, chunks: Iterable[Sequence[Raw]]) -> Iterable[list[dict[str, Any]]]:
        """Rows as the vCard writer wants them."""
        values = {name: self._value(field) for name, field in self.fields.items()}
        for chunk in chunks:
            reader = self._reader(chunk)
            yield [self._card(row, values, reader) for row in chunk]

    def _document(self, row: Raw, values: Mapping[str, Callable[[Raw], Any]], reader: Reader) -> dict[str, Any]:
        document: dict[str, Any] = {}
        for name, value in values.items():
            field = self.fields[name]
            if field is None:
                document[name] = str(value(row))
            elif field.own:
                document.setdefault("custom", {})[field.key] = field.kind.api(value(row), reader)
            else:
                document[name] = field.kind.api(value(row), reader)
        return document

    def _card(self, row: Raw, values: Mapping[str, Callable[[Raw], Any]], reader: Reader) -> dict[str, Any]:
        card: dict[str, Any] = {} if "first_name" in self.obj.builtin else {"kind": "org"}
        for name, value in values.items():
            field = self.fields[name]
            if field is None or field.own or field.kind.is_empty(found := value(row)):
                continue
            if name in ITEMS:
                card[name] = found
            elif name in CARD:
                card[CARD[name]] = (
                    field.kind.plain(found, reader) if field in self._links else field.kind.text(found, reader)
                )
            elif name == "title":
                card["name"] = found
        return card

    def _reader(self, chunk: Sequence[Raw]) -> Reader:
        """The reader with the titles of the visible targets of a chunk's links."""
        refs: set[str] = set()
        for field in self._links:
            value = self._value(field)
            for row in chunk:
                refs.update(field.kind.refs(value(row)))
        return access.reader(self.actor, refs) if refs else self._plain

    def _value(self, field: Field | None) -> Callable[[Raw], Any]:
        """How a field's stored value is read from a raw row."""
        if field is None:
            return itemgetter(self._place[ID])
        kind, places = field.kind, [self._place[column] for column in field.columns]
        place = places[0]
        if field.custom:
            return lambda row: kind.load(orjson.loads(row[place]).get(field.key, kind.empty))
        if not field.formula and isinstance(self.obj.model._meta.get_field(field.name), models.JSONField):
            return lambda row: orjson.loads(row[place]) if row[place] else kind.empty
        if len(places) > 1:
            return lambda row: kind.join(tuple(row[each] for each in places))
        return itemgetter(place)

    def _text(self, field: Field | None, reader: Reader) -> Callable[[Raw], str]:
        """How a field's text is made of a raw row; nothing is said of link targets the reader may not see."""
        value = self._value(field)
        if field is None:
            return lambda row: str(value(row))
        kind, place = field.kind, self._place[field.columns[0]]
        if field in self._links:
            return lambda row: _linked(kind, value(row), reader)
        if type(kind).text is Kind.text and not field.custom and len(field.columns) == 1 and kind.empty == "":
            return itemgetter(place)
        if kind.many and not field.custom:
            return lambda row: "" if row[place] == "[]" else kind.text(value(row), reader)
        return lambda row: kind.text(value(row), reader)


def _linked(kind: Kind, value: Any, reader: Reader) -> str:
    """The text of a link, or of those links of several, whose target the reader may see."""
    seen = [ref for ref in kind.refs(value) if ref in reader.titles] if value else []
    if not seen:
        return ""
    return kind.text(seen if kind.many else value, reader)
