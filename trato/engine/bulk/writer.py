"""Rows become records: matched, merged, checked in Python by the same kinds and rules as any write, then written
set-wise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from .. import access, actions, derived, events, history, values, wholes
from ..kinds import Invalid, Kind
from ..models import Key
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.ids import uuid7s
from .drafts import Draft
from .links import Links
from .matching import Matcher
from .staging import Staging
from .waves import in_waves

#: What happens with a record that a row matches: the row's values win, fill what is empty, or are left alone.
ON_MATCH = ("update", "fill", "skip")


class Row(NamedTuple):
    """One row: stored values by field name (links may be Unresolved), where it stood, and what is wrong with it
    already.
    """

    line: int
    values: dict[str, Any]
    record_id: UUID | None = None
    problems: tuple[Problem, ...] = ()


class Outcome(NamedTuple):
    """What became of a row: ``created``, ``updated``, ``unchanged``, ``skipped`` or ``failed``, with the record or the
    reasons.
    """

    line: int
    result: str
    record_id: UUID | None = None
    problems: tuple[Problem, ...] = ()


class _Failed(Exception):
    """This row can't be taken over."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__()
        self.problems = problems


class Writer:
    """Writes rows of one object as one batch of history, a chunk (some thousands) a call of ``write``.

    ``match`` names the fields a record is known again by (``id`` for its own id), ``on_match`` is one of ON_MATCH. With
    ``unite`` a field of several values keeps what the record has beside what the row brings. With ``create_links`` link
    targets that are missing are made. Raises Forbidden without the right to import, Refused for a match field there is
    not.
    """

    def __init__(
        self,
        actor: Actor,
        obj: Object,
        batch_id: UUID,
        *,
        match: Sequence[str] = (),
        on_match: str = "update",
        unite: bool = True,
        create_links: bool = False,
    ) -> None:
        access.require(actor, obj, "import")
        self.actor, self.obj, self.on_match, self.unite, self.create_links = actor, obj, on_match, unite, create_links
        self.fields = obj.stored(actor.workspace)
        self.writable = access.writable(actor, obj)
        self.matcher = Matcher(actor, obj, match, access.fields(actor, obj)) if match else None
        self.staging = Staging(actor, obj, batch_id, self.fields)
        self.links = Links(actor, self.fields, access.reader(actor), self._make if create_links else None)
        self._may_create = actor.rights.may(obj.plural, "create")
        self._closing = [field for field in self.fields.values() if values.retired(field)]
        self._prepares = type(obj).prepare is not Object.prepare

    def write(self, rows: Sequence[Row]) -> list[Outcome]:
        """Write a chunk inside the running transaction of ``in_workspace``; an outcome for each row, in order.

        A rule of the database that one row breaks fails that row only: the chunk is halved until the row is found.
        """
        with history.batch("", self.staging.batch_id), wholes.settling(self.actor):
            return in_waves(self.obj, self.links.fields, rows, self._written)

    def _written(self, rows: Sequence[Row]) -> list[Outcome]:
        try:
            with transaction.atomic():
                return self._write(rows)
        except (IntegrityError, DataError) as error:
            self.links.forget()
            if len(rows) == 1:
                return [Outcome(rows[0].line, "failed", None, (self._broken(rows[0], error),))]
        half = len(rows) // 2
        return self._written(rows[:half]) + self._written(rows[half:])

    def close(self) -> None:
        """Let go of what was made for this writing (inside ``in_workspace``)."""
        if self.matcher:
            self.matcher.close()

    def _write(self, rows: Sequence[Row]) -> list[Outcome]:
        if any(name in row.values for row in rows for name in self.links.fields):  # links are settled in the values
            rows = [row._replace(values=dict(row.values)) for row in rows]
        chunk = _Chunk(self, rows)
        outcomes = chunk.outcomes()
        drafts = chunk.drafts()
        self.staging.write(drafts, chunk.names, chunk.defaults)
        if drafts:
            made = sum(draft.old is None for draft in drafts)
            told: dict[str, Any] = {"object": self.obj.plural, "batch": str(self.staging.batch_id)}
            told |= {"created": made, "updated": len(drafts) - made}
            events.emit(self.actor, f"{self.obj.plural}.imported", records=[draft.id for draft in drafts], **told)
        return outcomes

    def _broken(self, row: Row, error: IntegrityError | DataError) -> Problem:
        """The rule of the database that a row breaks. Which unique field it was, PostgreSQL doesn't tell under
        row-level security.
        """
        problem = actions.broken_rule(self.obj, error)
        if problem.code != "unique" or problem.field:
            return problem
        given = [field for name, field in self.fields.items() if field.unique and row.values.get(name)]
        keys = {derived.unique_key(field, row.values[field.name]): field.name for field in given}
        taken = Key.objects.filter(object=self.obj.plural, key__in=keys).values_list("key", flat=True).first()
        return replace(problem, field=keys[taken]) if taken else problem

    def defaults(self) -> dict[str, Any]:
        """What the fields of a new record hold unless its row says otherwise; required ones without a default are
        missing.
        """
        found: dict[str, Any] = {}
        for name, field in self.fields.items():
            if field.readonly:
                continue
            if name == "owner":
                found[name] = self.actor.user_id
            elif (initial := field.initial(self.actor)) not in (None, "", [], {}):
                found[name] = initial
            elif not field.required:
                found[name] = [] if field.kind.many else field.kind.empty
        return found

    def _make(self, target: Object, texts: list[str]) -> dict[str, str]:
        """New link targets called so, in the same batch, as far as the actor may make them; one for texts that differ
        in case only.
        """
        if not (self.actor.rights.may(target.plural, "create") and self.actor.rights.may(target.plural, "import")):
            return {}
        name = target.title_from[0]
        if name not in access.writable(self.actor, target):
            return {}
        called = {text.casefold(): text for text in reversed(texts)}
        rows = [Row(number, {name: text}) for number, text in enumerate(called.values())]
        made = Writer(self.actor, target, self.staging.batch_id).write(rows)
        refs = {
            key: target.ref(outcome.record_id)
            for key, outcome in zip(called, made, strict=True)
            if outcome.record_id is not None
        }
        return {text: refs[text.casefold()] for text in texts if text.casefold() in refs}


