import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import trato.engine.workspaces.base
import trato.engine.workspaces.ids


class Migration(migrations.Migration):
    dependencies = [
        ("engine", "0007_history_of_a_batch_in_order"),
        ("workspaces", "0002_founder"),
    ]

    operations = [
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=trato.engine.workspaces.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("object", models.CharField(max_length=60)),
                ("record_id", models.UUIDField()),
                ("entry_id", models.UUIDField(null=True)),
                ("author_name", models.TextField()),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("edited_at", models.DateTimeField(null=True)),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    trato.engine.workspaces.base.WorkspaceForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="engine.comment",
                    ),
                ),
                (
                    "workspace",
                    trato.engine.workspaces.base.WorkspaceField(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["workspace", "record_id", "id"], name="comment_record")],
            },
        ),
        migrations.CreateModel(
            name="Follow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=trato.engine.workspaces.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("object", models.CharField(max_length=60)),
                ("record_id", models.UUIDField()),
                ("is_on", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    trato.engine.workspaces.base.WorkspaceField(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "user", "object", "record_id"), name="follow_once")
                ],
                "indexes": [models.Index(fields=["workspace", "record_id"], name="follow_record")],
            },
        ),
        migrations.CreateModel(
            name="Gathering",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=trato.engine.workspaces.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("began_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("through", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "workspace",
                    trato.engine.workspaces.base.WorkspaceField(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("workspace",), name="gathering_workspace")],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=trato.engine.workspaces.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    trato.engine.workspaces.base.WorkspaceField(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=trato.engine.workspaces.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=160)),
                ("source", models.UUIDField()),
                ("object", models.CharField(blank=True, max_length=60)),
                ("record_id", models.UUIDField(null=True)),
                ("comment_id", models.UUIDField(null=True)),
                ("by_id", models.UUIDField(null=True)),
                ("by_name", models.TextField(blank=True)),
                ("count", models.IntegerField(default=1)),
                ("details", models.JSONField(default=dict)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("in_app", models.BooleanField(default=True)),
                ("read_at", models.DateTimeField(null=True)),
                ("snoozed_until", models.DateTimeField(null=True)),
                ("mail_at", models.DateTimeField(null=True)),
                (
                    "letter",
                    trato.engine.workspaces.base.WorkspaceForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notifications",
                        to="engine.letter",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    trato.engine.workspaces.base.WorkspaceField(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("workspace", "user", "key"), name="notification_once")],
                "indexes": [
                    models.Index(fields=["workspace", "user", "at", "id"], name="notification_lately"),
                    models.Index(
                        condition=models.Q(("in_app", True), ("read_at__isnull", True)),
                        fields=["workspace", "user"],
                        name="notification_unread",
                    ),
                    models.Index(
                        condition=models.Q(("mail_at__isnull", False)),
                        fields=["workspace", "mail_at"],
                        name="notification_mail",
                    ),
                    models.Index(
                        condition=models.Q(("snoozed_until__isnull", False)),
                        fields=["workspace", "snoozed_until"],
                        name="notification_snoozed",
                    ),
                    models.Index(fields=["workspace", "record_id"], name="notification_record"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reaction",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=trato.engine.workspaces.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("emoji", models.CharField(max_length=16)),
                (
                    "comment",
                    trato.engine.workspaces.base.WorkspaceForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reactions", to="engine.comment"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    trato.engine.workspaces.base.WorkspaceField(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "comment", "user", "emoji"), name="reaction_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=trato.engine.workspaces.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("object", models.CharField(max_length=60)),
                ("record_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("note", models.CharField(blank=True, max_length=200)),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    trato.engine.workspaces.base.WorkspaceField(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("told_at__isnull", True)),
                        fields=["workspace", "at"],
                        name="reminder_waiting",
                    ),
                    models.Index(fields=["workspace", "record_id"], name="reminder_record"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Wishes",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=trato.engine.workspaces.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("channels", models.JSONField(default=dict)),
                ("follow_mention", models.BooleanField(default=True)),
                ("follow_own", models.BooleanField(default=True)),
                ("follow_comment", models.BooleanField(default=True)),
                ("digest_hour", models.SmallIntegerField(default=8)),
                ("digest_weekday", models.SmallIntegerField(default=0)),
                ("quiet_from", models.TimeField(null=True)),
                ("quiet_until", models.TimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    trato.engine.workspaces.base.WorkspaceField(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("workspace", "user"), name="wishes_person")],
            },
        ),
    ]
