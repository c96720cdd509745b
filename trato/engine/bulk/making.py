"""Many records made with their parts, and many written, as the actions of one record do it: by the same kinds and
rules, with the same lines of history, but set-wise.

New records stand in memory first, so that what follows from their parts is worked out before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from .. import access, events, objects, values, wholes
from ..models import Record
from ..objects import Object
from ..values import Refused
from ..workspaces.actors import Actor
from ..workspaces.ids import uuid7
from .drafts import Draft
from .links import Links
from .staging import Staging

#: Fields that whatever writes a record keeps itself.
ITS_OWN = {"title", "created_at", "updated_at"}


@dataclass
class Made:
    """A new record that is not written yet: its stored values by field name, what its history will tell, its parts."""

    actor: Actor
    obj: Object
    record: Any
    values: dict[str, Any]
    steps: list[tuple[str, Mapping[str, Any]]]
    parts: list[Made] = field(default_factory=list)

    def follow(self, given: Mapping[str, Any], verb: str = "") -> None:
        """Put stored values into it that follow from others, whoever may set them; without ``verb`` its history tells
        nothing of them.
        """
        fields = self.obj.stored(self.actor.workspace)
        changed = values.changes(fields, self.values, given)
        values.apply(self.record, fields, {name: given[name] for name in changed})
        self.values |= given
        if verb and changed:
            self.steps.append((verb, changed))

    def follow_record(self) -> None:
        """Take over what was put into the record itself; its history tells nothing of it."""
        self.values = values.of_record(self.obj, self.record, self.obj.stored(self.actor.workspace))


class Maker:
    """Makes records of an object that are part of no others, as one batch of history. Raises Forbidden for who may not
    create them.
    """

    def __init__(self, actor: Actor, obj: Object, batch_id: UUID) -> None:
        access.require(actor, obj, "create")
        self.actor, self.obj, self.batch_id = actor, obj, batch_id
        self._links = {
            each.plural: Links(actor, each.stored(actor.workspace), access.reader(actor), None)
            for each in (obj, *objects.parts_of(obj.plural))
        }

    def make(self, given: Sequence[Mapping[str, Any]]) -> list[Made | Refused]:
        """A record in memory for each of these values, JSON or stored, with its parts by the plural of their object, as
        ``actions.create`` takes them; or why it can't be made.
        """
        found = self._some(self.obj, given, {})
        pending = {made.record.id: made.values for made in found if isinstance(made, Made)}
        rows = [
            (place, part, number, {**row, part.within: made.record.id})
            for place, made in enumerate(found)
            if isinstance(made, Made)
            for part in objects.parts_of(self.obj.plural)
            for number, row in enumerate(given[place].get(part.plural) or ())
        ]
        for _plural, each in groupby(sorted(rows, key=lambda row: row[1].plural), key=lambda row: row[1].plural):
            some = list(each)
            parts = self._some(some[0][1], [row for _place, _part, _number, row in some], pending)
            for (place, part, number, row), made_part in zip(some, parts, strict=True):
                found[place] = _joined(found[place], part, number, row, made_part)
        return found

    def _some(
        self, obj: Object, given: Sequence[Mapping[str, Any]], pending: Mapping[UUID, Mapping[str, Any]]
    ) -> list[Made | Refused]:
        """Records of one object: cleaned one by one, their links looked up together."""
        plurals = {part.plural for part in objects.parts_of(obj.plural)}
        cleaned: list[dict[str, Any] | Refused] = []
        for row in given:
            own = {name: value for name, value in row.items() if name not in plurals}
            try:
                cleaned.append(values.clean(self.actor, obj, own, None, linked=False))
            except Refused as refused:
                cleaned.append(refused)
        # What a part is part of is made here: nobody could see it yet.
        linked = [{n: v for n, v in new.items() if n != obj.within} for new in cleaned if isinstance(new, dict)]
        sound = zip(linked, self._links[obj.plural].resolve(linked), strict=True)
        found: list[Made | Refused] = []
        for new in cleaned:
            if isinstance(new, dict):
                links, missing = next(sound)
                found.append(Refused(missing) if missing else self._made(obj, new | links, pending))
            else:
                found.append(new)
        return found

    def _made(self, obj: Object, new: dict[str, Any], pending: Mapping[UUID, Mapping[str, Any]]) -> Made | Refused:
        record = obj.new(uuid7())
        fields = obj.stored(self.actor.workspace)
        try:
            values.check(self.actor, obj, new, None)
            values.verify(self.actor, obj, record.id, new, None, pending=pending.get)
        except Refused as refused:
            return refused
        values.apply(record, fields, new)
        record.created_at = record.updated_at = timezone.now()
        held = values.of_record(obj, record, fields)
        return Made(self.actor, obj, record, held, [("created", values.changes(fields, {}, new))])

    def write(self, made: Sequence[Made]) -> None:
        """Write these records and their parts in the running transaction, and tell of them. Inside ``wholes.settling``
        each record that settles does so afterwards, one by one; outside the caller has worked out what follows. Raises
        django.db.IntegrityError or DataError where a rule of the database is broken.
        """
        parts = sorted((part for each in made for part in each.parts), key=lambda part: part.obj.plural)
        for _plural, some in groupby([*made, *parts], key=lambda each: each.obj.plural):
            self._write(list(some))

    def _write(self, made: list[Made]) -> None:
        obj = made[0].obj
        fields = obj.stored(self.actor.workspace)
        drafts = []
        for each in made:
            each.record.title = obj.title(each.values, self.actor.language)
            each.record.version = len(each.steps)
            draft = Draft(each.record.id, each.values, None, each.record.title, each.record.version, steps=each.steps)
            draft.set_custom(fields.values())
            drafts.append(draft)
        Staging(self.actor, obj, self.batch_id, fields).write(drafts, fields.keys() - ITS_OWN, {})
        _tell(self.actor, obj, "imported", self.batch_id, drafts, created=len(drafts), updated=0)


def _joined(
    whole: Made | Refused, part: Object, number: int, row: Mapping[str, Any], made: Made | Refused
) -> Made | Refused:
    """A record with one more part, or with the problems of all parts that can't be made, named by their places."""
    if isinstance(made, Refused):
        place = f"{part.plural}/{number}"
        named = [replace(p, field=f"{place}/{p.field}" if p.field else place) for p in made.problems]
        return Refused([*(whole.problems if isinstance(whole, Refused) else ()), *named])
    if isinstance(whole, Made):
        if wholes.is_positioned(part) and wholes.POSITION not in row:
            before = [each.values[wholes.POSITION] for each in whole.parts if each.obj is part]
            last = {wholes.POSITION: max(before, default=0) + 1}
            created = made.steps.pop()[1]
            made.follow(last)
            made.steps.append(("created", {**created, **values.changes(part.builtin, {}, last)}))
        whole.parts.append(made)
    return whole


