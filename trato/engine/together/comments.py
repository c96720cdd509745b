"""Comments on records and on single writes of them: threads, edits with a history, and reactions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access, events
from ..kinds.richtext import sanitise
from ..kinds.texts import Invalid, storable
from ..models import HistoryEntry, Record
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.ids import uuid7
from ..workspaces.models import User
from . import follows, people, wishes
from .models import Comment, Reaction
from .person import person
from .rules import EMOJIS, mentioned

LONGEST = 20_000  # characters of HTML
MOST = 200  # threads shown at once
#: What the history of a comment is kept under.
HISTORY = "comments"


def of_record(
    actor: Actor, obj: Object, record_id: Any, *, entry: Any = None, before: Any = None, limit: int = MOST
) -> list[Comment]:
    """The threads of a record (or of one write of it), newest first, each with ``answers`` (oldest first) and
    ``reactions``; deleted comments are there while somebody answered them. Raises Absent.
    """
    record = access.get(actor, obj, record_id)
    rows = Comment.objects.filter(object=obj.plural, record_id=record.id, parent=None)
    rows = rows.filter(entry_id=access.as_uuid(entry)) if entry else rows
    rows = rows.filter(id__lt=access.as_uuid(before)) if before else rows
    reactions = Prefetch("reactions", Reaction.objects.select_related("user").order_by("id"))
    answers = Comment.objects.filter(deleted_at=None).prefetch_related(reactions).order_by("id")
    found = rows.prefetch_related(reactions, Prefetch("answers", answers)).order_by("-id")[:limit]
    return [thread for thread in found if thread.deleted_at is None or thread.answers.all()]


def counts(refs: Iterable[tuple[str, Any]]) -> dict[tuple[str, Any], int]:
    """How many comments stand under records that the caller has made sure may be seen."""
    wanted = set(refs)
    rows = Comment.objects.filter(record_id__in=[record_id for _plural, record_id in wanted], deleted_at=None)
    found: dict[tuple[str, Any], int] = {}
    for place in rows.values_list("object", "record_id"):
        if place in wanted:
            found[place] = found.get(place, 0) + 1
    return found


def get(actor: Actor, obj: Object, record_id: Any, comment_id: Any) -> Comment:
    """One comment of a record the actor may see; raises Absent."""
    record = access.get(actor, obj, record_id)
    rows = Comment.objects.filter(id=access.as_uuid(comment_id), object=obj.plural, record_id=record.id)
    found = rows.filter(deleted_at=None).first()
    if found is None:
        raise access.Absent(str(comment_id))
    return found


def create(
    actor: Actor, obj: Object, record_id: Any, text: Any, *, parent: Any = None, entry: Any = None
) -> tuple[Comment, list[User]]:
    """Say something about a record one may see; also returns whom it mentions who can't see the record and so is not
    told. Raises Absent, Forbidden, Refused.
    """
    record = _place(actor, obj, record_id)
    clean = _clean(text)
    above = get(actor, obj, record.id, parent) if parent else None
    entry_id = above.entry_id if above else _entry(actor, obj, record, entry)
    comment = Comment.objects.create(
        object=obj.plural,
        record_id=record.id,
        entry_id=entry_id,
        parent_id=(above.parent_id or above.id) if above else None,
        author_id=actor.user_id,
        author_name=actor.name,
        text=clean,
    )
    if actor.user_id and wishes.of(actor).follow_comment:
        follows.begin([actor.user_id], obj.plural, record.id)
    _written(actor, obj, record, comment, verb="created", old=None, new=clean)
    return comment, people.split(actor, obj, record.id, mentioned(clean))[1]


def edit(actor: Actor, obj: Object, record_id: Any, comment_id: Any, text: Any) -> tuple[Comment, list[User]]:
    """Say it otherwise, as ``create``; only one's own. Raises Absent, Forbidden, Refused."""
    record = _place(actor, obj, record_id)
    comment = _own(actor, obj, get(actor, obj, record.id, comment_id))
    clean, old = _clean(text), comment.text
    if clean != old:
        comment.text, comment.edited_at = clean, timezone.now()
        comment.save(update_fields=["text", "edited_at"])
        _written(actor, obj, record, comment, verb="updated", old=old, new=clean)
    return comment, people.split(actor, obj, record.id, mentioned(clean))[1]


