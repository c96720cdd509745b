"""A workspace of one's own: the page where a signed-in person makes one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from trato.engine import founding
from trato.engine.kinds import Bool, Choice, Reader, Text, Typed
from trato.engine.kinds.country import Country
from trato.engine.kinds.currency import Currency
from trato.engine.kinds.timezone import TimeZone
from trato.engine.values import Problem, Refused
from trato.engine.workspaces.members import workspaces_of

from .. import forms
from ..respond import sign_in
from ..shell import NEW_WORKSPACE
from . import errors
from .settings.frame import ask


def new(request: HttpRequest) -> HttpResponse:
    """The form; posted, the person is in their new workspace, as its administrator."""
    if not request.user.is_authenticated:
        return sign_in(request)
    if not settings.TRATO_WORKSPACES_EACH:
        text = _("Whoever runs this Trato makes the workspaces. Ask them for one, or an administrator to invite you.")
        return errors.answer(request, 403, _("You may not do this"), text)
    if request.method != "POST":
        return _page(request, [])
    fields = _questions()
    given, problems = forms.read(request.POST, fields, _reader(request))
    if not problems:
        samples = given.pop("samples")
        given["country"] = given["country"] or ""
        try:
            workspace = founding.found(request.user, given, samples)
            if samples:
                messages.success(request, _("The demo data is on its way; it takes less than a minute."))
            return HttpResponseRedirect(f"/w/{workspace.slug}/", status=303)
        except Refused as refused:
            problems = refused.problems
    return _page(request, problems)


def _reader(request: HttpRequest) -> Reader:
    return Reader(language=request.user.language, time_zone=request.user.time_zone)


def _questions() -> list[Any]:
    hint = _("Made of the name if left empty. It can't be changed later.")
    phones = _("Phone numbers without a prefix are read as numbers of this country.")
    samples = _("An invented company with its contacts, notes and tasks. It can be taken away again.")
    return [
        ask("name", _("Name"), Text(required=True, max_length=100), _("What your company or team is called.")),
        ask("slug", _("Address"), Text(max_length=50), hint),
        ask("language", _("Language"), Choice(required=True, choices=settings.LANGUAGES)),
        ask("country", _("Country"), Country(), phones),
        ask("time_zone", _("Time zone"), TimeZone(required=True)),
        ask("currency", _("Currency"), Currency(required=True), _("What amounts without a currency are in.")),
        ask("samples", _("With demo data"), Bool(tristate=False), samples),
    ]


def _page(request: HttpRequest, problems: list[Problem]) -> HttpResponse:
    fields, reader = _questions(), _reader(request)
    text = _("You become its administrator. Nothing in it is seen from another workspace.")
    if not workspaces_of(request.user.id):
        text = _("You are in no workspace. Make one here, or ask an administrator to invite you into theirs.")
    begin = {"language": request.user.language, "time_zone": request.user.time_zone, "currency": "EUR"}
    shown = [
        Typed(request.POST) if problems else begin.get(field.name, field.kind.empty)  # as it was typed
        for field in fields
    ]
    context = {
        "title": _("New workspace"),
        "heading": _("New workspace"),
        "text": text,
        "action": NEW_WORKSPACE,
        "submit": _("Make the workspace"),
        "cancel_url": "/",
        "fields": [
            forms.row(field, value, reader, forms.errors_of(problems, field.name))
            for field, value in zip(fields, shown, strict=True)
        ],
        "problems": forms.summary(problems, {field.name: field for field in fields}),
    }
    return render(request, "entrance.html", context, status=422 if problems else 200)
