"""Links to records: by their ref, "<plural>/<uuid>".

Kinds know nothing of access. A page asks once for the titles of the visible targets of all its links and hands them
over in `Reader.titles`; a target that is not among them is shown as nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup, escape

from . import html, lookups
from .base import Kind, Reader, Typed
from .many import MOST_ITEMS, JsonList
from .options import Option
from .texts import Invalid

REF = re.compile(r"([a-z][a-z0-9_-]{0,63})/([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})", re.IGNORECASE | re.ASCII)
BARE = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}", re.IGNORECASE | re.ASCII)
LINK = html.Pattern('<a href="{}/{}">{}</a>')
TO = Option("to", _("Links to"), "objects", _("Which objects may be linked."), (), required=True)
LONGEST_TITLE = 500


@dataclass(frozen=True)
class Unresolved:
    """Text in place of a link, for actions and imports to look up by title or key among what the actor may see."""

    text: str

    def __str__(self) -> str:
        return self.text


def uuid_of(text: str) -> UUID | None:
    return UUID(text) if BARE.fullmatch(text) else None


def link_to(ref: str, title: str, base: str) -> Markup:
    """A link to a record's page; people of the team have none."""
    return escape(title) if ref.startswith("users/") else LINK.format(base, ref, title)


class Target:
    """How both link kinds read one link. `to` names the objects that may be linked; () is any."""

    to: tuple[str, ...]

    def _ref(self, value: Any) -> str | None:
        """The ref of an id, a ref or {"id": ...}; None when it is none of them. Raises Invalid for another object."""
        if isinstance(value, dict):
            value = self._pointed(value)
        if isinstance(value, UUID):
            value = str(value)
        if not isinstance(value, str):
            raise Invalid("link", _("Give the id of a record."))
        if len(self.to) == 1 and (id := uuid_of(value.strip())):
            return f"{self.to[0]}/{id}"
        found = REF.fullmatch(value.strip())
        if not found:
            return None
        if self.to and found[1].lower() not in self.to:
            raise Invalid("link_object", _("This links to another kind of record."))
        return f"{found[1].lower()}/{found[2].lower()}"

    @staticmethod
    def _pointed(value: dict[str, Any]) -> str:
        """The id or ref in an object such as the API answers: {"id", "title"}, {"object", "id", "title"} or {"ref"}."""
        place, record_id = value.get("object", ""), value.get("ref", value.get("id"))
        if value.keys() - {"id", "title", "ref", "object"} or not (
            isinstance(place, str) and isinstance(record_id, str)
        ):
            raise Invalid("link", _("Give the id of a record."))
        return f"{place}/{record_id}" if place and "ref" not in value else record_id

    def _written(self, text: str) -> str | Unresolved:
        if len(text) > LONGEST_TITLE:
            raise Invalid("too_long", _("At most %(n)s characters."), n=LONGEST_TITLE)
        return self._ref(text) or Unresolved(" ".join(text.split()))


def link_input(name: str, ref: str, title: str, values: dict[str, Any], to: tuple[str, ...]) -> Markup:
    """A hidden ref beside the title that a person sees, and the title as it was shown.

    With script, `<trato-link>` offers what matches, sets the hidden ref and takes the name off the visible control.
    Without it, a title that was changed is posted as `<name>-text` and looked up.
    """
    inside = Markup("").join(
        [
            html.control(ref, {"name": name}, type="hidden"),
            html.control(title, {"name": f"{name}-was"}, type="hidden"),
            html.control(title, {**values, "name": f"{name}-text"}, autocomplete="off"),
        ]
    )
    return html.element("trato-link", {"data-objects": " ".join(to), "data-name": name}, inside)


