"""What a workspace's documents have in common: its letterhead, and the certificate they are sealed with."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from ..workspaces.base import WorkspaceModel


class Letterhead(WorkspaceModel):
    """How a workspace stands on its letters and on the pages its customers see; there is at most one.

    ``logo`` is an SVG document, whatever was uploaded; ``picture`` the same as PNG in base64, for pages and mails.
    """

    name = models.CharField(max_length=200, blank=True)
    address = models.TextField(blank=True)
    tax_number = models.CharField(max_length=60, blank=True)
    bank = models.TextField(blank=True)
    footer = models.TextField(blank=True)
    colour = models.CharField(max_length=7, blank=True)
    logo = models.TextField(blank=True)
    picture = models.TextField(blank=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="letterhead_once")]


class SealKey(WorkspaceModel):
    """The certificate that a workspace seals documents with, and its key, which ``engine/sealing`` keeps closed.

    ``certificates`` are PEM texts, the workspace's own first, then those that vouch for it.
    """

    certificates = models.TextField()
    key = models.TextField()
    is_own = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="seal_key_once")]
