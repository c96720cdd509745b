from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0004_sign_on")]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="bin_days",
            field=models.PositiveIntegerField(default=90, editable=False),
        ),
    ]
