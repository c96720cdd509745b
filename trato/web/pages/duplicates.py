"""Records that look the same: the queue of review of every object, and merging side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, history, merging, objects, values
from trato.engine.duplicates import label_of, like, pairs, scan, scoring, weighing
from trato.engine.kinds import Invalid, Link, Reader, Typed
from trato.engine.objects import Field, Object
from trato.engine.values import Refused

from .. import forms, words
from ..names import called, object_or_404
from ..respond import base_of, go, page, said
from .settings.frame import ask

#: Fields of a record that a group shows, beside its title.
SHOWN = 4


def _mergeable(request: HttpRequest, plural: str) -> Object:
    obj = object_or_404(request, plural)
    if not obj.mergeable:
        raise Http404(plural)
    return obj


def _home(request: HttpRequest, obj: Object) -> str:
    return f"{base_of(request)}/{obj.plural}"


# -- the queue ------------------------------------------------------------------------------------------------------


@require_GET
def queue(request: HttpRequest, plural: str) -> HttpResponse:
    """Groups of records that look the same, the likeliest first, and what was put off or dismissed."""
    actor, obj = request.actor, _mergeable(request, plural)
    state = request.GET.get("state", "open")
    if state not in pairs.STATES:
        raise Http404(state)
    groups, following = pairs.page(actor, obj, state, request.GET.get("after", ""))
    home = f"{_home(request, obj)}/duplicates"
    counts = {name: pairs.seen(actor, obj, name)[:1000].count() for name in pairs.STATES}
    tabs = [("open", _("To review")), ("later", _("Later")), ("dismissed", _("Not duplicates"))]
    may = actor.rights.may(obj.plural, "delete")
    context = {
        "object": obj,
        "tabs": [
            {"label": label, "url": f"{home}?state={name}", "current": name == state, "count": counts[name]}
            for name, label in tabs
        ],
        "state": state,
        "groups": _groups(request, obj, groups),
        "may_merge": may,
        "decide_url": f"{home}/decide",
        "scan": _scan(request, obj),
        "scan_url": f"{home}/scan" if may and actor.rights.scope(obj.plural, "see") == "all" else "",
        "rules_url": f"{base_of(request)}/settings/duplicates/{obj.plural}" if actor.rights.admin else "",
        "here": request.get_full_path(),
        "next_url": f"{home}?state={state}&after={following}" if following else "",
        "previous_url": "",
    }
    crumbs = [(called(obj).many, f"{_home(request, obj)}/")]
    return page(request, "duplicates/queue.html", context, title=_("Duplicates"), crumbs=crumbs)


def _groups(request: HttpRequest, obj: Object, groups: Iterable[pairs.Group]) -> list[dict[str, Any]]:
    """Each group with its records, the fields that tell them apart, and why they look the same."""
    actor, groups = request.actor, list(groups)
    fields = access.fields(actor, obj)
    told = [fields[name] for name in _telling(obj) if name in fields][:SHOWN]
    columns = {column for field in told for column in field.columns}
    ids = {record_id for group in groups for record_id in group.ids}
    rows = list(access.visible(actor, obj).filter(id__in=ids).values("id", "title", "created_at", *columns))
    reader = access.reader(actor, access.refs_in(told, rows))
    known = {row["id"]: row for row in rows}
    threshold, known_as = weighing.of(obj).threshold, _compared(obj, fields)
    shown = []
    for group in groups:
        members = [known[record_id] for record_id in group.ids if record_id in known]
        if len(members) < 2:
            continue
        why = dict.fromkeys(known_as.get(name, name) for pair in group.pairs for name, _points in pair.reasons)
        shown.append(
            {
                "certainty": scoring.certainty(group.score, threshold),
                "why": list(why)[:5],
                "columns": [field.label for field in told],
                "records": [_record(request, obj, row, told, reader) for row in members],
                "pairs": [str(pair.id) for pair in group.pairs],
                "merge_url": _comparing(request, obj, [row["id"] for row in members]),
            }
        )
    return shown


def _comparing(request: HttpRequest, obj: Object, ids: Iterable[UUID]) -> str:
    """The address where records stand side by side; "" for fewer than two."""
    said = [f"id={record_id}" for record_id in ids]
    return f"{_home(request, obj)}/merge?{'&'.join(said)}" if len(said) > 1 else ""


def _compared(obj: Object, fields: Mapping[str, Field]) -> dict[str, str]:
    """What each comparison is called, by its first field."""
    return {each.fields[0]: label_of(each, fields) for each in weighing.of(obj).comparisons}


def _telling(obj: Object) -> list[str]:
    """The fields by which a person sees whether two records are one."""
    compared = [name for each in weighing.of(obj).comparisons for name in each.fields]
    in_title = set(obj.title_from) | set(next((c.fields for c in obj.likeness if c.how in ("person", "company")), ()))
    return [name for name in dict.fromkeys([*compared, *obj.columns]) if name not in in_title | {"title"}]


def _record(
    request: HttpRequest, obj: Object, row: Mapping[str, Any], told: Iterable[Field], reader: Reader
) -> dict[str, Any]:
    return {
        "title": row["title"] or str(obj.label),
        "url": f"{_home(request, obj)}/{row['id']}",
        "cells": [field.kind.cell(field.read(row), reader) for field in told],
        "created": words.when(row["created_at"], reader),
    }


def _scan(request: HttpRequest, obj: Object) -> dict[str, Any] | None:
    """The latest scan: how far it is, or when it was and what it found."""
    job = scan.last(obj)
    if job is None:
        return None
    running = job.state in ("waiting", "running")
    found = job.result.get("pairs")
    return {
        "running": running,
        "done": job.done,
        "total": job.total,
        "failed": job.state == "failed",
        "message": job.message,
        "when": words.when(job.ended_at or job.created_at, access.reader(request.actor)),
        "more": job.result.get("whole") is False,
        "found": ngettext("%(n)s pair found", "%(n)s pairs found", found) % {"n": found} if found is not None else "",
        "cancel_url": f"{_home(request, obj)}/duplicates/scan/stop" if running else "",
    }


@require_POST
def look(request: HttpRequest, plural: str) -> HttpResponse:
    """Look through all records, in the background."""
    obj = _mergeable(request, plural)
    scan.start(request.actor, obj)
    return go(request, f"{_home(request, obj)}/duplicates")


@require_POST
def stop(request: HttpRequest, plural: str) -> HttpResponse:
    """Stop looking; what was found before stays."""
    obj = _mergeable(request, plural)
    scan.stop(request.actor, obj)
    return go(request, f"{_home(request, obj)}/duplicates")


@require_POST
def decide(request: HttpRequest, plural: str) -> HttpResponse:
    """Put a group off, dismiss it, or open it again."""
    obj = _mergeable(request, plural)
    state = request.POST.get("state", "")
    if state not in pairs.STATES:
        raise Http404(state)
    count = pairs.decide(request.actor, obj, request.POST.getlist("pair"), state)
    told = {
        "later": _("Set aside for later."),
        "dismissed": _("Remembered: these are not the same, and no scan shows them again."),
        "open": _("Back in the queue."),
    }
    home = f"{_home(request, obj)}/duplicates"
    place = request.POST.get("back", "")
    return said(request, place if place.startswith(home) else home, told[state] if count else _("Nothing was changed."))


# -- merging --------------------------------------------------------------------------------------------------------


def merge(request: HttpRequest, plural: str) -> HttpResponse:
    """Two or more records side by side: what the one that remains shall say; posted, that one."""
    actor, obj = request.actor, _mergeable(request, plural)
    data = request.POST if request.method == "POST" else request.GET
    ids = list(dict.fromkeys(access.as_uuid(text) for text in data.getlist("id")))[: merging.MOST]
    if len(ids) < 2:
        messages.warning(request, _("Choose two records or more to merge."))
        return go(request, f"{_home(request, obj)}/")
    access.require(actor, obj, "delete")
    try:
        if request.method == "POST":
            return _merged(request, obj, ids)
        return _compare(request, obj, ids)
    except Refused as refused:
        messages.error(request, " ".join(problem.message for problem in refused.problems))
        alive = access.visible(actor, obj).filter(id__in=ids).values_list("id", flat=True).first()
        return go(request, f"{_home(request, obj)}/{alive}" if alive else f"{_home(request, obj)}/duplicates")


def _merged(request: HttpRequest, obj: Object, ids: list[UUID]) -> HttpResponse:
    winner = access.as_uuid(request.POST.get("keep", ""))
    if winner not in ids:
        raise Http404(str(winner))
    take = {
        name.removeprefix("take-"): value for name, value in request.POST.items() if name.startswith("take-") and value
    }
    with transaction.atomic(), history.batch(history.MERGED) as batch:
        record = merging.merge(request.actor, obj, winner, [each for each in ids if each != winner], take)
    text = ngettext("%(n)s records are one now.", "%(n)s records are one now.", len(ids)) % {"n": len(ids)}
    return said(request, f"{_home(request, obj)}/{record.id}", text, batch.id)


def _compare(request: HttpRequest, obj: Object, ids: list[UUID]) -> HttpResponse:
    """The records as columns, their fields as rows; the fullest and oldest is proposed to remain."""
    actor = request.actor
    fields = access.fields(actor, obj)
    found = [_current(request, obj, record_id) for record_id in ids]
    of_each = [values.of_record(obj, record, fields) for record in found]
    filled = [sum(not fields[name].kind.is_empty(value) for name, value in each.items()) for each in of_each]
    order = sorted(range(len(found)), key=lambda n: (-filled[n], found[n].created_at))
    found, of_each = [found[n] for n in order], [of_each[n] for n in order]
    reader = access.reader(actor, {ref for each in of_each for ref in forms.refs_of(fields.values(), each)})
    writable = access.writable(actor, obj)
    sections = [
        {"label": label, "rows": rows}
        for label, section in forms.sections_of(actor, obj, fields, also=fields)
        if (rows := [row for field in section if (row := _row(field, found, of_each, reader, writable))])
    ]
    moved = merging.counts(actor, obj.plural, [record.id for record in found[1:]])
    context = {
        "heading": _("Merge: %(objects)s") % {"objects": called(obj).many},
        "records": [
            {
                "id": str(record.id),
                "title": access.title(actor, obj, record),
                "url": f"{_home(request, obj)}/{record.id}",
                "created": words.when(record.created_at, reader),
                "keep": n == 0,
                "without_url": _comparing(request, obj, [each.id for each in found if each is not record]),
            }
            for n, record in enumerate(found)
        ],
        "sections": sections,
        "moves": [{"label": called(objects.get(name)).many, "count": count} for name, count in moved.items()],
        "action": f"{_home(request, obj)}/merge",
        "cancel_url": f"{_home(request, obj)}/duplicates",
    }
    crumbs = [
        (called(obj).many, f"{_home(request, obj)}/"),
        (_("Duplicates"), f"{_home(request, obj)}/duplicates"),
    ]
    return page(request, "duplicates/merge.html", context, title=_("Merge"), crumbs=crumbs)


def _current(request: HttpRequest, obj: Object, record_id: UUID) -> Any:
    """A record to be merged; raises Refused with who merged it already."""
    try:
        return access.get(request.actor, obj, record_id, "change")
    except access.Absent:
        if told := merging.merged_already(request.actor, obj, record_id):
            raise Refused([told]) from None
        raise


def _row(
    field: Field, found: list[Any], of_each: list[dict[str, Any]], reader: Reader, writable: Mapping[str, Field]
) -> dict[str, Any] | None:
    """One field of all records; None where none says anything. ``all``: what they say together, of many values."""
    kind, held = field.kind, [each[field.name] for each in of_each]
    if all(kind.is_empty(value) for value in held) or field.readonly or field.name not in writable:
        return None
    together = held[0]
    for value in held[1:]:
        together = kind.merge(together, value)
    same = len({repr(kind.dump(value)) for value in held}) == 1
    first = next(n for n, value in enumerate(held) if not kind.is_empty(value))
    return {
        "name": field.name,
        "label": field.label,
        "same": same,
        "all": kind.show(together, reader) if kind.many and not same else None,
        "cells": [
            {"id": str(record.id), "value": kind.show(value, reader), "chosen": not kind.many and n == first}
            for n, (record, value) in enumerate(zip(found, held, strict=True))
        ],
    }


@require_GET
def of_record(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """What looks like one record, and a box to choose any other to merge it with."""
    actor, obj = request.actor, _mergeable(request, plural)
    record = access.get(actor, obj, record_id)
    address = f"{_home(request, obj)}/{record.id}"
    chooser, problems = ask("with", called(obj).one, Link(to=(obj.plural,), required=True)), []
    if "with" in request.GET:
        try:
            chosen = values.by_title(
                actor, chooser.kind, chooser.kind.from_form(request.GET, "with", access.reader(actor))
            )
            return go(request, f"{_home(request, obj)}/merge?id={record.id}&id={chosen.rpartition('/')[2]}")
        except Invalid as problem:
            problems = [str(problem)]
    current = values.of_record(obj, record, access.fields(actor, obj))
    title, reader = access.title(actor, obj, record), access.reader(actor)
    context = {
        "heading": _("Merge “%(title)s” with another") % {"title": title},
        "alike": [
            {
                "title": one.title or str(obj.label),
                "url": f"{_home(request, obj)}/{one.id}",
                "certainty": one.certainty,
                "why": ", ".join(one.why),
                "merge_url": f"{_home(request, obj)}/merge?id={record.id}&id={one.id}",
            }
            for one in like(actor, obj, current, besides=record.id, limit=20)
        ],
        "field": forms.row(chooser, Typed(request.GET) if problems else None, reader, problems),
        "action": f"{address}/duplicates",
        "cancel_url": address,
    }
    crumbs = [(called(obj).many, f"{_home(request, obj)}/"), (title, address)]
    status = 422 if problems else 200
    return page(request, "duplicates/record.html", context, title=_("Duplicates"), crumbs=crumbs, status=status)
