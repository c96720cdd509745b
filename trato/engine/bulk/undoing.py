"""The undo of large batches: the opposite of every write, set-wise, in steps that are each whole or not at all.

What was taken back says so in the history (``undone_at``), so that an undo which was stopped goes on with the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import access, actions, events, history, objects, values, wholes
from ..models import HistoryEntry
from ..objects import Object
from ..values import Refused
from ..workspaces.actors import Actor
from .drafts import Draft
from .staging import Staging

#: Writes a step takes back.
CHUNK = 5_000
#: What is done first: what was made goes before what it points at is changed back; what was deleted has to be there
#: again, and what was restored still be there, to be changed back.
ORDER = ("created", "deleted", "updated", "restored")
HISTORY = f'"{HistoryEntry._meta.db_table}"'
#: Refused records that are told one by one.
TOLD = 100


@dataclass
class Tally:
    """What became of the records of a batch so far: how many there are, were taken back, and were not, by reason."""

    total: int = 0
    done: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    reasons: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, ref: str, code: str, words: str) -> None:
        """One record stays as it is, for this reason."""
        self.refused[code] += 1
        if len(self.reasons) < TOLD:
            self.reasons.append((ref, words))

    @property
    def whole(self) -> bool:
        """Whether nothing of the batch is left."""
        return self.done >= self.total and not self.refused

    def words(self) -> str:
        """How far the undo came and why not further, for people."""
        if self.whole:
            return ngettext("%(n)s record undone.", "%(n)s records undone.", self.done) % {"n": f"{self.done:,}"}
        told = [_("Undone in part: %(n)s of %(m)s records.") % {"n": f"{self.done:,}", "m": f"{self.total:,}"}]
        if n := self.refused["later"]:
            words = ngettext("%(n)s was changed since.", "%(n)s were changed since.", n)
            told.append(words % {"n": f"{n:,}"})
        if n := self.refused["rights"]:
            words = ngettext(
                "%(n)s may not be changed by you any more.", "%(n)s may not be changed by you any more.", n
            )
            told.append(words % {"n": f"{n:,}"})
        if n := self.refused.total() - self.refused["later"] - self.refused["rights"]:
            told.append(ngettext("%(n)s breaks a rule.", "%(n)s break a rule.", n) % {"n": f"{n:,}"})
        return " ".join(told)


def _in_order(each: tuple[str, str]) -> tuple[int, bool, str]:
    """Where a pass stands: parts go before what they are part of, and come back after it."""
    plural, action = each
    is_part = objects.is_known(plural) and objects.get(plural).whole is not None
    return ORDER.index(action), is_part == (action == "deleted"), plural


def _written(batch_id: UUID) -> Any:
    """The writes of a batch that are taken back; what followed from them follows again."""
    return HistoryEntry.objects.filter(batch_id=batch_id).exclude(action=history.SETTLED)


class Undoing:
    """Takes one batch back as the batch ``new_batch``. The caller has made sure that the actor may ask for it.

    Each call of ``step`` belongs into a transaction of its own; a new object goes on where an old one stopped.
    """

    def __init__(self, actor: Actor, batch_id: UUID, new_batch: UUID) -> None:
        self.actor, self.batch_id, self.new_batch = (
            actor.via("undo", f"{history.UNDO_OF}{batch_id}"),
            batch_id,
            new_batch,
        )
        self.where = f"h.workspace_id = '{actor.workspace.id}'::uuid AND h.batch_id = '{batch_id}'::uuid"
        rows = _written(batch_id)
        left = rows.filter(undone_at=None)
        self.tally = Tally(rows.values("record_id").distinct().count())
        self._count()
        done = set(left.values_list("object", "action").distinct())
        self._created = set(rows.filter(action="created").values_list("object", flat=True).distinct())
        self._passes = sorted(done, key=_in_order)
        self._chain = history.undo_chain(batch_id)
        self._last: UUID | None = None
        self._oldest: dict[UUID, UUID] = {}
        self._entries: dict[UUID, list[UUID]] = {}
        self._refused: set[UUID] = set()
        self._stagings: dict[str, Staging] = {}

    def step(self) -> bool:
        """Take the next writes back in the running transaction; False when none are left."""
        while self._passes:
            plural, action = self._passes[0]
            before = self._page(plural, action)
            if before:
                with history.batch("", self.new_batch), wholes.settling(self.actor):
                    self._take_back(objects.get(plural), action, before)
                return True
            self._passes.pop(0)
            self._last = None
        self._count()
        if self.tally.whole:  # what followed is what it follows now
            followed = HistoryEntry.objects.filter(batch_id=self.batch_id, action=history.SETTLED)
            followed.update(undone_at=timezone.now())
        return False

    def _count(self) -> None:
        """How many records have nothing left: one that the batch wrote twice is counted once."""
        left = _written(self.batch_id).filter(undone_at=None)
        self.tally.done = self.tally.total - left.values("record_id").distinct().count()

    def _page(self, plural: str, action: str) -> dict[UUID, dict[str, Any]]:
        """The newest records written so that are left, each with what its fields held before."""
        made = f"EXISTS (SELECT FROM {HISTORY} c WHERE c.workspace_id = h.workspace_id AND c.record_id = h.record_id "
        made += "AND c.batch_id = h.batch_id AND c.action = 'created')"
        only = f"AND NOT {made}" if action == "updated" and plural in self._created else ""
        older = f"AND h.id < '{self._last}'::uuid" if self._last else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT h.id, h.record_id, h.changes::text FROM {HISTORY} h WHERE {self.where} AND h.object = %s "
                f"AND h.action = %s AND h.undone_at IS NULL {older} {only} ORDER BY h.id DESC LIMIT {CHUNK}",
                [plural, action],
            )
            rows = cursor.fetchall()
        self._last = rows[-1][0] if rows else None
        before: dict[UUID, dict[str, Any]] = {}
        self._oldest, self._entries = {}, {}
        for entry_id, record_id, changes in rows:
            self._oldest[record_id] = entry_id
            self._entries.setdefault(record_id, []).append(entry_id)
            held = before.setdefault(record_id, {})
            if action == "updated":
                held |= {name: pair[0] for name, pair in orjson.loads(changes).items()}
        return before

    def _take_back(self, obj: Object, action: str, before: dict[UUID, dict[str, Any]]) -> None:
        staging = self._stagings.get(obj.plural)
        if staging is None:
            fields = obj.stored(self.actor.workspace)
            staging = self._stagings[obj.plural] = Staging(self.actor, obj, self.new_batch, fields)
        later = self._changed_later(obj, action, before)
        for record_id, who in later.items():
            self._refuse(obj, record_id, "later", _("%(who)s changed this record later.") % {"who": who})
        wanted = before.keys() - later.keys() - self._refused
        deleted = action == "deleted"
        drafts = staging.load(wanted, deleted=deleted)
        allowed = staging.changeable(drafts, deleted=deleted) if self._may(obj, action) else set()
        for record_id in wanted - allowed:
            self._refuse(obj, record_id, "rights", _("You may not change this record any more."))
        chosen = [draft for record_id, draft in drafts.items() if record_id in allowed]
        chosen = self._unfrozen(obj, action, chosen, before)
        if action == "updated":
            chosen = self._changed_back(staging, chosen, before)
        undone = self._write(staging, action, chosen)
        self._mark([draft.id for draft in undone], action)
        self.tally.done = min(self.tally.total, self.tally.done + len(undone))
        told: dict[str, Any] = {"object": obj.plural, "batch": str(self.batch_id)}
        events.emit(self.actor, f"{obj.plural}.undone", records=[draft.id for draft in undone], **told)

    def _unfrozen(
        self, obj: Object, action: str, drafts: list[Draft], before: Mapping[UUID, Mapping[str, Any]]
    ) -> list[Draft]:
        """Those of the drafts that may still be changed so, or come back to what they are part of."""
        frozen = wholes.frozen(self.actor, obj, {draft.id: draft.values for draft in drafts})
        if action == "deleted":
            frozen = frozen if obj.whole is not None else {}
            gone = wholes.gone(obj, {draft.id: draft.values for draft in drafts})
            frozen |= dict.fromkeys(gone, str(wholes.GONE))
        kept = []
        for draft in drafts:
            thawed = action == "updated" and before[draft.id].keys() <= set(obj.thaw)
            if draft.id in frozen and not thawed:
                self._refuse(obj, draft.id, "frozen", frozen[draft.id])
            else:
                kept.append(draft)
        return kept

    def _may(self, obj: Object, action: str) -> bool:
        return action == "updated" or self.actor.rights.may(obj.plural, "delete")

    def _refuse(self, obj: Object, record_id: UUID, code: str, words: str) -> None:
        if record_id not in self._refused:
            self._refused.add(record_id)
            self.tally.refuse(obj.ref(record_id), code, words)

    def _changed_later(self, obj: Object, action: str, before: Mapping[UUID, Mapping[str, Any]]) -> dict[UUID, str]:
        """The records with later writes that stand on this batch, and whose: an update of other fields does not."""
        found: dict[UUID, str] = {}
        others = self.where.replace("h.batch_id =", "h.batch_id <>")
        with connection.cursor() as cursor:
            cursor.execute(  # one look into the index of a record's history each, whatever the statistics say
                "SELECT l.record_id, l.actor_name, l.action, ARRAY(SELECT jsonb_object_keys(l.changes)) "
                f"FROM unnest(%s::uuid[], %s::uuid[]) AS r(id, entry) CROSS JOIN LATERAL (SELECT * FROM {HISTORY} h "
                f"WHERE {others} AND h.record_id = r.id AND h.id > r.entry "
                "AND h.object = %s AND h.undone_at IS NULL AND h.face <> 'undo' ORDER BY h.id LIMIT 200) l",
                [list(before), [self._oldest[record_id] for record_id in before], obj.plural],
            )
            for record_id, who, verb, names in cursor.fetchall():
                both_change = action == "updated" and verb in ("updated", history.SETTLED)
                if not (both_change and before[record_id].keys().isdisjoint(names)):
                    found.setdefault(record_id, who)
        return found

    def _changed_back(
        self, staging: Staging, drafts: list[Draft], before: Mapping[UUID, Mapping[str, Any]]
    ) -> list[Draft]:
        """The drafts with the values that their fields had, as far as the fields still exist; without those that break
        a rule by it, or hold a field the actor may not write.
        """
        fields, obj = staging.fields, staging.obj
        writable = access.writable(self.actor, obj, readonly_too=True).keys()
        changed: dict[UUID, Draft] = {}
        for draft in drafts:
            held = before[draft.id]
            given = {name: fields[name].kind.load(data) for name, data in held.items() if name in fields}
            if given.keys() - writable:
                self._refuse(obj, draft.id, "rights", _("You may not change this record any more."))
                continue
            draft.values = draft.values | given
            draft.changes = values.changes(fields, draft.old or {}, given)
            draft.title = obj.title(draft.values, self.actor.language)
            draft.version += bool(draft.changes)
            draft.set_custom(fields[name] for name in given)
            changed[draft.id] = draft

        def pending(record_id: UUID) -> Mapping[str, Any] | None:
            return changed[record_id].values if record_id in changed else None

        for draft in list(changed.values()):
            try:
                values.verify(self.actor, obj, draft.id, draft.values, draft.old or {}, pending=pending)
            except Refused as refused:
                self._refuse(obj, draft.id, "rule", " ".join(str(problem.message) for problem in refused.problems))
                del changed[draft.id]
        return list(changed.values())

    def _write(self, staging: Staging, action: str, drafts: list[Draft]) -> list[Draft]:
        """Write the drafts; where a rule of the database is broken, all but those that break it."""
        try:
            with transaction.atomic():
                if action == "updated":
                    changed = [draft for draft in drafts if draft.changes]
                    staging.write(changed, {name for draft in changed for name in draft.changes}, {})
                elif action == "deleted":
                    staging.revive(drafts)
                else:
                    staging.bury(drafts)
        except IntegrityError as error:
            if len(drafts) == 1:
                problem = actions.broken_rule(staging.obj, error)
                self._refuse(staging.obj, drafts[0].id, problem.code, str(problem.message))
                return []
            half = len(drafts) // 2
            return self._write(staging, action, drafts[:half]) + self._write(staging, action, drafts[half:])
        return drafts

    def _mark(self, ids: list[UUID], action: str) -> None:
        """Say that these writes are undone, or in force again: of the batch, and of those it took back itself."""
        now = timezone.now()
        for place, batch_id in enumerate(self._chain):
            if place == 0 and action != "created":
                rows = HistoryEntry.objects.filter(id__in=[entry for each in ids for entry in self._entries[each]])
            else:
                rows = HistoryEntry.objects.filter(batch_id=batch_id, record_id__in=ids)
            rows.update(undone_at=None if place % 2 else now)
