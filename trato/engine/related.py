"""What points at a record: the newest few records of each object by each link, in one statement for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import IntegerField, QuerySet, Value

from . import access, filters, objects
from .objects import Field, Object
from .workspaces.actors import Actor

#: Records of a link that are shown, and that are counted at most.
SHOWN, MOST_COUNTED = 5, 1000


@dataclass(frozen=True)
class Pointing:
    """The records of ``object`` whose link ``field`` points here, newest first as (id, title), and how many there are;
    ``several`` links of the object may point here. ``condition`` is the filter that finds them all.
    """

    object: Object
    field: Field
    several: bool
    condition: Mapping[str, Any]
    rows: QuerySet
    newest: Sequence[tuple[UUID, str]] = ()
    count: int = 0


def of_record(actor: Actor, obj: Object, record_id: UUID) -> list[Pointing]:
    """Every link that may point here, as far as the actor may see it; but for what is part of the record."""
    links = _links(actor, obj, record_id)
    newest = _newest(links)
    counts = _counts({number: links[number] for number, some in newest.items() if len(some) > SHOWN})
    found = []
    for number, link in enumerate(links):
        some = newest.get(number, [])
        found.append(
            replace(link, newest=_called(actor, link.object, some[:SHOWN]), count=counts.get(number, len(some)))
        )
    return found


def _called(actor: Actor, obj: Object, some: list[tuple[UUID, str]]) -> list[tuple[UUID, str]]:
    """The same records, by the names of their links where these make their names."""
    if not obj.named_by or not some:
        return some
    titles = access.titles(actor, [obj.ref(record_id) for record_id, _title in some])
    return [(record_id, titles.get(obj.ref(record_id), title)) for record_id, title in some]


def _links(actor: Actor, obj: Object, record_id: UUID) -> list[Pointing]:
    links = []
    for other in objects.all_objects():
        if not access.may_see_any(actor, other):
            continue
        known = access.fields(actor, other)
        fields = [known[f.name] for f in other.links_to(obj.plural, actor.workspace) if f.name in known]
        pointing = [field for field in fields if field.custom or field.kind.by_id]
        for field in pointing:
            if field.name == other.within:
                continue
            value = str(record_id) if field.kind.by_id else obj.ref(record_id)
            condition = {"field": field.name, "op": "has" if field.kind.many else "is", "value": value}
            rows = filters.narrow(actor, other, access.bare(actor, other), condition)
            links.append(Pointing(other, field, len(pointing) > 1, condition, rows))
    return links


def _newest(links: Sequence[Pointing]) -> dict[int, list[tuple[UUID, str]]]:
    """The newest records of each link by its place, one more than are shown."""
    selects = [
        link.rows.order_by("-id").annotate(link_=Value(number, IntegerField())).values_list("link_", "id", "title")
        for number, link in enumerate(links)
    ]
    if not selects:
        return {}
    first, *others = [select[: SHOWN + 1] for select in selects]
    found: dict[int, list[tuple[UUID, str]]] = {}
    for number, record_id, title in first.union(*others, all=True) if others else first:
        found.setdefault(number, []).append((record_id, title))
    return {number: sorted(some, reverse=True) for number, some in found.items()}


def _counts(links: Mapping[int, Pointing]) -> dict[int, int]:
    """How many there are of each of these, up to the most that are counted."""
    statements: list[str] = []
    parameters: list[Any] = []
    for number, link in links.items():
        sql, given = link.rows.order_by().values("id")[:MOST_COUNTED].query.sql_with_params()
        statements.append(f"SELECT {number}, count(*) FROM ({sql}) AS s")
        parameters += given
    if not statements:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements), parameters)
        return dict(cursor.fetchall())
