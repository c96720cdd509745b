"""A person who works in this workspace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from .base import Reader
from .link import Link
from .texts import Invalid

ME = "me"


class User(Link):
    """Stored as the user's id; "me" is whoever reads."""

    name = "user"
    label = _("Person of the team")
    options = ()

    def __init__(self, *, required: bool = False, **options: Any) -> None:
        self.to = ("users",)
        super().__init__(required=required, by_id=True, **options)

    def _clean(self, value: Any, reader: Reader) -> Any:
        if value == ME:
            return self._me(reader)
        return super()._clean(value, reader)

    def _parse(self, text: str, reader: Reader) -> Any:
        return self._me(reader) if text.lower() == ME else super()._parse(text, reader)

    def _me(self, reader: Reader) -> UUID:
        if reader.user_id is None:
            raise Invalid("me", _("“me” is nobody here: name the person."))
        return reader.user_id
