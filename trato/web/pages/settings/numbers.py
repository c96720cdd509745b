"""Settings: how the numbers of invoices and the like are written, and which comes next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from trato.engine import numbers
from trato.engine.kinds import Number, Text, Typed
from trato.engine.objects import Field
from trato.engine.values import Problem, Refused

from ...respond import said
from .frame import administrators, ask, form, read, settings_url, table


def _today(request: HttpRequest) -> date:
    return datetime.now(ZoneInfo(request.actor.workspace.time_zone)).date()


@administrators
def listed(request: HttpRequest) -> HttpResponse:
    """Every series with its pattern and the number that comes next."""
    day = _today(request)
    rows = []
    for one in numbers.all_series():
        pattern, url = numbers.pattern_of(one.name), settings_url(request, f"numbers/{one.name}")
        following = numbers.written(pattern, day, numbers.upcoming(one.name, day))
        rows.append({"title": one.label, "subtitle": "", "url": url, "cells": [pattern, following], "actions": []})
    return table(
        request,
        _("Numbers"),
        [_("For"), _("Pattern"), _("Comes next")],
        rows,
        text=_("Each series counts without gaps: a number is given once, when something is issued."),
        nothing=("hash", _("Nothing is numbered yet"), _("Series come with what is issued: invoices, orders.")),
    )


@administrators
def change(request: HttpRequest, series: str) -> HttpResponse:
    """The pattern of one series, and the number that comes next in this period."""
    known = next((one for one in numbers.all_series() if one.name == series), None)
    if known is None:
        raise Http404(series)
    day = _today(request)
    if request.method != "POST":
        shown = {"pattern": numbers.pattern_of(series), "next": numbers.upcoming(series, day)}
        return _form(request, known, shown)
    try:
        numbers.change(request.actor, series, read(request, _fields()), day)
    except Refused as refused:
        return _form(request, known, Typed(request.POST), refused.problems)
    return said(request, settings_url(request, "numbers"), _("Saved."))


def _fields() -> list[Field]:
    pattern = _("{year}, {quarter}, {month}, and zeros for the number: {0000} is 0001, 0002, …")
    following = _("In the running period. A number that was given never comes again.")
    return [
        ask("pattern", _("Pattern"), Text(required=True, max_length=numbers.LONGEST), pattern),
        ask("next", _("Comes next"), Number(required=True, minimum=1), following),
    ]


def _form(request: HttpRequest, known: numbers.Series, shown: Any, problems: Iterable[Problem] = ()) -> HttpResponse:
    return form(
        request,
        known.label,
        [("", _fields())],
        shown,
        action=settings_url(request, f"numbers/{known.name}"),
        cancel=settings_url(request, "numbers"),
        problems=problems,
    )
