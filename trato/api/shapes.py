"""Records as JSON: a plan made once a request from the fields asked for, then run over rows of ``.values()``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db.models import F, JSONField, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from trato.engine import access, objects, wholes
from trato.engine.kinds import Kind, Reader
from trato.engine.models import Record
from trato.engine.objects import Field, Object
from trato.engine.workspaces.actors import Actor

from .problems import bad_request

#: Members that are no fields: always there, never asked for or written.
ALWAYS = ("id", "version")
LAST = ("created_at", "updated_at")
#: Ends the alias of a column that is read as text; no field's name ends so.
TEXT = "_json_"
#: Kinds whose values orjson itself writes as the API says them.
NATIVE = frozenset({"date", "datetime"})


@dataclass
class Shape:
    """Which members a record has in an answer, and how each is made from a row."""

    object: Object
    fields: list[Field]
    include: dict[str, Field] = field(default_factory=dict)
    parts: list[Object] = field(default_factory=list)
    deleted: bool = False
    custom: bool = True

    @property
    def columns(self) -> list[str]:
        """The columns to read."""
        more = {"id", "version"} | ({"deleted_at"} if self.deleted else set())
        return sorted({column for f in self.fields for column in f.columns} | more)

    @property
    def texts(self) -> dict[str, Any]:
        """Lists of items as the JSON text PostgreSQL holds, to be put into the answer as it is: alias -> expression."""
        return {f.name + TEXT: Cast(f.columns[0], TextField()) for f in self.fields if self._is_json(f)}

    @property
    def list_columns(self) -> list[str]:
        """The columns to read for a list, with ``texts`` in place of what they stand for."""
        replaced = {f.columns[0] for f in self.fields if self._is_json(f)}
        return [*(column for column in self.columns if column not in replaced), *self.texts]

    def _is_json(self, f: Field) -> bool:
        if f.custom or f.formula or not _stored_as_answered(f):
            return False
        return isinstance(self.object.model._meta.get_field(f.columns[0]), JSONField)

    def dump(self, rows: Sequence[Mapping[str, Any]], reader: Reader) -> list[dict[str, Any]]:
        """The rows as JSON; ``reader`` holds the titles of link targets."""
        texts = bool(rows) and rows[0].keys()
        members = [
            (f.name, _as_text(f) if texts and f.name + TEXT in texts else _member(f, reader))
            for f in ordered(self.fields)
            if not f.own
        ]
        custom = [(f.key, _member(f, reader)) for f in self.fields if f.own]
        dumped = []
        for row in rows:
            record = {"id": row["id"]}
            for name, read in members:
                record[name] = read(row)
            if self.custom:
                record["custom"] = {name: read(row) for name, read in custom}
            record["version"] = row["version"]
            if self.deleted:
                record["deleted_at"] = row["deleted_at"]
            dumped.append(record)
        return dumped


def ordered(fields: Iterable[Field]) -> list[Field]:
    """Title first, times of upkeep last."""
    return sorted(fields, key=lambda f: (f.name != "title", f.name in LAST))


def _stored_as_answered(f: Field) -> bool:
    """Whether the API answers what the one column of a field holds."""
    kind = type(f.kind)
    return len(f.columns) == 1 and (kind.api, kind.dump, kind.join) == (Kind.api, Kind.dump, Kind.join)


def _as_text(f: Field) -> Callable[[Mapping[str, Any]], Any]:
    name = f.name + TEXT
    return lambda row: None if row[name] is None else orjson.Fragment(row[name])


def _member(f: Field, reader: Reader) -> Callable[[Mapping[str, Any]], Any]:
    """The quickest function from a row to one member."""
    api, column = f.kind.api, f.columns[0]
    if f.custom or type(f.kind).join is not Kind.join:
        return lambda row: api(f.read(row), reader)
    if _stored_as_answered(f) or f.kind.name in NATIVE:
        return lambda row: row[column]
    if getattr(f.kind, "by_id", False):
        known: dict[Any, Any] = {None: None}

        def link(row: Mapping[str, Any]) -> Any:
            target = row[column]
            if target not in known:
                known[target] = api(target, reader)
            return known[target]

        return link
    return lambda row: api(row[column], reader)


def shape_of(actor: Actor, obj: Object, asked: str | None = None, include: str | None = None) -> Shape:
    """The shape asked for (``fields=first_name,account``), by default all that may be seen; raises Failure 400."""
    known, parts = access.fields(actor, obj), {part.plural: part for part in objects.parts_of(obj.plural)}
    chosen = list(known.values()) if not asked else _chosen(known, asked)
    shape = Shape(obj, chosen, custom=not asked or "custom" in asked)
    for name in _names(include):
        if name in parts:
            shape.parts.append(parts[name])
            continue
        found = known.get(name)
        if found is None or type(found.kind).refs is Kind.refs or found.kind.name == "user":
            raise bad_request(
                "include", "unknown", _("“%(name)s” is no link that can be included.") % {"name": name[:80]}
            )
        shape.include[name] = found
        if found not in shape.fields:
            shape.fields.append(found)
    return shape


def _chosen(known: Mapping[str, Field], asked: str) -> list[Field]:
    chosen: dict[str, Field] = {}
    for name in _names(asked):
        if name == "custom":
            chosen |= {f.name: f for f in known.values() if f.own}
        elif name in known:
            chosen[name] = known[name]
        elif name not in ALWAYS:
            raise bad_request("fields", "unknown", _("There is no field “%(name)s”.") % {"name": name[:80]})
    return list(chosen.values())


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def dump_rows(actor: Actor, shape: Shape, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows with the titles of what they link to and included records in place; a few queries, however many rows."""
    refs = access.refs_in(shape.fields, rows)
    inner = [(other, found) for other, found in _included(actor, shape, rows)]
    for other, found in inner:
        refs |= access.refs_in(other.fields, found)
    reader = access.reader(actor, refs)
    dumped = shape.dump(rows, reader)
    if shape.include:
        whole = {
            other.object.ref(record["id"]): record for other, found in inner for record in other.dump(found, reader)
        }
        _put_in(shape, rows, dumped, whole)
    for part in shape.parts:
        _put_parts_in(actor, part, rows, dumped, deleted=shape.deleted)
    return dumped


