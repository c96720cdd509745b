"""What a layout looks like before it is saved: on the newest record, with the fields that the role sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trato.engine import access, layouts, values
from trato.engine.layouts import Look
from trato.engine.objects import Object
from trato.engine.workspaces.actors import as_role
from trato.engine.workspaces.models import Role

from ... import forms
from ...names import called

ROWS = 3


def sample(request: HttpRequest, obj: Object, role: Role | None, said: Mapping[str, Any]) -> dict[str, Any]:
    """The context of parts/layout_sample.html."""
    actor = request.actor
    fields = access.fields(as_role(actor, role) if role else actor, obj)
    language = (get_language() or "").partition("-")[0]
    look = Look(
        tuple(
            (one["labels"].get(language) or one["label"].strip() or _("Without a name"), tuple(one["fields"]))
            for one in said["sections"]
        ),
        tuple(said["head"]),
        tuple(said["columns"]),
        frozenset(said["hidden"]),
        arranged=True,
    )
    columns = [fields[name] for name in look.columns if name in fields]
    records = list(access.visible(actor, obj).defer("search", "title_key").order_by("-id")[:ROWS])
    of_each = [values.of_record(obj, record, fields) for record in records]
    reader = access.reader(actor, {ref for each in of_each for ref in forms.refs_of(fields.values(), each)})
    first: Mapping[str, Any] = of_each[0] if of_each else {name: field.kind.empty for name, field in fields.items()}

    def fact(name: str) -> dict[str, Any]:
        field = fields[name]
        empty = field.kind.is_empty(first[name])
        return {"label": field.label, "empty": empty, "value": "" if empty else field.kind.show(first[name], reader)}

    return {
        "sample": {
            "title": access.title(actor, obj, records[0]) if records else called(obj).one,
            "icon": obj.icon,
            "facts": [told for name in look.head if name in fields and not (told := fact(name))["empty"]],
            "sections": [
                {"label": label, "fields": [fact(field.name) for field in some]}
                for label, some in layouts.placed(look, fields, obj)
            ],
            "columns": [field.label for field in columns],
            "rows": [[field.kind.cell(each[field.name], reader) for field in columns] for each in of_each],
        }
    }
