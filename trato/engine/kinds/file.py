"""A file of the workspace's store: {"id", "name", "size", "type"}."""

from __future__ import annotations

import json
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from . import html
from .base import Kind, Reader
from .link import uuid_of
from .texts import Invalid, readable

LINK = html.Pattern('<a href="{}/download/{}">{}</a> <span class="text-secondary">{}</span>')
LONGEST_NAME = 255


class File(Kind):
    """What is stored names the file; storing the file itself is the work of whoever receives it."""

    name = "file"
    in_cell = False
    label = _("File")
    search_sql = "trato_words(%s, '$.name')"
    operators = ("empty", "filled")
    sortable = False
    longest = 2_000

    def _clean(self, value: Any, reader: Reader) -> dict[str, Any]:
        if isinstance(value, str):
            return self.parse(value, reader)
        if not isinstance(value, dict) or value.keys() - {"id", "name", "size", "type"}:
            raise Invalid("file", _("Give a stored file."))
        id = uuid_of(value["id"]) if isinstance(value.get("id"), str) else None
        size = value.get("size", 0)
        if id is None or type(size) is not int or not 0 <= size < 2**53:
            raise Invalid("file", _("Give a stored file."))
        name, kind = (readable(value.get(key) or "").strip() for key in ("name", "type"))
        if len(name) > LONGEST_NAME or len(kind) > LONGEST_NAME:
            raise Invalid("too_long", _("At most %(n)s characters."), n=LONGEST_NAME)
        return {"id": str(id), "name": name or str(id), "size": size, "type": kind or "application/octet-stream"}

    def _parse(self, text: str, reader: Reader) -> dict[str, Any]:
        try:
            data = json.loads(text) if text[0] == "{" else {"id": text}
        except (ValueError, RecursionError):
            raise Invalid("file", _("Give a stored file.")) from None
        return self._clean(data, reader)

    def text(self, value: Any, reader: Reader) -> str:
        return json.dumps(value, ensure_ascii=False) if value else ""

    def plain(self, value: Any, reader: Reader) -> str:
        return value["name"] if value else ""

    def cell(self, value: Any, reader: Reader) -> Markup:
        if not value:
            return Markup("")
        return LINK.format(reader.base, value["id"], value["name"], filesizeformat(value["size"]))

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """The upload, beside the file that is there: it stays when nothing is uploaded."""
        values = self._attributes(name, id, invalid, described_by)
        kept = self.typed(f"{name}-kept", value, reader)
        upload = html.element("input", {"type": "file", **values, "required": self.required and not kept})
        return html.control(kept, {"name": f"{name}-kept"}, type="hidden") + upload

    def from_form(self, data: Any, name: str, reader: Reader) -> Any:
        """The stored file that whoever received the upload put under `name`, else the one that was there."""
        return self.parse(data.get(name) or data.get(f"{name}-kept", ""), reader)

    def keys(self, value: Any) -> list[str]:
        """By which the records that have a file are found."""
        return [f"file:{value['id']}"] if value else []

    def schema(self) -> dict[str, Any]:
        texts = {name: {"type": "string"} for name in ("id", "name", "type")}
        properties = {**texts, "size": {"type": "integer", "minimum": 0}}
        return self.nullable(
            {"type": "object", "properties": properties, "required": ["id"], "additionalProperties": False}
        )
