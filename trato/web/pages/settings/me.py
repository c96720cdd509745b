"""What is a person's own: profile, theme, sessions, keys to the API."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from markupsafe import Markup

from trato.engine import access, objects, tokens
from trato.engine.kinds import Choice, Choices, Text, Typed
from trato.engine.kinds.timezone import TimeZone
from trato.engine.values import Problem, Refused
from trato.engine.workspaces.members import change_profile
from trato.engine.workspaces.models import THEMES

from ... import queries, words
from ...respond import go, said
from .. import address
from .frame import ask, form, read, settings_url, step, table

VERBS = {
    "see": gettext_lazy("see"),
    "change": gettext_lazy("change"),
    "create": gettext_lazy("create"),
    "delete": gettext_lazy("delete"),
    "import": gettext_lazy("import"),
    "export": gettext_lazy("export"),
    "share": gettext_lazy("share views"),
}
LIFETIMES = {
    "30": gettext_lazy("30 days"),
    "90": gettext_lazy("90 days"),
    "365": gettext_lazy("a year"),
    "never": gettext_lazy("for ever"),
}


@require_GET
def first(request: HttpRequest) -> HttpResponse:
    """Settings begin with what everybody has: the profile."""
    return go(request, settings_url(request, "workspace" if request.actor.rights.admin else "profile"))


def _profile_fields() -> list[Any]:
    return [
        ask("name", _("Name"), Text(required=True, max_length=150)),
        ask("language", _("Language"), Choice(required=True, choices=settings.LANGUAGES)),
        ask("time_zone", _("Time zone"), TimeZone(required=True)),
        ask("theme", _("Theme"), Choice(required=True, choices=THEMES)),
    ]


def profile(request: HttpRequest) -> HttpResponse:
    """Name, language, time zone and theme."""
    place, fields = settings_url(request, "profile"), _profile_fields()
    user = request.user
    text = Markup('{} {}: <a href="{}">{}</a>, <a href="{}">{}</a>, <a href="{}">{}</a>.').format(
        _("How Trato speaks to you, in every workspace you are in."),
        user.email,
        reverse(address.change),
        _("Change the e-mail address"),
        reverse("account_change_password"),
        _("Change the password"),
        reverse("mfa_index"),
        _("Second factor"),
    )
    if request.method != "POST":
        shown = {field.name: getattr(user, field.name) for field in fields}
        return form(request, _("Profile"), [("", fields)], shown, action=place, text=text)
    try:
        change_profile(user, read(request, fields))
    except Refused as refused:
        shown = Typed(request.POST)
        return form(request, _("Profile"), [("", fields)], shown, action=place, text=text, problems=refused.problems)
    return said(request, place, _("Saved."))


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the device, from the menu of the person."""
    chosen = request.POST.get("theme", "")
    if chosen in dict(THEMES):
        change_profile(request.user, {"theme": chosen})
        return HttpResponse(status=204)
    return HttpResponse(status=400)


@require_GET
def session_list(request: HttpRequest) -> HttpResponse:
    """Where the person is signed in."""
    reader = access.reader(request.actor)
    address = settings_url(request, "sessions")
    rows = [
        {
            "title": one["device"],
            "subtitle": one["ip"],
            "url": "",
            "cells": [_("this one") if one["current"] else "", words.when(one["since"], reader)["exact"]],
            "actions": [] if one["current"] else [step(_("Sign out there"), f"{address}/{one['id']}/end", "logout")],
        }
        for one in queries.sessions(request)
    ]
    return table(
        request,
        _("Sessions"),
        [_("Device"), "", _("Signed in")],
        rows,
        nothing=("devices", _("No other session"), ""),
        text=_("Every browser you are signed in with. Sign out where you no longer are."),
    )


