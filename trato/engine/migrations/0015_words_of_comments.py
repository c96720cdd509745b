"""Comments are found by their words."""

from django.db import migrations

from trato.engine.postgres.functions import comment_search


class Migration(migrations.Migration):
    dependencies = [
        ("engine", "0014_printing_doors_outbox"),
    ]

    operations = [comment_search()]
