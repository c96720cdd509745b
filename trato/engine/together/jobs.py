"""The background side of being told: gathering every minute and at once, reminders, and mails.

Each may run twice: what was told is not told again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .. import objects
from ..models import HistoryEntry, Job, Record, Share
from ..objects import Object
from ..postgres.scope import in_workspace
from ..workspaces.actors import Actor
from ..workspaces.members import every_workspace
from ..workspaces.models import TeamMember, Workspace
from . import follows, gathering, letters, reminders, wishes
from .models import Comment, Letter, Notification, Reaction, Reminder
from .rules import newly_mentioned
from .telling import News, may_see, tell
from .wording import PLACES

logger = logging.getLogger("trato.jobs")
#: What is over is kept for so long.
KEPT = timedelta(days=180)
AGAIN = RetryStrategy(max_attempts=6, exponential_wait=5)


def add(task: Any, actor: Actor, **arguments: Any) -> None:
    """Add one of these tasks in the running transaction."""
    given = {name: str(value) for name, value in arguments.items() if value is not None}
    task.defer(workspace=str(actor.workspace.id), **given)


@contextmanager
def _inside(workspace_id: str) -> Iterator[Workspace]:
    """The workspace, entered."""
    workspace = Workspace.objects.get(id=workspace_id)
    with in_workspace(workspace.id):
        yield workspace


def object_of(plural: str) -> Object | None:
    """The object of a plural, None where there is none any more."""
    return objects.get(plural) if objects.is_known(plural) else None


@app.periodic(cron="* * * * *")
@app.task(name="trato.together.minute", queueing_lock="trato.together.minute", pass_context=False)
def every_minute(timestamp: int) -> None:
    """Gather news, call reminders, wake what was put off and write the mails due, one workspace after the other."""
    for workspace in every_workspace():
        try:
            minute(workspace)
        except Exception:  # one workspace's trouble is not the others'
            logger.exception("notifications failed", extra={"workspace": str(workspace.id)})


@app.periodic(cron="41 3 * * *")
@app.task(name="trato.together.sweep", queueing_lock="trato.together.sweep", pass_context=False)
def every_night(timestamp: int) -> None:
    """Every night: drop what was read, sent or told long ago."""
    for workspace in every_workspace():
        with in_workspace(workspace.id):
            sweep(timezone.now())


def sweep(now: datetime) -> None:
    """Drop notifications read, letters sent and reminders told longer ago than ``KEPT`` (inside ``in_workspace``)."""
    Notification.objects.filter(read_at__lt=now - KEPT, mail_at=None).delete()
    Letter.objects.filter(sent_at__lt=now - KEPT).delete()
    Reminder.objects.filter(told_at__lt=now - KEPT).delete()


def minute(workspace: Workspace) -> None:
    """One workspace's minute; each part is a transaction of its own, and a letter is sent only if it is kept."""
    with in_workspace(workspace.id):
        gathering.gather(workspace)
    with in_workspace(workspace.id):
        reminders.call(workspace, object_of)
        reminders.wake(workspace)
    with in_workspace(workspace.id):
        for letter_id in letters.collect():
            send.defer(workspace=str(workspace.id), letter=str(letter_id))


@app.task(name="trato.together.gather", retry=AGAIN)
def gather(workspace: str) -> None:
    """Look through the history now."""
    with _inside(workspace) as entered:
        gathering.gather(entered)


@app.task(name="trato.together.send", retry=AGAIN)
def send(workspace: str, letter: str) -> None:
    """Send one letter."""
    found = Workspace.objects.filter(id=workspace).first()
    if found is not None:
        letters.send(found, letter)


