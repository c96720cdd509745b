"""Pipelines, the stages deals go through on them, what a stage asks and does, and why deals and leads are lost."""

from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from trato.engine.kinds.fields import PercentField, coloured
from trato.engine.models import Record
from trato.engine.workspaces.base import WorkspaceForeignKey

#: What a stage makes of a deal that stands in it.
OUTCOMES = [("open", _("Open")), ("won", _("Won")), ("lost", _("Lost"))]


def outcome(label: Any, **options: Any) -> models.CharField:
    """Open, won or lost."""
    field = models.CharField(label, max_length=4, choices=OUTCOMES, default="open", **options)
    return coloured(field, open="azure", won="green", lost="red")


class Pipeline(Record):
    """A way on which deals are won: its stages in their order."""

    name = models.CharField(_("Name"), max_length=100)
    position = models.PositiveIntegerField(
        _("Position"), default=1, help_text=_("New deals go into the first pipeline unless another is chosen.")
    )
    description = models.TextField(_("Description"), blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=Q(deleted_at__isnull=True), name="pipeline_name"
            )
        ]


class Stage(Record):
    """A step on a pipeline; standing in one that is won or lost makes a deal won or lost."""

    pipeline = WorkspaceForeignKey(Pipeline, models.PROTECT, related_name="+", verbose_name=_("Pipeline"))
    position = models.PositiveIntegerField(_("Position"), default=1)
    name = models.CharField(_("Name"), max_length=100)
    kind = outcome(_("Outcome"))
    probability = PercentField(
        _("Probability"), default=0, help_text=_("How likely a deal that stands here is won, until somebody says else.")
    )

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "pipeline", "position"], name="stage_order"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "pipeline", "name"], condition=Q(deleted_at__isnull=True), name="stage_name"
            )
        ]


class StageCheck(Record):
    """Something to be made sure of while a deal stands in a stage."""

    stage = WorkspaceForeignKey(Stage, models.CASCADE, related_name="+", verbose_name=_("Stage"))
    position = models.PositiveIntegerField(_("Position"), default=1)
    name = models.CharField(_("To make sure of"), max_length=200)


class StageStep(Record):
    """Something done by itself when a deal comes into a stage, or leaves it."""

    stage = WorkspaceForeignKey(Stage, models.CASCADE, related_name="+", verbose_name=_("Stage"))
    position = models.PositiveIntegerField(_("Position"), default=1)
    at = models.CharField(
        _("When"), max_length=5, default="entry", choices=[("entry", _("On entry")), ("exit", _("On exit"))]
    )
    what = models.CharField(
        _("What"),
        max_length=6,
        default="task",
        choices=[("task", _("Create a task")), ("field", _("Set a field")), ("notify", _("Tell the owner"))],
    )
    words = models.CharField(_("Words"), max_length=200, blank=True, help_text=_("Of the task."))
    days = models.PositiveIntegerField(
        _("Due after days"), null=True, blank=True, validators=[MaxValueValidator(3650)], help_text=_("Of the task.")
    )
    field = models.CharField(_("Field"), max_length=80, blank=True, help_text=_("Its name in the API."))
    value = models.CharField(_("Value"), max_length=300, blank=True, help_text=_("As it is typed into a form."))


class LossReason(Record):
    """Why a deal was lost, or a lead was none."""

    name = models.CharField(_("Reason"), max_length=100)
    position = models.PositiveIntegerField(_("Position"), default=1)
    used_for = models.CharField(
        _("For"),
        max_length=5,
        default="deals",
        choices=[("deals", _("Deals")), ("leads", _("Leads")), ("both", _("Deals and leads"))],
    )

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=Q(deleted_at__isnull=True), name="loss_reason_name"
            )
        ]
