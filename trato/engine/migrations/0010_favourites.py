import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import trato.engine.workspaces.base
import trato.engine.workspaces.ids


class Migration(migrations.Migration):
    dependencies = [
        ("engine", "0009_welcome"),
        ("workspaces", "0003_teams_above"),
    ]

    operations = [
        migrations.CreateModel(
            name="Favourite",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=trato.engine.workspaces.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("object", models.CharField(max_length=60)),
                ("record_id", models.UUIDField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
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
                    models.UniqueConstraint(fields=("workspace", "user", "object", "record_id"), name="favourite_once")
                ],
            },
        ),
    ]
