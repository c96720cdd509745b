"""The tables of working together. Whatever points at a record does it by ``object`` and ``record_id``."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from ..workspaces.base import WorkspaceForeignKey, WorkspaceModel
from ..workspaces.models import User


class Comment(WorkspaceModel):
    """What somebody said about a record, or about one write of it (``entry_id``); answers name their ``parent``."""

    object = models.CharField(max_length=60)
    record_id = models.UUIDField()
    entry_id = models.UUIDField(null=True)
    parent = WorkspaceForeignKey("self", models.CASCADE, null=True, related_name="answers")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    author_name = models.TextField()
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        indexes = [models.Index(fields=["workspace", "record_id", "id"], name="comment_record")]


class Reaction(WorkspaceModel):
    """One emoji of one person under a comment."""

    comment = WorkspaceForeignKey(Comment, models.CASCADE, related_name="reactions")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=16)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "comment", "user", "emoji"], name="reaction_once")]


class Follow(WorkspaceModel):
    """Somebody wants to be told of a record, or (``is_on`` false) not any more; an owner follows without a row."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    object = models.CharField(max_length=60)
    record_id = models.UUIDField()
    is_on = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "user", "object", "record_id"], name="follow_once")]
        indexes = [models.Index(fields=["workspace", "record_id"], name="follow_record")]


class Reminder(WorkspaceModel):
    """Somebody wants to be told of a record at a time of their own."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    object = models.CharField(max_length=60)
    record_id = models.UUIDField()
    at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "at"], name="reminder_waiting", condition=models.Q(told_at__isnull=True)),
            models.Index(fields=["workspace", "record_id"], name="reminder_record"),
        ]


class Letter(WorkspaceModel):
    """The outbox: one mail of notifications to one person; its id makes the Message-ID, so that no two are shown."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)


class Notification(WorkspaceModel):
    """One thing a person is told. ``key`` says what it is about: news of the same thing renew the same row.

    ``source`` is the newest write it tells of; the same or an older one tells nothing again. It is in the centre where
    ``in_app``; it goes by mail from ``mail_at`` on, where there is one.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=160)
    source = models.UUIDField()
    object = models.CharField(max_length=60, blank=True)
    record_id = models.UUIDField(null=True)
    comment_id = models.UUIDField(null=True)
    by_id = models.UUIDField(null=True)
    by_name = models.TextField(blank=True)
    count = models.IntegerField(default=1)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    in_app = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    mail_at = models.DateTimeField(null=True)
    letter = WorkspaceForeignKey(Letter, models.SET_NULL, null=True, related_name="notifications")

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "user", "key"], name="notification_once")]
        indexes = [
            models.Index(fields=["workspace", "user", "at", "id"], name="notification_lately"),
            models.Index(
                fields=["workspace", "user"],
                name="notification_unread",
                condition=models.Q(read_at__isnull=True, in_app=True),
            ),
            models.Index(
                fields=["workspace", "mail_at"], name="notification_mail", condition=models.Q(mail_at__isnull=False)
            ),
            models.Index(
                fields=["workspace", "snoozed_until"],
                name="notification_snoozed",
                condition=models.Q(snoozed_until__isnull=False),
            ),
            models.Index(fields=["workspace", "record_id"], name="notification_record"),
        ]


class Wishes(WorkspaceModel):
    """How a person wants to be told in a workspace: ``channels`` is read by ``rules.Channels``, hours are their own."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    channels = models.JSONField(default=dict)
    follow_mention = models.BooleanField(default=True)
    follow_own = models.BooleanField(default=True)
    follow_comment = models.BooleanField(default=True)
    digest_hour = models.SmallIntegerField(default=8)
    digest_weekday = models.SmallIntegerField(default=0)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="wishes_person")]


class Gathering(WorkspaceModel):
    """Up to when a workspace's history was looked through for news; a row a workspace."""

    began_at = models.DateTimeField(default=timezone.now)
    through = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="gathering_workspace")]
