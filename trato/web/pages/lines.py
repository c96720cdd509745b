"""What is part of a record, on its page: a table whose cells are changed where they stand, with a row to add."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from trato.engine import access, actions, history, objects, wholes
from trato.engine.bulk.arranging import arrange
from trato.engine.kinds import Reader, Typed
from trato.engine.objects import Field, Object
from trato.engine.values import Problem, Refused

from .. import forms, listing
from ..listing import State
from ..names import labels, object_or_404
from ..respond import base_of, said, toast, wants_part

#: Parts shown on the page; all of them are in their own list.
SHOWN = 200


def of_record(request: HttpRequest, obj: Object, found: Any, *, may: bool) -> list[dict[str, Any]]:
    """The tables of a record's page, one for each object whose records are part of it; ``may``: they can be changed."""
    parts = [part for part in objects.parts_of(obj.plural) if part.fits(found)]
    return [table(request, obj, found, part, may=may) for part in parts]


def table(
    request: HttpRequest,
    obj: Object,
    found: Any,
    part: Object,
    *,
    may: bool,
    problems: Iterable[Problem] = (),
) -> dict[str, Any]:
    """One table, as parts/lines.html says."""
    actor, address, problems = request.actor, f"{base_of(request)}/{obj.plural}/{found.id}", list(problems)
    fields = access.fields(actor, part)
    shown = columns(request, part, fields)
    state = State(columns=tuple(field.name for field in shown), sort="id")
    rows = access.visible(actor, part).filter(**{f"{part.within}_id": found.id})
    ids = list(rows.order_by(*wholes.in_order(part)).values_list("id", flat=True)[: SHOWN + 1])
    told = listing.table_of(actor, part, state, fields, rows.filter(id__in=ids[:SHOWN]), limit=SHOWN)
    by_ref = {row[0]: row for row in told.rows}
    said_of = labels(actor, part)
    writable = access.writable(actor, part)
    ordered = may and wholes.is_positioned(part) and wholes.POSITION in writable
    return {
        "plural": part.plural,
        "label": part.label_plural,
        "one": part.label,
        "icon": part.icon,
        "whole": obj.ref(found.id),
        "url": f"{address}/lines/{part.plural}",
        "cells_url": f"{base_of(request)}/{part.plural}/",
        "may": may,
        "columns": [
            {"name": field.name, "label": said_of[field.name], "align": field.kind.align} for field in told.fields
        ],
        "rows": [by_ref[part.ref(each)] for each in ids[:SHOWN]],
        "ends": [field.kind.align == "end" for field in told.fields[1:]],
        "line_tools": {"move": ordered, "url": f"{address}/lines/{part.plural}"} if may else None,
        "more_url": _all_url(request, part, found.id) if len(ids) > SHOWN else "",
        "sums": _sums(request, obj, found) if any(field.kind.name == "money" for field in told.fields) else [],
        "add": _add(request, part, fields, writable, problems) if may else None,
        "open": bool(ids or problems or len(objects.parts_of(obj.plural)) == 1),
    }


def columns(request: HttpRequest, part: Object, fields: dict[str, Field]) -> list[Field]:
    """The columns of parts on the page of what they are part of: not the link to it, nor the place they stand at."""
    shown = listing.columns_of(request.actor, fields, part, State())
    return [field for field in shown if field.name not in (part.within, wholes.POSITION)] or shown


def _all_url(request: HttpRequest, part: Object, whole_id: UUID) -> str:
    tree = f'{{"field":"{part.within}","op":"is","value":"{whole_id}"}}'
    return f"{base_of(request)}/{part.plural}/?{forms.query(filter=tree)}"


def _sums(request: HttpRequest, obj: Object, found: Any) -> list[tuple[Any, Any]]:
    """What the record itself says of all its parts: the amounts that nobody writes by hand."""
    reader = access.reader(request.actor)
    known = [
        field
        for field in access.fields(request.actor, obj).values()
        if field.readonly and field.kind.name == "money" and not field.own
        if obj.figures is None or field.name in obj.figures
    ]
    read = [(field, field.read_from(found)) for field in known]
    return [(field.label, field.kind.cell(value, reader)) for field, value in read if not field.kind.is_empty(value)]


def _add(
    request: HttpRequest,
    part: Object,
    fields: dict[str, Field],
    writable: dict[str, Field],
    problems: Iterable[Problem],
) -> list[dict[str, Any]]:
    """The controls of a new part: its columns, and what it can't be without."""
    asked = asked_of(request, part, fields, writable)
    problems = list(problems)
    typed = Typed(request.POST) if problems else None
    start = forms.beginnings(request.actor, asked)
    reader = _reader(request, asked, start, again=bool(problems))
    rows = []
    for name, field in asked.items():
        value = typed or (field.kind.empty if start[name] is None else start[name])
        value = [] if field.kind.many and value is None else value
        rows.append(forms.row(field, value, reader, forms.errors_of(problems, name), prefix=f"add-{part.plural}-"))
    return rows


