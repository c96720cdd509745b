# ruff: noqa: DJ008
"""Model fields carry kinds, and migrations know them."""

import pytest
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.serializer import serializer_factory
from django.db.migrations.state import ModelState, ProjectState

from trato.engine.kinds import Invalid, kind_of
from trato.engine.kinds.fields import MoneyField

from .examples import SPANISH
from .models import Shelf

FIELDS = [field for field in Shelf._meta.local_fields if field.name != "id"]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_migration_makes_the_same_field_again(field):
    _name, path, args, kwargs = field.deconstruct()
    assert path.startswith("trato.engine.kinds.fields.")
    again = type(field)(*args, **kwargs)
    again.set_attributes_from_name(field.name)
    assert again.deconstruct() == field.deconstruct()
    serializer_factory(kwargs).serialize()


def test_migrations_find_nothing_to_do_after_the_first():
    state = ProjectState()
    state.add_model(ModelState.from_model(Shelf))
    rendered = ProjectState()
    rendered.add_model(ModelState.from_model(state.apps.get_model("kinds_tests", "shelf")))
    for shelf in (state, rendered):
        names = [field.name for field in shelf.apps.get_model("kinds_tests", "shelf")._meta.local_fields]
        assert names.count("price_currency") == 1
    assert MigrationAutodetector(state, rendered)._detect_changes() == {}


def test_the_kinds_of_the_fields():
    kinds = {field.name: kind_of(field).name for field in FIELDS}
    assert kinds == {
        "emails": "emails",
        "phones": "phones",
        "addresses": "addresses",
        "handles": "handles",
        "tags": "tags",
        "colours": "choices",
        "about": "links",
        "any_record": "link",
        "source": "link",
        "phone": "phone",
        "body": "richtext",
        "price": "money",
        "price_currency": "currency",
        "country": "country",
        "language": "language",
        "zone": "timezone",
        "currency": "currency",
        "recurrence": "rrule",
        "file": "file",
    }


def test_what_a_field_says_reaches_its_kind():
    by_name = {field.name: kind_of(field) for field in FIELDS}
    assert by_name["phones"].required
    assert not by_name["emails"].required
    assert by_name["about"].to == ("contacts", "accounts")
    assert by_name["colours"].clean(["Red"], SPANISH) == ["red"]
    assert by_name["country"].empty is None
    assert by_name["language"].empty == ""


def test_a_list_is_never_null_and_never_shared():
    emails = Shelf._meta.get_field("emails")
    assert (emails.null, emails.get_default(), emails.get_default() is emails.get_default()) == (False, [], False)


def test_a_money_field_in_a_base_class_has_one_currency():
    class Priced(models.Model):
        price = MoneyField()

        class Meta:
            abstract = True

    class Thing(Priced):
        class Meta:
            app_label = "kinds_tests_things"

    assert [field.name for field in Thing._meta.local_fields] == ["id", "price", "price_currency"]


@pytest.mark.parametrize(
    ("field", "name", "attributes"),
    [
        (models.CharField(max_length=20), "text", {"required": True, "max_length": 20, "empty": ""}),
        (models.CharField(max_length=20, blank=True, null=True), "text", {"required": False, "empty": None}),
        (models.CharField(choices=[("G", [("a", "A")]), ("b", "B")]), "choice", {"choices": [("a", "A"), ("b", "B")]}),
        (models.TextField(), "longtext", {}),
        (models.EmailField(), "email", {"max_length": 254}),
        (models.URLField(max_length=300), "url", {"max_length": 300}),
        (models.BooleanField(), "bool", {"tristate": False, "empty": False}),
        (models.BooleanField(null=True, blank=True), "bool", {"tristate": True, "empty": None}),
        (models.DateField(), "date", {}),
        (models.DateTimeField(), "datetime", {}),
        (models.IntegerField(), "number", {"digits": 0, "minimum": -(2**31), "maximum": 2**31 - 1}),
        (models.PositiveSmallIntegerField(), "number", {"minimum": 0, "maximum": 32767}),
        (
            models.IntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)]),
            "number",
            {"minimum": 1, "maximum": 5},
        ),
        (models.DecimalField(max_digits=5, decimal_places=2), "number", {"digits": 2, "whole": 3}),
        (models.JSONField(), "json", {}),
        (models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE), "user", {"to": ("users",), "by_id": True}),
    ],
    ids=lambda value: getattr(value, "__class__", type(value)).__name__,
)
def test_django_s_own_fields_map_by_class(field, name, attributes):
    if field.is_relation:

        class Owner(models.Model):
            owner = field

            class Meta:
                app_label = "kinds_tests_owner"

        field = Owner._meta.get_field("owner")
    else:
        field.set_attributes_from_name("x")
    kind = kind_of(field)
    assert kind.name == name
    assert {key: getattr(kind, key) for key in attributes} == attributes


def test_a_foreign_key_links_by_id_to_what_the_registry_says():
    class Target(models.Model):
        class Meta:
            app_label = "kinds_tests_link"

    class Source(models.Model):
        target = models.ForeignKey(Target, models.CASCADE, null=True, blank=True)

        class Meta:
            app_label = "kinds_tests_link"

    kind = kind_of(Source._meta.get_field("target"))
    assert (kind.name, kind.by_id, kind.required, kind.to) == ("link", True, False, ())
    kind.to = ("targets",)
    assert kind.clean("0190a6f0-0000-7000-8000-00000000000a", SPANISH).version == 7


def test_a_decimal_column_never_overflows():
    field = models.DecimalField(max_digits=5, decimal_places=2)
    field.set_attributes_from_name("x")
    assert str(kind_of(field).clean("999.99", SPANISH)) == "999.99"
    with pytest.raises(Invalid):
        kind_of(field).clean("1000", SPANISH)


def test_a_field_without_a_kind_is_named():
    field = models.BinaryField()
    field.set_attributes_from_name("x")
    with pytest.raises(TypeError, match="give its class a `kind`"):
        kind_of(field)
