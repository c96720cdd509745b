"""What a record's page shows of working together: comments, reminders, whether one follows; and the bell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from markupsafe import Markup

from trato.engine import access
from trato.engine.kinds import Reader, RichText
from trato.engine.objects import Object
from trato.engine.together import centre, comments, reminders
from trato.engine.together.beside import beside
from trato.engine.together.models import Comment
from trato.engine.together.rules import EMOJIS

from . import words

TEXT = RichText()


def _base(request: HttpRequest) -> str:
    return f"/w/{request.actor.workspace.slug}"


def bell(request: HttpRequest) -> dict[str, Any]:
    """How many notifications are unread, and where they are; as parts/bell.html asks for it. ``favourites``: whether
    the person has some.
    """
    count, favourites = centre.frame(request.actor)
    address = f"{_base(request)}/notifications"
    shown = f"{centre.MOST_COUNTED - 1}+" if count >= centre.MOST_COUNTED else str(count)
    return {"url": address, "live_url": f"{address}/bell", "count": count, "shown": shown, "favourites": favourites}


def context(request: HttpRequest, obj: Object, record: Any) -> dict[str, Any]:
    """All of it for one record, in the names that record.html asks for."""
    address = f"{_base(request)}/{obj.plural}/{record.id}"
    reader = access.reader(request.actor)
    known = beside(request.actor, obj, record)
    return {
        "people_url": f"{address}/people",
        "follow": {"on": known.following, "url": f"{address}/follow"},
        "remind_url": f"{address}/remind",
        "reminders": [
            {
                "when": words.when(one.at, reader),
                "note": one.note,
                "delete_url": f"{address}/remind/{one.id}/delete",
            }
            for one in (reminders.of_record(request.actor, obj, record) if known.reminders else ())
        ],
        "comments": threads(request, obj, record, some=known.comments),
    }


def threads(request: HttpRequest, obj: Object, record: Any, entry: Any = None, *, some: bool = True) -> dict[str, Any]:
    """The comments of a record, or of one write of it, as parts/comments.html asks for them; none are looked for unless
    there are ``some``.
    """
    address = f"{_base(request)}/{obj.plural}/{record.id}/comments"
    found = comments.of_record(request.actor, obj, record, entry=entry) if some else []
    reader = access.reader(request.actor)
    asked = f"?entry={entry}" if entry else ""
    return {
        "ref": obj.ref(record.id),
        "url": f"{address}{asked}",
        "count": sum(1 + len(thread.answers.all()) for thread in found),
        "threads": [
            shown(request, address, thread, reader)
            | {
                "answers": [shown(request, address, answer, reader) for answer in thread.answers.all()],
                "answer_id": thread.id,
            }
            for thread in reversed(found)
        ],
        "emojis": EMOJIS,
        "typed": "",
        "problem": "",
        "answering": "",
    }


def shown(request: HttpRequest, address: str, comment: Comment, reader: Reader) -> dict[str, Any]:
    """One comment."""
    actor, own = request.actor, f"{address}/{comment.id}"
    mine = comment.author_id is not None and comment.author_id == actor.user_id
    gone = comment.deleted_at is not None
    return {
        "id": comment.id,
        "who": comment.author_name,
        "when": words.when(comment.created_at, reader),
        "edited": words.when(comment.edited_at, reader),
        "versions_url": f"{own}/versions",
        "deleted": gone,
        "text": Markup() if gone else TEXT.show(comment.text, reader),
        "on_entry": comment.entry_id is not None,
        "edit_url": own if mine and not gone else "",
        "delete_url": f"{own}/delete" if (mine or actor.rights.admin) and not gone else "",
        "react_url": f"{own}/react",
        "reactions": [] if gone else _reactions(request, comment),
    }


def _reactions(request: HttpRequest, comment: Comment) -> list[dict[str, Any]]:
    return [
        {
            "emoji": emoji,
            "count": len(people),
            "mine": any(person.id == request.actor.user_id for person in people),
            "who": ", ".join(str(person) for person in people[:20]),
        }
        for emoji, people in comments.tally(comment).items()
    ]


def blind_words(users: Iterable[Any]) -> str:
    """That some who were mentioned can't see the record, "" for nobody."""
    names = ", ".join(str(user) for user in users)
    return _("%(names)s may not see this record, so they were not told.") % {"names": names} if names else ""


def talked_of(lines: Iterable[dict[str, Any]]) -> None:
    """Say on the items of a timeline how many comments they have, in place."""
    items = [line for line in lines if line["ref"]]
    places: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in items:
        plural, _slash, record_id = line["ref"].partition("/")
        places[plural, record_id].append(line)
    counted = comments.counts((plural, access.as_uuid(record_id)) for plural, record_id in places)
    for (plural, record_id), same in places.items():
        for line in same:
            line["comments"] = counted.get((plural, access.as_uuid(record_id)), 0)
