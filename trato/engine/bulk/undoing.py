"""The undo of large batches: the opposite of every write, set-wise, in one transaction, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import access, actions, events, history, objects, values
from ..models import HistoryEntry
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.ids import uuid7
from .staging import Draft, Staging

#: Records a statement takes.
CHUNK = 5_000
#: What is done first: what was made goes before what it points at is changed back.
ORDER = ("created", "restored", "updated", "deleted")
HISTORY = f'"{HistoryEntry._meta.db_table}"'


class Undoing:
    """Takes one batch back. The caller has made sure that the actor may ask for it."""

    def __init__(self, actor: Actor, batch_id: UUID) -> None:
        self.actor, self.batch_id, self.new_batch = actor.via("undo", f"{history.UNDO_OF}{batch_id}"), batch_id, uuid7()
        self.where = f"h.workspace_id = '{actor.workspace.id}'::uuid AND h.batch_id = '{batch_id}'::uuid"

    def run(self) -> UUID:
        """The id of the batch of the opposite writes. Raises Refused, with reasons, and has changed nothing then."""
        self._refuse_later_changes()
        rows = HistoryEntry.objects.filter(batch_id=self.batch_id)
        done = set(rows.values_list("object", "action").distinct())
        try:
            with transaction.atomic():
                for plural, action in sorted(done, key=lambda each: (ORDER.index(each[1]), each[0])):
                    self._take_back(objects.get(plural), action)
                history.mark_undone(self.batch_id)
        except IntegrityError as error:
            raise Refused([actions.broken_rule(objects.get(next(iter(done))[0]), error)]) from error
        return self.new_batch

    def _refuse_later_changes(self) -> None:
        """Later writes of the same records that stand on this batch, counted; an update of other fields does not."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(DISTINCT l.record_id), min(l.actor_name) FROM {HISTORY} h JOIN {HISTORY} l "
                "ON l.workspace_id = h.workspace_id AND l.record_id = h.record_id AND l.object = h.object "
                f"WHERE {self.where} AND l.batch_id <> h.batch_id AND l.id > h.id AND l.undone_at IS NULL "
                "AND l.face <> 'undo' AND NOT (h.action = 'updated' AND l.action = 'updated' "
                "AND NOT h.changes ?| ARRAY(SELECT jsonb_object_keys(l.changes)))"
            )
            count, who = cursor.fetchone()
        if count:
            words = ngettext(
                "%(n)d record was changed since (by %(who)s, for one); undo that first. Nothing was undone.",
                "%(n)d records were changed since (by %(who)s, for one); undo that first. Nothing was undone.",
                count,
            )
            raise Refused([Problem("", "later", words % {"n": count, "who": who})])

    def _take_back(self, obj: Object, action: str) -> None:
        staging = Staging(self.actor, obj, self.new_batch, obj.fields(self.actor.workspace))
        for chunk in self._chunks(obj, action):
            if action == "updated":
                self._change_back(staging, chunk)
                continue
            deleted = action == "deleted"
            drafts = self._drafts(staging, chunk, deleted=deleted)
            if not self.actor.rights.may(obj.plural, "delete"):
                raise _forbidden()
            if deleted:
                staging.revive(drafts)
            else:
                staging.bury(drafts)
        events.emit(self.actor, f"{obj.plural}.undone", object=obj.plural, batch=str(self.batch_id))

    def _chunks(self, obj: Object, action: str) -> Iterator[dict[UUID, dict[str, Any]]]:
        """The records written so, some thousands at a time, each with what its fields held before the batch."""
        made = f"EXISTS (SELECT FROM {HISTORY} c WHERE c.workspace_id = h.workspace_id AND c.record_id = h.record_id "
        made += "AND c.batch_id = h.batch_id AND c.action = 'created')"
        only = f"AND NOT {made}" if action == "updated" else ""
        with connection.chunked_cursor() as cursor:
            cursor.execute(
                f"SELECT h.record_id, jsonb_agg(h.changes ORDER BY h.id DESC)::text FROM {HISTORY} h "
                f"WHERE {self.where} AND h.object = %s AND h.action = %s {only} "
                "GROUP BY h.record_id ORDER BY h.record_id",
                [obj.plural, action],
            )
            while rows := cursor.fetchmany(CHUNK):
                yield {record_id: _before(changes) for record_id, changes in rows}

    def _drafts(self, staging: Staging, ids: Iterable[UUID], *, deleted: bool = False) -> list[Draft]:
        """The records, locked; refuses when one of them is out of the actor's reach."""
        wanted = set(ids)
        drafts = staging.load(wanted, deleted=deleted)
        if len(drafts) < len(wanted) or staging.changeable(wanted, deleted=deleted) < wanted:
            raise _forbidden()
        return list(drafts.values())

    def _change_back(self, staging: Staging, before: dict[UUID, dict[str, Any]]) -> None:
        """Give fields the values they had, as far as the fields still exist."""
        fields, obj = staging.fields, staging.obj
        names = {name for given in before.values() for name in given if name in fields}
        if names - access.writable(self.actor, obj).keys():
            raise _forbidden()
        changed: dict[UUID, Draft] = {}

        def pending(record_id: UUID) -> dict[str, Any] | None:
            return changed[record_id].values if record_id in changed else None

        for draft in self._drafts(staging, before):
            given = {name: fields[name].kind.load(data) for name, data in before[draft.id].items() if name in fields}
            draft.values = draft.values | given
            draft.changes = values.changes(fields, draft.old or {}, given)
            if draft.changes:
                draft.title = obj.title(draft.values, self.actor.language)
                draft.version += 1
                draft.set_custom(fields[name] for name in given)
                changed[draft.id] = draft
        for draft in changed.values():
            values.verify(self.actor, obj, draft.id, draft.values, draft.old or {}, pending=pending)
        staging.write(list(changed.values()), names, {})


def _before(changes: str) -> dict[str, Any]:
    """What each field held at first, of a record's changes with the newest first."""
    held: dict[str, Any] = {}
    for change in orjson.loads(changes):
        held |= {name: pair[0] for name, pair in change.items()}
    return held


def _forbidden() -> Refused:
    words = _("You may not change all of these records any more. Nothing was undone.")
    return Refused([Problem("", "rights", words)])
