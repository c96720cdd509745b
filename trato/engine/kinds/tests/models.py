"""Tables that only the tests of kinds know."""

from django.db import models

from trato.engine.kinds.fields import (
    AddressesField,
    ChoicesField,
    CountryField,
    CurrencyField,
    EmailsField,
    FileField,
    HandlesField,
    LanguageField,
    LinksField,
    MoneyField,
    PhoneField,
    PhonesField,
    RefField,
    RichTextField,
    RRuleField,
    TagsField,
    TimeZoneField,
)


class Sample(models.Model):
    """A column of every type that kinds are filtered on; the test makes the table."""

    id = models.IntegerField(primary_key=True)
    word = models.TextField(null=True)
    day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    amount = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    number = models.BigIntegerField(null=True)
    yes = models.BooleanField(null=True)
    target = models.UUIDField(null=True)
    ref = models.TextField(null=True)
    list = models.JSONField(null=True)
    custom = models.JSONField(default=dict)

    objects = models.Manager()

    class Meta:
        app_label = "kinds_tests"
        managed = False
        db_table = "kinds_sample"

    def __str__(self) -> str:
        return str(self.id)


class Shelf(models.Model):
    """Every field that carries a kind."""

    emails = EmailsField()
    phones = PhonesField(blank=False)
    addresses = AddressesField()
    handles = HandlesField()
    tags = TagsField()
    colours = ChoicesField(offered=[("red", "Red"), ("green", "Green")])
    about = LinksField(to=("contacts", "accounts"))
    any_record = RefField(blank=True)
    source = RefField("From", to=("contacts",))
    phone = PhoneField(blank=True)
    body = RichTextField(blank=True)
    price = MoneyField("Price")
    country = CountryField(blank=True, null=True)
    language = LanguageField(blank=True)
    zone = TimeZoneField()
    currency = CurrencyField(default="EUR")
    recurrence = RRuleField(blank=True)
    file = FileField(blank=True)

    class Meta:
        app_label = "kinds_tests"
        managed = False

    def __str__(self) -> str:
        return str(self.pk)