class _Chunk:
    """One chunk on its way: what each row becomes, and the drafts that come of it."""

    def __init__(self, writer: Writer, rows: Sequence[Row]) -> None:
        self.writer, self.rows = writer, rows
        self.names: set[str] = set(writer.fields) if writer._prepares else set().union(*(row.values for row in rows))
        if writer._prepares:
            self.names -= {n for n, field in writer.fields.items() if field.readonly and n not in writer.obj.prepared}
        elif forbidden := self.names - writer.writable.keys():
            raise Refused(
                [Problem(name, "read_only", _("This field can't be changed here.")) for name in sorted(forbidden)]
            )
        self.defaults = writer.defaults()
        self._missing = [
            name for name, field in writer.fields.items() if name not in self.defaults and not field.readonly
        ]
        self._ids = iter(uuid7s(len(rows)))
        self._initial = values.changes(writer.fields, {}, self.defaults)
        self._new: dict[UUID, Draft] = {}
        self._by_token: dict[tuple[str, ...], Draft] = {}
        self._known: dict[UUID, Draft] = {}
        self._changeable: set[UUID] = set()
        self._wholes: dict[UUID, str] = {}
        self._frozen: dict[UUID, str] = {}
        self._dumps = [_dump_of(name, writer.fields[name].kind) for name in self.names]
        custom = [field for field in writer.fields.values() if field.custom]
        self._custom = custom if any(field.name in self.names for field in custom) else []

    def outcomes(self) -> list[Outcome]:
        """Decide about every row, in order."""
        problems = [list(row.problems) for row in self.rows]
        sound = [number for number, found in enumerate(problems) if not found]
        for number, found in zip(sound, self.writer.links.resolve([self.rows[n].values for n in sound]), strict=True):
            problems[number] += found
        sound = [number for number in sound if not problems[number]]
        matches = dict(zip(sound, self._matches([self.rows[n] for n in sound]), strict=True))
        known = {record_id for ids, _tokens in matches.values() for record_id in ids}
        self._hold([self.rows[number] for number in sound], known)
        self._known = self.writer.staging.load(known)
        self._changeable = self.writer.staging.changeable(self._known)
        self._frozen = wholes.frozen(
            self.writer.actor, self.writer.obj, {draft.id: draft.values for draft in self._known.values()}
        )
        self.writer.links.meet([draft.values for draft in self._known.values()], self.names)
        outcomes = []
        for number, row in enumerate(self.rows):
            try:
                if problems[number]:
                    raise _Failed(*problems[number])
                outcomes.append(self._take(row, *matches[number]))
            except _Failed as failed:
                outcomes.append(Outcome(row.line, "failed", None, failed.problems))
        return outcomes

    def _hold(self, rows: Sequence[Row], known: set[UUID]) -> None:
        """Lock what these rows and the records they match are part of, before the records themselves."""
        actor, obj = self.writer.actor, self.writer.obj
        if obj.whole is not None:
            ids = {row.values.get(obj.within) for row in rows} | wholes.ids_of(obj, known)
            self._wholes = wholes.hold(actor, obj, ids)

    def drafts(self) -> list[Draft]:
        """What has to be written: new records, and those that really differ."""
        fields = self.writer.fields
        changed = []
        for draft in self._known.values():
            if draft.values is draft.old or draft.old is None:
                continue
            draft.changes = values.changes(fields, draft.old, {name: draft.values[name] for name in self.names})
            if draft.changes:
                draft.version += 1
                draft.set_custom(self._custom)
                changed.append(draft)
        for draft in self._new.values():
            draft.changes = self._changes_of_new(draft.values)
            draft.set_custom(self._custom)
        return [*self._new.values(), *changed]

    def _matches(self, rows: Sequence[Row]) -> list[tuple[set[UUID], list[tuple[str, ...]]]]:
        """For each row the ids of records that agree, and the tokens by which rows of this chunk agree."""
        matcher = self.writer.matcher
        if matcher is None:
            return [(set(), []) for _row in rows]
        tokens = [matcher.tokens(row.values) for row in rows]
        found = matcher.find(tokens) if matcher.fields else [set() for _row in rows]
        if matcher.by_id:
            found = [ids | {row.record_id} if row.record_id else ids for ids, row in zip(found, rows, strict=True)]
        return list(zip(found, tokens, strict=True))

    def _take(self, row: Row, ids: set[UUID], tokens: list[tuple[str, ...]]) -> Outcome:
        """Create or merge one row; raises _Failed."""
        drafts = {id(draft): draft for record_id in ids if (draft := self._known.get(record_id))}
        drafts |= {id(draft): draft for token in tokens if (draft := self._by_token.get(token))}
        if len(drafts) > 1:
            words = _("%(n)s records match this row. Nothing was changed; merge them, or match by something else.")
            raise _Failed(Problem("", "ambiguous", words % {"n": len(drafts)}))
        if drafts:
            return self._merge(next(iter(drafts.values())), row, tokens)
        if row.record_id and self.writer.matcher and self.writer.matcher.by_id:
            raise _Failed(Problem("id", "absent", _("There is no such record, or you may not see it.")))
        return self._create(row, tokens)

    def _create(self, row: Row, tokens: list[tuple[str, ...]]) -> Outcome:
        if not self.writer._may_create:
            raise _Failed(Problem("", "forbidden", _("You may not create records here.")))
        missing = [name for name in self._missing if name not in row.values]
        if missing:
            raise _Failed(*(Problem(name, "required", _("Fill in this field.")) for name in missing))
        self._offered(row.values, {})
        new = self.defaults | row.values
        self._may_come_into(new)
        title = self._checked(new, None)
        draft = Draft(next(self._ids), new, None, title)
        self._verified(draft.id, new, None)
        self._new[draft.id] = draft
        self._by_token |= dict.fromkeys(tokens, draft)
        return Outcome(row.line, "created", draft.id)

    def _may_come_into(self, new: Mapping[str, Any]) -> None:
        """Raise _Failed where a new part's whole can't be changed."""
        obj = self.writer.obj
        if obj.whole is None:
            return
        words = self._wholes.get(new[obj.within])
        if words is None:
            raise _Failed(Problem(obj.within, "forbidden", _("You may not change the record that this is part of.")))
        if words:
            raise _Failed(Problem("", "frozen", words))

    def _merge(self, draft: Draft, row: Row, tokens: list[tuple[str, ...]]) -> Outcome:
        if draft.old is not None and draft.id not in self._changeable:
            raise _Failed(Problem("", "forbidden", _("You may not change the record that matches.")))
        self._by_token |= dict.fromkeys(tokens, draft)
        if self.writer.on_match == "skip":
            return Outcome(row.line, "skipped", draft.id)
        given = {name: self._merged(name, value, draft.values.get(name)) for name, value in row.values.items()}
        changed = values.changes(self.writer.fields, draft.values, given)
        if not changed:
            return Outcome(row.line, "unchanged", draft.id)
        if problem := wholes.refuse_change(self.writer.obj, self._frozen.get(draft.id, ""), changed):
            raise _Failed(problem)
        self._offered(given, draft.values)
        new = draft.values | {name: given[name] for name in changed}
        title = self._checked(new, draft.values)
        self._verified(draft.id, new, draft.values)
        draft.title, draft.values = title, new
        return Outcome(row.line, "updated", draft.id)

    def _merged(self, name: str, value: Any, current: Any) -> Any:
        """What a field of a matched record becomes."""
        kind = self.writer.fields[name].kind
        if kind.is_empty(current):
            return value
        if self.writer.on_match == "fill":
            return current
        if self.writer.unite and kind.many and value:
            return unite(kind, value, current)
        return self.writer.links.keep(name, value, current)

    def _offered(self, given: Mapping[str, Any], before: Mapping[str, Any]) -> None:
        """No row brings a choice that is offered no longer, unless its record holds it already; raises _Failed."""
        for field in self.writer._closing:
            try:
                values.offered(field, given.get(field.name), before.get(field.name))
            except Invalid as problem:
                raise _Failed(Problem(field.name, problem.code, str(problem))) from None

    def _verified(self, record_id: UUID, new: Mapping[str, Any], old: Mapping[str, Any] | None) -> None:
        """The rules among records, also those of this chunk; raises _Failed."""
        try:
            values.verify(self.writer.actor, self.writer.obj, record_id, new, old, pending=self._pending)
        except Refused as refused:
            raise _Failed(*refused.problems) from None

    def _pending(self, record_id: UUID) -> Mapping[str, Any] | None:
        return self._known[record_id].values if record_id in self._known else None

    def _checked(self, new: dict[str, Any], old: Mapping[str, Any] | None) -> str:
        """The title of values that keep the object's own rules; raises _Failed."""
        try:
            values.check(self.writer.actor, self.writer.obj, new, old)
        except Refused as refused:
            raise _Failed(*refused.problems) from None
        return self.writer.obj.title(new, self.writer.actor.language)

    def _changes_of_new(self, new: Mapping[str, Any]) -> dict[str, Any]:
        """As ``values.changes(fields, {}, new)``, with the part that all rows share made once."""
        changes = self._initial.copy()
        for name, is_empty, before, dump in self._dumps:
            value = new[name]
            if is_empty(value):
                changes.pop(name, None)
            else:
                changes[name] = (before, dump(value) if dump else value)
        return changes


def _dump_of(name: str, kind: Kind) -> tuple[str, Callable[[Any], bool], Any, Callable[[Any], Any] | None]:
    """What the changes of a field are made with; no function where the stored value is its JSON."""
    is_empty = _is_nothing if type(kind).is_empty is Kind.is_empty else kind.is_empty
    return name, is_empty, kind.dump(kind.empty), None if type(kind).dump is Kind.dump else kind.dump


def _is_nothing(value: Any) -> bool:
    return not value and (value is None or value in ("", []))


def unite(kind: Kind, rows: list[Any], current: list[Any]) -> list[Any]:
    """The items of a row, then the others the record has. An item both have keeps its spelling and takes over what the
    row adds.
    """
    left = {tuple(kind.keys([item])): item for item in reversed(current)}
    taken = [_joined(kind, item, left.pop(tuple(kind.keys([item])), None)) for item in rows]
    return kind.merge(taken, [item for item in current if item in left.values()])


def _joined(kind: Kind, item: Any, known: Any) -> Any:
    if known is None or not isinstance(item, dict):
        return item if known is None else known
    named = kind.parts[0].name  # type: ignore[attr-defined]
    return known | {part: value for part, value in item.items() if part == "primary" or (value and part != named)}
