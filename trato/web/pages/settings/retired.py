"""Choices that are offered no longer: who holds them still, and moving those records to another choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trato.engine import access, mass, values
from trato.engine.kinds import Choice, Typed
from trato.engine.models import Job
from trato.engine.objects import Field, Object
from trato.engine.values import Problem, Refused

from ...names import object_or_404
from ...respond import base_of, go, said
from .frame import administrators, ask, form, read, settings_url


def steps(request: HttpRequest, obj: Object, field: Field | None) -> list[dict[str, Any]]:
    """For each choice of a field that was retired: how many records hold it, and where they are moved from it."""
    if field is None:
        return []
    place, offer = settings_url(request, f"fields/{obj.plural}/{field.name}/move"), getattr(field.kind, "offer", None)
    found = []
    for value in sorted(values.retired(field)):
        n = mass.chosen(request.actor, obj, {"filter": _holding(field, value)}).count()
        text = ngettext(
            "“%(choice)s” is offered no longer; %(n)s record holds it.",
            "“%(choice)s” is offered no longer; %(n)s records hold it.",
            n,
        )
        told = text % {"choice": offer.label(value) if offer else value, "n": f"{n:,}"}
        found.append(
            {"text": told, "url": f"{place}?{urlencode({'value': value})}" if n else "", "title": _("Move them")}
        )
    return found


def _holding(field: Field, value: str) -> dict[str, Any]:
    return {"field": field.name, "op": "has" if field.kind.many else "is", "value": value}


def _change(field: Field, value: str, to: str) -> Mapping[str, Any]:
    if field.kind.many:
        return {"add": {field.name: [to]}, "remove": {field.name: [value]}}
    return {"set": {field.name: to}}


@administrators
def move(request: HttpRequest, plural: str, name: str) -> HttpResponse:
    """Ask for the choice that takes the place of a retired one, and change the records: one batch, undone as one."""
    obj, value = object_or_404(request, plural), request.GET.get("value", "")
    field = access.writable(request.actor, obj).get(name)
    if field is None or value not in values.retired(field):
        raise access.Absent(value[:80])
    label, offered = field.kind.offer.label(value), field.kind.offer.pairs()
    asked = [ask("to", _("They become"), Choice(choices=offered, required=True))]
    problems: list[Problem] = []
    shown: Any = {}
    place = settings_url(request, f"fields/{obj.plural}")
    if request.method == "POST":
        try:
            change = _change(field, value, read(request, asked)["to"])
            with transaction.atomic():
                begun = mass.begin(request.actor, obj, {"filter": _holding(field, value)}, change)
            if isinstance(begun, Job):
                return go(request, f"{base_of(request)}/changes/{begun.id}")
            text = begun.count.words() + "".join(f" {words}" for _ref, words in begun.count.reasons[:1])
            return said(request, place, text, begun.batch if begun.count.done else None)
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    return form(
        request,
        _("Move what is “%(choice)s”") % {"choice": label},
        [("", asked)],
        shown,
        action=request.get_full_path(),
        problems=problems,
        submit=_("Move"),
        cancel=place,
        text=_("The history of each record tells it, and all of it can be undone in one step."),
    )
