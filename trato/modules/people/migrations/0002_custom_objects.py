"""Places for copies of custom values beside each record."""

from django.db import migrations

from trato.engine.slots import columns_of


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        columns_of("people", name)
        for name in (
            "account",
            "attachment",
            "call",
            "contact",
            "meeting",
            "note",
            "relationship",
            "relationshiptype",
            "task",
        )
    ]
