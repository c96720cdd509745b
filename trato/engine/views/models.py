"""The tables of saved views: the views, who pinned which, which one a list opens with, how each looks to a person."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..workspaces.base import WorkspaceForeignKey, WorkspaceModel
from ..workspaces.models import Role, Team, User


class SavedView(WorkspaceModel):
    """A way to look at an object's records that has a name. ``settings`` is what ``views.Settings`` reads.

    ``visibility``: its owner's alone, for one team too, for everybody in the workspace. A view whose team is gone is
    its owner's alone. A deleted one stays for undo.
    """

    object = models.CharField(max_length=60)
    name = models.CharField(_("Name"), max_length=100)
    icon = models.CharField(_("Icon"), max_length=40, default="", blank=True)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    visibility = models.CharField(_("Who sees it"), max_length=10, default="private")  # private team everyone
    team = WorkspaceForeignKey(Team, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=10, default="table")  # table board calendar map
    settings = models.JSONField(default=dict)
    position = models.IntegerField(default=0)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        indexes = [models.Index(fields=["workspace", "object", "position", "id"], name="saved_view_object")]

    def __str__(self) -> str:
        return self.name


class ViewPin(WorkspaceModel):
    """A view that a person keeps at hand: among the first tabs of its list, and in the navigation."""

    view = WorkspaceForeignKey(SavedView, models.CASCADE, related_name="pins")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    position = models.IntegerField(default=0)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "user", "view"], name="view_pin_once")]


class ViewDefault(WorkspaceModel):
    """The view that an object's list opens with, for one person or for everybody with a role."""

    object = models.CharField(max_length=60)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    role = WorkspaceForeignKey(Role, models.CASCADE, null=True, related_name="+")
    view = WorkspaceForeignKey(SavedView, models.CASCADE, related_name="+")

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "object", "user", "role"], nulls_distinct=False, name="view_default_once"
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) ^ models.Q(role__isnull=True), name="view_default_person_or_role"
            ),
        ]


class ViewLook(WorkspaceModel):
    """How wide and how dense a person made a table: of a view that is not theirs to change, or of no view."""

    object = models.CharField(max_length=60)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    view = WorkspaceForeignKey(SavedView, models.CASCADE, null=True, related_name="+")
    widths = models.JSONField(default=dict)
    density = models.CharField(max_length=12, default="")

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "user", "object", "view"], nulls_distinct=False, name="view_look_once"
            )
        ]
