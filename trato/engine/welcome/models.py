"""The row behind a person's first steps."""

from django.db import models

from ..workspaces.base import WorkspaceModel
from ..workspaces.models import User


class Welcome(WorkspaceModel):
    """What a person said of their work on their first day, and whether they still want its first steps shown."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    persona = models.CharField(max_length=20, default="")
    hidden = models.BooleanField(default=False)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="welcome_once")]
