"""Rows beside records: shares, pins, what people saw and follow. They move with the record they belong to, and each is
remembered as it was, so that it can go back.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction

from ..duplicates.models import DuplicatePair
from ..models import HistoryEntry, Key, Merge, MergedRow, Moment, Record
from ..objects import Object
from ..workspaces.base import WorkspaceForeignKey, WorkspaceModel

#: What stays with the record it tells of, is made anew from values, or is told apart below.
STAY = (HistoryEntry, Key, Moment, Merge, MergedRow, DuplicatePair)


def tables(obj: Object) -> Iterator[tuple[type[WorkspaceModel], str]]:
    """The tables beside records, each with the column that says of which: those that name an object and a record, and
    those with a foreign key to this object's table. One that says ``follows_values`` is made anew from the values.
    """
    for model in apps.get_models():
        if not issubclass(model, WorkspaceModel) or issubclass(model, (Record, *STAY)):
            continue
        if getattr(model, "follows_values", False):
            continue
        names = {field.name for field in model._meta.local_fields}
        if {"object", "record_id"} <= names:
            yield model, "record_id"
        for field in model._meta.local_fields:
            if isinstance(field, WorkspaceForeignKey) and field.related_model is obj.model:
                yield model, field.attname


def following() -> Iterator[type[WorkspaceModel]]:
    """The tables that follow a record's values, and name it."""
    for model in apps.get_models():
        if issubclass(model, WorkspaceModel) and getattr(model, "follows_values", False):
            yield model


def move(obj: Object, batch_id: UUID, losers: Collection[UUID], winner: UUID) -> None:
    """Give the losers' rows to the winner; a row the winner has already is dropped."""
    for model, column in tables(obj):
        which = {"object": obj.plural} if column == "record_id" else {}
        rows = model.objects.filter(**which, **{f"{column}__in": losers})
        for row in rows.order_by("id"):
            before = _as_json(row)
            try:
                with transaction.atomic():
                    model.objects.filter(id=row.id).update(**{column: winner})
            except IntegrityError:
                model.objects.filter(id=row.id).delete()
                _remember(batch_id, row, before, gone=True)
            else:
                _remember(batch_id, row, before)


def pinned(obj: Object, batch_id: UUID, losers: Collection[UUID], winner: UUID) -> list[tuple[str, UUID]]:
    """What is pinned on the losers' timelines: remembered, with how the same stands on the winner's."""
    items = list(Moment.objects.filter(object=obj.plural, record_id__in=losers, is_pinned=True))
    same = Moment.objects.filter(object=obj.plural, record_id=winner, item_id__in=[row.item_id for row in items])
    for row in [*items, *same]:
        _remember(batch_id, row, _as_json(row))
    return [(row.item_object, row.item_id) for row in items]


def pin(obj: Object, winner: UUID, items: Collection[tuple[str, UUID]]) -> None:
    """Pin these on the winner's timeline."""
    wanted = [item_id for _plural, item_id in items]
    Moment.objects.filter(object=obj.plural, record_id=winner, item_id__in=wanted).update(is_pinned=True)


def settle_pairs(obj: Object, batch_id: UUID, losers: Collection[UUID], winner: UUID) -> None:
    """The pairs of the queue: those among the merged are done, what was found or decided of a loser and somebody else
    holds for the winner.
    """
    merged = {*losers, winner}
    rows = DuplicatePair.objects.filter(models.Q(left_id__in=losers) | models.Q(right_id__in=losers), object=obj.plural)
    for row in rows.order_by("-score", "id"):
        before = _as_json(row)
        others = {row.left_id, row.right_id} - merged
        if not others:
            DuplicatePair.objects.filter(id=row.id).update(state="merged")
            _remember(batch_id, row, before)
            continue
        left, right = sorted((others.pop(), winner))
        if DuplicatePair.objects.filter(object=obj.plural, left_id=left, right_id=right).exists():
            DuplicatePair.objects.filter(id=row.id).delete()
            _remember(batch_id, row, before, gone=True)
        else:
            DuplicatePair.objects.filter(id=row.id).update(left_id=left, right_id=right)
            _remember(batch_id, row, before)


def put_back(batch_id: UUID) -> None:
    """Make every remembered row what it was: moved ones go back to their record, dropped ones are there again. One that
    was taken away since stays away.
    """
    for kept in MergedRow.objects.filter(batch_id=batch_id).order_by("-id"):
        model: Any = apps.get_model(kept.table)
        row = kept.before["row"]
        if model is Moment:
            where = {name: row[name] for name in ("object", "record_id", "item_object", "item_id")}
            Moment.objects.filter(**where).update(is_pinned=row["is_pinned"])
        elif kept.before["gone"]:
            model.objects.bulk_create([model(**row)], ignore_conflicts=True)
        else:
            columns = {name: row[name] for name in _placing(model)}
            model.objects.filter(id=kept.row_id).update(**columns)


def _placing(model: type[models.Model]) -> list[str]:
    """The columns a merge may have changed."""
    if model is DuplicatePair:
        return ["left_id", "right_id", "state"]
    names = ["record_id"] if any(field.name == "record_id" for field in model._meta.local_fields) else []
    links = [field.attname for field in model._meta.local_fields if isinstance(field, WorkspaceForeignKey)]
    return names or [name for name in links if name != "workspace_id"]


def _as_json(row: models.Model) -> dict[str, Any]:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.local_concrete_fields}
    return json.loads(json.dumps(values, cls=DjangoJSONEncoder))


def _remember(batch_id: UUID, row: Any, before: dict[str, Any], *, gone: bool = False) -> None:
    MergedRow.objects.create(
        batch_id=batch_id, table=row._meta.label_lower, row_id=row.id, before={"row": before, "gone": gone}
    )
