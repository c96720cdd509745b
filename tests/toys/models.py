"""Tables of the toys."""

from django.db import models

from trato.engine.documents import SearchField
from trato.engine.kinds import fields as kinds
from trato.engine.models import Record
from trato.engine.workspaces.base import WorkspaceForeignKey
from trato.modules.catalog.models import PricedDocument, PricedLine


class Crate(Record):
    name = models.CharField("Name", max_length=100)


class Thing(Record):
    name = models.CharField("Name", max_length=100)
    secret = models.CharField("Secret", max_length=100, blank=True)
    colour = models.CharField("Colour", max_length=20, blank=True)
    crate = WorkspaceForeignKey(Crate, null=True, blank=True, related_name="+")
    count = models.IntegerField("Count", null=True, blank=True)
    weight = models.DecimalField("Weight", max_digits=9, decimal_places=3, null=True, blank=True)
    price = kinds.MoneyField("Price")
    made_on = models.DateField("Made on", null=True, blank=True)
    used_at = models.DateTimeField("Used at", null=True, blank=True)
    broken = models.BooleanField("Broken", default=False)
    state = models.CharField(
        "State", max_length=5, choices=[("new", "New"), ("used", "Used"), ("worn", "Worn")], default="new"
    )
    note = models.TextField("Note", blank=True)
    story = kinds.RichTextField("Story", blank=True)
    emails = kinds.EmailsField("E-mails")
    phones = kinds.PhonesField("Phones")
    addresses = kinds.AddressesField("Addresses")
    handles = kinds.HandlesField("Handles")
    tags = kinds.TagsField("Tags")
    sizes = kinds.ChoicesField("Sizes", offered=[("s", "Small"), ("m", "Medium"), ("l", "Large")])
    related = kinds.LinksField("Related")
    partner = kinds.RefField("Partner", to=("things", "crates"), blank=True)
    site = models.URLField("Site", blank=True)
    mail = models.EmailField("Mail", blank=True)
    phone = kinds.PhoneField("Phone", blank=True)
    country = kinds.CountryField("Country", blank=True)
    language = kinds.LanguageField("Language", blank=True)
    zone = kinds.TimeZoneField("Zone", blank=True)
    currency = kinds.CurrencyField("Currency", blank=True)
    rule = kinds.RRuleField("Rule", blank=True)
    search = SearchField(A=("title",), B=("emails", "phones"), C=("note", "tags"), D=("secret",))

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(count__isnull=True) | models.Q(count__gte=-1000),
                name="thing_count",
                violation_error_code="count",
                violation_error_message="Not so few.",
            )
        ]


class Trip(Record):
    """What happened with things and crates: it stands on their timelines."""

    name = models.CharField("Name", max_length=100)
    about = kinds.LinksField("About")
    happened_at = models.DateTimeField("When", null=True, blank=True)
    minutes = models.IntegerField("Minutes", null=True, blank=True)

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes]


class Paper(PricedDocument):
    """A document with prices."""

    name = models.CharField("Name", max_length=100, blank=True)
    day = models.DateField("Day", null=True, blank=True)


class PaperLine(PricedLine):
    paper = WorkspaceForeignKey(Paper, related_name="+")


class Bill(Record):
    """A whole: its total is that of its lines, and it is frozen once it is sent."""

    name = models.CharField("Name", max_length=100)
    crate = WorkspaceForeignKey(Crate, models.PROTECT, null=True, blank=True, related_name="+")
    sent = models.BooleanField("Sent", default=False, editable=False)
    paid = models.BooleanField("Paid", default=False)
    total = models.IntegerField("Total", default=0, editable=False)
    settled = models.IntegerField("Times settled", default=0, editable=False)


class BillLine(Record):
    """A part of a bill."""

    bill = WorkspaceForeignKey(Bill, models.PROTECT, related_name="+", verbose_name="Bill")
    position = models.IntegerField("Position", default=0)
    name = models.CharField("Name", max_length=100)
    thing = WorkspaceForeignKey(Thing, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Thing")
    amount = models.IntegerField("Amount", default=0)
    mark = models.CharField("Mark", max_length=20, blank=True)


class Lane(Record):
    """A step of a crate's way, in its place and colour."""

    name = models.CharField("Name", max_length=100)
    crate = WorkspaceForeignKey(Crate, models.PROTECT, related_name="+", verbose_name="Crate")
    position = models.IntegerField("Position", default=1)
    outcome = kinds.coloured(
        models.CharField("Out", max_length=5, choices=[("open", "Open"), ("won", "Won")], default="open"),
        won="green",
    )


class Parcel(Record):
    """What goes through the lanes of one crate."""

    name = models.CharField("Name", max_length=100)
    crate = WorkspaceForeignKey(Crate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Crate")
    lane = WorkspaceForeignKey(Lane, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Lane")
    note = models.CharField("Note", max_length=100, blank=True)
