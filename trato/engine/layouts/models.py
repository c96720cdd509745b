"""The table of layouts."""

from __future__ import annotations

from django.db import models

from ..workspaces.base import WorkspaceForeignKey, WorkspaceModel
from ..workspaces.models import Role


class Layout(WorkspaceModel):
    """What the pages of an object show to a role, or to everybody (``role`` None). A part that is None says nothing: it
    is as without this layout.

    ``sections`` are ``{"label": str, "labels": {"es": str, ...}, "fields": [name, ...]}``; with them ``hidden`` names
    the fields that stand in none of them and on no page. ``head``: the fields beside a record's name; ``columns``:
    those that lists begin with.
    """

    object = models.CharField(max_length=60)
    role = WorkspaceForeignKey(Role, models.CASCADE, null=True, related_name="+")
    sections = models.JSONField(null=True)
    hidden = models.JSONField(default=list)
    head = models.JSONField(null=True)
    columns = models.JSONField(null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "object", "role"], nulls_distinct=False, name="layout_of_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object} ({self.role_id or 'everybody'})"