def delete(actor: Actor, obj: Object, record_id: Any, comment_id: Any) -> None:
    """Take back one's own comment (administrators anybody's); answers stay. Raises Absent, Forbidden."""
    record = _place(actor, obj, record_id)
    comment = get(actor, obj, record.id, comment_id)
    if not actor.rights.admin:
        _own(actor, obj, comment)
    comment.deleted_at = timezone.now()
    comment.save(update_fields=["deleted_at"])
    _written(actor, obj, record, comment, verb="deleted", old=comment.text, new=None)


def react(actor: Actor, obj: Object, record_id: Any, comment_id: Any, emoji: Any, *, on: bool) -> Comment:
    """Put an emoji under a comment, or take one's own away; raises Absent, Forbidden, Refused."""
    record = _place(actor, obj, record_id)
    comment = get(actor, obj, record.id, comment_id)
    if emoji not in EMOJIS:
        words = _("Choose one of: %(allowed)s.") % {"allowed": " ".join(EMOJIS)}
        raise Refused([Problem("emoji", "choice", words)])
    told: dict[str, Any] = {}
    if on:
        row = Reaction(id=uuid7(), comment=comment, user_id=person(actor), emoji=emoji)
        Reaction.objects.bulk_create([row], ignore_conflicts=True)
        told = {"reaction": row.id}  # where it was there already there is none of this id, and nobody is told
    else:
        Reaction.objects.filter(comment=comment, user_id=person(actor), emoji=emoji).delete()
    _heard(actor, obj, record, "reacted", told)
    return comment


def tally(comment: Comment) -> dict[str, list[str]]:
    """Who put each emoji under a comment, in the order of the emojis."""
    found: dict[str, list[Any]] = {}
    for one in comment.reactions.all():
        found.setdefault(one.emoji, []).append(one.user)
    return {emoji: found[emoji] for emoji in EMOJIS if emoji in found}


def versions(actor: Actor, obj: Object, record_id: Any, comment_id: Any) -> list[HistoryEntry]:
    """How a comment was written and changed, oldest first; raises Absent."""
    comment = get(actor, obj, record_id, comment_id)
    return list(HistoryEntry.objects.filter(object=HISTORY, record_id=comment.id).order_by("id"))


def _place(actor: Actor, obj: Object, record_id: Any) -> Record:
    """The record, for who may see it and whose token may write; raises Absent, Forbidden."""
    record = access.get(actor, obj, record_id)
    if not actor.rights.token_allows(obj.plural, "change"):
        raise access.Forbidden(obj.plural, "change")
    return record


def _entry(actor: Actor, obj: Object, record: Record, entry: Any) -> Any:
    """The write a comment is about; raises Absent where it is none of the record's."""
    if not entry:
        return None
    entry_id = access.as_uuid(entry)
    if not HistoryEntry.objects.filter(id=entry_id, object=obj.plural, record_id=record.id).exists():
        raise access.Absent(str(entry))
    return entry_id


def _own(actor: Actor, obj: Object, comment: Comment) -> Comment:
    if comment.author_id is None or comment.author_id != actor.user_id:
        raise access.Forbidden(obj.plural, "change")
    return comment


def _clean(text: Any) -> str:
    try:
        clean = sanitise(storable(text).strip()) if isinstance(text, str) and len(text) <= LONGEST else None
    except Invalid as problem:
        raise Refused([Problem("text", problem.code, str(problem))]) from None
    if clean is None:
        raise Refused([Problem("text", "too_long", _("Write at most %(n)s characters of text.") % {"n": LONGEST})])
    if not clean:
        raise Refused([Problem("text", "required", _("Write something first."))])
    return clean


def _written(
    actor: Actor, obj: Object, record: Record, comment: Comment, *, verb: str, old: str | None, new: str | None
) -> None:
    """One row of the comment's own history, and the event that tells people and open pages."""
    kept = HistoryEntry(
        object=HISTORY,
        record_id=comment.id,
        action=verb,
        actor_kind=actor.kind,
        actor_id=actor.user_id,
        actor_name=actor.name,
        face=actor.face,
        source=actor.source,
        changes={"text": [old, new]},
        batch_id=uuid7(),
    )
    kept.save(force_insert=True)
    _heard(actor, obj, record, f"comment-{verb}", {"comment": comment.id, "entry": kept.id})


def _heard(actor: Actor, obj: Object, record: Record, verb: str, more: Mapping[str, Any] | None = None) -> None:
    about = {"about": list(getattr(record, obj.moment.about) or ())[:50]} if obj.moment else {}
    told: dict[str, Any] = {"object": obj.plural, "id": record.id, **about, **(more or {})}
    events.emit(actor, f"{obj.plural}.{verb}", **told)
