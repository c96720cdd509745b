"""The tables of duplicates and merges."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from ..workspaces.base import WorkspaceModel
from ..workspaces.models import User


class DuplicateRules(WorkspaceModel):
    """What an administrator changed of the rules by which two records of an object are held to be the same."""

    object = models.CharField(max_length=60)
    comparisons = models.JSONField(default=list)
    threshold = models.FloatField()

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "object"], name="duplicate_rules_object")]


class DuplicatePair(WorkspaceModel):
    """Two records that look the same (``left_id`` < ``right_id``), why, and what a person decided about them."""

    object = models.CharField(max_length=60)
    left_id = models.UUIDField()
    right_id = models.UUIDField()
    score = models.FloatField()
    reasons = models.JSONField(default=list)  # [field name, points] of what agrees, the most telling first
    state = models.CharField(max_length=10, default="open")  # open later dismissed merged
    scan_id = models.UUIDField(null=True)
    found_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "object", "left_id", "right_id"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=models.Q(left_id__lt=models.F("right_id")), name="duplicate_pair_order"),
        ]
        indexes = [
            models.Index(fields=["workspace", "object", "state", "score", "id"], name="duplicate_pair_queue"),
            models.Index(fields=["workspace", "right_id"], name="duplicate_pair_right"),
        ]
