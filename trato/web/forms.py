"""Forms made from the fields of an object: each kind draws its own control and reads it back."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from trato.engine import access, files, layouts, values
from trato.engine.kinds import Invalid, Reader
from trato.engine.models import Record
from trato.engine.objects import Field, Object
from trato.engine.values import Problem
from trato.engine.workspaces.actors import Actor


def id_of(name: str) -> str:
    """The id of a field's control: ``input-custom-vip`` (``field-…`` is the box of a value on the record page)."""
    return f"input-{name.replace('.', '-')}"


def posted(request: HttpRequest) -> QueryDict:
    """What a form sent, with each upload stored and described under its field's name; raises Refused.

    A file that no record comes to hold is not reachable by anyone but the person who sent it.
    """
    if not request.FILES:
        return request.POST
    data = request.POST.copy()
    for name, upload in request.FILES.items():
        stored = files.store(request.actor, upload.name or "", upload)
        data[name] = json.dumps(files.described(stored))
    return data


def read(data: Mapping[str, str], fields: Iterable[Field], reader: Reader) -> tuple[dict[str, Any], list[Problem]]:
    """Stored values by field name, and the problems of those that could not be read."""
    given, problems = {}, []
    for field in fields:
        try:
            given[field.name] = field.kind.from_form(data, field.name, reader)
        except Invalid as problem:
            problems.append(Problem(field.name, problem.code, str(problem)))
    return given, problems


def row(
    field: Field, value: Any, reader: Reader, errors: Iterable[str] = (), *, name: str = "", prefix: str = ""
) -> dict[str, Any]:
    """A field as macros/ui.html draws it; ``value`` is a stored value, or Typed for what was typed."""
    told, control_id = list(errors), prefix + id_of(field.name)
    described = [f"{control_id}-error"] if told else []
    described += [f"{control_id}-help"] if field.help else []
    return {
        "name": field.name,
        "id": control_id,
        "label": field.label,
        "help": field.help,
        "required": field.required,
        "group": field.kind.grouped,
        "hidden": False,
        "errors": told,
        "control": field.kind.input(
            name or field.name, value, reader, id=control_id, invalid=bool(told), described_by=" ".join(described)
        ),
    }


def sections_of(
    actor: Actor, obj: Object, fields: Mapping[str, Field], also: Container[str] = ()
) -> list[tuple[Any, list[Field]]]:
    """The fields of a form or a record page by section, as the actor's layout places them; hidden ones only where
    ``also`` names them.
    """
    return layouts.placed(layouts.of(actor, obj), fields, obj, also)


def asked(actor: Actor, obj: Object, fields: dict[str, Field], also: Container[str] = ()) -> dict[str, Field]:
    """The fields a form asks for: without those the actor's layout hides, unless a record may need them."""
    hidden = layouts.of(actor, obj).hidden
    return {
        name: field
        for name, field in fields.items()
        if name not in hidden or field.required or field.required_when or name in also
    }


def summary(problems: Iterable[Problem], fields: Mapping[str, Field], prefix: str = "") -> list[dict[str, str]]:
    """The problems for the box above a form, each with its field's control."""
    return [
        {
            "id": prefix + id_of(problem.field) if problem.field in fields else "",
            "label": str(fields[problem.field].label) if problem.field in fields else problem.field,
            "message": str(problem.message),
        }
        for problem in problems
    ]


def errors_of(problems: Iterable[Problem], name: str) -> list[str]:
    """The messages for one field."""
    return [str(problem.message) for problem in problems if problem.field == name]


def beginnings(actor: Actor, fields: Mapping[str, Field]) -> dict[str, Any]:
    """What empty inputs begin with: each field's default; moments on the minute, as people write them."""
    start = {name: field.initial(actor) for name, field in fields.items()}
    return start | {
        name: value.replace(second=0, microsecond=0) for name, value in start.items() if isinstance(value, datetime)
    }


def initial(actor: Actor, obj: Object, data: QueryDict, fields: Mapping[str, Field]) -> tuple[dict[str, Any], Reader]:
    """What a new record's form begins with: defaults, the person as owner, and values named in the address."""
    plain = access.reader(actor)
    start = beginnings(actor, fields)
    if "owner" in fields:
        start["owner"] = actor.user_id
    for name in data:
        if name in fields:
            try:
                start[name] = fields[name].kind.from_form(data, name, plain)
            except Invalid:
                continue
    return start, access.reader(actor, refs_of(fields.values(), start), start)


def reader_of(actor: Actor, obj: Object, record: Record, known: Field) -> Reader:
    """How one value of a record is shown, beside the others it may depend on."""
    beside = values.of_record(obj, record, obj.builtin)
    return access.reader(actor, known.kind.refs(known.read_from(record)), beside)


def refs_of(fields: Iterable[Field], given: Mapping[str, Any]) -> set[str]:
    """The addresses of the link targets of stored values by field name."""
    return {ref for field in fields for ref in field.kind.refs(given.get(field.name, field.kind.empty))}


def is_seen(field: Field, value: Any, reader: Reader) -> bool:
    """Whether a value can be put into a form: a link to what the reader may not see is left as it is."""
    return field.kind.many or all(ref in reader.titles for ref in field.kind.refs(value))


def query(**values: str) -> str:
    """The query of an address."""
    return urlencode(values)
