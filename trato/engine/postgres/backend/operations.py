"""Points the ORM to this backend's compilers."""

from django.db.backends.postgresql import operations


class DatabaseOperations(operations.DatabaseOperations):
    """Django's PostgreSQL operations with our DELETE and UPDATE compilers."""

    compiler_module = "trato.engine.postgres.backend.compiler"
