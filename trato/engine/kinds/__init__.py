"""Kinds of values: each one class that answers every surface.

`KINDS` has by name those that an administrator may choose for a field, `kind_of` finds that of a model field, `make`
builds one from an administrator's options.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .above import stands_above
from .address import Address, Addresses
from .base import Kind, Reader, Typed
from .choice import Choice
from .choices import Choices
from .country import Country
from .currency import Currency
from .date import Date
from .datetime import DateTime
from .email import Email, Emails
from .file import File
from .filter import Filter
from .formula import Formula
from .handles import Handles
from .json_value import Json
from .language import Language
from .link import Link, Links, Unresolved
from .longtext import LongText
from .money import Money, MoneyKind
from .number import Number
from .options import Option
from .pairs import Pairs
from .percent import Percent
from .person_name import PersonName, format_name, split_name
from .phone import Phone, Phones
from .questions import Questions
from .richtext import RichText
from .rrule import RRule
from .tags import Tags
from .text import Text
from .texts import Invalid
from .timezone import TimeZone
from .url import Url
from .user import User
from .yes_no import Bool

__all__ = [
    "KINDS",
    "Address",
    "Addresses",
    "Bool",
    "Choice",
    "Choices",
    "Country",
    "Currency",
    "Date",
    "DateTime",
    "Email",
    "Emails",
    "File",
    "Filter",
    "Formula",
    "Handles",
    "Invalid",
    "Json",
    "Kind",
    "Language",
    "Link",
    "Links",
    "LongText",
    "Money",
    "MoneyKind",
    "Number",
    "Option",
    "Pairs",
    "Percent",
    "PersonName",
    "Phone",
    "Phones",
    "Questions",
    "RRule",
    "Reader",
    "RichText",
    "Tags",
    "Text",
    "TimeZone",
    "Typed",
    "Unresolved",
    "Url",
    "User",
    "format_name",
    "kind_of",
    "make",
    "split_name",
    "stands_above",
]

KINDS: dict[str, type[Kind]] = {
    kind.name: kind
    for kind in (
        Text,
        LongText,
        RichText,
        Choice,
        Choices,
        Number,
        Percent,
        MoneyKind,
        Date,
        DateTime,
        Bool,
        Link,
        Links,
        User,
        Email,
        Emails,
        Phone,
        Phones,
        Url,
        Address,
        Addresses,
        Handles,
        PersonName,
        Tags,
        File,
        Json,
        Country,
        Language,
        TimeZone,
        Currency,
        RRule,
        Formula,
    )
}


def kind_of(field: models.Field) -> Kind:
    """The kind of a model field: its own `kind`, else by its class. Raises TypeError where no kind fits."""
    own = getattr(field, "kind", None)
    if isinstance(own, Kind):
        return own
    required = not field.blank
    if field.remote_field:
        if field.remote_field.model._meta.label == settings.AUTH_USER_MODEL:
            return User(required=required)
        return Link(required=required, by_id=True)
    if field.choices:
        kind: Kind = Choice(required=required, choices=field.flatchoices)
    elif isinstance(field, models.BooleanField):
        return Bool(required=required, tristate=field.null)
    else:
        kind = _by_class(field, required)
    if field.null and kind.empty == "":
        kind.empty = None
    return kind


def _decimal(field: models.DecimalField, required: bool) -> Kind:
    whole = field.max_digits - field.decimal_places
    return Number(required=required, digits=field.decimal_places, whole=whole, **_limits(field))


# The first class that fits: EmailField before CharField, DateTimeField before DateField, as they inherit.
BY_CLASS: tuple[tuple[type[models.Field], Callable[[Any, bool], Kind]], ...] = (
    (models.EmailField, lambda field, required: Email(required=required, max_length=field.max_length)),
    (models.URLField, lambda field, required: Url(required=required, max_length=field.max_length)),
    (models.CharField, lambda field, required: Text(required=required, max_length=field.max_length or 10_000)),
    (models.TextField, lambda field, required: LongText(required=required)),
    (models.DateTimeField, lambda field, required: DateTime(required=required)),
    (models.DateField, lambda field, required: Date(required=required)),
    (models.IntegerField, lambda field, required: Number(required=required, **_limits(field))),
    (models.DecimalField, _decimal),
    (models.JSONField, lambda field, required: Json(required=required)),
)


def _by_class(field: models.Field, required: bool) -> Kind:
    for cls, make_kind in BY_CLASS:
        if isinstance(field, cls):
            return make_kind(field, required)
    raise TypeError(f"No kind fits {field!r}: give its class a `kind`.")


def _limits(field: models.Field) -> dict[str, Any]:
    """The narrowest limits of the field's validators, among them what Django knows of the column's width."""
    limits: dict[str, list[int]] = {"minimum": [], "maximum": []}
    for validator in field.validators:
        if isinstance(validator, MinValueValidator):
            limits["minimum"].append(int(validator.limit_value))
        elif isinstance(validator, MaxValueValidator):
            limits["maximum"].append(int(validator.limit_value))
    return {"minimum": max(limits["minimum"], default=None), "maximum": min(limits["maximum"], default=None)}


def make(name: str, options: Mapping[str, Any]) -> Kind:
    """A kind from its name and what an administrator said (`required` and the kind's own options), checked.

    Raises Invalid, whose message names the option.
    """
    kind = KINDS.get(name)
    if kind is None:
        raise Invalid("kind", _("There is no kind “%(name)s”."), name=str(name)[:50])
    given = dict(options)
    required = given.pop("required", False)
    if not isinstance(required, bool):
        raise Invalid("required", _("“required” is true or false."))
    if unknown := given.keys() - {option.name for option in kind.options}:
        raise Invalid("option", _("Unknown: %(names)s."), names=", ".join(sorted(map(str, unknown)))[:200])
    return kind(required=required, **{option.name: option.clean(given.get(option.name)) for option in kind.options})
