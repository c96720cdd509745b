"""One change on many records: fields set, items added and taken away, deleting, or an action, a chunk a step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import access, actions, events, history, values, wholes
from ..kinds import Kind
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .drafts import Draft
from .staging import Staging

#: Refused records that are told one by one.
TOLD = 100
#: What may be asked for; one of them at a time, but for the first three, which are said of different fields.
PARTS = frozenset({"set", "add", "remove", "delete", "action", "parameters"})


@dataclass
class Count:
    """What became of the records so far: done, as they were wanted already, and refused, by reason."""

    done: int = 0
    unchanged: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    reasons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def seen(self) -> int:
        return self.done + self.unchanged + self.refused.total()

    def refuse(self, ref: str, words: str) -> None:
        """One record stays as it is, for this reason."""
        self.refused[words] += 1
        if len(self.reasons) < TOLD:
            self.reasons.append((ref, words))

    def words(self) -> str:
        """How far it came and what was left, for people."""
        told = [ngettext("%(n)s record done.", "%(n)s records done.", self.done) % {"n": f"{self.done:,}"}]
        if self.unchanged:
            words = ngettext("%(n)s was so already.", "%(n)s were so already.", self.unchanged)
            told.append(words % {"n": f"{self.unchanged:,}"})
        if n := self.refused.total():
            words = ngettext("%(n)s was left as it is.", "%(n)s were left as they are.", n)
            told.append(words % {"n": f"{n:,}"})
        return " ".join(told)

    def kept(self) -> dict[str, Any]:
        """As JSON, from which ``Count.of`` goes on."""
        return {
            "done": self.done,
            "unchanged": self.unchanged,
            "refused": dict(self.refused),
            "records": [{"record": ref, "reason": words} for ref, words in self.reasons],
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Count:
        """The count that was kept."""
        reasons = [(each["record"], each["reason"]) for each in kept.get("records", ())]
        return cls(kept.get("done", 0), kept.get("unchanged", 0), Counter(kept.get("refused", {})), reasons)


class Changing:
    """Makes one change of many records as one batch of history.

    ``change`` is JSON: ``set`` {field: value}, ``add`` and ``remove`` {field of several values: items}; or ``delete``:
    true; or ``action``: a name, with its ``parameters``. Raises Refused with every problem, and Forbidden where the
    role may do this to no record at all.
    """

    def __init__(self, actor: Actor, obj: Object, change: Mapping[str, Any], batch_id: UUID, count: Count) -> None:
        self.actor, self.obj, self.count = actor, obj, count
        self.change, self.batch_id = _shaped(change), batch_id
        if self.change.get("delete"):
            access.require(actor, obj, "delete")
        if name := self.change.get("action"):
            self.given = actions.parameters(actor, obj, name, self.change.get("parameters") or {})
        else:
            self.given = self._cleaned("set")
            self.more, self.less = self._cleaned("add"), self._cleaned("remove")
        fields = obj.stored(actor.workspace)
        self.staging = Staging(actor, obj, batch_id, fields)
        self._rewrites = type(obj).prepare is not Object.prepare
        self._links = [name for name in self.given if type(fields[name].kind).refs is not Kind.refs] if not name else []

    def step(self, ids: Iterable[UUID]) -> None:
        """Change these records in the running transaction, and count them."""
        with history.batch(self.change.get("action") or "", self.batch_id), wholes.settling(self.actor):
            self._step(list(ids))

    def _step(self, wanted: list[UUID]) -> None:
        if name := self.change.get("action"):
            return self._act(name, wanted)
        drafts = self.staging.load(wanted)
        allowed = self.staging.changeable(drafts)
        for record_id in drafts.keys() - allowed:
            self.count.refuse(self.obj.ref(record_id), _("You may not change this record."))
        chosen = [draft for record_id, draft in drafts.items() if record_id in allowed]
        frozen = wholes.frozen(self.actor, self.obj, {draft.id: draft.values for draft in chosen})
        if not self.change.get("delete"):
            chosen = self._changed(chosen, frozen)
        else:
            for record_id, words in frozen.items():
                self.count.refuse(self.obj.ref(record_id), words)
            chosen = [draft for draft in chosen if draft.id not in frozen]
        self._write(chosen)
        told: dict[str, Any] = {"object": self.obj.plural, "batch": str(self.batch_id)}
        events.emit(self.actor, f"{self.obj.plural}.changed", records=[draft.id for draft in chosen], **told)
        return None

    def _cleaned(self, part: str) -> dict[str, Any]:
        cleaned = values.clean(self.actor, self.obj, self.change.get(part) or {}, {}, retired_too=part == "remove")
        fields = access.fields(self.actor, self.obj)
        single = [name for name in cleaned if part != "set" and not fields[name].kind.many]
        if single:
            told = _("This field holds one value: set it.")
            raise Refused([Problem(name, "single", told) for name in single])
        return cleaned

    def _changed(self, drafts: list[Draft], frozen: Mapping[UUID, str]) -> list[Draft]:
        """The drafts with their new values; without those that are so already, are frozen, or would break a rule."""
        fields, obj = self.staging.fields, self.obj
        titles = self._titles(drafts)
        changed: dict[UUID, Draft] = {}
        for draft in drafts:
            old = draft.old or {}
            given = self._given(old, titles)
            new = {**old, **given}
            try:
                values.check(self.actor, obj, new, old)
            except Refused as refused:
                self._refuse(draft, refused)
                continue
            draft.changes = values.changes(fields, old, new if self._rewrites else given)
            if not draft.changes:
                self.count.unchanged += 1
                continue
            if problem := wholes.refuse_change(obj, frozen.get(draft.id, ""), draft.changes):
                self._refuse(draft, Refused([problem]))
                continue
            draft.values = new
            draft.title = obj.title(new, self.actor.language)
            draft.version += 1
            draft.set_custom(fields[name] for name in draft.changes)
            changed[draft.id] = draft

        def pending(record_id: UUID) -> Mapping[str, Any] | None:
            return changed[record_id].values if record_id in changed else None

        for draft in list(changed.values()):
            try:
                values.verify(self.actor, obj, draft.id, draft.values, draft.old or {}, pending=pending)
            except Refused as refused:
                self._refuse(draft, refused)
                del changed[draft.id]
        return list(changed.values())

    def _given(self, old: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
        """What one record is to hold: links to what the actor can't see stay, as in any write."""
        fields, given = self.staging.fields, dict(self.given)
        for name in self._links:
            kind = fields[name].kind
            if unseen := [ref for ref in kind.refs(old[name]) if ref not in titles]:
                given[name] = values.kept(kind, given[name], old[name], unseen)
        for name, items in self.more.items():
            given[name] = fields[name].kind.merge(given.get(name, old[name]), items)
        for name, items in self.less.items():
            given[name] = fields[name].kind.without(given.get(name, old[name]), items)
        return given

    def _titles(self, drafts: list[Draft]) -> Mapping[str, str]:
        kinds = {name: self.staging.fields[name].kind for name in self._links}
        refs = {ref for draft in drafts for name, kind in kinds.items() for ref in kind.refs(draft.values[name])}
        return access.titles(self.actor, refs) if refs else {}

    def _refuse(self, draft: Draft, refused: Refused) -> None:
        fields = self.staging.fields
        told = [f"{fields[p.field].label}: {p.message}" if p.field in fields else p.message for p in refused.problems]
        self.count.refuse(self.obj.ref(draft.id), " ".join(told))

    def _write(self, drafts: list[Draft]) -> None:
        """Write the drafts; where a rule of the database is broken, all but those that break it."""
        if not drafts:
            return
        try:
            with transaction.atomic():
                if self.change.get("delete"):
                    self.staging.bury(drafts)
                else:
                    self.staging.write(drafts, {name for draft in drafts for name in draft.changes}, {})
        except (IntegrityError, DataError) as error:
            if len(drafts) == 1:
                keys = self.staging.keys_of(drafts[0].values)
                self._refuse(drafts[0], Refused([actions.broken_rule(self.obj, error, keys)]))
                return
            half = len(drafts) // 2
            self._write(drafts[:half])
            self._write(drafts[half:])
            return
        self.count.done += len(drafts)

    def _act(self, name: str, ids: list[UUID]) -> None:
        """Run an action on each record; one that refuses leaves only its own record as it was."""
        for record_id in ids:
            try:
                with transaction.atomic():
                    actions.run(self.actor, self.obj, name, record_id, self.change.get("parameters") or {})
            except Refused as refused:
                self.count.refuse(self.obj.ref(record_id), " ".join(str(p.message) for p in refused.problems))
            except (access.Absent, access.Forbidden):
                self.count.refuse(self.obj.ref(record_id), _("You may not change this record."))
            else:
                self.count.done += 1


def _shaped(change: Mapping[str, Any]) -> Mapping[str, Any]:
    """A change that says one thing; raises Refused."""
    problems = [
        Problem(str(name)[:80], "unknown", _("There is no such part of a change.")) for name in change.keys() - PARTS
    ]
    for name in ("set", "add", "remove", "parameters"):
        if not isinstance(change.get(name) or {}, Mapping):
            problems.append(Problem(name, "object", _("Give an object of names and values.")))
    wanted = [
        bool(change.get("delete")),
        bool(change.get("action")),
        any(change.get(n) for n in ("set", "add", "remove")),
    ]
    if sum(wanted) != 1:
        problems.append(Problem("", "one", _("Say what is to be done: set fields, delete, or one action.")))
    if problems:
        raise Refused(problems)
    return change
