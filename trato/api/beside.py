"""What stands beside a record: its history, its timeline, and whom it is shared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from trato.engine import access, actions, history, paging, timeline, undo
from trato.engine.kinds import Reader
from trato.engine.models import HistoryEntry
from trato.engine.objects import Field, Object
from trato.engine.workspaces.actors import Actor

from .endpoint import Answer, Call, flag
from .listing import limit_of
from .problems import bad_request
from .records import object_of


def history_of(call: Call, plural: str, record_id: str) -> Answer:
    """Who changed what, newest first; fields the caller may not see are left out."""
    obj = object_of(call, plural)
    words = call.parameters("limit", "cursor")
    limit = limit_of(words)
    rows = history.of_record(call.actor, obj, record_id)
    if words.get("cursor"):
        rows = rows.filter(id__lt=paging.decode(words["cursor"])[2])
    entries = list(rows[: limit + 1])
    after = paging.encode(0, None, entries[limit - 1].id) if len(entries) > limit else None
    return Answer({"data": entries_json(call.actor, obj, entries[:limit]), "next": after})


def entries_json(actor: Actor, obj: Object, entries: Iterable[HistoryEntry]) -> list[dict[str, Any]]:
    """History rows as JSON, with the titles of visible link targets only."""
    known = access.fields(actor, obj)
    shown = [(entry, history.shown(actor, obj, entry)) for entry in entries]
    refs = {
        ref
        for _entry, changes in shown
        for name, pair in changes.items()
        for value in pair
        for ref in known[name].kind.refs(known[name].kind.load(value))
        if value is not None
    }
    reader = access.reader(actor, refs)
    return [_entry_json(entry, changes, known, reader) for entry, changes in shown]


def _entry_json(
    entry: HistoryEntry, changes: Mapping[str, list[Any]], known: Mapping[str, Field], reader: Reader
) -> dict[str, Any]:
    def told(name: str, value: Any) -> Any:
        kind = known[name].kind
        return None if value is None else kind.api(kind.load(value), reader)

    return {
        "id": entry.id,
        "at": entry.at,
        "action": entry.action,
        "by": {"kind": entry.actor_kind, "id": entry.actor_id, "name": entry.actor_name},
        "face": entry.face,
        "source": entry.source,
        "version": entry.version,
        "changes": {name: {"old": told(name, old), "new": told(name, new)} for name, (old, new) in changes.items()},
        "batch": entry.batch_id,
        "undone_at": entry.undone_at,
    }


def undo_batch(call: Call, batch_id: str) -> Answer:
    """Take back a write, or all writes of one batch: a few at once (200), many in the background (202, with the job).

    The ids of batches are in the history.
    """
    call.parameters()
    call.body(optional=True)
    begun = undo.begin(call.actor, batch_id)
    if isinstance(begun, UUID):
        return Answer({"batch": begun})
    return Answer({"batch": begun.arguments["new_batch"], "job": begun.id}, 202)


def timeline_of(call: Call, plural: str, record_id: str) -> Answer:
    """What happened with a record and those it stands for, newest first; ``only=notes,calls,changes`` chooses."""
    obj = object_of(call, plural)
    words = call.parameters("limit", "cursor", "only")
    only = [name for name in words.get("only", "").split(",") if name]
    for name in only:
        if name != "changes" and name not in timeline.kinds_of_items():
            raise bad_request("only", "unknown", _("“%(name)s” does not appear on timelines.") % {"name": name[:80]})
    entries, after = timeline.page(
        call.actor,
        obj,
        access.as_uuid(record_id),
        only=only,
        cursor=words.get("cursor", ""),
        limit=limit_of(words, 30),
    )
    titles = access.titles(call.actor, {f"{entry.object}/{entry.id}" for entry in entries if not entry.change})
    changes = iter(entries_json(call.actor, obj, [entry.change for entry in entries if entry.change]))
    return Answer({"data": [_moment_json(entry, titles, changes) for entry in entries], "next": after})


def _moment_json(entry: timeline.Entry, titles: Mapping[str, str], changes: Any) -> dict[str, Any]:
    head = {"at": entry.at, "object": entry.object, "id": entry.id}
    if entry.change:
        return head | {"change": next(changes)}
    return head | {"title": titles.get(f"{entry.object}/{entry.id}", ""), "on": entry.on, "pinned": entry.pinned}


def shares_of(call: Call, plural: str, record_id: str) -> Answer:
    """Whom a record is shared with, beyond what roles say."""
    obj = object_of(call, plural)
    call.parameters()
    rows = access.shares_of(call.actor, obj, record_id)
    return Answer({"data": [_share_json(row) for row in rows], "next": None})


def _share_json(row: Any) -> dict[str, Any]:
    def named(id_: UUID | None, target: Any) -> dict[str, Any] | None:
        return {"id": id_, "title": str(target)} if id_ else None

    return {
        "id": row.id,
        "user": named(row.user_id, row.user),
        "team": named(row.team_id, row.team),
        "can_change": row.can_change,
    }


def share(call: Call, plural: str, record_id: str) -> Answer:
    """Share a record with one person or one team: ``{"user": id}`` or ``{"team": id}``, with ``"can_change": true``."""
    obj = object_of(call, plural, "change")
    call.parameters()
    given = call.only("user", "team", "can_change")
    actions.share(
        call.actor,
        obj,
        record_id,
        user=given.get("user"),
        team=given.get("team"),
        can_change=flag(given, "can_change"),
    )
    return Answer(
        {"data": [_share_json(row) for row in access.shares_of(call.actor, obj, record_id)], "next": None}, 201
    )


def unshare(call: Call, plural: str, record_id: str, share_id: str) -> Answer:
    """Take a share back."""
    actions.unshare(call.actor, object_of(call, plural, "change"), record_id, share_id)
    return Answer(status=204)