def _reader(request: HttpRequest, asked: dict[str, Field], start: dict[str, Any], *, again: bool) -> Reader:
    given = forms.read(request.POST, asked.values(), access.reader(request.actor))[0] if again else start
    return access.reader(request.actor, forms.refs_of(asked.values(), given))


def asked_of(
    request: HttpRequest, part: Object, fields: dict[str, Field], writable: dict[str, Field]
) -> dict[str, Field]:
    """The fields a new part is asked for on the page."""
    needed = [name for name, field in writable.items() if field.required and field.default in (None, "", [])]
    shown = [field.name for field in columns(request, part, fields)]
    names = dict.fromkeys([*(part.title_from[0] if name == "title" else name for name in shown), *needed])
    left_out = (part.within, wholes.POSITION)
    return {n: writable[n] for n in names if n in writable and n not in left_out and writable[n].kind.in_cell}


# -- what the table sends -------------------------------------------------------------------------------------------


def _of(request: HttpRequest, plural: str, record_id: Any, part: str) -> tuple[Object, Any, Object]:
    """The object, its record and the object of its parts; raises Http404, Absent."""
    obj, lines = object_or_404(request, plural), object_or_404(request, part)
    if lines.whole is not obj:
        raise Http404(part)
    return obj, access.get(request.actor, obj, record_id), lines


@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, plural: str, record_id: Any, part: str) -> HttpResponse:
    """The table alone; posted, a new part."""
    obj, found, lines = _of(request, plural, record_id, part)
    if request.method != "POST":
        return _answer(request, obj, found, lines)
    actor = request.actor
    access.require(actor, lines, "create")
    asked = asked_of(request, lines, access.fields(actor, lines), access.writable(actor, lines))
    given, problems = forms.read(request.POST, asked.values(), access.reader(actor))
    try:
        if problems:
            raise Refused(problems)
        filled = {name: value for name, value in given.items() if not asked[name].kind.is_empty(value)}
        with history.batch() as batch:
            actions.create(actor, lines, {**filled, lines.within: found.id})
    except Refused as refused:
        return _refused(request, obj, found, lines, refused.problems)
    return _done(request, obj, found, lines, told=(_("Added."), batch.id))


@require_POST
def delete(request: HttpRequest, plural: str, record_id: Any, part: str, line_id: Any) -> HttpResponse:
    """Take one part away; it can be brought back."""
    obj, found, lines = _of(request, plural, record_id, part)
    try:
        with history.batch() as batch:
            actions.delete(request.actor, lines, line_id)
    except Refused as refused:
        return _refused(request, obj, found, lines, refused.problems)
    return _done(request, obj, found, lines, told=(_("Deleted."), batch.id))


@require_POST
def order(request: HttpRequest, plural: str, record_id: Any, part: str) -> HttpResponse:
    """Put the parts into the order of the ``id`` that are sent."""
    obj, found, lines = _of(request, plural, record_id, part)
    ids = [access.as_uuid(each) for each in request.POST.getlist("id")[:SHOWN]]
    try:
        with history.batch() as batch:
            arrange(request.actor, lines, found.id, ids)
    except Refused as refused:
        return _refused(request, obj, found, lines, refused.problems)
    return _done(request, obj, found, lines, told=(_("Moved."), batch.id))


def _done(request: HttpRequest, obj: Object, found: Any, part: Object, *, told: tuple[str, UUID]) -> HttpResponse:
    if not wants_part(request):
        return said(request, f"{base_of(request)}/{obj.plural}/{found.id}", *told)
    return toast(_answer(request, obj, access.get(request.actor, obj, found.id), part), request, *told)


def _refused(request: HttpRequest, obj: Object, found: Any, part: Object, problems: list[Problem]) -> HttpResponse:
    told = " ".join(str(problem.message) for problem in problems)
    if not wants_part(request):
        return said(request, f"{base_of(request)}/{obj.plural}/{found.id}", told, error=True)
    return toast(_answer(request, obj, found, part, problems), request, told)


def _answer(
    request: HttpRequest, obj: Object, found: Any, part: Object, problems: Iterable[Problem] = ()
) -> HttpResponse:
    problems = list(problems)
    may = may_be_changed(request, obj, found)
    lines = table(request, obj, found, part, may=may, problems=problems)
    return render(request, "parts/lines.html", {"lines": lines}, status=422 if problems else 200)


def may_be_changed(request: HttpRequest, obj: Object, found: Any) -> bool:
    """Whether the person may change the parts of a record."""
    may = access.visible(request.actor, obj, "change").filter(id=found.id).exists()
    return may and not wholes.why_frozen(request.actor, obj, found)
