"""Teams stand below others."""

import django.db.models.deletion
from django.db import migrations

import trato.engine.workspaces.base


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0002_founder")]

    operations = [
        migrations.AddField(
            model_name="team",
            name="parent",
            field=trato.engine.workspaces.base.WorkspaceForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="below",
                to="workspaces.team",
                verbose_name="Above it",
            ),
        ),
    ]
