"""What administrators decide about fields that are there: what they are called, whether they are asked for, and when.

An overlay, never an edit: without its row a field is as the module declares it (docs/adr/0008).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

from django.db import models
from django.utils.translation import gettext_lazy as _

from .fields import Field
from .kinds import Choice, Choices, make
from .workspaces.base import WorkspaceModel


class FieldOverlay(WorkspaceModel):
    """One field of an object as a workspace wants it; what is empty is as declared.

    ``visible_when`` and ``required_when`` are filters over the record's own fields. ``choices`` are those of a built-in
    choice: its own values, with other labels and colours, in another order, some retired.
    """

    object = models.CharField(max_length=60)
    field = models.CharField(max_length=80)
    label = models.CharField(_("Label"), max_length=100, default="")
    help = models.CharField(_("Help"), max_length=300, default="")
    required = models.BooleanField(_("Required"), default=False)
    hidden = models.BooleanField(_("Hidden"), default=False)
    choices = models.JSONField(_("Choices"), default=list)
    visible_when = models.JSONField(_("Visible when"), null=True)
    required_when = models.JSONField(_("Required when"), null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "object", "field"], name="field_overlay_once")]

    def __str__(self) -> str:
        return f"{self.object}.{self.field}"


def laid_over(plural: str, fields: Mapping[str, Field]) -> dict[str, Field]:
    """The fields of an object as the current workspace wants them."""
    found = dict(fields)
    for row in FieldOverlay.objects.filter(object=plural):
        if row.field in found:
            found[row.field] = _changed(found[row.field], row)
    return found


def _changed(known: Field, row: FieldOverlay) -> Field:
    kind = known.kind
    if (
        row.choices
        and isinstance(kind, Choice | Choices)
        and {each["value"] for each in row.choices} == set(kind.offer.labels)
    ):
        kind = make(kind.name, {"choices": row.choices, "required": known.required})
        kind.empty = known.kind.empty
    if row.required and not known.required:
        kind = copy.copy(kind)
        kind.required = True
    return replace(
        known,
        kind=kind,
        label=row.label or known.label,
        help=row.help or known.help,
        required=known.required or row.required,
        hidden=row.hidden,
        visible_when=row.visible_when,
        required_when=row.required_when,
    )
