"""What points at records: links of every registered object, built in or an administrator's own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any
from uuid import UUID

from .. import access, derived, merges, objects, values
from ..bulk.drafts import Draft
from ..bulk.staging import Staging
from ..models import Key, Moment
from ..objects import Field, Object
from ..workspaces.actors import Actor

#: Records rewritten in one go.
CHUNK = 2_000


def linking(actor: Actor, plural: str) -> Iterator[tuple[Object, list[Field]]]:
    """The objects that can link to records of this one, each with the fields."""
    for obj in objects.all_objects():
        fields = [field for field in obj.stored(actor.workspace).values() if field.points_at(plural)]
        if fields:
            yield obj, fields


def pointing_ids(actor: Actor, obj: Object, field: Field, plural: str, ids: Collection[UUID]) -> list[UUID]:
    """The records of ``obj`` that link by this field to one of these records, as far as the actor may see them."""
    rows = access.visible(actor, obj)
    if field.kind.by_id and not field.custom:
        return list(rows.filter(**{f"{field.columns[0]}__in": ids}).values_list("id", flat=True))
    if obj.moment and field.name == obj.moment.about:
        items = Moment.objects.filter(object=plural, record_id__in=ids, item_object=obj.plural).values("item_id")
        return list(rows.filter(id__in=items).values_list("id", flat=True))
    wanted = derived.stored_keys(field, [f"link:{plural}/{each}" for each in ids])
    keys = Key.objects.filter(object=obj.plural, key__in=wanted).values("record_id")
    return list(rows.filter(id__in=keys).values_list("id", flat=True))


def counts(actor: Actor, plural: str, ids: Collection[UUID]) -> dict[str, int]:
    """How many records of each object the actor sees point at these: by plural."""
    found: dict[str, int] = {}
    for obj, fields in linking(actor, plural):
        known = access.fields(actor, obj)
        seen = {
            record_id
            for field in fields
            if field.name in known
            for record_id in pointing_ids(actor, obj, field, plural, ids)
        } - set(ids)
        if seen:
            found[obj.plural] = len(seen)
    return found


def relink(everybody: Actor, batch_id: UUID, plural: str, losers: Collection[UUID], winner: UUID) -> None:
    """Make everything that links to the losers link to the winner, set-wise, with history; ties that would be circular
    or double go to the recycle bin. Raises Refused where a rule among records forbids it.
    """
    moved = {f"{plural}/{loser}": f"{plural}/{winner}" for loser in losers}
    for obj, fields in linking(everybody, plural):
        ids: dict[UUID, None] = {}
        for field in fields:
            ids |= dict.fromkeys(pointing_ids(everybody, obj, field, plural, losers))
        if obj.plural == plural:
            ids.pop(winner, None)
        listed = list(ids)
        staging = Staging(everybody, obj, batch_id, obj.stored(everybody.workspace))
        for first in range(0, len(listed), CHUNK):
            drafts = list(staging.load(listed[first : first + CHUNK]).values())
            for draft in drafts:
                draft.values = draft.values | {
                    field.name: merges.replaced(field.kind, draft.values[field.name], moved) for field in fields
                }
            if obj.ties:
                drafts = _without_needless(staging, drafts, fields, plural, winner)
            rewrite(staging, drafts)


def _without_needless(
    staging: Staging, drafts: list[Draft], linking_fields: list[Field], plural: str, winner: UUID
) -> list[Draft]:
    """The ties that stay, those among the winner's own that took something over included; the others are buried."""
    ids = {
        record_id
        for field in linking_fields
        for record_id in pointing_ids(staging.actor, staging.obj, field, plural, [winner])
    }
    kept = list(staging.load(ids - {draft.id for draft in drafts}).values())
    gone = []
    for draft in drafts:
        twin = next((other for other in kept if _says_the_same(staging, other, draft)), None)
        if twin is not None:
            twin.values = twin.values | {
                name: field.kind.merge(twin.values[name], draft.values[name])
                for name, field in staging.fields.items()
                if not field.readonly
            }
        if twin is not None or _is_circular(staging, draft):
            draft.values = dict(draft.old or {})  # it leaves as it is, to come back so
            gone.append(draft)
        else:
            kept.append(draft)
    if gone:
        staging.bury(gone)
    return kept


def _ends(staging: Staging, draft: Draft) -> list[list[str]]:
    """What a tie links, by field."""
    return [
        staging.fields[name].kind.refs(draft.values[name])
        for name in staging.obj.ties
        if staging.fields[name].kind.name in ("link", "links")
    ]


def _is_circular(staging: Staging, draft: Draft) -> bool:
    """Whether a tie ties a record to itself."""
    refs = [ref for ends in _ends(staging, draft) for ref in ends]
    return len(set(refs)) < len(refs)


def _says_the_same(staging: Staging, one: Draft, other: Draft) -> bool:
    """Whether two ties link the same, and neither says anything the other contradicts."""
    if _ends(staging, one) != _ends(staging, other):
        return False
    for name in staging.obj.ties:
        kind, mine, yours = staging.fields[name].kind, one.values[name], other.values[name]
        if mine != yours and not kind.is_empty(mine) and not kind.is_empty(yours):
            return False
    return True


def rewrite(staging: Staging, drafts: list[Draft]) -> None:
    """Write those drafts whose values are new, after the rules that look at other records; raises Refused."""
    by_id = {draft.id: draft for draft in drafts}

    def pending(record_id: UUID) -> Mapping[str, Any] | None:
        return by_id[record_id].values if record_id in by_id else None

    changed: list[Draft] = []
    names: set[str] = set()
    for draft in drafts:
        old = draft.old or {}
        draft.changes = values.changes(staging.fields, old, draft.values)
        if draft.changes:
            values.verify(staging.actor, staging.obj, draft.id, draft.values, old, pending=pending)
            draft.title = staging.obj.title(draft.values, staging.actor.language)
            draft.version += 1
            draft.set_custom(staging.fields[name] for name in draft.changes)
            names |= draft.changes.keys()
            changed.append(draft)
    staging.write(changed, names, {})
