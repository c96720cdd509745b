"""The connection class Django loads for ``ENGINE = "trato.engine.postgres.backend"``."""

from django.db.backends.postgresql import base

from .features import DatabaseFeatures
from .operations import DatabaseOperations
from .schema import DatabaseSchemaEditor


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL connection with Trato's features, compilers and schema editor."""

    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
