"""Django model fields that carry a kind, for what Django's own fields can't say by their class alone.

`field.kind` is a Kind made from the field's own attributes. Everything else maps by class: see `kinds.kind_of`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from .base import Kind
from .email import Emails
from .link import Link, Links
from .phone import Phone, Phones
from .tags import Tags


class KindField(models.Field):
    """What the fields below share: the class of their kind, and its options."""

    kind_class: ClassVar[type[Kind]]

    @property
    def kind(self) -> Kind:
        kind = self.kind_class(required=not self.blank, **self.kind_options())
        if self.null and kind.empty == "":
            kind.empty = None
        return kind

    def kind_options(self) -> dict[str, Any]:
        return {}


class ListField(KindField, models.JSONField):
    """A jsonb list, never NULL."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)


class EmailsField(ListField):
    kind_class = Emails


class PhonesField(ListField):
    kind_class = Phones


class TagsField(ListField):
    kind_class = Tags


class ToField(KindField):
    """A field that names the objects it links to: `to=("accounts", "contacts")`; () is any."""

    def __init__(self, *args: Any, to: tuple[str, ...] = (), **kwargs: Any) -> None:
        self.to = tuple(to)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "to": self.to} if self.to else kwargs

    def kind_options(self) -> dict[str, Any]:
        return {"to": self.to}


class LinksField(ToField, ListField):
    kind_class = Links


class ShortText(KindField, models.CharField):
    """A varchar as long as its kind allows."""

    longest: ClassVar[int]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", self.longest)
        super().__init__(*args, **kwargs)


class RefField(ToField, ShortText):
    """A link to one record of several objects, as its ref."""

    kind_class = Link
    longest = 110


class PhoneField(ShortText):
    kind_class = Phone
    longest = 40
