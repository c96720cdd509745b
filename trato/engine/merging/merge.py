"""Several records become one: field by field, with everything that points at them, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access, actions, derived, events, history, merges, values, wholes
from ..history import Written
from ..models import Merge, Record
from ..objects import Field, Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from . import beside
from .pointing import relink

#: Records merged in one go.
MOST = 20


def everybodys(actor: Actor) -> Actor:
    """The same person with the rights that moving every link takes, also those they don't see."""
    return replace(actor, rights=replace(actor.rights, admin=True, scopes=None))


def united(fields: Mapping[str, Field], of_each: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the fields hold together: the first that says something, of several values all of them."""
    new = dict(of_each[0])
    for other in of_each[1:]:
        for name, field in fields.items():
            if not field.readonly:
                new[name] = field.kind.merge(new[name], other[name])
    return new


def merge(
    actor: Actor, obj: Object, winner_id: Any, loser_ids: Sequence[Any], take: Mapping[str, Any] | None = None
) -> Record:
    """Merge the losers into the winner, which keeps its address, and hand it back.

    A field holds what the winner says, else what the first loser says; of many values all of them. ``take`` names, by
    field, the record whose value it shall hold instead. Raises Absent, Forbidden (it takes the right to change and to
    delete all of them), Refused.
    """
    if not obj.mergeable:
        raise Refused([Problem("", "mergeable", _("These records can't be merged."))])
    access.require(actor, obj, "delete")
    winner_key, losers = access.as_uuid(winner_id), list(dict.fromkeys(map(access.as_uuid, loser_ids)))
    if not losers or winner_key in losers:
        raise Refused([Problem("others", "others", _("Choose two records or more, each once."))])
    if len(losers) >= MOST:
        raise Refused([Problem("others", "too_many", _("At most %(n)s records are merged at once.") % {"n": MOST})])
    with transaction.atomic(), history.batch(history.MERGED) as batch, wholes.settling(actor):
        records = _lock(actor, obj, [winner_key, *losers])
        winner = records[0]
        fields = obj.stored(actor.workspace)
        of_each = [values.of_record(obj, record, fields) for record in records]
        refuse_frozen(actor, obj, records, of_each)
        new = _decided(actor, obj, records, of_each, take or {})
        said = actor.via(actor.face, "with:" + ", ".join(filter(None, (loser.title for loser in records[1:])))[:400])
        everybody = everybodys(said)
        pins = beside.pinned(obj, batch.id, losers, winner.id)
        for loser, its in zip(records[1:], of_each[1:], strict=True):
            _absorb(said, obj, loser, derived.keys_of(obj, fields.values(), its), winner)
        values.check(actor, obj, new, of_each[0])
        changed = values.changes(fields, of_each[0], new)
        actions.rewrite(everybody, obj, winner, of_each[0], new, changed=changed, verb=history.MERGED)
        relink(everybody, batch.id, obj.plural, losers, winner.id)
        beside.pin(obj, winner.id, pins)
        beside.move(obj, batch.id, losers, winner.id)
        beside.settle_pairs(obj, batch.id, losers, winner.id)
        chosen = {name: str(record_id) for name, record_id in (take or {}).items()}
        Merge.objects.bulk_create(
            Merge(
                object=obj.plural,
                loser_id=loser,
                winner_id=winner.id,
                batch_id=batch.id,
                chosen=chosen,
                actor_name=actor.name,
            )
            for loser in losers
        )
        for gone in losers:
            events.emit(actor, f"{obj.plural}.deleted", object=obj.plural, id=gone)
    return winner


def _lock(actor: Actor, obj: Object, ids: Sequence[UUID]) -> list[Record]:
    """The records in the order of ``ids``, locked in the order of their ids so that two who merge the same wait for one
    another; a link made meanwhile waits too. Raises Absent, Forbidden, and Refused for what was merged meanwhile.
    """
    rows = access.visible(actor, obj, "change").filter(id__in=ids).defer("search", "title_key")
    found = {record.id: record for record in rows.order_by("id").select_for_update(of=("self",))}
    for record_id in ids:
        if record_id in found:
            continue
        if told := merged_already(actor, obj, record_id):
            raise Refused([told])
        access.get(actor, obj, record_id)
        raise access.Forbidden(obj.plural, "change")
    return [found[record_id] for record_id in ids]


def refuse_frozen(actor: Actor, obj: Object, records: Sequence[Record], of_each: Sequence[Mapping[str, Any]]) -> None:
    """Raise Refused where one of these records can't be changed any more."""
    frozen = wholes.frozen(actor, obj, {record.id: held for record, held in zip(records, of_each, strict=True)})
    if frozen:
        raise wholes.frozen_because(next(iter(frozen.values())))


def merged_already(actor: Actor, obj: Object, record_id: UUID) -> Problem | None:
    """Who merged a record into which, where the actor may see that one."""
    done = merges.of_loser(obj.plural, record_id)
    end = merges.successor(obj.plural, record_id)
    if done is None or end is None:
        return None
    titles = access.titles(actor, [obj.ref(end)])
    if not titles:
        return None
    words = _("%(who)s has already merged this into “%(title)s”. Nothing was changed.")
    return Problem("", "merged", words % {"who": done.actor_name, "title": titles[obj.ref(end)]})


def _decided(
    actor: Actor,
    obj: Object,
    records: Sequence[Record],
    of_each: Sequence[Mapping[str, Any]],
    take: Mapping[str, Any],
) -> dict[str, Any]:
    """The values the winner will hold. Raises Refused for what can't be taken."""
    fields = obj.stored(actor.workspace)
    new = united(fields, of_each)
    seen, writable = access.fields(actor, obj), access.writable(actor, obj)
    ids = [str(record.id) for record in records]
    problems = []
    for name, record_id in take.items():
        if name not in seen:
            problems.append(Problem(str(name)[:80], "unknown", _("There is no such field.")))
        elif name not in writable:
            problems.append(Problem(name, "read_only", _("This field can't be changed here.")))
        elif str(record_id).lower() not in ids:
            problems.append(Problem(name, "record", _("Take the value of one of the records that are merged.")))
        else:
            new[name] = of_each[ids.index(str(record_id).lower())][name]
    if problems:
        raise Refused(problems)
    _drop_needless_links(everybodys(actor), obj, of_each[0], new, {obj.ref(record_id) for record_id in ids})
    return new


def _drop_needless_links(
    everybody: Actor, obj: Object, old: Mapping[str, Any], new: dict[str, Any], among: set[str]
) -> None:
    """Take out links among the merged, and those a loser had to what is gone, in place."""
    linking = [field for field in obj.stored(everybody.workspace).values() if field.kind.name in ("link", "links")]
    alive = access.titles(everybody, {ref for field in linking for ref in field.kind.refs(new[field.name])})
    for field in linking:
        held, before = field.kind.refs(new[field.name]), field.kind.refs(old[field.name])
        stay = [ref for ref in held if ref not in among and (ref in alive or ref in before)]
        if stay != held:
            single: Any = field.kind
            new[field.name] = stay if field.kind.many else single.point(stay[0]) if stay else field.kind.empty


def _absorb(actor: Actor, obj: Object, loser: Record, keys: set[str], winner: Record) -> None:
    """A loser leaves: its row stays as it is, for its history and for the day it comes back."""
    loser.deleted_at = timezone.now()
    loser.version += 1
    loser.save(update_fields=["deleted_at", "version"])
    derived.forget(obj, loser.id, keys)
    history.write(
        actor.via(actor.face, f"into:{winner.title}"), obj, history.MERGED, [Written(loser.id, {}, loser.version)]
    )