@app.task(name="trato.together.comment", retry=AGAIN)
def comment(workspace: str, comment: str, entry: str) -> None:
    """Tell of a comment that was written or changed: who is newly mentioned, and of a new one who follows."""
    with _inside(workspace) as entered:
        row = Comment.objects.filter(id=comment, deleted_at=None).first()
        written = HistoryEntry.objects.filter(id=entry).first()
        obj = object_of(row.object) if row else None
        if row is None or written is None or obj is None:
            return
        old, new = written.changes["text"]
        mentioned = [user_id for user_id in newly_mentioned(old, new) if user_id != row.author_id]
        mentioned = [user_id for user_id in mentioned if may_see(entered, user_id, obj, row.record_id)]
        chosen = wishes.of_people(mentioned)
        follows.begin([one for one in mentioned if chosen[one].follow_mention], row.object, row.record_id)
        news = [_news(row, written, user_id, "mention") for user_id in mentioned]
        if written.action == "created":
            others = _followers(obj, row) - {row.author_id, *mentioned}
            hearing = [user_id for user_id in others if may_see(entered, user_id, obj, row.record_id)]
            news += [_news(row, written, user_id, "comment") for user_id in hearing]
        tell(entered, news)


def _followers(obj: Object, row: Comment) -> set[UUID]:
    """Who follows what was commented on, or what that is about."""
    found = follows.followers(obj.plural, row.record_id)
    record: Record | None = obj.rows().filter(id=row.record_id).first()
    for ref in (getattr(record, obj.moment.about) or ())[:20] if obj.moment and record else ():
        plural, _slash, record_id = ref.partition("/")
        if object_of(plural) is not None:
            found |= follows.followers(plural, record_id)
    return found


def _news(row: Comment, written: HistoryEntry, user_id: UUID, kind: str) -> News:
    place = f"{row.object}/{row.record_id}"
    return News(
        user_id,
        kind,
        f"mention:comment:{row.id}" if kind == "mention" else f"comment:{place}",
        written.id,
        object=row.object,
        record_id=row.record_id,
        comment_id=row.id,
        by_id=row.author_id,
        by_name=row.author_name,
    )


@app.task(name="trato.together.reaction", retry=AGAIN)
def reaction(workspace: str, reaction: str) -> None:
    """Tell who wrote a comment that somebody else put an emoji under it, unless it was taken away meanwhile."""
    with _inside(workspace) as entered:
        row = Reaction.objects.filter(id=reaction, comment__deleted_at=None).select_related("comment", "user").first()
        obj = object_of(row.comment.object) if row else None
        if row is None or obj is None:
            return
        about, author_id = row.comment, row.comment.author_id
        if author_id is None or author_id == row.user_id or not may_see(entered, author_id, obj, about.record_id):
            return
        one = News(
            author_id,
            "reaction",
            f"reaction:{about.id}",
            row.id,
            object=about.object,
            record_id=about.record_id,
            comment_id=about.id,
            by_id=row.user_id,
            by_name=str(row.user),
            details={"emoji": row.emoji},
        )
        tell(entered, [one])


@app.task(name="trato.together.shared", retry=AGAIN)
def shared(workspace: str, object: str, id: str, name: str, by: str = "") -> None:
    """Tell whom a record is shared with, each of one share once."""
    with _inside(workspace) as entered:
        obj = object_of(object)
        told: dict[UUID, UUID] = {}
        for share in Share.objects.filter(object=object, record_id=id).order_by("id"):
            team = TeamMember.objects.filter(team_id=share.team_id) if share.team_id else TeamMember.objects.none()
            people = [share.user_id] if share.user_id else list(team.values_list("user_id", flat=True))
            told |= dict.fromkeys(people, share.id)
        news = [
            News(
                *(user_id, "shared", f"shared:{object}/{id}", source),
                object=object,
                record_id=UUID(id),
                by_id=UUID(by) if by else None,
                by_name=name,
            )
            for user_id, source in told.items()
            if obj is not None and str(user_id) != by and may_see(entered, user_id, obj, id)
        ]
        tell(entered, news)


@app.task(name="trato.together.ended", retry=AGAIN)
def ended(workspace: str, job: str) -> None:
    """Tell who began a job that people wait for that it has ended; of any other only that it failed."""
    with _inside(workspace) as entered:
        row = Job.objects.filter(id=job).first()
        user_id = row.actor.get("user_id") if row else None
        if row is not None and user_id and (row.name in PLACES or row.state == "failed"):
            tell(entered, [News(UUID(user_id), "job", f"job:{row.id}", row.id, details={"job": str(row.id)})])
