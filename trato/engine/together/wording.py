"""What a notification says and where it leads, with the rights of who reads it now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import access, objects
from ..kinds import DateTime, Reader
from ..kinds.markup import words
from ..models import Job
from ..workspaces.actors import Actor
from .models import Comment, Notification
from .rules import KINDS, USUAL

SNIPPET = 200  # characters of a comment
#: The jobs that people wait for, with the page of what came of them below the workspace's ("" for none); the names in
#: braces are a job's arguments. Of others only failures are told.
PLACES = {
    "import": "/import/{run_id}",
    "undo import": "/import/{run_id}",
    "export": "",
    "change": "/{plural}/?sort=-updated_at",
    "undo": "",
    "find duplicates": "/{plural}/duplicates",
    "make demo": "/",
    "remove demo": "/",
}


@dataclass(frozen=True)
class Line:
    """One notification in words: ``text``, what it is about (``title``), a bit of the comment, and its address."""

    notification: Notification
    text: str
    title: str = ""
    snippet: str = ""
    address: str = ""


def lines(actor: Actor, notifications: Iterable[Notification]) -> list[Line]:
    """Each in the active language. Of records the actor can't see now there is neither title nor address."""
    rows = list(notifications)
    titles = access.titles(actor, {ref_of(row) for row in rows if row.record_id})
    ids = [row.comment_id for row in rows if row.comment_id]
    comments = {one.id: one for one in Comment.objects.filter(id__in=ids, deleted_at=None)}
    jobs = {str(job.id): job for job in Job.objects.filter(id__in=[_job(row) for row in rows if row.kind == "job"])}
    known = _Known(titles, comments, jobs, access.reader(actor))
    return [_line(actor, row, known) for row in rows]


def ref_of(row: Notification) -> str:
    """The address of the record it is about, "" for none."""
    return f"{row.object}/{row.record_id}" if row.record_id else ""


def _job(row: Notification) -> Any:
    return row.details.get("job")


@dataclass(frozen=True)
class _Known:
    """What a page of notifications needs to be said: titles by ref, comments and jobs by id."""

    titles: dict[str, str]
    comments: dict[UUID, Comment]
    jobs: dict[str, Job]
    reader: Reader


def _line(actor: Actor, row: Notification, known: _Known) -> Line:
    base = f"/w/{actor.workspace.slug}"
    if row.kind == "job":
        return _job_line(row, known.jobs.get(str(_job(row))), base)
    if row.record_id is None:
        return Line(row, _many(actor, row), address=_list(actor, row, base))
    ref = ref_of(row)
    if ref not in known.titles:
        return Line(row, _("Something happened in a record that was deleted, or that you may not see any more."))
    comment = known.comments.get(row.comment_id) if row.comment_id else None
    snippet = " ".join(words(comment.text).split()) if comment else _noted(row, known.reader)
    anchor = f"#comment-{comment.id}" if comment else ""
    text = SAYINGS[row.kind](row)
    return Line(row, text, known.titles[ref], shorten(snippet), f"{base}/{ref}{anchor}")


def _noted(row: Notification, reader: Reader) -> str:
    """What a reminder was noted with, and when what it reminds of is."""
    at = row.details.get("at")
    when = DateTime().plain(datetime.fromisoformat(at), reader) if at else ""
    due = _("Due: %(when)s") % {"when": when} if when and row.kind == "reminder" else when
    return " · ".join(part for part in (str(row.details.get("note", "")), due) if part)


def shorten(text: str) -> str:
    """The beginning of a text."""
    return text if len(text) <= SNIPPET else text[: SNIPPET - 1].rstrip() + "…"


def _who(row: Notification) -> str:
    return row.by_name or _("Somebody")


def _commented(row: Notification) -> str:
    told = ngettext("%(who)s commented", "%(n)s comments, the last by %(who)s", row.count)
    return told % {"who": _who(row), "n": row.count}


def _reacted(row: Notification) -> str:
    told = ngettext("%(emoji)s from %(who)s", "%(n)s reactions, the last from %(who)s: %(emoji)s", row.count)
    return told % {"who": _who(row), "n": row.count, "emoji": row.details.get("emoji", "")}


def _changed(row: Notification) -> str:
    if row.details.get("action") == "deleted":
        return _("%(who)s deleted it") % {"who": _who(row)}
    told = ngettext("%(who)s changed it", "%(n)s changes, the last by %(who)s", row.count)
    return told % {"who": _who(row), "n": row.count}


SAYINGS: dict[str, Callable[[Notification], str]] = {
    "mention": lambda row: _("%(who)s mentioned you") % {"who": _who(row)},
    "comment": _commented,
    "reaction": _reacted,
    "assigned": lambda row: _("%(who)s gave it to you") % {"who": _who(row)},
    "reminder": lambda row: _("You wanted to be reminded"),
    "meeting": lambda row: _("It begins soon"),
    "shared": lambda row: _("%(who)s shared it with you") % {"who": _who(row)},
    "changed": _changed,
}


def saying(name: str, label: Any, say: Callable[[Notification], str], *, mail: str = "none") -> None:
    """Make a kind of notification of a module's own known: what settings call it, what it says, and how it is mailed to
    who chose nothing.
    """
    KINDS[name], USUAL[name], SAYINGS[name] = label, mail, say


def _many(actor: Actor, row: Notification) -> str:
    """The words for a batch of records."""
    known = objects.is_known(row.object) and access.may_see_any(actor, objects.get(row.object))
    what = str(objects.get(row.object).label_plural) if known else _("records")
    values = {"who": _who(row), "n": row.count, "what": what}
    if row.kind == "assigned":
        return _("%(who)s gave you %(n)s: %(what)s") % values
    return _("%(who)s changed %(n)s that you follow: %(what)s") % values


def _list(actor: Actor, row: Notification, base: str) -> str:
    """The list of a batch: what is one's own, or what was changed last."""
    if not objects.is_known(row.object) or not access.may_see_any(actor, objects.get(row.object)):
        return ""
    if row.kind == "assigned":
        mine = json.dumps({"field": "owner", "op": "is", "value": "me"})
        return f"{base}/{row.object}/?{urlencode({'filter': mine})}"
    return f"{base}/{row.object}/?{urlencode({'sort': '-updated_at'})}"


def _job_line(row: Notification, job: Job | None, base: str) -> Line:
    if job is None:
        return Line(row, _("A job has ended"))
    words_of = {"done": _("Finished"), "failed": _("Failed"), "cancelled": _("Cancelled")}
    place = PLACES.get(job.name, "").format_map({"run_id": "", "plural": ""} | job.arguments)
    return Line(row, words_of.get(job.state, _("A job has ended")), job.label, job.message, place and f"{base}{place}")
