"""Creating and changing one record: the whole form, one field in place, and who changed what meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trato.engine import access, actions, conditions, duplicates, history, values, wholes
from trato.engine.actions import Conflict
from trato.engine.kinds import Reader, Typed
from trato.engine.objects import Field, Object
from trato.engine.values import Problem, Refused

from .. import conflicts, forms
from ..names import object_or_404
from ..respond import back, base_of, go, page, said, toast, wants_part
from . import asked


def create(request: HttpRequest, plural: str) -> HttpResponse:
    """The form of a new record; posted, the record."""
    actor, obj = request.actor, object_or_404(request, plural)
    access.require(actor, obj, "create")
    fields = _asked(request, obj, access.writable(actor, obj))
    if request.method != "POST":
        start, reader = forms.initial(actor, obj, request.GET, fields)
        return _form(request, obj, fields, start, reader, again=True)
    try:
        data, given = _given(request, fields)
        given = asked.placed(request.actor, obj, given)
        alike = [] if "anyway" in request.POST else duplicates.like(actor, obj, given)
        if any(one.sure for one in alike):
            return _again(request, obj, fields, data, [], alike=alike)
        with history.batch() as batch:
            record = actions.create(actor, obj, _touched_moments(request, fields, given))
    except Refused as refused:
        return _again(request, obj, fields, request.POST, refused.problems)
    words_of = _("“%(title)s” was created.") % {"title": access.title(request.actor, obj, record)}
    if "again" in request.POST:
        return said(request, f"{base_of(request)}/{obj.plural}/new", words_of, batch.id)
    return said(request, back(request, f"{base_of(request)}/{obj.plural}/{record.id}"), words_of, batch.id)


def began() -> str:
    """The minute in which a form of something new is drawn, for it to send along."""
    return timezone.now().replace(second=0, microsecond=0).isoformat()


def _touched_moments(request: HttpRequest, fields: Mapping[str, Field], given: dict[str, Any]) -> dict[str, Any]:
    """Without the moments left as the form began: those are when it is sent, so it follows what was written before."""
    opened = request.POST.get("began", "")
    untouched = {
        name
        for name, value in given.items()
        if isinstance(value, datetime) and value.astimezone(UTC).isoformat() == opened
    }
    begin = {name for name in untouched if fields[name].initial(request.actor)}
    return {name: value for name, value in given.items() if name not in begin}


def change(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """The form of a record that is there; posted, its new values."""
    actor, obj = request.actor, object_or_404(request, plural)
    record = access.get(actor, obj, record_id)
    fields = _asked(request, obj, wholes.thawed(actor, obj, record, access.writable(actor, obj)))
    if not access.visible(actor, obj, "change").filter(id=record.id).exists():
        raise access.Forbidden(obj.plural, "change")
    if request.method != "POST":
        current = values.of_record(obj, record, fields)
        reader = access.reader(actor, forms.refs_of(fields.values(), current), current)
        shown = {name: field for name, field in fields.items() if forms.is_seen(field, current[name], reader)}
        return _form(request, obj, shown, current, reader, record=record)
    try:
        _data, given = _given(request, fields)
        given = asked.placed(request.actor, obj, given, record)
        return _save(request, obj, record, fields, given)
    except Refused as refused:
        return _again(request, obj, fields, request.POST, refused.problems, record=record)
    except Conflict as conflict:
        return _again(request, obj, fields, request.POST, [], record=record, conflict=conflict)


def _save(
    request: HttpRequest, obj: Object, record: Any, fields: dict[str, Field], given: dict[str, Any]
) -> HttpResponse:
    """Write the values; what others changed meanwhile and this person did not touch stays as the others left it."""
    address = f"{base_of(request)}/{obj.plural}/{record.id}"
    given = {name: value for name, value in given.items() if request.POST.get(f"keep-{name}") != "theirs"}
    version = _version(request)
    with history.batch() as batch:
        try:
            saved = actions.update(request.actor, obj, record.id, given, version=version)
        except Conflict as conflict:
            mine = conflicts.touched(fields, given, conflict)
            if conflicts.disputed(fields, mine, conflict):
                raise
            saved = actions.update(request.actor, obj, record.id, mine, version=conflict.record.version)
            version = conflict.record.version
    if saved.version == version:
        return go(request, address)
    return said(request, address, _("Saved."), batch.id)


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _asked(request: HttpRequest, obj: Object, fields: dict[str, Field]) -> dict[str, Field]:
    """The fields a form held when it was opened, by its own word; of a request without it those it says something of.

    A field that came to be meanwhile, or that the layout hides, is not emptied by a form that did not know it; what an
    address gives is asked for in any case.
    """
    if request.method != "POST":
        return forms.asked(request.actor, obj, fields, also=request.GET)
    if only := request.POST.get("only", ""):
        return {name: fields[name] for name in only.split(",") if name in fields}
    said = {key.partition("-")[0] for key in (*request.POST, *request.FILES)}
    return {name: field for name, field in fields.items() if name in said}


def _given(request: HttpRequest, fields: dict[str, Field]) -> tuple[Any, dict[str, Any]]:
    """What was sent, and its stored values; raises Refused with all problems."""
    data = forms.posted(request)
    given, problems = forms.read(data, fields.values(), access.reader(request.actor))
    if problems:
        raise Refused(problems)
    return data, given


@require_POST
def look_alikes(request: HttpRequest, plural: str) -> HttpResponse:
    """While a new record is typed: the records that look the same."""
    actor, obj = request.actor, object_or_404(request, plural)
    known = access.fields(actor, obj)
    fields = [known[name] for name in obj.duplicate_keys if name in known]
    given, _problems = forms.read(request.POST, fields, access.reader(actor))
    alike = duplicates.like(actor, obj, given)
    return render(request, "parts/duplicates.html", {"duplicates": _shown(request, obj, alike), "create_anyway": False})


def _shown(request: HttpRequest, obj: Object, alike: list[duplicates.Likeness]) -> list[dict[str, str]]:
    base = f"{base_of(request)}/{obj.plural}/"
    return [
        {"url": f"{base}{one.id}", "title": one.title, "subtitle": str(obj.label), "why": ", ".join(one.why)}
        for one in alike
    ]


def _again(
    request: HttpRequest,
    obj: Object,
    fields: dict[str, Field],
    data: Any,
    problems: list[Problem],
    *,
    record: Any = None,
    alike: list[duplicates.Likeness] | None = None,
    conflict: Conflict | None = None,
) -> HttpResponse:
    """The same form with what was typed and what is wrong with it; nothing was saved.

    A field that it did not hold and that something is wrong with, as a stage may ask for one, comes along.
    """
    actor = request.actor
    given, _unread = forms.read(data, fields.values(), access.reader(actor))
    wrong = {problem.field for problem in problems}
    beside = {name: field for name, field in access.writable(actor, obj).items() if name in wrong - fields.keys()}
    held = values.of_record(obj, record, beside) if record else forms.beginnings(actor, beside)
    reader = access.reader(actor, forms.refs_of((fields | beside).values(), held | given))
    return _form(
        request,
        obj,
        fields | beside,
        Typed(data),
        reader,
        problems=problems,
        record=record,
        alike=alike,
        conflict=conflict,
        given=given,
        held=held,
    )


def _form(
    request: HttpRequest,
    obj: Object,
    fields: dict[str, Field],
    shown: Any,
    reader: Reader,
    *,
    problems: list[Problem] | None = None,
    record: Any = None,
    again: bool = False,
    alike: list[duplicates.Likeness] | None = None,
    conflict: Conflict | None = None,
    given: Mapping[str, Any] | None = None,
    held: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """``shown`` is Typed, or stored values by field name; ``held`` are stored values of fields that were not typed."""
    problems = problems or []
    base = f"{base_of(request)}/{obj.plural}"
    own = f"{base}/{record.id}" if record else ""
    title = (
        _("Edit %(title)s") % {"title": access.title(request.actor, obj, record)}
        if record
        else _("New: %(object)s") % {"object": obj.label}
    )
    version = conflict.record.version if conflict else record.version if record else None
    if record and problems:
        version = _version(request) or version
    sections = [
        {"label": label, "fields": [_row(field, _among(field, shown, held), reader, problems) for field in section]}
        for label, section in forms.sections_of(request.actor, obj, fields, also=fields)
    ]
    if ruled := conditions.ruled(fields):
        typed = {name: field for name, field in fields.items() if name not in (held or {})}
        asked.settle(sections, *asked.of_form(request.actor, obj, typed, shown, record))
    context = {
        "heading": title,
        "action": f"{own}/edit" if record else f"{base}/new",
        "cancel_url": own or f"{base}/",
        "submit": _("Save") if record else _("Create"),
        "again": again and not record,
        "sections": sections,
        "asked_url": f"{base}/asked{f'?record={record.id}' if record else ''}" if ruled else "",
        "problems": forms.summary(problems, fields),
        "hidden": [("only", ",".join(fields)), *([("version", version)] if record else _kept(request))],
        "duplicates": _shown(request, obj, alike or []),
        "create_anyway": bool(alike),
        "check_url": f"{base}/look-alikes" if obj.duplicate_keys and not record else "",
        "conflict": _conflict(conflict, fields, shown, given or {}, reader) if conflict else None,
    }
    crumbs = [(obj.label_plural, f"{base}/")] + ([(access.title(request.actor, obj, record), own)] if record else [])
    status = 409 if conflict else 422 if problems or alike else 200
    return page(request, "form.html", context, title=title if not record else _("Edit"), crumbs=crumbs, status=status)


def _among(field: Field, shown: Any, held: Mapping[str, Any] | None) -> Any:
    """Where the value of a field stands: among what is shown, or among what was not typed."""
    return held if held and field.name in held else shown


def _row(field: Field, shown: Any, reader: Reader, problems: list[Problem]) -> dict[str, Any]:
    value = shown if isinstance(shown, Typed) else shown.get(field.name, field.kind.empty)
    value = [] if field.kind.many and value is None else value
    return forms.row(field, value, reader, forms.errors_of(problems, field.name))


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    """Of a new record's form: when it was opened, and where to go back to, as the page said from which it was."""
    data = request.POST if request.method == "POST" else request.GET
    return [("began", data.get("began") or began()), *([("back", data["back"])] if data.get("back") else [])]


