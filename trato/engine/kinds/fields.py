"""Django model fields that carry a kind, for what Django's own fields can't say by their class alone.

`field.kind` is a Kind made from the field's own attributes. Everything else maps by class: see `kinds.kind_of`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import orjson
from django.db import models

from .address import Addresses
from .base import Kind
from .choice import Choice
from .choices import Choices
from .country import Country
from .currency import Currency
from .email import Emails
from .file import File
from .filter import Filter
from .handles import Handles
from .language import Language
from .link import Link, Links
from .money import PLACES, WHOLE, MoneyKind
from .pairs import Pairs
from .percent import ShortPercent
from .phone import Phone, Phones
from .questions import Questions
from .richtext import RichText
from .rrule import RRule
from .tags import Tags
from .timezone import TimeZone


def coloured(field: models.CharField, **colours: str) -> models.CharField:
    """The same field, whose choices are shown in these colours by value; those not named stay gray."""
    choices = [(value, label, colours.get(value, "")) for value, label in field.flatchoices]
    field.kind = Choice(required=not field.blank, choices=choices)  # type: ignore[attr-defined]
    return field


class KindField(models.Field):
    """What the fields below share: the class of their kind, and its options."""

    kind_class: ClassVar[type[Kind]]
    # Attributes whose defaults are not Django's: migrations always say them.
    own_defaults: ClassVar[tuple[str, ...]] = ()

    @property
    def kind(self) -> Kind:
        kind = self.kind_class(required=not self.blank, **self.kind_options())
        if self.null and kind.empty == "":
            kind.empty = None
        return kind

    def kind_options(self) -> dict[str, Any]:
        return {}

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {own: getattr(self, own) for own in self.own_defaults}


class ListField(KindField, models.JSONField):
    """A jsonb list, never NULL."""

    own_defaults = ("blank",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """As Django's, faster: most lists of most records are empty."""
        if isinstance(value, str):
            return [] if value == "[]" else orjson.loads(value)
        return super().from_db_value(value, expression, connection)


class EmailsField(ListField):
    kind_class = Emails


class PhonesField(ListField):
    kind_class = Phones


class AddressesField(ListField):
    kind_class = Addresses


class HandlesField(ListField):
    kind_class = Handles


class TagsField(ListField):
    kind_class = Tags


class ChoicesField(ListField):
    """`ChoicesField(offered=[(value, label, colour)])`: what is offered is no matter of the schema."""

    kind_class = Choices

    def __init__(self, *args: Any, offered: Sequence[Any] = (), **kwargs: Any) -> None:
        self.offered = offered
        super().__init__(*args, **kwargs)

    def kind_options(self) -> dict[str, Any]:
        return {"choices": self.offered}


class ToField(KindField):
    """A field that names the objects it links to: `to=("accounts", "contacts")`; () is any."""

    def __init__(self, *args: Any, to: tuple[str, ...] = (), **kwargs: Any) -> None:
        self.to = tuple(to)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
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
    """A link to one record of several objects, as its ref; NULL where there may be none."""

    kind_class = Link
    longest = 110
    own_defaults = ("null",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"null": kwargs.get("blank", False)} | kwargs)


class PhoneField(ShortText):
    kind_class = Phone
    longest = 40


class CountryField(ShortText):
    kind_class = Country
    longest = Country.code_length


class LanguageField(ShortText):
    kind_class = Language
    longest = Language.code_length


class TimeZoneField(ShortText):
    kind_class = TimeZone
    longest = TimeZone.code_length


class CurrencyField(ShortText):
    kind_class = Currency
    longest = Currency.code_length


class RRuleField(ShortText):
    kind_class = RRule
    longest = RRule.longest


class RichTextField(KindField, models.TextField):
    kind_class = RichText


class PercentField(KindField, models.DecimalField):
    """A percentage from 0 to 100 with four digits after the point; NULL where there may be none."""

    kind_class = ShortPercent
    own_defaults = ("null", "max_digits", "decimal_places")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs = {"max_digits": 7, "decimal_places": 4, "null": kwargs.get("blank", False)} | kwargs
        super().__init__(*args, **kwargs)

    def kind_options(self) -> dict[str, Any]:
        return {"digits": self.decimal_places, "minimum": 0, "maximum": 100}


class FileField(KindField, models.JSONField):
    """A file of the workspace's store, as jsonb; NULL where there is none."""

    kind_class = File
    own_defaults = ("null",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"null": True} | kwargs)


class FilterField(KindField, models.JSONField):
    """``FilterField(about=("leads",))``: a filter of these objects, as jsonb, NULL for none; of several, the field
    named ``by`` says which one. What it is about is no matter of the schema.
    """

    kind_class = Filter
    own_defaults = ("null", "blank")

    def __init__(self, *args: Any, about: Sequence[str] = (), by: str = "", **kwargs: Any) -> None:
        self.about, self.by = tuple(about), by
        super().__init__(*args, **{"null": True, "blank": True} | kwargs)

    def kind_options(self) -> dict[str, Any]:
        return {"about": self.about, "by": self.by}


class QuestionsField(KindField, models.JSONField):
    """Questions that follow each other, as jsonb, NULL for none; ``about`` as ``Questions`` says, no matter of the
    schema.
    """

    kind_class = Questions
    own_defaults = ("null", "blank")

    def __init__(self, *args: Any, about: Sequence[str] = (), **kwargs: Any) -> None:
        self.about = tuple(about)
        super().__init__(*args, **{"null": True, "blank": True} | kwargs)

    def kind_options(self) -> dict[str, Any]:
        return {"about": self.about}


class PairsField(KindField, models.JSONField):
    """Texts by their names, as jsonb, NULL for none."""

    kind_class = Pairs
    own_defaults = ("null", "blank")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"null": True, "blank": True} | kwargs)


class MoneyCurrencyField(CurrencyField):
    """The second column of a MoneyField, made by it; `money` is that field's name. No field of its own to a reader."""

    def __init__(self, *args: Any, money: str = "", **kwargs: Any) -> None:
        self.money = money
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "money": self.money}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        # A migration's model lists both columns and its MoneyField makes this one again: once is enough.
        if all(field.name != name for field in cls._meta.local_fields):
            super().contribute_to_class(cls, name, private_only)


class MoneyField(KindField, models.DecimalField):
    """An amount, and beside it the column `<name>_currency`."""

    kind_class = MoneyKind
    own_defaults = ("null", "blank", "max_digits", "decimal_places")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs = {"max_digits": WHOLE + PLACES, "decimal_places": PLACES, "null": True, "blank": True} | kwargs
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        currency = MoneyCurrencyField(money=name, blank=True, default="", editable=False)
        currency.contribute_to_class(cls, f"{name}{MoneyKind.suffixes[1]}")
