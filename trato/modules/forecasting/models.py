"""Tables of forecasting: what people are to sell, what managers expect, and how deals stood from night to night."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trato.engine.kinds.fields import MoneyField, PercentField
from trato.engine.models import Record
from trato.engine.workspaces.base import WorkspaceForeignKey, WorkspaceModel
from trato.engine.workspaces.models import User
from trato.modules.catalog.models import IN_USE, Product, period_fields, period_rule
from trato.modules.sales.models import Deal

LENGTHS = [("month", _("Month")), ("quarter", _("Quarter")), ("year", _("Year"))]
COUNTS = [("won", _("Deals that are won")), ("paid", _("Invoices that are paid"))]
COVERS = [("person", _("What they sell themselves")), ("team", _("What their team sells"))]


class Goal(Record):
    """An amount of one person, or of the team they lead, for one period."""

    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("Person"))
    covers = models.CharField(_("For"), max_length=6, choices=COVERS, default="person")
    length = models.CharField(_("Period"), max_length=7, choices=LENGTHS, default="quarter")
    starts_on = models.DateField(_("Beginning"), help_text=_("Any day of the period; its first day is kept."))
    amount = MoneyField(_("Amount"), null=False, blank=False)

    class Meta(Record.Meta):
        abstract = True
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "length", "starts_on"], name="%(class)s_period"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "person", "covers", "length", "starts_on"],
                condition=Q(deleted_at__isnull=True),
                name="%(class)s_once",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="%(class)s_amount",
                violation_error_message=_("It can't be less than nothing."),
            ),
        ]


class Quota(Goal):
    """What somebody is to sell in a period."""


class ForecastCall(Goal):
    """What a manager expects of somebody in a period, whatever the deals add up to; its history is the record's."""

    reason = models.TextField(_("Reason"), help_text=_("Why you expect another amount than the deals add up to."))


class CommissionPlan(Record):
    """What some people earn on what they sell, while it holds."""

    name = models.CharField(_("Name"), max_length=100)
    counts = models.CharField(
        _("Counts"), max_length=4, choices=COUNTS, default="won", help_text=_("In the month they are won, or paid.")
    )
    since, until = period_fields()
    note = models.TextField(_("Note"), blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], condition=IN_USE, name="commission_plan_name"),
            period_rule("commission_plan_dates"),
        ]


class CommissionRate(Record):
    """A rate of a plan: on a product, a category or everything else, from an amount sold in the month on."""

    plan = WorkspaceForeignKey(CommissionPlan, models.CASCADE, related_name="+", verbose_name=_("Plan"))
    position = models.PositiveIntegerField(_("Position"), default=1)
    product = WorkspaceForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Product")
    )
    category = models.CharField(
        _("Category"), max_length=100, blank=True, help_text=_("Of products; empty: everything without its own rate.")
    )
    start = MoneyField(
        _("Sold from"),
        help_text=_("The rate is for what is sold beyond this amount in a month; empty: from the first."),
    )
    percent = PercentField(_("Rate"))


class CommissionMember(Record):
    """Somebody a plan is for."""

    plan = WorkspaceForeignKey(CommissionPlan, models.CASCADE, related_name="+", verbose_name=_("Plan"))
    position = models.PositiveIntegerField(_("Position"), default=1)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("Person"))
    share = PercentField(_("Share"), default=100, help_text=_("Of what the rates come to."))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "plan", "person"], condition=IN_USE, name="commission_member_once"
            )
        ]


class ClosedMonth(WorkspaceModel):
    """A month whose statements of commission stay as they are; months are closed one after the other."""

    month = models.DateField()
    currency = models.CharField(max_length=3)
    closed_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "month"], name="closed_month_once")]


class ClosedStatement(WorkspaceModel):
    """One statement of a closed month, with the terms it was made by; amounts are texts, as numbers would lose digits.

    ``rates``: [sort, what, start, percent]; ``lines``: [sort, what, sold, commission]; ``sales``: [plural, id, title,
    amount]; ``corrections``: [first day of an earlier month, commission].
    """

    closed = WorkspaceForeignKey(ClosedMonth, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    plan_id = models.UUIDField()
    plan = models.CharField(max_length=100)
    counts = models.CharField(max_length=4, choices=COUNTS)
    share = PercentField()
    rates = models.JSONField(default=list)
    lines = models.JSONField(default=list)
    sales = models.JSONField(default=list)
    corrections = models.JSONField(default=list)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "closed", "person", "plan_id"], name="closed_statement_once")
        ]


class DealState(WorkspaceModel):
    """How a deal stood from the night of ``since`` until the night of ``until`` (None: it still does).

    A night adds a row only for a deal that changed in what forecasts are made of: 300,000 deals of which 2,000 move
    make 2,000 rows.
    """

    deal = WorkspaceForeignKey(Deal, models.CASCADE, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True)
    owner_id = models.UUIDField(null=True)
    status = models.CharField(max_length=4)
    category = models.CharField(max_length=9)
    stage_id = models.UUIDField(null=True)
    close_date = models.DateField(null=True)
    value = MoneyField()
    probability = models.DecimalField(max_digits=5, decimal_places=2, null=True)

    class Meta(WorkspaceModel.Meta):
        indexes = [
            models.Index(
                fields=["workspace", "close_date", "since"], name="deal_state_closing", condition=Q(status="open")
            ),
            models.Index(fields=["workspace", "since"], name="deal_state_since"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "deal", "since"], name="deal_state_night"),
            models.UniqueConstraint(
                fields=["workspace", "deal"], condition=Q(until__isnull=True), name="deal_state_current"
            ),
        ]
