"""Tables of quoting: quotes and their lines, who approves them, and who signed what."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trato.engine.documents import SearchField
from trato.engine.kinds.fields import FileField, MoneyField, PercentField, TagsField, coloured
from trato.engine.models import Record, board_index
from trato.engine.workspaces.base import WorkspaceForeignKey, WorkspaceModel
from trato.engine.workspaces.models import User
from trato.modules.catalog.models import PricedDocument, PricedLine
from trato.modules.sales.models import Deal

STATUS = [
    ("draft", _("Draft")),
    ("approval", _("In approval")),
    ("approved", _("Approved")),
    ("sent", pgettext_lazy("quote", "Sent")),
    ("seen", pgettext_lazy("quote", "Seen")),
    ("accepted", _("Accepted")),
    ("declined", _("Declined")),
    ("expired", _("Expired")),
    ("withdrawn", _("Withdrawn")),
    ("superseded", _("Replaced")),
]
DECISIONS = [("waiting", _("Waiting")), ("approved", _("Approved")), ("refused", _("Refused"))]
IN_USE = Q(deleted_at__isnull=True)


class Quote(PricedDocument):
    """An offer in writing: what a customer would get, for how much, until when.

    ``revision`` counts the versions of one number; a newer one names its ``previous``. ``document`` is the PDF as it
    was sent, or as the customer chose; ``signed`` the same with the evidence and the workspace's seal.
    """

    name = models.CharField(_("Subject"), max_length=200)
    number = models.CharField(_("Number"), max_length=60, null=True, blank=True, editable=False)
    revision = models.PositiveIntegerField(pgettext_lazy("quote", "Version"), default=1, editable=False)
    previous = WorkspaceForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("Previous version"),
    )
    deal = WorkspaceForeignKey(Deal, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Deal"))
    status = coloured(
        models.CharField(_("Status"), max_length=10, choices=STATUS, default="draft", editable=False),
        approval="yellow",
        approved="cyan",
        sent="azure",
        seen="purple",
        accepted="green",
        declined="red",
        expired="orange",
    )
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)
    intro = models.TextField(_("Introduction"), blank=True, help_text=_("What stands before the lines."))
    tags = TagsField(_("Tags"))
    sent_at = models.DateTimeField(pgettext_lazy("quote", "Sent"), null=True, blank=True, editable=False)
    seen_at = models.DateTimeField(_("First seen"), null=True, blank=True, editable=False)
    seen_count = models.PositiveIntegerField(_("Times seen"), default=0, editable=False)
    answered_at = models.DateTimeField(_("Answered"), null=True, blank=True, editable=False)
    answered_by = models.CharField(_("Answered by"), max_length=200, blank=True, editable=False)
    decline_reason = models.TextField(_("Reason for declining"), blank=True, editable=False)
    document = FileField(_("Document"), blank=True, editable=False)
    signed = FileField(_("Signed document"), blank=True, editable=False)
    search = SearchField(A=("title",), B=("number", "tags"), C=("intro",))

    class Meta(PricedDocument.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number", "revision"], condition=IN_USE, name="quote_number"),
        ]
        indexes = [
            *Record.Meta.indexes,
            board_index("quote_board", "status"),
            models.Index(fields=["workspace", "deal", "id"], name="quote_deal"),
            models.Index(fields=["workspace", "account", "id"], name="quote_account"),
            models.Index(
                fields=["workspace", "valid_until"],
                name="quote_open",
                condition=Q(status__in=("sent", "seen"), deleted_at__isnull=True),
            ),
        ]


class QuoteLine(PricedLine):
    """One line of a quote; of the optional ones the customer may choose."""

    quote = WorkspaceForeignKey(Quote, models.CASCADE, related_name="+", verbose_name=_("Quote"))
    is_chosen = models.BooleanField(_("Chosen by the customer"), default=False, editable=False)

    class Meta(PricedLine.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "quote", "position"], name="quote_line")]

    @property
    def is_beside(self) -> bool:
        """An option that was chosen is part of the total."""
        return self.is_optional and not self.is_chosen


class ApprovalRule(Record):
    """Who has to approve a quote before it is sent: above an amount, above a discount, or every one."""

    name = models.CharField(_("Name"), max_length=120)
    position = models.IntegerField(_("Position"), default=0, help_text=_("They are asked in this order."))
    amount = MoneyField(_("From a total of"), help_text=_("Before tax, in the same currency; empty: any."))
    discount = PercentField(
        _("From a discount of"), blank=True, help_text=_("On the whole quote or on one line; empty: any.")
    )
    approver = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("Approves"))
    is_active = models.BooleanField(_("In use"), default=True)


class Approval(WorkspaceModel):
    """One person asked to approve a quote as it is; ``approver`` is None where any administrator may."""

    quote = WorkspaceForeignKey(Quote, models.CASCADE, related_name="+")
    position = models.IntegerField(default=0)
    approver = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    because = models.CharField(max_length=300)
    decision = models.CharField(max_length=10, choices=DECISIONS, default="waiting")
    words = models.TextField(blank=True)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "quote", "position"], name="approval_quote"),
            models.Index(fields=["workspace", "approver"], name="approval_waiting", condition=Q(decision="waiting")),
        ]


class Signature(WorkspaceModel):
    """Who signed a quote: how, when, from where, and the SHA-256 of the PDF they had before them.

    ``drawing`` is the path of an SVG in a box of 600 by 200, "" where the name was typed.
    """

    quote = WorkspaceForeignKey(Quote, models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, blank=True)
    drawing = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    agent = models.CharField(max_length=400)
    at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "quote"], name="signature_once")]


class QuoteSettings(WorkspaceModel):
    """What new quotes begin with, and whether a signature wins the deal; there is at most one row."""

    valid_days = models.PositiveIntegerField(default=30)
    terms = models.TextField(blank=True)
    wins_deal = models.BooleanField(default=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="quote_settings_once")]