def _put_parts_in(
    actor: Actor, part: Object, rows: Sequence[Mapping[str, Any]], dumped: list[dict[str, Any]], *, deleted: bool
) -> None:
    """Answer what is part of the records with them, in its order; of deleted ones what went with them."""
    shape, link = shape_of(actor, part), f"{part.within}_id"
    found = access.visible(actor, part, deleted=deleted).filter(**{f"{link}__in": [row["id"] for row in rows]})
    if deleted:
        found = found.filter(deleted_at=F(f"{part.within}__deleted_at"))
    inner = list(found.order_by(*wholes.in_order(part)).values(*{*shape.columns, link}))
    by_whole: dict[Any, list[dict[str, Any]]] = {row["id"]: [] for row in rows}
    for row, record in zip(inner, dump_rows(actor, shape, inner), strict=True):
        by_whole[row[link]].append(record)
    for row, record in zip(rows, dumped, strict=True):
        record[part.plural] = by_whole[row["id"]]


def _included(
    actor: Actor, shape: Shape, rows: Sequence[Mapping[str, Any]]
) -> Iterable[tuple[Shape, list[dict[str, Any]]]]:
    """The visible targets of the links to include, one query an object."""
    wanted: dict[str, set[str]] = {}
    for ref in access.refs_in(shape.include.values(), rows):
        plural, record_id = objects.split_ref(ref)
        wanted.setdefault(plural, set()).add(record_id)
    for plural, ids in wanted.items():
        if plural == "users":
            continue
        other = shape_of(actor, objects.get(plural))
        found = access.visible(actor, other.object).filter(id__in=[access.as_uuid(i) for i in ids])
        yield other, list(found.values(*other.columns))


def _put_in(
    shape: Shape, rows: Sequence[Mapping[str, Any]], dumped: list[dict[str, Any]], whole: Mapping[str, dict[str, Any]]
) -> None:
    """Replace the id and title of an included link by the record."""
    for f in shape.include.values():
        for row, record in zip(rows, dumped, strict=True):
            place = record["custom"] if f.own else record
            member = place[f.key]
            found = [whole[ref] for ref in f.kind.refs(f.read(row)) if ref in whole]
            if isinstance(member, list):
                by_id = {str(target["id"]): target for target in found}
                place[f.key] = [item | by_id.get(item["id"], {}) for item in member]
            elif member and found:
                place[f.key] = member | found[0]


def dump_record(actor: Actor, shape: Shape, record: Record) -> dict[str, Any]:
    """One record that was just written or read whole; its formulas are worked out anew."""
    computed = {column for f in shape.fields if f.formula for column in f.columns}
    row = {column: getattr(record, column) for column in shape.columns if column not in computed}
    if computed:
        rows = access.visible(actor, shape.object, deleted=record.deleted_at is not None).filter(id=record.id)
        row |= rows.values(*computed).first() or dict.fromkeys(computed)
    return dump_rows(actor, shape, [row])[0]
