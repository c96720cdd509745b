"""Records found by plain columns, for many rows at once and chunk after chunk.

No index of a table can serve that: ``lower()`` is not leakproof, so that row-level security keeps it from an index
scan, and no table has an index on every column. So the values of the columns are copied once, beside the ids of their
records, into a temporary table of this session with an index of its own, where no row-level security applies; before
each further question what was written meanwhile is added. Every answer is checked against the records themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from ..objects import Field, Object
from ..workspaces.actors import Actor

#: Characters of a text that the index holds; the rest is compared in the record.
INDEXED = 60
#: How much longer another's transaction may last than it looks, and still be seen.
OVERLAP = "interval '10 seconds'"


class Columns:
    """Compares some columns of an object's table, texts without regard to case."""

    def __init__(self, actor: Actor, obj: Object, fields: Sequence[Field]) -> None:
        quote = connection.ops.quote_name
        self.table = quote(obj.model._meta.db_table)
        self.mine = f"t.workspace_id = '{actor.workspace.id}'::uuid AND t.deleted_at IS NULL"
        self._copy = f"trato_match_{uuid4().hex}"
        columns = [obj.model._meta.get_field(field.name) for field in fields]
        texts = [isinstance(column, models.CharField | models.TextField) for column in columns]
        self._types = [
            "text" if is_text else column.db_type(connection) for is_text, column in zip(texts, columns, strict=True)
        ]
        names = [f"t.{quote(field.columns[0])}" for field in fields]
        self._values = [f"lower({name})" if is_text else name for is_text, name in zip(texts, names, strict=True)]
        self._places = [f"c{number}" for number in range(len(fields))]
        self._heads = [f"left({{}}, {INDEXED})" if is_text else "{}" for is_text in texts]

    def question(self, table: str) -> str:
        """The statement that takes numbers of rows and their values, a list each, and answers (number, id)."""
        arrays = ", ".join(["%s::int[]", *(f"%s::{each}[]" for each in self._types)])
        asked = f"unnest({arrays}) AS s({', '.join(['n', *self._places])})"
        agree = " AND ".join(f"{value} = s.{place}" for value, place in zip(self._values, self._places, strict=True))
        if table == self.table:
            return f"SELECT s.n, t.id FROM {asked} JOIN {self.table} t ON {agree} WHERE {self.mine}"
        heads = zip(self._heads, self._places, strict=True)
        near = " AND ".join(f"m.{place} = {head.format(f's.{place}')}" for head, place in heads)
        found = f"{asked} JOIN {table} m ON {near} JOIN {self.table} t ON t.id = m.id AND {agree}"
        return f"SELECT s.n, t.id FROM {found} WHERE {self.mine}"

    def indexed(self, cursor: CursorWrapper) -> str:
        """The copy, made or brought up to date in the running transaction (a rollback takes that back)."""
        heads = [head.format(value) for head, value in zip(self._heads, self._values, strict=True)]
        filled = " AND ".join(f"{value} IS NOT NULL" for value in self._values)
        chosen = f"SELECT {', '.join(heads)}, t.id FROM {self.table} t WHERE {self.mine} AND {filled}"
        newest = f"(SELECT max(t.updated_at) FROM {self.table} t WHERE {self.mine.partition(' AND')[0]})"
        cursor.execute("SELECT to_regclass(%s)", [f"pg_temp.{self._copy}"])
        if cursor.fetchone()[0]:
            cursor.execute(
                f"INSERT INTO {self._copy} {chosen} AND t.updated_at > (SELECT at FROM {self._copy}_until) - {OVERLAP} "
                "ON CONFLICT DO NOTHING"
            )
            cursor.execute(f"UPDATE {self._copy}_until SET at = {newest}")
            return self._copy
        cursor.execute(f"CREATE TEMP TABLE {self._copy}_until AS SELECT {newest} AS at")
        named = f"{self._copy} ({', '.join([*self._places, 'id'])})"
        cursor.execute(f"CREATE TEMP TABLE {named} AS {chosen}")
        cursor.execute(f"CREATE UNIQUE INDEX ON {named}")
        cursor.execute(f"ANALYZE {self._copy}")
        return self._copy

    def drop(self) -> None:
        """Let go of the copy; a session that ends does so by itself."""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{self._copy}, pg_temp.{self._copy}_until")
