"""The table of field: visits."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from trato.engine.documents import SearchField
from trato.engine.kinds.fields import AddressesField, FileField, LinksField, RichTextField, coloured
from trato.engine.models import Record, board_index
from trato.engine.workspaces.base import WorkspaceForeignKey
from trato.modules.people.models import Account, Contact

STATUS = [
    ("planned", _("Planned")),
    ("under_way", _("Under way")),
    ("done", _("Done")),
    ("cancelled", _("Cancelled")),
]
OUTCOMES = [
    ("talked", _("Talked")),
    ("order", _("Order taken")),
    ("follow_up", _("To follow up")),
    ("nobody", _("Nobody there")),
]


def degrees(label: object) -> models.DecimalField:
    """Degrees of a place on earth as devices tell them: six digits are a tenth of a metre."""
    return models.DecimalField(label, max_digits=9, decimal_places=6, null=True, editable=False)


class Visit(Record):
    """Somebody of ours goes to see a customer."""

    purpose = models.CharField(_("Purpose"), max_length=200)
    account = WorkspaceForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("Account"))
    contact = WorkspaceForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Contact")
    )
    planned_at = models.DateTimeField(_("Planned"))
    ends_at = models.DateTimeField(_("Until"), null=True, blank=True)
    status = coloured(
        models.CharField(_("Status"), max_length=10, choices=STATUS, default="planned", editable=False),
        under_way="blue",
        done="green",
        cancelled="red",
    )
    place = AddressesField(_("Place"), help_text=_("Empty: the address of the account."))
    checked_in_at = models.DateTimeField(_("Arrived"), null=True, editable=False)
    checked_out_at = models.DateTimeField(_("Left"), null=True, editable=False)
    latitude = degrees(_("Latitude"))
    longitude = degrees(_("Longitude"))
    accuracy = models.PositiveIntegerField(
        _("Accuracy"), null=True, editable=False, help_text=_("Within how many metres the device knew where it was.")
    )
    distance = models.DecimalField(
        _("Distance"),
        max_digits=8,
        decimal_places=1,
        null=True,
        editable=False,
        help_text=_("Kilometres from where the device was to the town of the visit."),
    )
    outcome = coloured(
        models.CharField(_("Outcome"), max_length=10, choices=OUTCOMES, blank=True), order="green", follow_up="yellow"
    )
    report = RichTextField(_("Report"), blank=True)
    photo = FileField(_("Photo"), blank=True)
    about = LinksField(_("About"), to=("accounts", "contacts"), editable=False)
    search = SearchField(A=("title",), C=("report", "place"))

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "planned_at", "id"], name="visit_planned"),
            models.Index(fields=["workspace", "owner", "planned_at"], name="visit_whose"),
            models.Index(fields=["workspace", "account", "planned_at"], name="visit_account"),
            board_index("visit_board", "outcome"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("planned_at")),
                name="visit_ends",
                violation_error_code="dates",
                violation_error_message=_("It can't end before it begins."),
            )
        ]
