"""Making a field unique that has values already: every record's key is written, or nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from .. import derived
from ..fields import Field
from ..models import Key
from ..objects import Object
from ..values import Problem, Refused

#: Records a statement takes, and duplicates that are named.
STEP, NAMED = 5_000, 10


def make_unique(obj: Object, field: Field) -> None:
    """Write the key of every value; raises Refused with those that several records have: nothing is written then."""
    shared: dict[str, list[str]] = {}
    rows = obj.rows().filter(deleted_at=None, custom__has_key=field.key).order_by("id").values("id", "custom", "title")
    with transaction.atomic():
        for some in _batches(rows.iterator(STEP)):
            held = {row["id"]: field.read(row) for row in some}
            keys = {
                id_: derived.unique_key(field, value) for id_, value in held.items() if not field.kind.is_empty(value)
            }
            taken = dict(Key.objects.filter(object=obj.plural, key__in=keys.values()).values_list("key", "record_id"))
            fresh: dict[str, UUID] = {}
            for row in some:
                key = keys.get(row["id"])
                if key is None:
                    continue
                first = taken.get(key) or fresh.setdefault(key, row["id"])
                if first != row["id"] and len(shared) < NAMED:
                    shared.setdefault(key, [_title(obj, first)]).append(row["title"])
            Key.objects.bulk_create(Key(object=obj.plural, key=key, record_id=id_) for key, id_ in fresh.items())
        if shared:
            raise Refused([_problem(field, key, titles) for key, titles in shared.items()])


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while some := list(islice(rows, STEP)):
        yield some


def _title(obj: Object, record_id: UUID) -> str:
    return obj.rows().values_list("title", flat=True).get(id=record_id)


def _problem(field: Field, key: str, titles: list[str]) -> Problem:
    value = key.removeprefix(f"unique:{field.name}:")
    words = _(
        "“%(value)s” stands in several records: %(titles)s. Change or merge them, then try again; nothing was changed."
    )
    return Problem("unique", "duplicates", words % {"value": value[:80], "titles": ", ".join(titles[:5])})


def make_common(obj: Object, field: Field) -> None:
    """Let several records hold the same value again."""
    Key.objects.filter(object=obj.plural, key__startswith=f"unique:{field.name}:").delete()
