"""A merge taken apart: both records are what they were, and what pointed at them points there again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access, actions, history, merges, objects, values, wholes
from ..bulk.staging import Staging
from ..models import HistoryEntry, Merge, Record
from ..objects import Object
from ..postgres.scope import current_workspace_id
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from . import beside
from .merge import everybodys, merge, refuse_frozen
from .pointing import CHUNK, rewrite

HISTORY = HistoryEntry._meta.db_table
# Writes after the merge that stand on it: of a field that it wrote.
LATER = f"""
SELECT l.object, l.actor_name,
    ARRAY(SELECT jsonb_object_keys(l.changes) INTERSECT SELECT jsonb_object_keys(h.changes))
FROM {HISTORY} h JOIN {HISTORY} l
ON l.workspace_id = h.workspace_id AND l.record_id = h.record_id AND l.object = h.object AND l.id > h.id
WHERE h.workspace_id = '{{workspace}}'::uuid AND h.batch_id = %s AND l.batch_id <> h.batch_id
AND l.undone_at IS NULL AND l.face <> 'undo'
AND h.changes ?| ARRAY(SELECT jsonb_object_keys(l.changes))
ORDER BY l.id LIMIT 5
"""


def unmerge(actor: Actor, batch_id: UUID) -> UUID:
    """Take the merge of a batch apart, as a batch of its own whose id is handed back.

    Raises Absent where there was none the actor made (or administers), Forbidden, and Refused, with reasons and nothing
    changed, where it was taken apart before or later changes stand on it.
    """
    done = list(Merge.objects.filter(batch_id=batch_id).order_by("id").select_for_update())
    first = HistoryEntry.objects.filter(batch_id=batch_id).order_by("id").first()
    if not done or first is None or not (actor.rights.admin or first.actor_id == actor.user_id):
        raise access.Absent(str(batch_id))
    obj, winner_id = objects.get(done[0].object), done[0].winner_id
    access.require(actor, obj, "delete")
    if all(row.undone_at for row in done):
        raise Refused([Problem("", "undone", _("This was undone already."))])
    _refuse_later(obj, batch_id, winner_id)
    losers = [row.loser_id for row in done]
    back = actor.via("undo", f"{history.UNDO_OF}{batch_id}")
    with transaction.atomic(), history.batch(history.UNMERGED) as batch, wholes.settling(back):
        winner = actions.lock(actor, obj, winner_id)
        refuse_frozen(actor, obj, [winner], [values.of_record(obj, winner, obj.stored(actor.workspace))])
        Merge.objects.filter(batch_id=batch_id).update(undone_at=timezone.now())
        written = _written(batch_id)
        _restore_winner(back, obj, winner, written.pop((obj.plural, winner_id), {}))
        _relink_back(everybodys(back), batch.id, batch_id, written, {winner_id, *losers})
        for loser in losers:
            actions.restore(everybodys(back), obj, loser)
        beside.put_back(batch_id)
        history.mark_undone(batch_id)
    return batch.id


def _refuse_later(obj: Object, batch_id: UUID, winner_id: UUID) -> None:
    """Refuse, naming who changed what, where later writes stand on the merge."""
    later = Merge.objects.filter(object=obj.plural, loser_id=winner_id, undone_at=None).first()
    problems = []
    if later is not None:
        words = _("%(who)s has since merged this into another record; undo that first. Nothing was undone.")
        problems.append(Problem("", "later", words % {"who": later.actor_name}))
    elif obj.rows().filter(id=winner_id).exclude(deleted_at=None).exists():
        words = _("The record that remained was deleted; restore it first. Nothing was undone.")
        problems.append(Problem("", "later", words))
    with connection.cursor() as cursor:
        cursor.execute(LATER.format(workspace=current_workspace_id()), [batch_id])
        rows = cursor.fetchall()
    for plural, who, fields in rows:
        known = objects.get(plural)
        labels = [str(known.builtin[name].label) if name in known.builtin else name for name in fields]
        words = _("%(who)s changed “%(object)s” later (%(what)s); undo that first. Nothing was undone.")
        what = ", ".join(sorted(labels))
        problems.append(Problem("", "later", words % {"who": who, "object": known.label, "what": what}))
    if problems:
        raise Refused(problems)


def _written(batch_id: UUID) -> dict[tuple[str, UUID], dict[str, Any]]:
    """What the merge changed, by record: field name -> the value before."""
    found: dict[tuple[str, UUID], dict[str, Any]] = defaultdict(dict)
    rows = HistoryEntry.objects.filter(batch_id=batch_id).exclude(action__in=("deleted",)).order_by("-id")
    for plural, record_id, changes in rows.values_list("object", "record_id", "changes").iterator():
        found[plural, record_id] |= {name: pair[0] for name, pair in changes.items()}
    return found


def _restore_winner(back: Actor, obj: Object, winner: Record, before: dict[str, Any]) -> None:
    fields = obj.stored(back.workspace)
    old = values.of_record(obj, winner, fields)
    new = old | {name: fields[name].kind.load(data) for name, data in before.items() if name in fields}
    changed = values.changes(fields, old, new)
    actions.rewrite(everybodys(back), obj, winner, old, new, changed=changed, verb=history.UNMERGED)


def _relink_back(
    everybody: Actor,
    new_batch: UUID,
    batch_id: UUID,
    written: dict[tuple[str, UUID], dict[str, Any]],
    merged: set[UUID],
) -> None:
    """Give every link the target it had, and bring dissolved ties back."""
    by_object: dict[str, dict[UUID, dict[str, Any]]] = defaultdict(dict)
    for (plural, record_id), before in written.items():
        if record_id not in merged and before:
            by_object[plural][record_id] = before
    for plural, records in by_object.items():
        obj = objects.get(plural)
        staging = Staging(everybody, obj, new_batch, obj.stored(everybody.workspace))
        ids = list(records)
        for first in range(0, len(ids), CHUNK):
            chunk = ids[first : first + CHUNK]
            drafts = staging.load(chunk)
            for draft in drafts.values():
                held = records[draft.id].items()
                given = {name: staging.fields[name].kind.load(data) for name, data in held if name in staging.fields}
                draft.values = draft.values | given
            rewrite(staging, list(drafts.values()))
            for record_id in set(chunk) - drafts.keys():
                _change_deleted(everybody, obj, record_id, records[record_id])
    gone = HistoryEntry.objects.filter(batch_id=batch_id, action="deleted").values_list("object", "record_id")
    for plural in {plural for plural, _id in gone}:
        obj = objects.get(plural)
        staging = Staging(everybody, obj, new_batch, obj.stored(everybody.workspace))
        staging.revive(list(staging.load([key for place, key in gone if place == plural], deleted=True).values()))


def _change_deleted(everybody: Actor, obj: Object, record_id: UUID, before: dict[str, Any]) -> None:
    """A record that went to the recycle bin since: its links go back too, should it be restored."""
    record = access.visible(everybody, obj, deleted=True).filter(id=record_id).first()
    if record is None:
        return
    fields = obj.stored(everybody.workspace)
    given = {name: fields[name].kind.load(data) for name, data in before.items() if name in fields}
    values.apply(record, fields, given)
    record.save(update_fields={column for name in given for column in fields[name].written})


def latest(actor: Actor, obj: Object, record_id: Any) -> Merge:
    """The last merge, not taken apart, of which a record was part, as what remained or as what went; raises Absent."""
    key = access.as_uuid(record_id)
    mine = merges.in_force(obj.plural).filter(Q(winner_id=key) | Q(loser_id=key))
    found = mine.order_by("-at", "-id").first()
    if found is None or not access.visible(actor, obj).filter(id=found.winner_id).exists():
        raise access.Absent(obj.ref(key))
    return found


def merge_again(actor: Actor, entries: Sequence[HistoryEntry]) -> UUID:
    """Do a merge once more that these entries took apart, as it was chosen; the id of the new batch. Raises Refused
    where that was done already, and what ``merge`` raises.
    """
    taken_apart = UUID(entries[0].source.removeprefix(history.UNDO_OF))
    done = list(Merge.objects.filter(batch_id=taken_apart).order_by("id"))
    with transaction.atomic(), history.batch(history.MERGED) as batch:
        merge(actor, objects.get(done[0].object), done[0].winner_id, [row.loser_id for row in done], done[0].chosen)
        HistoryEntry.objects.filter(batch_id=entries[0].batch_id).update(undone_at=timezone.now())
    return batch.id
