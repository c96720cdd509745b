"""Working together over the API: comments and emojis, following, reminders, notifications and one's wishes for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from trato.engine import access
from trato.engine.kinds import DateTime, Invalid
from trato.engine.together import centre, comments, follows, reminders, wishes, wording
from trato.engine.together.models import Comment, Reminder
from trato.engine.together.rules import KINDS, mentioned
from trato.engine.together.wording import Line
from trato.engine.values import Problem, Refused
from trato.engine.workspaces.models import User

from .endpoint import Answer, Call, flag
from .listing import choice, limit_of
from .records import object_of

#: What a token's scopes call the person's own notifications, reminders and wishes.
OWN = "notifications"


def comments_of(call: Call, plural: str, record_id: str) -> Answer:
    """The threads of a record, newest first, each with its answers; ``entry`` asks for those about one write."""
    obj = object_of(call, plural)
    words = call.parameters("limit", "before", "entry")
    limit = limit_of(words)
    rows = comments.of_record(
        call.actor, obj, record_id, entry=words.get("entry"), before=words.get("before"), limit=limit + 1
    )
    data = [_comment_json(row) | {"answers": [_comment_json(each) for each in row.answers.all()]} for row in rows]
    return Answer({"data": data[:limit], "next": str(rows[limit - 1].id) if len(rows) > limit else None})


def comment(call: Call, plural: str, record_id: str) -> Answer:
    """Comment on a record: ``{"text": HTML or plain text, "parent": id, "entry": id}``."""
    obj = object_of(call, plural)
    call.parameters()
    given = call.only("text", "parent", "entry")
    made, blind = comments.create(
        call.actor, obj, record_id, given.get("text"), parent=given.get("parent"), entry=given.get("entry")
    )
    return Answer(_comment_json(made) | {"not_told": _people(blind)}, 201)


def change_comment(call: Call, plural: str, record_id: str, comment_id: str) -> Answer:
    """Change one's own comment."""
    obj = object_of(call, plural)
    changed, blind = comments.edit(call.actor, obj, record_id, comment_id, call.only("text").get("text"))
    return Answer(_comment_json(changed) | {"not_told": _people(blind)})


def delete_comment(call: Call, plural: str, record_id: str, comment_id: str) -> Answer:
    """Delete one's own comment."""
    comments.delete(call.actor, object_of(call, plural), record_id, comment_id)
    return Answer(status=204)


def react(call: Call, plural: str, record_id: str, comment_id: str) -> Answer:
    """Put an emoji under a comment, or take it away: ``{"emoji": "👍", "on": true}``."""
    obj = object_of(call, plural)
    given = call.only("emoji", "on")
    on = flag(given, "on") if "on" in given else True
    return Answer(_comment_json(comments.react(call.actor, obj, record_id, comment_id, given.get("emoji"), on=on)))


def _comment_json(row: Comment) -> dict[str, Any]:
    gone = row.deleted_at is not None
    return {
        "id": row.id,
        "parent": row.parent_id,
        "entry": row.entry_id,
        "author": {"id": row.author_id, "name": row.author_name},
        "text": "" if gone else row.text,
        "mentions": [] if gone else mentioned(row.text),
        "reactions": [{"emoji": emoji, "users": _people(users)} for emoji, users in comments.tally(row).items()],
        "created_at": row.created_at,
        "edited_at": row.edited_at,
        "deleted": gone,
    }


def _people(users: Iterable[User]) -> list[dict[str, Any]]:
    return [{"id": user.id, "title": str(user)} for user in users]


def follow(call: Call, plural: str, record_id: str) -> Answer:
    """Whether one follows a record."""
    obj = object_of(call, plural)
    call.parameters()
    return Answer({"following": follows.is_following(call.actor, obj, access.get(call.actor, obj, record_id))})


def set_follow(call: Call, plural: str, record_id: str) -> Answer:
    """Follow a record."""
    return _followed(call, plural, record_id, True)


def unfollow(call: Call, plural: str, record_id: str) -> Answer:
    """Follow a record no more, not even one's own."""
    return _followed(call, plural, record_id, False)