def create_all(actor: Actor, obj: Object, given: Sequence[Mapping[str, Any]]) -> list[Record]:
    """``actions.create`` of several records set-wise: all of them, or none and Refused for the first that can't be."""
    maker = Maker(actor, obj, uuid7())
    found = maker.make(given)
    for each in found:
        if isinstance(each, Refused):
            raise each
    made = [each for each in found if isinstance(each, Made)]
    with transaction.atomic(), wholes.settling(actor):
        maker.write(made)
    return [each.record for each in made]


def write_many(actor: Actor, obj: Object, given: Iterable[tuple[Any, Mapping[str, Any]]], batch_id: UUID) -> None:
    """``actions.write`` of many locked records of one object, set-wise. Raises Refused where a rule among records is
    broken, django.db.IntegrityError or DataError where one of the database is.
    """
    fields = obj.stored(actor.workspace)
    drafts = [draft for record, new in given if (draft := _rewritten(actor, obj, record, new))]
    if drafts:
        names = set().union(*(draft.changes for draft in drafts))
        Staging(actor, obj, batch_id, fields).write(drafts, names, {})
        _tell(actor, obj, "changed", batch_id, drafts)


def _rewritten(actor: Actor, obj: Object, record: Record, given: Mapping[str, Any]) -> Draft | None:
    """The draft of a record with other values, which it now has; None where it has them already."""
    fields = obj.stored(actor.workspace)
    old = values.of_record(obj, record, fields)
    changed = values.changes(fields, old, given)
    if not changed:
        return None
    new = {**old, **given}
    values.verify(actor, obj, record.id, new, old)
    values.apply(record, fields, {name: new[name] for name in changed})
    record.title = obj.title(new, actor.language)
    record.version += 1
    draft = Draft(record.id, new, old, record.title, record.version, record.created_at, record.custom, changes=changed)
    draft.slots = {known.slot.column: getattr(record, known.slot.column) for known in fields.values() if known.slot}
    return draft


def _tell(actor: Actor, obj: Object, verb: str, batch_id: UUID, drafts: Sequence[Draft], **told: Any) -> None:
    ids = [draft.id for draft in drafts]
    events.emit(actor, f"{obj.plural}.{verb}", records=ids, object=obj.plural, batch=str(batch_id), **told)
