"""The schema editor: the key shape and the row-level security of workspace tables.

For a model with a ``WorkspaceField`` it makes ``workspace_id`` the first column and (workspace_id, id) the primary
key, starts every index with the workspace, makes links between workspace tables composite and not deferrable, and
forces row-level security. Distribution by workspace later needs exactly this shape (docs/adr/0002).
"""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import schema

from .shape import is_workspace_link, part_field, workspace_field

CURRENT = "nullif(current_setting('trato.workspace', true), '')::uuid"


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Django's PostgreSQL schema editor for tables that belong to workspaces."""

    def create_model(self, model: Any) -> None:
        """Create the table, then its composite links and its row-level security."""
        super().create_model(model)
        if workspace_field(model) is None:
            return
        for field in model._meta.local_fields:
            if is_workspace_link(field):
                self.deferred_sql.append(self._link_sql(model, field))
        self._secure(model)
        if search_field(model) is not None:
            self._create_search_function(model)

    def delete_model(self, model: Any) -> None:
        """Drop the table and the search function that reads it."""
        super().delete_model(model)
        maintenance = settings.TRATO_ROLES.get("maintenance")
        if maintenance:
            self.execute(f"SET LOCAL ROLE {self.quote_name(maintenance)}")
        self.execute(f"DROP FUNCTION IF EXISTS {self.quote_name(model._meta.db_table + '_search')}")
        if maintenance:
            self.execute("RESET ROLE")

    def add_field(self, model: Any, field: Any) -> None:
        """Add a column; a link between workspace tables gets its composite foreign key."""
        super().add_field(model, field)
        if is_workspace_link(field):
            self.deferred_sql.append(self._link_sql(model, field))

    def table_sql(self, model: Any) -> tuple[str, Any]:
        """CREATE TABLE with the workspace first and the composite primary key."""
        field = workspace_field(model)
        if field is None:
            return super().table_sql(model)
        declared = model._meta.local_fields
        # Migrations list links last; the column order is ours to say (a generated column must not stand before the
        # workspace).
        model._meta.local_fields = sorted(declared, key=lambda each: (each is not field, not each.primary_key))
        try:
            sql, params = super().table_sql(model)
        finally:
            model._meta.local_fields = declared
        key = f", PRIMARY KEY ({self.quote_name(field.column)}, {self.quote_name(model._meta.pk.column)})"
        return sql[: sql.rindex(")")] + key + sql[sql.rindex(")") :], params

    def _iter_column_sql(self, column_db_type: str, params: Any, model: Any, field: Any, *args: Any) -> Any:
        inline_key = field.primary_key and workspace_field(model) is not None
        for part in super()._iter_column_sql(column_db_type, params, model, field, *args):
            if not (inline_key and part == "PRIMARY KEY"):
                yield part

    def _field_indexes_sql(self, model: Any, field: Any) -> list[Any]:
        workspace = workspace_field(model)
        if workspace is None:
            return super()._field_indexes_sql(model, field)
        if field is workspace or not self._field_should_be_indexed(model, field):
            return []
        return [self._create_index_sql(model, fields=[workspace, field])]

    def _create_like_index_sql(self, model: Any, field: Any) -> Any:
        return None if workspace_field(model) is not None else super()._create_like_index_sql(model, field)

    def _link_sql(self, model: Any, field: Any) -> str:
        """A foreign key a record of another workspace can't satisfy."""
        quote = self.quote_name
        workspace = quote(workspace_field(model).column)
        table, target = model._meta.db_table, field.remote_field.model._meta
        name = self._create_index_name(table, [field.column], suffix="_link")
        return (
            f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(name)} FOREIGN KEY ({workspace}, {quote(field.column)}) "
            f"REFERENCES {quote(target.db_table)} ({workspace}, {quote(target.pk.column)})"
        )

    def _secure(self, model: Any) -> None:
        """Enable and force row-level security: without a workspace set there are no rows, for the owner neither."""
        table, column = self.quote_name(model._meta.db_table), self.quote_name(workspace_field(model).column)
        rule = f"{column} = {CURRENT}"
        self.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        self.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        self.execute(f"CREATE POLICY workspace ON {table} USING ({rule}) WITH CHECK ({rule})")
        maintenance = settings.TRATO_ROLES.get("maintenance")
        if maintenance:
            role = self.quote_name(maintenance)
            self.execute(f"CREATE POLICY maintenance ON {table} TO {role} USING (true) WITH CHECK (true)")

    def _create_search_function(self, model: Any) -> None:
        """A function that finds ids by words with the text index, which row-level security would keep from being used.

        ``@@`` is not leakproof, so under a policy PostgreSQL checks every row first (measured: 59 ms against 6.6 ms
        on 300,000 rows). The function runs as the maintenance role, and narrows by the workspace of the transaction
        and by the owners and records the caller may see, before its limit; on a table of several objects also by the
        one that is asked for.
        """
        quote = self.quote_name
        part = part_field(model)
        of_part, given = (f" AND {{0}}.{quote(part.column)} = part", ", part uuid") if part else ("", "")
        table, name = quote(model._meta.db_table), quote(model._meta.db_table + "_search")
        self.execute(
            f"""
            CREATE FUNCTION {name}(
                long_words tsquery, all_words tsquery, prefix text, owners uuid[], shared uuid[], n int{given}
            ) RETURNS TABLE (id uuid, rank real)
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            WITH starts AS MATERIALIZED (
                SELECT s.id, 2::real + ts_rank(s.search, all_words) AS rank FROM (
                    SELECT t.id, t.search FROM {table} t
                    WHERE t.workspace_id = {CURRENT}{of_part.format("t")} AND t.deleted_at IS NULL
                      AND t.title_key >= prefix AND t.title_key < prefix || chr(1114111)
                      AND (owners IS NULL OR t.owner_id = ANY (owners) OR t.id = ANY (shared))
                    ORDER BY t.title_key LIMIT n
                ) s WHERE s.search @@ all_words
            ), words AS MATERIALIZED (
                SELECT t.id, ts_rank(t.search, all_words) AS rank FROM (
                    SELECT c.id, c.search FROM {table} c
                    WHERE c.workspace_id = {CURRENT}{of_part.format("c")} AND c.deleted_at IS NULL
                      AND c.search @@ long_words
                      AND (owners IS NULL OR c.owner_id = ANY (owners) OR c.id = ANY (shared))
                    OFFSET 0
                ) t WHERE t.search @@ all_words AND (SELECT count(*) FROM starts) < n LIMIT 200
            )
            SELECT f.id, max(f.rank) FROM (SELECT * FROM starts UNION ALL SELECT * FROM words) f
            GROUP BY f.id ORDER BY 2 DESC, 1 DESC LIMIT n
            $$
            """,
            params=None,
        )
        signature = f"{name}(tsquery, tsquery, text, uuid[], uuid[], int{', uuid' if part else ''})"
        self.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        if settings.TRATO_ROLES.get("app"):
            self.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {quote(settings.TRATO_ROLES['app'])}")
        if settings.TRATO_ROLES.get("maintenance"):
            self.execute(f"ALTER FUNCTION {signature} OWNER TO {quote(settings.TRATO_ROLES['maintenance'])}")


def search_field(model: Any) -> Any | None:
    """The generated text-search column of ``model``, if it has one."""
    return next((f for f in model._meta.local_fields if getattr(f, "is_search_document", False)), None)