def _followed(call: Call, plural: str, record_id: str, on: bool) -> Answer:
    obj = object_of(call, plural)
    _own(call, "change")
    return Answer({"following": follows.set_follow(call.actor, obj, record_id, on)})


def _own(call: Call, verb: str) -> None:
    """Raise Forbidden where a token's scopes leave the person's own notifications out."""
    if not call.actor.rights.token_allows(OWN, verb):
        raise access.Forbidden(OWN, verb)


def reminders_of(call: Call, plural: str, record_id: str) -> Answer:
    """One's own reminders of a record that are still to come."""
    obj = object_of(call, plural)
    call.parameters()
    rows = reminders.of_record(call.actor, obj, record_id)
    return Answer({"data": [_reminder_json(row) for row in rows], "next": None})


def remind(call: Call, plural: str, record_id: str) -> Answer:
    """Be reminded of a record: ``{"at": moment, "note": text}``."""
    obj = object_of(call, plural)
    _own(call, "change")
    given = call.only("at", "note")
    made = reminders.create(call.actor, obj, record_id, given.get("at"), given.get("note", ""))
    return Answer(_reminder_json(made), 201)


def forget(call: Call, plural: str, record_id: str, reminder_id: str) -> Answer:
    """Let go of a reminder."""
    obj = object_of(call, plural)
    _own(call, "change")
    reminders.delete(call.actor, obj, record_id, reminder_id)
    return Answer(status=204)


def _reminder_json(row: Reminder) -> dict[str, Any]:
    return {"id": row.id, "at": row.at, "note": row.note}


def notifications(call: Call) -> Answer:
    """What one was told, newest first; ``state`` is ``all``, ``unread`` or ``snoozed``."""
    _own(call, "see")
    words = call.parameters("limit", "before", "state", "kind")
    state = choice("state", words.get("state", "all"), {name: name for name in centre.STATES})
    kind = choice("kind", words.get("kind", ""), {"": "", **{name: name for name in KINDS}})
    rows, more = centre.page(call.actor, state, kind, words.get("before"), limit_of(words))
    data = [_line_json(line) for line in wording.lines(call.actor, rows)]
    return Answer({"data": data, "next": str(rows[-1].id) if more else None, "unread": centre.unread(call.actor)})


def change_notification(call: Call, notification_id: str) -> Answer:
    """Mark one as read or unread (``{"read": true}``), or put it off (``{"snoozed_until": moment}``)."""
    _own(call, "change")
    given = call.only("read", "snoozed_until")
    if given.get("snoozed_until") is not None:
        changed = centre.snooze(call.actor, notification_id, _moment(call, given["snoozed_until"]))
    elif "read" in given:
        changed = centre.mark(call.actor, notification_id, read=flag(given, "read"))
    else:
        raise Refused([Problem("read", "required", _("Say what to change: read, or snoozed_until."))])
    [line] = wording.lines(call.actor, [changed])
    return Answer(_line_json(line))


def _moment(call: Call, value: Any) -> Any:
    try:
        return DateTime(required=True).clean(value, access.reader(call.actor))
    except Invalid as problem:
        raise Refused([Problem("snoozed_until", problem.code, str(problem))]) from None


def read_all(call: Call) -> Answer:
    """Mark all as read."""
    _own(call, "change")
    call.body(optional=True)
    return Answer({"changed": centre.mark_all(call.actor)})


def _line_json(line: Line) -> dict[str, Any]:
    row = line.notification
    visible = bool(line.address and row.record_id)
    return {
        "id": row.id,
        "kind": row.kind,
        "text": line.text,
        "object": row.object or None,
        "record": {"id": row.record_id, "title": line.title, "object": row.object} if visible else None,
        "comment": row.comment_id if visible else None,
        "by": {"id": row.by_id, "name": row.by_name},
        "count": row.count,
        "at": row.at,
        "read": row.read_at is not None,
        "snoozed_until": row.snoozed_until,
    }


def wishes_of(call: Call) -> Answer:
    """What one is told of, and how."""
    _own(call, "see")
    call.parameters()
    return Answer(wishes.of(call.actor).as_json())


def change_wishes(call: Call) -> Answer:
    """Change what one is told of, and how."""
    _own(call, "change")
    return Answer(wishes.change(call.actor, call.body()).as_json())