@require_POST
def session_end(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign the person out somewhere else."""
    if not queries.end_session(request, session_id):
        raise access.Absent(str(session_id))
    return said(request, settings_url(request, "sessions"), _("Signed out there."))


@require_GET
def token_list(request: HttpRequest) -> HttpResponse:
    """The person's keys; an administrator sees everybody's."""
    return _tokens(request)


def _tokens(request: HttpRequest, secret: dict[str, Any] | None = None) -> HttpResponse:
    reader, address = access.reader(request.actor), settings_url(request, "tokens")
    rows = [
        {
            "title": token.name,
            "subtitle": f"{token.user} · …{token.hint}",
            "url": "",
            "cells": [
                ", ".join(token.scopes) or _("everything the person may"),
                _moment(token.last_used_at, reader, _("Never")),
                _moment(token.expires_at, reader, _("Never")),
            ],
            "actions": [
                step(
                    _("Revoke"),
                    f"{address}/{token.id}/revoke",
                    "trash",
                    danger=True,
                    question=_("Revoke this key? Whatever uses it stops working at once."),
                )
            ],
        }
        for token in tokens.listed(request.actor)
    ]
    return table(
        request,
        _("API keys"),
        [_("Name"), _("May"), _("Last used"), _("Expires")],
        rows,
        new=(f"{address}/new", _("New key")),
        nothing=("key", _("No keys"), _("A key lets a program act as you, within the limits you give it.")),
        text=Markup('{} <a href="{}">{}</a>').format(
            _("Programs use keys to reach the API. A key acts as the person who made it."),
            "/api/v1/docs",
            _("How to use the API"),
        ),
        secret=secret,
    )


def _moment(moment: Any, reader: Any, otherwise: str) -> str:
    return words.EXACT.plain(moment, reader) if moment else otherwise


def _token_fields(request: HttpRequest) -> list[Any]:
    names = [
        (obj.plural, str(obj.label_plural))
        for obj in objects.all_objects()
        if not obj.within and access.may_see_any(request.actor, obj)
    ]
    return [
        ask("name", _("Name"), Text(required=True, max_length=80), _("What will use it.")),
        ask("objects", _("Records"), Choices(choices=names), _("None chosen: all.")),
        ask("verbs", _("May"), Choices(choices=words.named(VERBS)), _("None chosen: whatever you may.")),
        ask("days", _("Valid for"), Choice(required=True, choices=words.named(LIFETIMES))),
    ]


def token_new(request: HttpRequest) -> HttpResponse:
    """Make a key; its text is shown once, on the page that answers."""
    address, fields = settings_url(request, "tokens/new"), _token_fields(request)
    heading = _("New key")
    cancel = settings_url(request, "tokens")
    if request.method != "POST":
        return form(request, heading, [("", fields)], {"days": "90"}, action=address, cancel=cancel)
    try:
        given = read(request, fields)
        days = None if given["days"] == "never" else int(given["days"])
        token, text = tokens.make(request.actor, given["name"], _scopes(given["objects"], given["verbs"]), days)
    except Refused as refused:
        problems = [Problem("name", p.code, p.message) if p.field == "scopes" else p for p in refused.problems]
        shown = Typed(request.POST)
        return form(request, heading, [("", fields)], shown, action=address, cancel=cancel, problems=problems)
    label = _("The key “%(name)s”") % {"name": token.name}
    note = _("Copy it now: it is shown only this once. Only its hash is kept.")
    return _tokens(request, {"label": label, "value": text, "text": note})


def _scopes(plurals: list[str], verbs: list[str]) -> list[str]:
    """``contacts:see`` and so on; nothing chosen at all means no limit."""
    if not plurals and not verbs:
        return []
    return [f"{plural}:{verb}" for plural in plurals or ["*"] for verb in verbs or ["*"]]


@require_POST
def token_revoke(request: HttpRequest, token_id: Any) -> HttpResponse:
    """Make a key worth nothing."""
    tokens.revoke(request.actor, token_id)
    return said(request, settings_url(request, "tokens"), _("The key is revoked."))
