"""Points by rules, and what was learned from closed deals."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trato.engine.kinds.fields import FilterField
from trato.engine.models import Record
from trato.engine.workspaces.base import WorkspaceModel


class ScoreRule(Record):
    """Records that a filter holds get so many points, or lose them."""

    name = models.CharField(_("Name"), max_length=100)
    object = models.CharField(
        _("For"), max_length=5, default="leads", choices=[("leads", _("Leads")), ("deals", _("Deals"))]
    )
    condition = FilterField(
        _("That"), about=("leads", "deals"), by="object", help_text=_("Without a condition: all of them.")
    )
    points = models.IntegerField(_("Points"), validators=[MinValueValidator(-1000), MaxValueValidator(1000)])
    is_on = models.BooleanField(_("In use"), default=True)


class Chances(WorkspaceModel):
    """What was learned from the closed deals of the workspace (``rules.learn``), and how well it foretold those it had
    not seen (``rules.calibrate``). One row a workspace.
    """

    model = models.JSONField(default=dict)
    calibration = models.JSONField(default=dict)
    learned_at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="chances_once")]
