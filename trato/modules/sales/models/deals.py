"""Deals, who and what belongs to them, and where they stood when."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trato.engine.documents import SearchField
from trato.engine.kinds.fields import LinksField, MoneyField, PercentField, TagsField, coloured
from trato.engine.models import Record, board_index
from trato.engine.workspaces.base import WorkspaceForeignKey, WorkspaceModel
from trato.engine.workspaces.models import User
from trato.modules.catalog.models import PricedLine
from trato.modules.people.models import Account, Contact

from .leads import Lead
from .pipelines import LossReason, Pipeline, Stage, outcome

#: How sure a seller is of a deal in the forecast.
CATEGORIES = [
    ("pipeline", _("Pipeline")),
    ("best_case", _("Best case")),
    ("commit", _("Commit")),
    ("omitted", _("Omitted")),
]
PERIODS = [("month", _("a month")), ("quarter", _("a quarter")), ("year", _("a year"))]
ROLES = [
    ("decides", _("Decides")),
    ("influences", _("Influences")),
    ("champion", _("Speaks for us")),
    ("uses", _("Uses it")),
    ("blocks", _("Blocks")),
]
OPEN = Q(status="open", deleted_at__isnull=True)


class Deal(Record):
    """Something that may be sold to somebody, from the first talk to the decision."""

    name = models.CharField(_("Name"), max_length=200)
    account = WorkspaceForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Account")
    )
    contact = WorkspaceForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Contact")
    )
    pipeline = WorkspaceForeignKey(
        Pipeline, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Pipeline")
    )
    stage = WorkspaceForeignKey(Stage, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Stage"))
    value = MoneyField(_("Value"), help_text=_("Once. Where there are lines, it is their sum."))
    recurring = MoneyField(_("Recurring value"), help_text=_("What comes again each period."))
    period = models.CharField(_("Each"), max_length=7, choices=PERIODS, default="month")
    close_date = models.DateField(_("Expected close"), null=True, blank=True)
    probability = PercentField(_("Probability"), blank=True, help_text=_("That of the stage, unless you say another."))
    category = coloured(
        models.CharField(_("Forecast"), max_length=9, choices=CATEGORIES, default="pipeline"),
        pipeline="azure",
        best_case="purple",
        commit="green",
    )
    status = outcome(_("Status"), editable=False)
    opened_at = models.DateTimeField(_("Opened"), default=timezone.now)
    closed_at = models.DateTimeField(_("Closed"), null=True, blank=True)
    loss_reason = WorkspaceForeignKey(
        LossReason, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Lost because")
    )
    loss_note = models.TextField(_("How it was decided"), blank=True)
    source = models.CharField(_("Source"), max_length=100, blank=True)
    campaign = models.CharField(_("Campaign"), max_length=100, blank=True)
    next_step = models.CharField(_("Next step"), max_length=200, blank=True)
    next_step_at = models.DateTimeField(_("Next step on"), null=True, blank=True)
    lead = WorkspaceForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Lead"))
    tags = TagsField(_("Tags"))
    description = models.TextField(_("Description"), blank=True)
    checked = LinksField(_("Made sure of"), to=("stage-checks",), editable=False)
    chance = PercentField(
        _("Win chance"),
        blank=True,
        editable=False,
        help_text=_("Learned from the deals that were won and lost."),
    )
    points = models.IntegerField(_("Points"), default=0, editable=False)
    quiet_since = models.DateField(
        _("Quiet since"), null=True, editable=False, help_text=_("Nothing happened for longer than its stage allows.")
    )
    search = SearchField(A=("title",), B=("tags",), C=("next_step", "source", "campaign"))

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            board_index("deal_board", "stage"),
            models.Index(fields=["workspace", "pipeline", "stage", "id"], name="deal_pipeline", condition=OPEN),
            models.Index(fields=["workspace", "owner", "close_date", "id"], name="deal_mine", condition=OPEN),
            models.Index(fields=["workspace", "close_date", "id"], name="deal_closing", condition=OPEN),
            models.Index(fields=["workspace", "status", "closed_at", "id"], name="deal_closed"),
            models.Index(fields=["workspace", "source", "id"], name="deal_source"),
        ]


class DealContact(Record):
    """A person who has a say in a deal."""

    deal = WorkspaceForeignKey(Deal, models.CASCADE, related_name="+", verbose_name=_("Deal"))
    contact = WorkspaceForeignKey(Contact, models.PROTECT, related_name="+", verbose_name=_("Contact"))
    role = coloured(
        models.CharField(_("Role"), max_length=10, choices=ROLES, default="influences"),
        decides="green",
        champion="azure",
        blocks="red",
    )
    note = models.CharField(_("Note"), max_length=300, blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "deal", "contact"], condition=Q(deleted_at__isnull=True), name="deal_contact_once"
            )
        ]


class DealCompetitor(Record):
    """Somebody else who wants the deal."""

    deal = WorkspaceForeignKey(Deal, models.CASCADE, related_name="+", verbose_name=_("Deal"))
    name = models.CharField(_("Competitor"), max_length=200)
    account = WorkspaceForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Account")
    )
    has_won = models.BooleanField(_("Got the deal"), default=False)
    note = models.CharField(_("Strong and weak at"), max_length=300, blank=True)


class DealLine(PricedLine):
    """What is sold with a deal."""

    deal = WorkspaceForeignKey(Deal, models.CASCADE, related_name="+", verbose_name=_("Deal"))


class DealSplit(Record):
    """What part of a deal counts for a seller; together they make 100."""

    deal = WorkspaceForeignKey(Deal, models.CASCADE, related_name="+", verbose_name=_("Deal"))
    seller = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("Seller"))
    percent = PercentField(_("Share"), default=100)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "deal", "seller"], condition=Q(deleted_at__isnull=True), name="deal_split_once"
            )
        ]


class StageVisit(WorkspaceModel):
    """A deal stood in a stage from ``entered_at`` until ``left_at`` (None: it stands there), worth so much then.

    Written in the transaction of whatever moved the deal: one write, many, an import or an undo.
    """

    deal = WorkspaceForeignKey(Deal, models.CASCADE, related_name="visits")
    stage = WorkspaceForeignKey(Stage, models.CASCADE, related_name="+")
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_name = models.TextField(default="")
    value = MoneyField()

    class Meta(WorkspaceModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "deal", "entered_at"], name="stage_visit_deal"),
            models.Index(fields=["workspace", "stage", "entered_at"], name="stage_visit_stage"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "deal"], condition=Q(left_at__isnull=True), name="stage_visit_one_open"
            )
        ]