class Link(Kind, Target):
    """One record. Stored as the id in a foreign key's column (`by_id`), else as the ref."""

    name = "link"
    label = _("Link")
    options: ClassVar[tuple[Option, ...]] = (TO,)

    def __init__(self, *, required: bool = False, by_id: bool = False, **options: Any) -> None:
        super().__init__(required=required, **options)
        self.to = tuple(self.to)
        self.by_id = by_id

    def ref(self, value: Any) -> str:
        """The ref of a stored value."""
        return f"{self.to[0]}/{value}" if isinstance(value, UUID) else value

    def _clean(self, value: Any, reader: Reader) -> Any:
        if isinstance(value, Unresolved):
            return value
        if isinstance(value, dict) and not value:
            return None
        if self.by_id and isinstance(value, UUID):
            return value
        ref = self._ref(value)
        if ref is None:
            raise Invalid("link", _("Give the id of a record."))
        return self.point(ref)

    def _parse(self, text: str, reader: Reader) -> Any:
        found = self._written(text)
        return found if isinstance(found, Unresolved) else self.point(found)

    def from_form(self, data: Any, name: str, reader: Reader) -> Any:
        text = data.get(f"{name}-text")
        if text is None or text == data.get(f"{name}-was", ""):
            return self.parse(data.get(name, ""), reader)
        return self.parse(text, reader)

    def dump(self, value: Any) -> str | None:
        return str(value) if value else None

    def load(self, data: Any) -> Any:
        return UUID(data) if data and self.by_id else data

    def api(self, value: Any, reader: Reader) -> dict[str, str] | None:
        if not value or isinstance(value, Unresolved):
            return None
        ref = self.ref(value)
        title = reader.titles.get(ref)
        if title is None:
            return None
        place, _slash, id = ref.partition("/")
        return {"id": id, "title": title} if len(self.to) == 1 else {"id": id, "title": title, "object": place}

    def text(self, value: Any, reader: Reader) -> str:
        if not value or isinstance(value, Unresolved):
            return str(value or "")
        ref = self.ref(value)
        return reader.titles.get(ref, ref)

    def plain(self, value: Any, reader: Reader) -> str:
        if not value or isinstance(value, Unresolved):
            return str(value or "")
        return reader.titles.get(self.ref(value), "")

    def cell(self, value: Any, reader: Reader) -> Markup:
        if not value or isinstance(value, Unresolved):
            return Markup("")
        title = reader.titles.get(ref := self.ref(value))
        return Markup("") if title is None else link_to(ref, title, reader.base)

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        if isinstance(value, Typed):
            ref = value.get(name)
            title = value.get(f"{name}-text") if f"{name}-text" in value.data else reader.titles.get(ref, ref)
        else:
            title = self.plain(value, reader)
            ref = self.ref(value) if title and not isinstance(value, Unresolved) else ""
        return link_input(name, ref, title, self._attributes(name, id, invalid, described_by), self.to)

    def schema(self) -> dict[str, Any]:
        record = {
            "type": "object",
            "properties": {"id": {"type": "string"}, "title": {"type": "string"}, "object": {"type": "string"}},
            "required": ["id"],
        }
        return self.nullable({"anyOf": [record, {"type": "string"}]})

    def keys(self, value: Any) -> list[str]:
        return [f"link:{ref}" for ref in self.refs(value)]

    def refs(self, value: Any) -> list[str]:
        """The refs that a stored value points at."""
        return [self.ref(value)] if value and not isinstance(value, Unresolved) else []

    def point(self, ref: str) -> Any:
        """The stored value of a link to `ref`."""
        return UUID(ref.rpartition("/")[2]) if self.by_id else ref

    def is_blank(self, lhs: Combinable) -> Q:
        return lookups.is_null(lhs) if self.by_id else lookups.is_blank_text(lhs)

    def model_field(self) -> models.Field:
        return models.UUIDField() if self.by_id else models.TextField()


class Links(JsonList, Target):
    """Several records: a list of refs."""

    name = "links"
    label = _("Links")
    options = (TO,)

    def __init__(self, *, required: bool = False, **options: Any) -> None:
        super().__init__(required=required, **options)
        self.to = tuple(self.to)

    def _clean(self, value: Any, reader: Reader) -> list[str | Unresolved]:
        if isinstance(value, str):
            return self.parse(value, reader)
        if not isinstance(value, list | tuple):
            raise Invalid("list", _("Give a list."))
        if len(value) > MOST_ITEMS:
            raise Invalid("too_many", _("At most %(n)s of them."), n=MOST_ITEMS)
        refs = [item if isinstance(item, Unresolved) else self._ref(item) for item in value]
        if None in refs:
            raise Invalid("link", _("Give the id of a record."))
        return self._unite(refs)

    def _parse(self, text: str, reader: Reader) -> list[str | Unresolved]:
        pieces = [piece.strip() for piece in re.split(r"[;\n]", text)]
        return self._clean([self._written(piece) for piece in pieces if piece], reader)

    def text(self, value: Any, reader: Reader) -> str:
        titles = [(ref, reader.titles.get(ref, "") if isinstance(ref, str) else ref.text) for ref in value or []]
        return "; ".join(title if title and ";" not in title else str(ref) for ref, title in titles)

    def plain(self, value: Any, reader: Reader) -> str:
        return ", ".join(reader.titles[ref] for ref in value or [] if ref in reader.titles)

    def api(self, value: Any, reader: Reader) -> list[dict[str, str]]:
        seen = [(ref.partition("/"), reader.titles[ref]) for ref in value or [] if ref in reader.titles]
        return [{"object": place, "id": id, "title": title} for (place, _slash, id), title in seen]

    def cell(self, value: Any, reader: Reader) -> Markup:
        seen = [(ref, reader.titles[ref]) for ref in value or [] if ref in reader.titles]
        return Markup(", ").join(link_to(ref, title, reader.base) for ref, title in seen)

    def from_form(self, data: Any, name: str, reader: Reader) -> list[str | Unresolved]:
        text = data.get(f"{name}-text")
        if text is None or text == data.get(f"{name}-was", ""):
            return self.parse(data.get(name, ""), reader)
        return self.parse(text, reader)

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """As for one link; several refs or titles are separated by a semicolon."""
        if isinstance(value, Typed):
            refs = value.get(name)
            chosen = [piece.strip() for piece in refs.split(";")]
            posted = f"{name}-text" in value.data
            titles = value.get(f"{name}-text") if posted else "; ".join(reader.titles.get(ref, ref) for ref in chosen)
        else:
            shown = [ref for ref in value or [] if not isinstance(ref, str) or ref in reader.titles]
            refs, titles = "; ".join(map(str, shown)), self.text(shown, reader)
        values = {**self._attributes(name, id, invalid, described_by), "data-many": True}
        return link_input(name, refs, titles, values, self.to)

    def schema(self) -> dict[str, Any]:
        record = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
        return self.nullable(
            {"type": "array", "items": {"anyOf": [{"type": "string"}, record]}, "maxItems": MOST_ITEMS}
        )

    def refs(self, value: Any) -> list[str]:
        """The refs that a stored value points at."""
        return [ref for ref in value or [] if isinstance(ref, str)]

    def keys(self, value: Any) -> list[str]:
        return [f"link:{ref}" for ref in self.refs(value)]

    def dump(self, value: Any) -> list[str]:
        return [str(ref) for ref in value or []]