def _conflict(
    conflict: Conflict, fields: dict[str, Field], typed: Typed, given: Mapping[str, Any], reader: Reader
) -> dict[str, Any] | None:
    """What others changed meanwhile beside what this person typed; None where there is nothing to choose."""
    if not conflict.entries:
        return None
    names = conflicts.disputed(fields, conflicts.touched(fields, given, conflict), conflict)
    return conflicts.asked(conflict, fields, names, typed, reader)


def field(request: HttpRequest, plural: str, record_id: Any, name: str) -> HttpResponse:
    """One value of the record page: shown, as a control to change it, or saved from that control."""
    actor, obj = request.actor, object_or_404(request, plural)
    known = access.fields(actor, obj).get(name)
    record = access.get(actor, obj, record_id)
    if known is None:
        raise Http404(name)
    if request.method == "POST":
        return _save_field(request, obj, record, known)
    current = known.read_from(record)
    reader = forms.reader_of(actor, obj, record, known)
    if "show" in request.GET or name not in access.writable(actor, obj):
        return render(
            request, "parts/field.html", {"field": shown_field(request, obj, record.id, known, current, reader=reader)}
        )
    return _field_form(request, obj, record, known, current, reader=reader, problems=[])


def _save_field(request: HttpRequest, obj: Object, record: Any, known: Field) -> HttpResponse:
    actor, name = request.actor, known.name
    address = f"{base_of(request)}/{obj.plural}/{record.id}"
    typed = Typed(request.POST)
    try:
        _data, given = _given(request, {name: known})
        if request.POST.get(f"keep-{name}") == "theirs":
            given = {}
        with history.batch() as batch:
            saved = _update_field(request, obj, record.id, known, given)
    except Refused as refused:
        reader = forms.reader_of(actor, obj, record, known)
        return _field_form(request, obj, record, known, typed, reader=reader, problems=refused.problems)
    except Conflict as conflict:
        refs = [*known.kind.refs(given[name]), *known.kind.refs(known.read_from(conflict.record))]
        reader = access.reader(actor, refs)
        return _field_form(request, obj, record, known, typed, reader=reader, problems=[], conflict=conflict)
    changed = saved.version != record.version
    if not wants_part(request):
        return said(request, address, _("Saved."), batch.id) if changed else go(request, address)
    current, reader = known.read_from(saved), forms.reader_of(actor, obj, saved, known)
    context = {"field": shown_field(request, obj, record.id, known, current, reader=reader)}
    answer = render(request, "parts/field.html", context)
    return toast(answer, request, _("Saved."), batch.id) if changed else answer


