"""Tables of what is agreed for longer: contracts, subscriptions and their lines."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trato.engine.documents import SearchField
from trato.engine.kinds.fields import MoneyField, TagsField, coloured
from trato.engine.models import Record, board_index
from trato.engine.workspaces.base import WorkspaceForeignKey
from trato.modules.catalog.models import PricedDocument, PricedLine
from trato.modules.people.models import Account, Contact
from trato.modules.quoting.models import Quote
from trato.modules.sales.models import Deal

RENEWALS = [
    ("auto", _("By itself, unless notice is given")),
    ("ask", _("Only when both agree")),
    ("none", _("It ends")),
]
UNITS = [("day", _("Days")), ("week", _("Weeks")), ("month", _("Months"))]
CONTRACT_STATUS = [
    ("draft", _("Draft")),
    ("active", _("In force")),
    ("noticed", _("Notice given")),
    ("ended", _("Ended")),
]
INTERVALS = [
    ("month", _("Every month")),
    ("quarter", _("Every quarter")),
    ("half", _("Every half-year")),
    ("year", _("Every year")),
]
BILLED = [("advance", _("At the beginning of each period")), ("arrears", _("At the end of each period"))]
STATUS = [
    ("draft", _("Draft")),
    ("active", _("Active")),
    ("paused", _("Paused")),
    ("ended", _("Ended")),
]
REASONS = [
    ("price", _("Price")),
    ("use", _("Not used enough")),
    ("missing", _("Something is missing")),
    ("competitor", _("Went to a competitor")),
    ("service", _("Service")),
    ("closed", _("Closed or moved away")),
    ("unpaid", _("Not paid")),
    ("other", _("Another")),
]
IN_USE = Q(deleted_at__isnull=True)


def number_field() -> models.CharField:
    """A number drawn from its series."""
    return models.CharField(_("Number"), max_length=60, null=True, blank=True)


def unique(name: str, field: str) -> models.UniqueConstraint:
    """Once in a workspace, among what is not deleted."""
    return models.UniqueConstraint(fields=["workspace", field], condition=IN_USE, name=name)


def reason_field() -> models.CharField:
    """Why a customer goes; the same words for contracts and subscriptions."""
    return models.CharField(_("Reason"), max_length=12, choices=REASONS, blank=True)


class Contract(Record):
    """What both sides are bound to, for how long, and until when notice can be given."""

    number = number_field()
    name = models.CharField(_("Name"), max_length=200)
    account = WorkspaceForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("Account"))
    contact = WorkspaceForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Contact")
    )
    deal = WorkspaceForeignKey(Deal, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Deal"))
    status = coloured(
        models.CharField(_("Status"), max_length=8, choices=CONTRACT_STATUS, default="draft", editable=False),
        active="green",
        noticed="orange",
    )
    starts_on = models.DateField(_("First day"), default=timezone.localdate)
    ends_on = models.DateField(_("Last day"), null=True, blank=True, help_text=_("Empty: until notice is given."))
    renewal = models.CharField(_("At the end"), max_length=4, choices=RENEWALS, default="auto")
    renewal_months = models.PositiveIntegerField(_("Renewed for months"), default=12)
    notice = models.PositiveIntegerField(_("Notice"), default=3)
    notice_unit = models.CharField(_("Notice in"), max_length=5, choices=UNITS, default="month")
    notice_by = models.DateField(_("Notice until"), null=True, blank=True, editable=False)
    remind_days = models.PositiveIntegerField(
        _("Reminder, days before"), default=30, help_text=_("Its owner gets a task so long before notice is due.")
    )
    reminded_for = models.DateField(_("Reminded for"), null=True, editable=False)
    noticed_on = models.DateField(_("Notice given on"), null=True, editable=False)
    reason = reason_field()
    reason_note = models.CharField(_("In their words"), max_length=300, blank=True)
    terms = models.TextField(_("Terms"), blank=True)
    tags = TagsField(_("Tags"))
    search = SearchField(A=("title", "name", "number"), C=("tags", "terms"))

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "notice_by", "id"], name="contract_notice"),
            models.Index(fields=["workspace", "account", "id"], name="contract_account"),
        ]
        constraints = [
            unique("contract_number", "number"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="contract_dates",
                violation_error_code="dates",
                violation_error_message=_("It can't end before it begins."),
            ),
        ]


class Subscription(PricedDocument):
    """What a customer has and pays for again and again."""

    number = number_field()
    name = models.CharField(_("Name"), max_length=200, blank=True)
    contract = WorkspaceForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Contract")
    )
    quote = WorkspaceForeignKey(Quote, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Quote"))
    deal = WorkspaceForeignKey(Deal, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Deal"))
    status = coloured(
        models.CharField(_("Status"), max_length=8, choices=STATUS, default="draft", editable=False),
        active="green",
        paused="yellow",
    )
    interval = models.CharField(_("Invoiced"), max_length=8, choices=INTERVALS, default="month")
    billed = models.CharField(_("When"), max_length=8, choices=BILLED, default="advance")
    starts_on = models.DateField(_("First day"), default=timezone.localdate)
    days = models.PositiveIntegerField(_("Days to pay"), null=True, blank=True)
    issues = models.BooleanField(
        _("Issues by itself"), default=True, help_text=_("Otherwise invoices wait as drafts for somebody to look.")
    )
    reference = models.CharField(_("Their reference"), max_length=100, blank=True)
    billed_until = models.DateField(_("Invoiced until"), null=True, editable=False)
    next_on = models.DateField(_("Next invoice"), null=True, editable=False)
    held_up = models.CharField(
        _("Not invoiced because"), max_length=300, blank=True, editable=False, help_text=_("It is tried every hour.")
    )
    paused_on = models.DateField(_("Paused since"), null=True, editable=False)
    ends_on = models.DateField(_("Ends"), null=True, editable=False, help_text=_("The first day without it."))
    reason = reason_field()
    reason_note = models.CharField(_("In their words"), max_length=300, blank=True)
    mrr = MoneyField(_("A month (MRR)"), editable=False)
    search = SearchField(A=("title", "name", "number"), C=("reference",))

    class Meta(PricedDocument.Meta):
        indexes = [
            *PricedDocument.Meta.indexes,
            models.Index(fields=["workspace", "account", "id"], name="subscription_account"),
            models.Index(fields=["workspace", "next_on", "id"], name="subscription_next"),
            board_index("subscription_board", "status"),
        ]
        constraints = [unique("subscription_number", "number")]


class SubscriptionLine(PricedLine):
    """One thing a customer has, for [``since``, ``until``): a new price or quantity is a new line from its day on."""

    subscription = WorkspaceForeignKey(Subscription, models.CASCADE, related_name="+", verbose_name=_("Subscription"))
    since = models.DateField(_("Since"), null=True, blank=True, help_text=_("Empty: from the first day on."))
    until = models.DateField(_("Until"), null=True, editable=False, help_text=_("The first day without it."))
    billed_until = models.DateField(_("Invoiced until"), null=True, editable=False)
    monthly = MoneyField(_("A month"), editable=False)

    class Meta(PricedLine.Meta):
        indexes = [
            *PricedLine.Meta.indexes,
            models.Index(fields=["workspace", "subscription", "position"], name="subscription_line_of"),
            models.Index(fields=["workspace", "since", "until"], name="subscription_line_days"),
        ]
