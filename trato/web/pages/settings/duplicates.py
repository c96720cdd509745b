"""By what records are held to be the same: the points an administrator gives."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trato.engine import access, objects
from trato.engine.duplicates import label_of, weighing
from trato.engine.kinds import Number, Typed
from trato.engine.objects import Object
from trato.engine.values import Refused

from ...names import called, object_or_404
from ...respond import said
from .frame import administrators, ask, form, read, settings_url, step, table

FEWEST, MOST = -weighing.MOST, weighing.MOST


@administrators
def listed(request: HttpRequest) -> HttpResponse:
    """The objects whose records can be merged, with the rules in force for each."""
    place = settings_url(request, "duplicates")
    rows = [
        {
            "title": called(obj).many,
            "subtitle": "",
            "url": f"{place}/{obj.plural}",
            "cells": [_compared(request, obj)],
            "actions": [step(_("Back to the usual points"), f"{place}/{obj.plural}/reset", "arrow-back-up")],
        }
        for obj in objects.all_objects()
        if obj.mergeable
    ]
    text = _("What makes two records the same, and how many points it takes.")
    nothing = ("copy", "", "")
    return table(request, _("Duplicates"), [_("Object"), _("Compared")], rows, nothing=nothing, text=text)


def _compared(request: HttpRequest, obj: Object) -> str:
    """What counts for two records being one, in words."""
    fields = access.fields(request.actor, obj)
    return ", ".join(label_of(each, fields) for each in weighing.of(obj).comparisons if each.same)


@administrators
def change(request: HttpRequest, plural: str) -> HttpResponse:
    """Give points: what counts for two records being the same, and what against it."""
    obj = object_or_404(request, plural)
    if not obj.mergeable:
        raise Http404(plural)
    fields = access.fields(request.actor, obj)
    offered, place = weighing.offered(request.actor, obj), settings_url(request, "duplicates")
    threshold = Number(required=True, digits=1, minimum=1, maximum=2 * MOST)
    most, least = (
        Number(required=True, digits=1, minimum=0, maximum=MOST),
        Number(required=True, digits=1, minimum=FEWEST, maximum=0),
    )
    whole = ask(
        "threshold", _("Points from which two records are shown"), threshold, _("12 is usual; fewer show more.")
    )
    sections: list[Any] = [("", [whole])]
    shown: Any = {"threshold": weighing.of(obj).threshold}
    for number, each in enumerate(offered):
        pair = [
            ask(f"same-{number}", _("Points where the same"), most),
            ask(f"different-{number}", _("Points where different"), least),
        ]
        sections.append((label_of(each, fields), pair))
        shown |= {f"same-{number}": each.same, f"different-{number}": each.different}
    problems: list[Any] = []
    if request.method == "POST":
        try:
            given = read(request, [field for _label, asked in sections for field in asked])
            points = {
                each.fields[0]: (float(given[f"same-{n}"]), float(given[f"different-{n}"]))
                for n, each in enumerate(offered)
            }
            weighing.change(request.actor, obj, points, float(given["threshold"]))
            return said(request, place, _("Saved. The next search goes by these points."))
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    heading = _("Duplicates: %(objects)s") % {"objects": called(obj).many}
    text = _(
        "A point more doubles the odds that two records are one. What one of them does not say counts for nothing; "
        "what nearly agrees counts in part; common names count for less."
    )
    return form(
        request,
        heading,
        sections,
        shown,
        action=f"{place}/{obj.plural}",
        problems=problems,
        text=text,
        cancel=place,
    )


@administrators
@require_POST
def reset(request: HttpRequest, plural: str) -> HttpResponse:
    """Back to the points Trato comes with."""
    weighing.reset(request.actor, object_or_404(request, plural))
    return said(request, settings_url(request, "duplicates"), _("The usual points are back."))
