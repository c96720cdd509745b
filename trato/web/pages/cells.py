"""The cells of a table as in a spreadsheet: one is changed where it stands, or a block of them is pasted."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from trato.engine import access, actions, history, values
from trato.engine.actions import Conflict
from trato.engine.kinds import Invalid, Typed
from trato.engine.objects import Field, Object
from trato.engine.values import Problem, Refused

from .. import forms, listing
from ..listing import State
from ..names import object_or_404
from ..respond import base_of, toast, undo_url
from . import errors

#: Cells of a block that is pasted; a row without any counts as one.
MOST_CELLS = 5_000


@require_http_methods(["GET", "POST"])
def cell(request: HttpRequest, plural: str, record_id: Any, name: str) -> HttpResponse:
    """The control of one cell; posted, its whole row as it is now."""
    actor, obj = request.actor, object_or_404(request, plural)
    known = _writable(request, obj, name)
    record = access.get(actor, obj, record_id)
    if request.method == "POST":
        return _save(request, obj, record, known)
    current = known.read_from(record)
    reader = forms.reader_of(actor, obj, record, known)
    if not forms.is_seen(known, current, reader):
        raise access.Forbidden(obj.plural, "change")
    return _control(request, known, current, reader, version=record.version)


def _writable(request: HttpRequest, obj: Object, name: str) -> Field:
    """The field behind a column, if the person may set it; a title made of one field is that field."""
    if name == "title" and type(obj).title is Object.title and len(obj.title_from) == 1:
        name = obj.title_from[0]
    if name not in access.fields(request.actor, obj):
        raise Http404(name)
    known = access.writable(request.actor, obj).get(name)
    if known is None or not known.kind.in_cell:
        raise access.Forbidden(obj.plural, "change")
    return known


def _control(
    request: HttpRequest,
    known: Field,
    value: Any,
    reader: Any,
    *,
    version: int,
    wrong: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    row = forms.row(known, value, reader, wrong or [], prefix="cell-")
    return render(request, "parts/cell.html", {"field": row, "version": version}, status=status)


def _save(request: HttpRequest, obj: Object, record: Any, known: Field) -> HttpResponse:
    actor, version = request.actor, request.POST.get("version", "")
    given, problems = forms.read(request.POST, [known], access.reader(actor))
    try:
        if problems:
            raise Refused(problems)
        expected = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
        with transaction.atomic(), history.batch() as batch:
            saved = actions.update(actor, obj, record.id, given, version=expected)
    except Refused as refused:
        wrong = [str(problem.message) for problem in refused.problems]
        return _control(
            request, known, Typed(request.POST), access.reader(actor), version=record.version, wrong=wrong, status=422
        )
    except Conflict as conflict:
        now = known.read_from(conflict.record)
        reader = access.reader(actor, forms.refs_of([known], {known.name: now}))
        told = _("Changed meanwhile to “%(value)s”. Save again to keep yours.") % {
            "value": known.kind.plain(now, reader)
        }
        return _control(
            request, known, Typed(request.POST), reader, version=conflict.record.version, wrong=[told], status=409
        )
    answer = HttpResponse(_rows(request, obj, [record.id]))
    return toast(answer, request, _("Saved."), batch.id) if saved.version != record.version else answer


def _rows(request: HttpRequest, obj: Object, ids: list[Any]) -> str:
    """These records as rows of the table they stand in."""
    actor = request.actor
    fields = access.fields(actor, obj)
    columns = tuple(name for name in request.POST.getlist("columns")[: listing.MOST_COLUMNS] if name in fields)
    rows = access.visible(actor, obj).filter(id__in=ids)
    table = listing.table_of(actor, obj, State(columns=columns, sort="id"), fields, rows, limit=max(len(ids), 1))
    context = {
        "rows": table.rows,
        "ends": [field.kind.align == "end" for field in table.fields[1:]],
        "tickable": request.POST.get("tickable") == "1",
        "line_tools": _line_tools(request),
        "avatars": obj.portrait,
        "span": len(columns) + 1,
        "more_url": "",
    }
    return render_to_string("parts/rows.html", context, request)


def _line_tools(request: HttpRequest) -> dict[str, Any] | None:
    """What stands in the rows of a table on the page of the record they are part of."""
    address = request.POST.get("lines", "")
    if not address.startswith(f"{base_of(request)}/") or not address.isprintable():
        return None
    return {"move": request.POST.get("movable") == "1", "url": address}


@require_POST
def paste(request: HttpRequest, plural: str) -> HttpResponse:
    """Texts for a block of cells: each row is written or not, with what is wrong told at its cells; one batch."""
    obj = object_or_404(request, plural)
    try:
        block = _block(request.POST.get("block", ""))
    except ValueError:
        return errors.bad_request(request, _("This block can't be read. Nothing was changed."))
    done, problems = [], []
    with history.batch() as batch:
        for record_id, texts in block:
            wrong = _row(request, obj, record_id, texts)
            problems += [{"id": record_id, "field": p.field, "message": str(p.message)} for p in wrong]
            if not wrong:
                done.append(record_id)
    text = ngettext("%(n)s row changed.", "%(n)s rows changed.", len(done)) % {"n": len(done)}
    if problems:
        text += " " + ngettext("%(n)s cell was not taken.", "%(n)s cells were not taken.", len(problems)) % {
            "n": len(problems)
        }
    notice = {"text": text} | ({"undo": undo_url(request, batch.id)} if done else {})
    return JsonResponse({"rows": _rows(request, obj, done) if done else "", "problems": problems, "toast": notice})


def _block(text: str) -> list[tuple[str, dict[str, str]]]:
    """``[{"id": …, "cells": {column: text}}]``; raises ValueError for anything else, and for too much."""
    try:
        data = json.loads(text)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(data, list):
        raise ValueError("no list")
    rows = []
    for row in data:
        cells = row["cells"] if isinstance(row, dict) and isinstance(row.get("id"), str) else None
        if not isinstance(cells, dict) or not all(isinstance(value, str) for value in cells.values()):
            raise ValueError("no row")
        rows.append((row["id"], cells))
    if sum(max(len(cells), 1) for _id, cells in rows) > MOST_CELLS:
        raise ValueError("too much")
    return rows


def _row(request: HttpRequest, obj: Object, record_id: str, texts: dict[str, str]) -> list[Problem]:
    """Write one row of a block; what is wrong with it otherwise."""
    actor = request.actor
    reader, given, problems, column_of = access.reader(actor), {}, [], {}
    for column, text in texts.items():
        try:
            known = _writable(request, obj, column)
            column_of[known.name] = column
            given[known.name] = values.by_title(actor, known.kind, known.kind.parse(text, reader))
        except Invalid as problem:
            problems.append(Problem(column, problem.code, str(problem)))
        except (Http404, access.Forbidden):
            problems.append(Problem(column, "read_only", _("This can't be changed here.")))
    if problems:
        return problems
    try:
        with transaction.atomic():
            actions.update(actor, obj, record_id, given)
    except Refused as refused:
        first = next(iter(texts), "")
        return [Problem(column_of.get(p.field, first), p.code, p.message) for p in refused.problems]
    except (access.Absent, access.Forbidden):
        return [Problem(next(iter(texts), ""), "read_only", _("You may not change this record."))]
    return []
