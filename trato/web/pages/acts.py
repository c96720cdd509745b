"""The objects' own actions, each with the form of its parameters, and sharing a record with a person or a team."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, actions, history, objects, wholes
from trato.engine.actions import Action
from trato.engine.kinds import Bool, Choice, Typed
from trato.engine.models import Record
from trato.engine.objects import Object
from trato.engine.values import Refused

from .. import forms, words
from ..names import object_or_404
from ..respond import back, base_of, page, said
from .settings.frame import ask, form, read, step, table


def act(request: HttpRequest, plural: str, record_id: Any, name: str) -> HttpResponse:
    """The form of an action's parameters; posted, the action. One without parameters has only the latter."""
    obj = object_or_404(request, plural)
    known = actions.of(obj.plural).get(name)
    if known is None or (request.method != "POST" and not known.parameters):
        raise Http404(name)
    record = access.get(request.actor, obj, record_id)
    address = f"{base_of(request)}/{obj.plural}/{record.id}"
    asked = [ask(parameter, words.parameter(parameter), kind) for parameter, kind in known.parameters.items()]
    shown: Any = {}
    problems: list[Any] = []
    if request.method == "POST":
        try:
            with transaction.atomic(), history.batch(known.name) as batch:
                made = actions.run(request.actor, obj, name, record.id, read(request, asked))
            place = _page_of(request, made) if known.opens else back(request, _place(request, address))
            told = _("%(action)s: done.") % {"action": known.label}
            return said(request, place, told, None if _is_final(request, made) else batch.id)
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    else:
        shown = known.begins(request.actor, record)
    return _form(request, obj, record, known, asked=asked, shown=shown, problems=problems)


def _place(request: HttpRequest, address: str) -> str:
    """My day ticks off tasks and stays where it is; elsewhere the record is shown."""
    home = f"{base_of(request)}/"
    return home if request.headers.get("HX-Target") == "home" else address


def _is_final(request: HttpRequest, made: Any) -> bool:
    """Whether the record an action answered with can't be changed any more, and so nothing of it undone."""
    return isinstance(made, Record) and bool(wholes.why_frozen(request.actor, objects.of_record(made), made))


def _page_of(request: HttpRequest, made: Any) -> str:
    return f"{base_of(request)}/{objects.of_record(made).ref(made.id)}"


def _form(
    request: HttpRequest, obj: Object, record: Any, known: Action, *, asked: list[Any], shown: Any, problems: list[Any]
) -> HttpResponse:
    given = {} if isinstance(shown, Typed) else shown
    reader = access.reader(request.actor, {ref for one in asked for ref in one.kind.refs(given.get(one.name))})
    address = f"{base_of(request)}/{obj.plural}/{record.id}"
    title = f"{known.label}: {access.title(request.actor, obj, record)}"
    fields = [
        forms.row(
            one,
            shown if isinstance(shown, Typed) else shown.get(one.name, [] if one.kind.many else one.kind.empty),
            reader,
            forms.errors_of(problems, one.name),
        )
        for one in asked
    ]
    context = {
        "heading": title,
        "action": f"{address}/{known.name}",
        "cancel_url": address,
        "submit": known.label,
        "again": False,
        "text": known.text,
        "undo": known.undo,
        "sections": [{"label": "", "fields": fields}],
        "problems": forms.summary(problems, {one.name: one for one in asked}),
        "hidden": [],
        "duplicates": [],
        "create_anyway": False,
        "check_url": "",
        "conflict": None,
    }
    status = 422 if problems else 200
    return page(request, "form.html", context, title=known.label, crumbs=_crumbs(request, obj, record), status=status)


def _crumbs(request: HttpRequest, obj: Object, record: Any) -> list[tuple[Any, str]]:
    """The way from the list to the record."""
    base = base_of(request)
    return [
        (obj.label_plural, f"{base}/{obj.plural}/"),
        (access.title(request.actor, obj, record), f"{base}/{obj.ref(record.id)}"),
    ]


@require_GET
def shares(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """Whom a record is shown to beyond what roles say."""
    obj = object_or_404(request, plural)
    record = access.get(request.actor, obj, record_id, "change")
    address = f"{base_of(request)}/{obj.plural}/{record.id}"
    rows = [
        {
            "title": str(one.user or one.team),
            "subtitle": _("Team") if one.team else "",
            "url": "",
            "cells": [_("may change it") if one.can_change else _("may see it")],
            "actions": [step(_("Take back"), f"{address}/share/{one.id}/end", "x")],
        }
        for one in access.shares_of(request.actor, obj, record.id)
    ]
    return table(
        request,
        _("Share “%(title)s”") % {"title": access.title(request.actor, obj, record)},
        [_("With"), _("Right")],
        rows,
        new=(f"{address}/share/new", _("Share")),
        nothing=(
            "share",
            _("Not shared"),
            _("Roles decide who sees this record. Here you show it to one person or team more."),
        ),
        crumbs=_crumbs(request, obj, record),
    )


def share(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """Show a record to one person or one team more."""
    obj = object_or_404(request, plural)
    record = access.get(request.actor, obj, record_id, "change")
    address = f"{base_of(request)}/{obj.plural}/{record.id}/share"
    people = [(f"user {user.id}", str(user)) for user in access.members(request.actor)]
    teams = [(f"team {team.id}", team.name) for team in access.teams(request.actor)]
    asked = [
        ask("with", _("With"), Choice(required=True, choices=people + teams)),
        ask("can_change", _("May change it too"), Bool(tristate=False)),
    ]
    heading = _("Share “%(title)s”") % {"title": access.title(request.actor, obj, record)}
    shown: Any = {}
    problems: list[Any] = []
    if request.method == "POST":
        try:
            given = read(request, asked)
            what, _space, chosen = given["with"].partition(" ")
            actions.share(request.actor, obj, record.id, **{what: chosen}, can_change=given["can_change"])
            return said(request, address, _("Shared."))
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    return form(
        request,
        heading,
        [("", asked)],
        shown,
        action=f"{address}/new",
        problems=problems,
        cancel=address,
        crumbs=_crumbs(request, obj, record),
    )


@require_POST
def unshare(request: HttpRequest, plural: str, record_id: Any, share_id: Any) -> HttpResponse:
    """Take a share back."""
    obj = object_or_404(request, plural)
    actions.unshare(request.actor, obj, record_id, share_id)
    return said(request, f"{base_of(request)}/{obj.plural}/{access.as_uuid(record_id)}/share", _("No longer shared."))
