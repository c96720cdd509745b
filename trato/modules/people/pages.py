"""What people add to the generic pages: the relationships of a record, and My day."""

import json
from collections.abc import Callable
from typing import Any

from babel.dates import format_time
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from trato.engine import access, objects, views
from trato.engine.kinds import Date, Reader
from trato.engine.kinds.datetime import zone_of
from trato.engine.kinds.locales import locale_of
from trato.engine.welcome import step
from trato.engine.workspaces.actors import Actor
from trato.web.panels import panel, today
from trato.web.respond import base_of
from trato.web.words import when, write

from . import queries
from .graph import around, frame

_DAY = Date()


@panel("accounts", "contacts")
def to_do(request: HttpRequest, record: Any) -> Markup | None:
    """The open tasks about the record; no box where there are none."""
    actor = request.actor
    rows = queries.open_tasks_about(actor, record.id)
    if not rows:
        return None
    reader = access.reader(actor, {f"users/{row['owner_id']}" for row in rows})
    tasks = [
        {
            "title": row["title"],
            "url": f"{reader.base}/tasks/{row['id']}",
            "due": when(row["due_at"], reader),
            "overdue": bool(row["due_at"] and row["due_at"] < reader.now),
            "owner": reader.titles.get(f"users/{row['owner_id']}", ""),
        }
        for row in rows
    ]
    html = render_to_string("people/to_do.html", {"tasks": tasks}, request)
    return Markup(html)  # noqa: S704 - a template of ours, escaped there


@panel("accounts", "contacts")
def relationships(request: HttpRequest, record: Any) -> Markup | None:
    """Everybody the record is related to, as a graph and as a list."""
    actor = request.actor
    if not access.may_see_any(actor, objects.get("relationships")):
        return None
    ref = objects.of_record(record).ref(record.id)
    found = queries.ties_of(actor, ref)
    reader = access.reader(actor, [tie["other"] for tie in found])
    back = f"{reader.base}/{ref}"
    ties = [_tie(tie, reader) for tie in found if tie["other"] in reader.titles]
    drawn = [tie for tie in ties if not tie["ended"]]
    graph = around(drawn if len(drawn) > 1 else [])
    may_add = actor.rights.may("relationships", "create")
    context = {
        "ties": ties,
        "graph": graph,
        "frame": frame(graph),
        "center": record.title,
        "add_url": f"{reader.base}/relationships/new?{urlencode({'source': ref, 'back': back})}" if may_add else "",
        "all_url": f"{reader.base}/relationships/?{urlencode({'filter': _either(ref)})}",
        "more": len(found) >= queries.MOST_TIES,
    }
    html = render_to_string("people/relationships.html", context, request)
    return Markup(html)  # noqa: S704 - a template of ours, escaped there


def _either(ref: str) -> str:
    """The filter of a record's relationships, from either side."""
    return json.dumps({"or": [{"field": side, "op": "is", "value": ref} for side in ("source", "target")]})


def _tie(tie: dict[str, Any], reader: Reader) -> dict[str, Any]:
    since, until = (_DAY.plain(day, reader) if day else "" for day in (tie["since"], tie["until"]))
    if since and until:
        span = f"{since} – {until}"
    else:
        span = (_("since %(day)s") if since else _("until %(day)s")) % {"day": since or until} if since or until else ""
    plural = tie["other"].partition("/")[0]
    return {
        "title": reader.titles[tie["other"]],
        "url": f"{reader.base}/{tie['other']}",
        "own_url": f"{reader.base}/relationships/{tie['id']}",
        "ended": tie["ended"],
        "icon": objects.get(plural).icon,
        "words": tie["words"],
        "note": " · ".join(part for part in (span, tie["note"]) if part),
    }


@today
def my_day(request: HttpRequest) -> dict[str, Any]:
    """Tasks, meetings and changes of the person's day, and the first steps of an empty workspace."""
    actor, base = request.actor, base_of(request)
    groups = queries.open_tasks(actor)
    meetings = queries.meetings_of(actor, *queries.today(actor))
    changed = queries.changed_in_mine(actor)
    about = [ref for row in [*groups["overdue"], *groups["today"], *groups["soon"], *meetings] for ref in row["about"]]
    reader = access.reader(actor, {*about, *(f"{entry.object}/{entry.record_id}" for entry in changed)})
    mine = urlencode({"view": "mine"})
    return {
        "tasks": [_task(row, name == "overdue", reader) for name, rows in groups.items() for row in rows],
        "tasks_url": f"{base}/tasks/?{mine}",
        "meetings": [_meeting(row, reader) for row in meetings],
        "meetings_url": f"{base}/meetings/",
        "changed": [
            _change(entry, reader) for entry in changed if f"{entry.object}/{entry.record_id}" in reader.titles
        ],
    }


