"""What was done, a line a batch: what POST /undo/{batch} takes back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from trato.engine import access, batches
from trato.engine.batches import Asked, Line, Part

from .endpoint import Answer, Call
from .listing import choice
from .problems import bad_request


def listed(call: Call) -> Answer:
    """The batches of the history the caller may see something of, newest first.

    ``person=me`` or a user's id, ``object``, ``kind``, ``since`` and ``until`` (RFC 3339) narrow them. Counts are of
    records the caller may see; null where more were written than are counted for them. A page may be short, even empty,
    though there are more: ``next`` says where to go on.
    """
    words = call.parameters("person", "object", "kind", "since", "until", "cursor")
    asked = Asked(
        person=_person(call, words.get("person", "")),
        object=words.get("object", "")[:60],
        kind=choice("kind", words["kind"], dict.fromkeys(batches.KINDS, words["kind"])) if words.get("kind") else "",
        since=_moment("since", words.get("since", "")),
        until=_moment("until", words.get("until", "")),
    )
    before = _id("cursor", words["cursor"]) if words.get("cursor") else None
    lines, after, _early = batches.page(call.actor, asked, before)
    return Answer({"data": [_json(call, line) for line in lines], "next": str(after) if after else None})


def read(call: Call, batch_id: str) -> Answer:
    """One batch."""
    call.parameters()
    return Answer(_json(call, batches.one(call.actor, batch_id)))


def _person(call: Call, text: str) -> UUID | None:
    if not text:
        return None
    return call.actor.user_id if text == "me" and call.actor.user_id else _id("person", text)


def _id(name: str, text: str) -> UUID:
    try:
        return access.as_uuid(text)
    except access.Absent:
        raise bad_request(name, "id", _("Give an id.")) from None


def _moment(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1970 < found.year < 9000:
        raise bad_request(name, "moment", _("Give a moment with its zone, such as 2026-05-04T12:00:00Z."))
    return found


def _json(call: Call, line: Line) -> dict[str, Any]:
    first = line.first
    return {
        "id": line.batch,
        "at": first.at,
        "by": {"kind": first.actor_kind, "id": first.actor_id, "name": first.actor_name},
        "face": first.face,
        "source": "" if line.winner and not line.whole else first.source,  # it names what was merged
        "undone": line.undone or "no",
        "undo_of": line.undo_of,
        "undoable": batches.may_take_back(call.actor, line),
        "writes": [_part(part) for part in line.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "object": part.object,
        "action": part.action,
        "records": None if part.more else part.count,
        "undone": None if part.more or part.count is None else part.undone,
        "fields": part.fields,
    }
