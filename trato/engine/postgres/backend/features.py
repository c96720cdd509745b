"""What the database can do, as far as the ORM has to know."""

from typing import Any

from django.db.backends.postgresql import features

from .shape import workspace_field


class DatabaseFeatures(features.DatabaseFeatures):
    """The primary key in the database is (workspace_id, id); the ORM sees only ``id``."""

    def allows_group_by_selected_pks_on_model(self, model: Any) -> bool:
        """False for workspace tables: grouping by ``id`` alone is no grouping by their key, so every column must be
        named.
        """
        if workspace_field(model) is not None:
            return False
        return super().allows_group_by_selected_pks_on_model(model)
