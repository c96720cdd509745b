"""Leads, who gets them, what is asked before they count, and who is away."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from trato.engine.documents import SearchField
from trato.engine.kinds.fields import AddressesField, EmailsField, FilterField, PhonesField, TagsField, coloured
from trato.engine.models import Record, board_index
from trato.engine.workspaces.base import WorkspaceForeignKey
from trato.engine.workspaces.models import User
from trato.modules.people.models import SIZES, Account, Contact

from .pipelines import LossReason

STATUSES = [
    ("new", _("New")),
    ("working", _("Working")),
    ("qualified", _("Qualified")),
    ("disqualified", _("Disqualified")),
    ("converted", _("Converted")),
]
METHODS = [
    ("turns", _("In turns")),
    ("weights", _("By weight")),
    ("territory", _("By territory")),
    ("load", _("Who has the fewest")),
]
#: Leads somebody still works on.
LIVE = Q(status__in=("new", "working", "qualified"), deleted_at__isnull=True)


def _made(model: Any, label: Any) -> WorkspaceForeignKey:
    """What a lead became."""
    return WorkspaceForeignKey(
        model, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=label
    )


class Lead(Record):
    """Somebody who may want something of us, before we know whether they do."""

    emails = EmailsField(_("E-mails"))
    phones = PhonesField(_("Phones"))
    addresses = AddressesField(_("Addresses"))
    first_name = models.CharField(_("First name"), max_length=100, blank=True)
    last_name = models.CharField(_("Last name"), max_length=100, blank=True)
    job_title = models.CharField(_("Job title"), max_length=150, blank=True)
    company = models.CharField(_("Company"), max_length=200, blank=True)
    industry = models.CharField(_("Industry"), max_length=100, blank=True)
    size = models.CharField(_("Employees"), max_length=8, choices=SIZES, blank=True)
    website = models.URLField(_("Website"), max_length=300, blank=True)
    status = coloured(
        models.CharField(_("Status"), max_length=12, choices=STATUSES, default="new"),
        new="azure",
        working="blue",
        qualified="purple",
        converted="green",
    )
    rating = coloured(
        models.CharField(
            _("Rating"),
            max_length=4,
            blank=True,
            choices=[("hot", _("Hot")), ("warm", _("Warm")), ("cold", _("Cold"))],
        ),
        hot="red",
        warm="orange",
        cold="azure",
    )
    source = models.CharField(_("Source"), max_length=100, blank=True, help_text=_("Where they come from."))
    campaign = models.CharField(_("Campaign"), max_length=100, blank=True)
    wish = models.TextField(_("What they want"), blank=True)
    tags = TagsField(_("Tags"))
    no_mailings = models.BooleanField(
        _("No mailings"), default=False, editable=False, help_text=_("They want no mails of sequences.")
    )
    points = models.IntegerField(_("Points"), default=0, editable=False)
    answers = models.JSONField(_("Answers"), default=dict, blank=True, editable=False)
    due_at = models.DateTimeField(_("To be touched by"), null=True, blank=True, editable=False)
    touched_at = models.DateTimeField(_("First touched"), null=True, blank=True, editable=False)
    loss_reason = WorkspaceForeignKey(
        LossReason, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Disqualified because")
    )
    recycle_on = models.DateField(_("Take up again on"), null=True, blank=True)
    converted_at = models.DateTimeField(_("Converted"), null=True, blank=True, editable=False)
    account = _made(Account, _("Account"))
    contact = _made(Contact, _("Contact"))
    deal = _made("sales.Deal", _("Deal"))
    search = SearchField(
        A=("title", "company"), B=("emails", "phones", "website"), C=("addresses", "tags", "source", "campaign")
    )

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            board_index("lead_board", "status"),
            models.Index(fields=["workspace", "owner", "due_at", "id"], name="lead_mine", condition=LIVE),
            models.Index(fields=["workspace", "recycle_on"], name="lead_recycle", condition=Q(status="disqualified")),
        ]


class LeadRule(Record):
    """Who gets the leads that a filter holds; the first rule by position that fits gives a lead away."""

    name = models.CharField(_("Name"), max_length=100)
    position = models.PositiveIntegerField(_("Position"), default=1)
    is_on = models.BooleanField(_("In use"), default=True)
    condition = FilterField(_("For leads that"), about=("leads",), help_text=_("Without a condition: for all."))
    method = models.CharField(_("Given"), max_length=9, choices=METHODS, default="turns")
    minutes = models.PositiveIntegerField(
        _("First touch within minutes"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60 * 24 * 90)],
    )


class LeadRuleMember(Record):
    """A person whom a rule gives leads to."""

    rule = WorkspaceForeignKey(LeadRule, models.CASCADE, related_name="+", verbose_name=_("Rule"))
    position = models.PositiveIntegerField(_("Position"), default=1)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("Person"))
    weight = models.PositiveIntegerField(
        _("Weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    countries = models.CharField(_("Countries"), max_length=300, blank=True, help_text=_("Codes, like ES, PT."))
    regions = models.CharField(_("Regions"), max_length=300, blank=True)
    postcodes = models.CharField(
        _("Postcodes"), max_length=300, blank=True, help_text=_("How they begin, like 28, 080.")
    )
    given = models.PositiveIntegerField(_("Leads given"), default=0, editable=False)
    balance = models.IntegerField(_("Turns owed"), default=0, editable=False)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "rule", "person"], condition=Q(deleted_at__isnull=True), name="lead_rule_member"
            )
        ]


class Question(Record):
    """Something to be found out before a lead counts as qualified."""

    position = models.PositiveIntegerField(_("Position"), default=1)
    name = models.CharField(_("Question"), max_length=200)
    method = models.CharField(
        _("Checklist"),
        max_length=6,
        default="own",
        choices=[("bant", "BANT"), ("meddic", "MEDDIC"), ("own", _("Our own"))],
    )
    is_on = models.BooleanField(_("In use"), default=True)


class Absence(Record):
    """A member is away: rules give them no leads on these days."""

    since = models.DateField(_("First day"))
    until = models.DateField(_("Last day"))
    note = models.CharField(_("Note"), max_length=200, blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("since")),
                name="absence_dates",
                violation_error_code="dates",
                violation_error_message=_("It can't end before it began."),
            )
        ]
