"""CSV made by the database: COPY writes the rows, Python says only what SQL can't (docs/adr/0007).

Each kind has the SQL of its text (``file_sql``). A cell that SQL leaves to Python begins with MARK, followed by the
value's JSON: rows without one go out as they come.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson
from django.db import connection, models
from django.db.models import F, Func, OuterRef, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, NullIf

from .. import access, objects
from ..formulas import defuse
from ..kinds import Kind, Reader
from ..objects import Field, Object
from ..workspaces.actors import Actor

MARK = "\x01"
DELIMITERS = {"csv": ",", "tsv": "\t"}
#: Rows handed on at once.
CHUNK = 2_000
#: A text as it stands where its first letter can't begin a formula (see ``formulas``); any other is left to Python.
LETTERS = " OR ".join(f"ascii({{0}}) BETWEEN {first} AND {last}" for first, last in ((65, 122), (48, 57), (192, 591)))
TEXT = f"CASE WHEN {LETTERS} THEN {{0}} WHEN {{0}} <> '' THEN chr(1) || to_jsonb({{0}})::text END"
Say = Callable[[Any], str]


class Table:
    """The rows of one object as lines of CSV or TSV, in the order of ``fields`` (None is the record's id)."""

    def __init__(self, actor: Actor, obj: Object, fields: Mapping[str, Field | None]) -> None:
        self.actor, self.obj, self.fields = actor, obj, fields
        self.reader: Reader = access.reader(actor)
        self._say = [self._said(field) for field in fields.values()]

    @staticmethod
    def can_hold(fields: Mapping[str, Field | None]) -> bool:
        """Whether every link among the fields has one possible object, whose stored titles are its records' names."""
        links = (field for field in fields.values() if field and type(field.kind).refs is not Kind.refs)
        return all(not field.custom and getattr(field.kind, "by_id", False) and _has_titles(field) for field in links)

    def lines(self, rows: QuerySet, format: str) -> Iterator[tuple[int, bytes]]:
        """The lines of ``rows``, some thousands at a time, each with how many they are."""
        delimiter = DELIMITERS[format]
        statement, params = self._statement(rows, delimiter)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL timezone TO %s", [self.reader.time_zone])
            with connection.wrap_database_errors, cursor.copy(statement, params) as copy:
                while chunk := list(islice(copy, CHUNK)):
                    yield len(chunk), b"".join([self._line(bytes(line), delimiter) for line in chunk])
            cursor.execute("SET LOCAL timezone TO 'UTC'")

    def _statement(self, rows: QuerySet, delimiter: str) -> tuple[str, Sequence[Any]]:
        """COPY of the texts of the fields, over the columns as the ORM reads them."""
        columns: dict[str, Any] = {}
        texts = []
        for number, field in enumerate(self.fields.values()):
            own = [f"f{number}_{place}" for place, _expression in enumerate(self._expressions(field))]
            columns |= dict(zip(own, self._expressions(field), strict=True))
            texts.append(self._sql(field).format(*(f"q.{name}" for name in own)))
        sql, params = rows.annotate(**columns).values_list(*columns).query.sql_with_params()
        names = ", ".join(columns)
        doubled = ", ".join(texts).replace("%", "%%")
        form = f"FORMAT csv, DELIMITER E'{delimiter}'"
        return f"COPY (SELECT {doubled} FROM ({sql}) AS q({names})) TO STDOUT ({form})", params

    def _expressions(self, field: Field | None) -> list[Any]:
        """What the ORM reads for a field."""
        if field is None:
            return [F("id")]
        if field.custom:
            transform = KeyTextTransform if _is_text(self.obj, field) else KeyTransform
            return [transform(field.key, "custom")]
        if type(field.kind).refs is not Kind.refs:
            return [self._titles(field)]
        return [F(column) for column in field.columns]

    def _titles(self, field: Field) -> Any:
        """The name of a link's target, if the actor may see it. People are few: their names go along as one JSON map,
        which is looked into eight times as fast as their table.
        """
        (plural,) = field.kind.to
        if plural == "users":
            names = {str(key): name for key, name in access.people(self.actor).values_list("id", "name_or_email")}
            key = Cast(F(field.columns[0]), models.TextField())
            return Func(
                Value(names, models.JSONField()),
                key,
                template="(%(expressions)s)",
                arg_joiner=" ->> ",
                output_field=models.TextField(),
            )
        target = objects.get(plural)
        named = Coalesce(NullIf(F("title"), Value("")), Value(str(target.label)))
        found = access.visible(self.actor, target).filter(id=OuterRef(field.columns[0]))
        return Subquery(found.annotate(named=named).values("named"))

    def _sql(self, field: Field | None) -> str:
        if field is None:
            return "{0}::text"
        if _is_text(self.obj, field):
            return TEXT
        return "chr(1) || {0}::text" if field.custom else field.kind.file_sql

    def _said(self, field: Field | None) -> Say:
        """How the JSON of a cell is said that SQL left to Python."""
        if field is None or _is_text(self.obj, field):
            return str
        kind, reader = field.kind, self.reader
        return lambda data: kind.text(kind.load(data), reader)

    def _line(self, line: bytes, delimiter: str) -> bytes:
        if MARK.encode() not in line:
            return line[:-1] + b"\r\n"
        [cells] = csv.reader(io.StringIO(line.decode(), newline=""), delimiter=delimiter)
        said = [
            defuse(say(orjson.loads(cell[1:]))) if cell[:1] == MARK else cell
            for say, cell in zip(self._say, cells, strict=True)
        ]
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=delimiter).writerow(said)
        return out.getvalue().encode()


def _has_titles(field: Field) -> bool:
    (plural,) = field.kind.to
    return plural == "users" or not objects.get(plural).named_by


def _is_text(obj: Object, field: Field) -> bool:
    """Whether the stored value is the text itself; a link's title is."""
    if type(field.kind).refs is not Kind.refs:
        return True
    if type(field.kind).text is not Kind.text or len(field.columns) > 1:
        return False
    return isinstance(
        field.kind.model_field() if field.own else obj.model._meta.get_field(field.name),
        models.CharField | models.TextField,
    )
