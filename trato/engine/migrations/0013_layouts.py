"""Layouts; what own objects said of their columns and sections becomes everybody's layout of them."""

import django.db.models.deletion
from django.db import migrations, models

import trato.engine.workspaces.base
import trato.engine.workspaces.ids

# Row-level security shows the rows of one workspace at a time.
MOVE = """
DO $$
DECLARE
    one uuid;
BEGIN
    FOR one IN SELECT id FROM workspaces_workspace LOOP
        PERFORM set_config('trato.workspace', one::text, true);
        INSERT INTO engine_layout (workspace_id, id, object, sections, hidden, columns)
        SELECT workspace_id, gen_random_uuid(), plural,
            CASE WHEN sections = '[]'::jsonb THEN NULL ELSE (
                SELECT jsonb_agg(
                    jsonb_build_object('label', said -> 0, 'labels', '{}'::jsonb, 'fields', said -> 1) ORDER BY place
                )
                FROM jsonb_array_elements(sections) WITH ORDINALITY AS each (said, place)
            ) END,
            '[]'::jsonb,
            CASE WHEN columns = '[]'::jsonb THEN NULL ELSE columns END
        FROM engine_customobject
        WHERE sections <> '[]'::jsonb OR columns <> '[]'::jsonb;
    END LOOP;
    PERFORM set_config('trato.workspace', '', true);
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("engine", "0012_field_overlays"),
        ("workspaces", "0002_founder"),
    ]

    operations = [
        migrations.CreateModel(
            name="Layout",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=trato.engine.workspaces.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("object", models.CharField(max_length=60)),
                ("sections", models.JSONField(null=True)),
                ("hidden", models.JSONField(default=list)),
                ("head", models.JSONField(null=True)),
                ("columns", models.JSONField(null=True)),
                (
                    "role",
                    trato.engine.workspaces.base.WorkspaceForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.role",
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
                    models.UniqueConstraint(
                        fields=("workspace", "object", "role"), nulls_distinct=False, name="layout_of_role"
                    )
                ],
            },
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="customobject", name="columns"),
        migrations.RemoveField(model_name="customobject", name="sections"),
    ]
