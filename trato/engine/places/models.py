"""The table of points."""

from __future__ import annotations

from django.db import models

from ..workspaces.base import WorkspaceModel


class Point(WorkspaceModel):
    """Where one address of a record is, following the record's values. Degrees; without them where nobody knows the
    place. ``precision``: how much of the address the point stands for: city, country, or "" for nothing.
    """

    follows_values = True  # a merge has them made anew
    object = models.CharField(max_length=60)
    record_id = models.UUIDField()
    field = models.CharField(max_length=80)
    city = models.CharField(max_length=200, default="")
    country = models.CharField(max_length=2, default="")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    precision = models.CharField(max_length=10, default="")

    class Meta(WorkspaceModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "object", "record_id"], name="point_record"),
            models.Index(fields=["workspace", "object", "latitude", "longitude"], name="point_place"),
            models.Index(fields=["workspace", "country", "city"], name="point_name"),
        ]

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.city, self.country)))
