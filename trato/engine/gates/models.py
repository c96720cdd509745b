"""The table of gates."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..workspaces.base import WorkspaceModel


class Gate(WorkspaceModel):
    """``required``: names of the fields that are filled in before ``field`` of ``object`` takes ``value``.

    ``stale_days``: after so many days without a change or an activity a record there is marked; None for never.
    """

    object = models.CharField(max_length=60)
    field = models.CharField(max_length=80)
    value = models.CharField(max_length=200)
    required = models.JSONField(_("Needed here"), default=list)
    stale_days = models.PositiveIntegerField(_("Quiet for at most"), null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "object", "field", "value"], name="gate_of_value"),
        ]

    def __str__(self) -> str:
        return f"{self.object}.{self.field} = {self.value}"
