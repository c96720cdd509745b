"""The table of secret addresses."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from ..workspaces.base import WorkspaceModel
from ..workspaces.models import User


class Door(WorkspaceModel):
    """A secret address that opens one record to somebody without an account, for one purpose; only the hash of the
    secret is kept.

    ``name`` and ``email`` say for whom it was made, ``language`` what they read.
    """

    digest = models.CharField(max_length=64)
    purpose = models.CharField(max_length=30)
    object = models.CharField(max_length=60)
    record_id = models.UUIDField()
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=10)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "digest"], name="door_digest")]
        indexes = [models.Index(fields=["workspace", "record_id"], name="door_record")]
