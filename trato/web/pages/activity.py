"""What was done: a line a batch of history, each with undo, and one batch opened."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from trato.engine import access, batches, history, objects, undo
from trato.engine.batches import Asked, Line
from trato.engine.kinds import Reader
from trato.engine.kinds.datetime import zone_of
from trato.engine.models import HistoryEntry

from .. import deeds, words
from ..changes import named_changes, refs_of_change
from ..names import called
from ..respond import base_of, page, undo_url

MINE = "me"


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """What people did, newest first, narrowed by person, object, kind and period."""
    asked, before = _asked(request), request.GET.get("before", "")
    lines, after, early = batches.page(request.actor, asked, access.as_uuid(before) if before else None)
    titles = batches.titles(request.actor, deeds.refs(lines))
    reader = access.reader(request.actor)
    here, kept = f"{base_of(request)}/activity", _kept(request)
    context = {
        "lines": [_line(request, line, titles, reader) for line in lines],
        "filters": _filters(request),
        "period": {name: request.GET.get(name, "") for name in ("since", "until")},
        "action": here,
        "narrowed": bool(kept),
        "early": early,
        "previous_url": f"{here}?{kept.urlencode()}".rstrip("?") if before else "",
        "next_url": f"{here}?{_with(kept, before=str(after)).urlencode()}" if after else "",
    }
    return page(request, "activity/list.html", context, title=_("What was done"))


def _asked(request: HttpRequest) -> Asked:
    """The filter of the address; what makes no sense in it narrows nothing."""
    actor, said = request.actor, request.GET
    person: UUID | None = None
    if (who := said.get("who", "")) and actor.user_id:
        person = actor.user_id if who == MINE else access.as_uuid(who)
    zone = zone_of(actor.time_zone)

    def day(name: str, after: int = 0) -> datetime | None:
        try:
            found = parse_date(said.get(name, ""))
            return datetime.combine(found + timedelta(days=after), time.min, zone) if found else None
        except (ValueError, OverflowError):
            return None

    kind = said.get("kind", "")
    return Asked(
        person=person,
        object=said.get("object", "")[:60].replace("\0", ""),
        kind=kind if kind in batches.KINDS else "",
        since=day("since"),
        until=day("until", 1),
    )


def _kept(request: HttpRequest) -> QueryDict:
    """The filter as the address says it."""
    kept = QueryDict(mutable=True)
    for name in ("who", "object", "kind", "since", "until"):
        if said := request.GET.get(name):
            kept[name] = said
    return kept


def _with(query: QueryDict, **more: str) -> QueryDict:
    found = query.copy()
    for name, value in more.items():
        found[name] = value
    return found


def _filters(request: HttpRequest) -> list[dict[str, Any]]:
    actor, said = request.actor, request.GET
    people = [(str(one.id), one.name_or_email) for one in access.people(actor).order_by("name_or_email")[:500]]
    seen = [(obj.plural, called(obj).many) for obj in objects.all_objects() if access.may_see_any(actor, obj)]
    choices = [
        ("who", _("Who"), [("", _("Everybody")), (MINE, _("I")), *people]),
        ("object", _("What"), [("", _("Everything")), *seen]),
        ("kind", _("How"), words.named(deeds.KINDS, ("", _("In any way")))),
    ]
    return [
        {"name": name, "label": label, "choices": pairs, "value": said.get(name, "")} for name, label, pairs in choices
    ]


def _line(request: HttpRequest, line: Line, titles: dict[str, str], reader: Reader) -> dict[str, Any]:
    return {
        "what": deeds.words_of(request.actor, line, titles),
        "who": line.first.actor_name,
        "when": words.when(line.first.at, reader),
        "face": words.face(line.first.face),
        "source": deeds.source(line),
        "url": f"{base_of(request)}/activity/{line.batch}",
        "undone": _undone(line),
        "undo_url": _undo_url(request, line),
        "undo": _("Redo") if _again(line) else _("Undo"),
    }


def _again(line: Line) -> bool:
    """Whether undoing this does again what was done first."""
    return line.undo_of is not None and len(history.undo_chain(line.batch)) % 2 == 0


def _undone(line: Line) -> str:
    """How far it was taken back, "" for not at all."""
    if line.undone == "all":
        return _("Undone")
    if not line.undone:
        return ""
    gone, whole = sum(part.undone for part in line.parts), sum(part.count or 0 for part in line.parts)
    if any(part.more or part.count is None for part in line.parts):
        return _("Undone in part")
    return _("Undone in part: %(n)s of %(m)s") % {"n": f"{gone:,}", "m": f"{whole:,}"}


def _undo_url(request: HttpRequest, line: Line) -> str:
    """An import is taken back as the import it is, so that its page says so too."""
    if not batches.may_take_back(request.actor, line):
        return ""
    if line.run is not None:
        return f"{base_of(request)}/import/{line.run.id}/undo"
    return undo_url(request, line.batch)


@require_GET
def opened(request: HttpRequest, batch_id: Any) -> HttpResponse:
    """The records of one batch with what it changed, what became of its undo, and what would be in its way."""
    actor = request.actor
    line = batches.one(actor, batch_id)
    entries = batches.entries(actor, line)
    known = {e.object: access.fields(actor, objects.get(e.object)) for e in entries if objects.is_known(e.object)}
    refs = {ref for entry in entries for ref in refs_of_change(known.get(entry.object, {}), entry)}
    later = batches.later(actor, line) if line.undone != "all" else []
    told = {f"{entry.object}/{entry.record_id}" for entry in [*entries, *later]}
    titles = batches.titles(actor, told | deeds.refs([line]))
    reader = access.reader(actor, refs)
    heading = deeds.words_of(actor, line, titles)
    back, job = batches.undone_by(line) if line.undone else None, undo.last_job(line.batch)
    context = {
        "line": _line(request, line, titles, reader),
        "heading": heading,
        "entries": [_entry(request, entry, known, titles, reader) for entry in entries],
        "more": len(entries) >= batches.OPENED,
        "later": [_later(request, entry, titles, reader) for entry in later],
        "undo_of": f"{base_of(request)}/activity/{line.undo_of}" if line.undo_of else "",
        "undone_by": f"{base_of(request)}/activity/{back.batch_id}" if back else "",
        "redo_url": undo_url(request, back.batch_id) if back and undo.may_undo(actor, back) else "",
        "job": _job(request, job) if job else None,
    }
    crumbs = [(_("What was done"), f"{base_of(request)}/activity")]
    return page(request, "activity/batch.html", context, title=heading, crumbs=crumbs)


def _entry(
    request: HttpRequest, entry: HistoryEntry, known: dict[str, Any], titles: dict[str, str], reader: Reader
) -> dict[str, Any]:
    ref = f"{entry.object}/{entry.record_id}"
    title = titles.get(ref)
    return {
        "title": title or (str(objects.get(entry.object).label) if entry.object in known else _("Settings")),
        "url": f"{base_of(request)}/{ref}" if title else "",
        "what": words.write(entry.action),
        "undone": entry.undone_at is not None,
        "changes": named_changes(known.get(entry.object, {}), entry, reader),
    }


def _later(request: HttpRequest, entry: HistoryEntry, titles: dict[str, str], reader: Reader) -> dict[str, Any]:
    given = {"who": entry.actor_name, "title": titles.get(f"{entry.object}/{entry.record_id}", _("a record"))}
    return {
        "text": _("%(who)s changed “%(title)s” later.") % given,
        "when": words.when(entry.at, reader),
        "url": f"{base_of(request)}/activity/{entry.batch_id}",
    }


def _job(request: HttpRequest, job: Any) -> dict[str, Any]:
    """How far the undo of a large batch is, or came, and why not further."""
    titles = batches.titles(request.actor, [each["record"] for each in job.result.get("records", [])])
    running = job.state in ("waiting", "running")
    stop = running and str(request.actor.user_id) == job.actor.get("user_id")
    left = job.result.get("refused", {})
    return {
        "running": running,
        "done": job.done,
        "total": job.total,
        "message": job.message or _result(job.result),
        "cancel_url": f"{base_of(request)}/activity/jobs/{job.id}/cancel"
        if stop or (request.actor.rights.admin and running)
        else "",
        "left": [
            {"title": titles[each["record"]], "url": f"{base_of(request)}/{each['record']}", "reason": each["reason"]}
            for each in job.result.get("records", [])
            if each["record"] in titles
        ],
        "refused": sum(left.values()),
    }


def _result(result: dict[str, Any]) -> str:
    if "undone" not in result:
        return ""
    text = ngettext("%(n)s of %(m)s record undone.", "%(n)s of %(m)s records undone.", result.get("of", 0))
    return text % {"n": f"{result['undone']:,}", "m": f"{result.get('of', 0):,}"}