def _update_field(request: HttpRequest, obj: Object, record_id: Any, known: Field, given: dict[str, Any]) -> Any:
    """Write one value; raises Conflict where somebody else changed this very one meanwhile, into something else."""
    try:
        return actions.update(request.actor, obj, record_id, given, version=_version(request))
    except Conflict as conflict:
        if conflicts.disputed({known.name: known}, given, conflict):
            raise
        return actions.update(request.actor, obj, record_id, given)


def _field_form(
    request: HttpRequest,
    obj: Object,
    record: Any,
    known: Field,
    value: Any,
    *,
    reader: Reader,
    problems: list[Problem],
    conflict: Conflict | None = None,
) -> HttpResponse:
    """The control of one value, alone; where somebody else wrote it meanwhile with the question whose is kept."""
    address = f"{base_of(request)}/{obj.plural}/{record.id}/field/{known.name}"
    errors = [str(problem.message) for problem in problems]
    told = forms.row(known, value, reader, errors) | {
        "action": address,
        "show_url": f"{address}?show=1",
        "version": conflict.record.version if conflict else record.version,
    }
    status = 409 if conflict else 422 if problems else 200
    if wants_part(request):
        question = conflicts.asked(conflict, {known.name: known}, [known.name], value, reader) if conflict else None
        context = {"field": told, "conflict": question, "cancel_url": f"{base_of(request)}/{obj.plural}/{record.id}"}
        return render(request, "parts/field_edit.html", context, status=status)
    return go(request, f"{base_of(request)}/{obj.plural}/{record.id}/edit#{told['id']}")


def shown_field(
    request: HttpRequest,
    obj: Object,
    record_id: Any,
    known: Field,
    value: Any,
    *,
    reader: Reader,
    origin: str = "",
    may: bool = True,
) -> dict[str, Any]:
    """One value of a record page, as macros/fact.html writes it."""
    address = f"{base_of(request)}/{obj.plural}/{record_id}/field/{known.name}"
    return {
        "name": known.name,
        "label": known.label,
        "value": known.kind.show(value, reader),
        "empty": known.kind.is_empty(value),
        "origin": origin,
        "edit_url": address if may and not known.readonly else "",
    }