def _names(refs: list[str], reader: Reader) -> Markup:
    """Links to the records something is about, as far as they may be seen."""
    known = [(ref, reader.titles[ref]) for ref in refs if ref in reader.titles]
    link = Markup('<a href="{}/{}">{}</a>')
    return Markup(", ").join(link.format(reader.base, ref, title) for ref, title in known)


def _task(row: dict[str, Any], overdue: bool, reader: Reader) -> dict[str, Any]:
    address = f"{reader.base}/tasks/{row['id']}"
    return {
        "title": row["title"],
        "url": address,
        "due": when(row["due_at"], reader),
        "overdue": overdue or bool(row["due_at"] and row["due_at"] < reader.now),
        "about": _names(row["about"], reader),
        "done_url": f"{address}/complete",
    }


def _meeting(row: dict[str, Any], reader: Reader) -> dict[str, Any]:
    zone, locale = zone_of(reader.time_zone), locale_of(reader.language)
    ends = [row["at"], *([row["until"]] if row["until"] else [])]
    return {
        "title": row["title"],
        "url": f"{reader.base}/meetings/{row['id']}",
        "time": " – ".join(format_time(timezone.localtime(end, zone), "short", locale=locale) for end in ends),
        "place": row["place"],
        "about": _names(row["about"], reader),
    }


def _change(entry: Any, reader: Reader) -> dict[str, Any]:
    ref = f"{entry.object}/{entry.record_id}"
    return {
        "title": reader.titles[ref],
        "url": f"{reader.base}/{ref}",
        "icon": objects.get(entry.object).icon,
        "who": entry.actor_name,
        "what": write(entry.action),
        "when": when(entry.at, reader),
    }


# -- first steps ----------------------------------------------------------------------------------------------------


def _any(plural: str, *, own: bool = False) -> Callable[[Actor], bool]:
    """Whether there is such a record; with ``own`` one of the person's."""

    def seen(actor: Actor) -> bool:
        rows = access.visible(actor, objects.get(plural))
        return bool((rows.filter(owner_id=actor.user_id) if own else rows).exists())

    return seen


def _may(plural: str, verb: str) -> Callable[[Actor], bool]:
    return lambda actor: actor.rights.may(plural, verb)


step(
    name="import",
    label=gettext_lazy("Bring your address book"),
    text=gettext_lazy("CSV, Excel or vCard, with a preview and an undo."),
    icon="file-import",
    place="import",
    done=_any("contacts"),
    may=_may("contacts", "import"),
)
step(
    name="contact",
    label=gettext_lazy("Add a contact"),
    text=gettext_lazy("A person you deal with; everything else can follow."),
    icon="user-plus",
    place="contacts/new",
    done=_any("contacts", own=True),
    may=_may("contacts", "create"),
)
step(
    "seller",
    "agent",
    "manager",
    name="call",
    label=gettext_lazy("Write down a call"),
    text=gettext_lazy("On a contact's page: what was said stays with them, for the whole team."),
    icon="phone",
    place="contacts/",
    done=_any("calls", own=True),
    may=_may("calls", "create"),
)
step(
    "seller",
    "agent",
    "marketer",
    name="task",
    label=gettext_lazy("Plan what is next"),
    text=gettext_lazy("A task with a day; My day reminds you of it."),
    icon="checkbox",
    place="tasks/new",
    done=_any("tasks", own=True),
    may=_may("tasks", "create"),
)
step(
    "marketer",
    "manager",
    name="view",
    label=gettext_lazy("Keep a view"),
    text=gettext_lazy("A list with its filter and columns, for yourself or the team."),
    icon="filter",
    place="contacts/",
    done=lambda actor: any(view.owner_id == actor.user_id for view in views.shelf(actor).views),
)
