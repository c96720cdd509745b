"""What tests of being told share: who is mentioned, what people were told, and the jobs that tell it."""

from __future__ import annotations

from trato.engine.models import HistoryEntry
from trato.engine.together import jobs
from trato.engine.together.models import Notification
from trato.engine.workspaces.actors import actor_for_user


def mention(user, name="x"):
    return f'<a href="#users/{user.id}">@{name}</a>'


def me(cast, user):
    return actor_for_user(user, cast.acme)


def told(user, **wanted):
    return list(Notification.objects.filter(user=user, **wanted).order_by("at"))


def run_comment(cast, comment):
    entry = HistoryEntry.objects.filter(object="comments", record_id=comment.id).order_by("-id").first()
    jobs.comment(str(cast.acme.id), str(comment.id), str(entry.id))
