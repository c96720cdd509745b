from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engine", "0010_favourites")]

    operations = [
        migrations.AddIndex(
            model_name="historyentry",
            index=models.Index(fields=["workspace", "actor_id", "batch_id"], name="history_actor"),
        ),
    ]
