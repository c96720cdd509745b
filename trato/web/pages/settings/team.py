"""What administrators decide about people: the workspace, members, invitations, teams, roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, administration, invitations, objects
from trato.engine.kinds import Choice, Choices, Email, Text, Typed
from trato.engine.kinds.country import Country
from trato.engine.kinds.currency import Currency
from trato.engine.kinds.timezone import TimeZone
from trato.engine.values import Refused
from trato.engine.workspaces.actors import VERBS

from ... import forms, mails, words
from ...respond import said
from .frame import administrators, ask, form, read, settings_url, show, step, table

SCOPES = {
    "none": gettext_lazy("none"),
    "own": gettext_lazy("own"),
    "team": gettext_lazy("of the team"),
    "all": gettext_lazy("all"),
}
LEVELS = {"write": gettext_lazy("change"), "read": gettext_lazy("read"), "hidden": gettext_lazy("hidden")}


def fail(request: HttpRequest, place: str, refused: Refused) -> HttpResponse:
    """Back to the page, with why nothing was done."""
    return said(request, settings_url(request, place), " ".join(str(p.message) for p in refused.problems), error=True)


# -- the workspace --------------------------------------------------------------------------------------------------


@administrators
def workspace(request: HttpRequest) -> HttpResponse:
    """Name, language, country, time zone and currency."""
    address, here = settings_url(request, "workspace"), request.actor.workspace
    fields = [
        ask("name", _("Name"), Text(required=True, max_length=100)),
        ask("language", _("Language"), Choice(required=True, choices=here._meta.get_field("language").choices)),
        ask(
            "country", _("Country"), Country(), _("Phone numbers without a prefix are read as numbers of this country.")
        ),
        ask("time_zone", _("Time zone"), TimeZone(required=True)),
        ask("currency", _("Currency"), Currency(required=True), _("What amounts without a currency are in.")),
    ]
    shown: Any = {field.name: getattr(here, field.name) for field in fields}
    problems: list[Any] = []
    if request.method == "POST":
        try:
            administration.change_workspace(request.actor, read(request, fields))
            return said(request, address, _("Saved."))
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    return form(request, _("Workspace"), [("", fields)], shown, action=address, problems=problems)


# -- members and invitations ----------------------------------------------------------------------------------------


@administrators
@require_GET
def members(request: HttpRequest) -> HttpResponse:
    """Who is in the workspace, and who was asked to join."""
    address, reader = settings_url(request, "members"), access.reader(request.actor)
    teams = administration.teams_of_members()
    context = {
        "members": [
            {
                "name": str(one.user),
                "email": one.user.email,
                "role": str(one.role),
                "role_name": str(one.role_id),
                "teams": teams.get(one.user_id, []),
                "last_seen": words.when(one.last_seen_at, reader),
                "me": one.user_id == request.user.id,
                "action": f"{address}/{one.id}/role",
                "remove_url": "" if one.user_id == request.user.id else f"{address}/{one.id}/remove",
            }
            for one in administration.members(request.actor)
        ],
        "roles": [(str(role.id), str(role)) for role in administration.roles()],
        "invite_url": f"{address}/invite",
        "invitations": [
            {
                "email": one.email,
                "role": str(one.role),
                "who": str(one.invited_by or ""),
                "when": words.when(one.created_at, reader),
                "resend_url": f"{address}/invitations/{one.id}/again",
                "revoke_url": f"{address}/invitations/{one.id}/withdraw",
            }
            for one in invitations.listed(request.actor)
        ],
    }
    return show(request, "members", _("Members"), context, text=_("Who works in this workspace, and with which role."))


@administrators
@require_POST
def member_role(request: HttpRequest, member_id: Any) -> HttpResponse:
    """Give a member another role."""
    try:
        member = administration.change_role(request.actor, member_id, request.POST.get("role", ""))
    except Refused as refused:
        return fail(request, "members", refused)
    return said(request, settings_url(request, "members"), _("%(name)s has another role now.") % {"name": member.user})


@administrators
@require_POST
def member_remove(request: HttpRequest, member_id: Any) -> HttpResponse:
    """Take a person out of the workspace."""
    try:
        member = administration.remove_member(request.actor, member_id)
    except Refused as refused:
        return fail(request, "members", refused)
    text = _("%(name)s is no longer a member. Their records stay.") % {"name": member.user}
    return said(request, settings_url(request, "members"), text)


@administrators
def invite(request: HttpRequest) -> HttpResponse:
    """Ask an address to join."""
    address, place = settings_url(request, "members/invite"), settings_url(request, "members")
    known = administration.roles()
    roles = [(str(role.id), str(role)) for role in known]
    usual = next((str(role.id) for role in known if role.name == "Member"), roles[-1][0])
    fields = [
        ask("email", _("E-mail"), Email(required=True)),
        ask("role", _("Role"), Choice(required=True, choices=roles)),
    ]
    shown: Any = {"role": usual}
    problems: list[Any] = []
    if request.method == "POST":
        try:
            given = read(request, fields)
            made, secret = invitations.invite(request.actor, given["email"], given["role"])
            mails.invitation(request, made, secret)
            return said(request, place, _("An invitation is on its way to %(email)s.") % {"email": made.email})
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    text = _("They get a mail with a link that holds for seven days.")
    return form(
        request,
        _("Invite"),
        [("", fields)],
        shown,
        action=address,
        problems=problems,
        text=text,
        submit=_("Send the invitation"),
        cancel=place,
    )


@administrators
@require_POST
def invitation_again(request: HttpRequest, invitation_id: Any) -> HttpResponse:
    """Send an invitation again, with a new link."""
    try:
        with transaction.atomic():
            made, secret = invitations.again(request.actor, invitation_id)
            mails.invitation(request, made, secret)
    except Refused as refused:
        return fail(request, "members", refused)
    text = _("An invitation is on its way to %(email)s.") % {"email": made.email}
    return said(request, settings_url(request, "members"), text)


@administrators
@require_POST
def invitation_withdraw(request: HttpRequest, invitation_id: Any) -> HttpResponse:
    """Make an invitation worth nothing."""
    invitations.withdraw(request.actor, invitation_id)
    return said(request, settings_url(request, "members"), _("The invitation is withdrawn."))


# -- teams ----------------------------------------------------------------------------------------------------------


@administrators
@require_GET
def teams(request: HttpRequest) -> HttpResponse:
    """The teams and who is in them."""
    address = settings_url(request, "teams")
    rows = [
        {
            "title": team.name,
            "subtitle": "",
            "url": f"{address}/{team.id}",
            "cells": [", ".join(names)],
            "actions": [
                step(
                    _("Delete"),
                    f"{address}/{team.id}/delete",
                    "trash",
                    danger=True,
                    question=_("Delete the team %(name)s? Its members stay.") % {"name": team.name},
                )
            ],
        }
        for team, names in administration.teams()
    ]
    return table(
        request,
        _("Teams"),
        [_("Team"), _("Members")],
        rows,
        new=(f"{address}/new", _("New team")),
        nothing=(
            "users-group",
            _("No teams"),
            _("People of a team see each other's records where their role says “of the team”."),
        ),
        text=_("People of a team see each other's records where their role says “of the team”."),
    )


@administrators
def team(request: HttpRequest, team_id: Any = None) -> HttpResponse:
    """Make or change a team."""
    place = settings_url(request, "teams")
    people = [(str(user.id), str(user)) for user in access.members(request.actor)]
    fields = [
        ask("name", _("Name"), Text(required=True, max_length=80)),
        ask("members", _("Members"), Choices(choices=people)),
    ]
    found, users = administration.team(team_id) if team_id else (None, set())
    shown: Any = {"name": found.name if found else "", "members": [str(user_id) for user_id in users]}
    problems: list[Any] = []
    if request.method == "POST":
        try:
            given = read(request, fields)
            administration.save_team(request.actor, team_id, given["name"], given["members"])
            return said(request, place, _("Saved."))
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    heading = found.name if found else _("New team")
    address = f"{place}/{found.id}" if found else f"{place}/new"
    return form(request, heading, [("", fields)], shown, action=address, problems=problems, cancel=place)


@administrators
@require_POST
def team_delete(request: HttpRequest, team_id: Any) -> HttpResponse:
    """Take a team away."""
    administration.delete_team(request.actor, team_id)
    return said(request, settings_url(request, "teams"), _("The team is deleted."))


# -- roles ----------------------------------------------------------------------------------------------------------


@administrators
def role(request: HttpRequest, role_id: Any = None, new: bool = False) -> HttpResponse:
    """The matrix of what a role may: objects by verbs, and the fields it may not see or change."""
    place = settings_url(request, "roles")
    known = administration.roles()
    found = None if new else administration.role(role_id) if role_id else known[0]
    problems: list[Any] = []
    label = ask("name", _("Name"), Text(required=True, max_length=80))
    permissions = found.permissions.get("objects", {}) if found else {}
    shown: Any = {"name": str(found) if found else ""}
    if request.method == "POST":
        permissions = _chosen(request)
        try:
            saved = administration.save_role(
                request.actor, found.id if found else None, read(request, [label])["name"], permissions
            )
            return said(request, f"{place}/{saved.id}", _("Saved."))
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    holders = next((one.holders for one in known if found and one.id == found.id), 0)
    deletable = found is not None and not found.is_admin and not holders
    context = {
        "roles": [
            {
                "label": str(one),
                "url": f"{place}/{one.id}",
                "current": bool(found and one.id == found.id),
                "count": one.holders,
            }
            for one in known
        ],
        "new_url": f"{place}/new",
        "role": {
            "name": str(found.id) if found else "",
            "label": shown.get("name"),
            "admin": bool(found and found.is_admin),
            "locked": False,
        },
        "action": f"{place}/{found.id}" if found else f"{place}/new",
        "label_field": forms.row(
            label,
            shown if isinstance(shown, Typed) else shown["name"],
            access.reader(request.actor),
            forms.errors_of(problems, "name"),
        ),
        "delete": {"url": f"{place}/{found.id}/delete", "question": _("Delete this role?")} if deletable else None,
        "scopes": words.named(SCOPES),
        "levels": words.named(LEVELS),
        "objects": [_row(request, obj, permissions) for obj in objects.all_objects()],
    }
    text = _("What people with a role may see and do.")
    return show(request, "roles", _("Roles"), context, text=text, status=422 if problems else 200)


def _row(request: HttpRequest, obj: objects.Object, permissions: Mapping[str, Any]) -> dict[str, Any]:
    rules = permissions.get(obj.plural, permissions.get("*", {}))
    levels = rules.get("fields", {})
    return {
        "plural": obj.plural,
        "label": str(obj.label_plural),
        "icon": obj.icon,
        **{verb: rules.get(verb, "none") for verb in ("see", "change")},
        **{verb: bool(rules.get(verb)) for verb in VERBS},
        "fields": [
            {"name": name, "label": field.label, "level": levels.get(name, "write")}
            for name, field in obj.fields(request.actor.workspace).items()
        ],
    }


def _chosen(request: HttpRequest) -> dict[str, dict[str, Any]]:
    """The matrix as it was sent, by object."""
    data, chosen = request.POST, {}
    for obj in objects.all_objects():
        rules: dict[str, Any] = {verb: data.get(f"{obj.plural}.{verb}", "none") for verb in ("see", "change")}
        rules |= {verb: f"{obj.plural}.{verb}" in data for verb in VERBS}
        start = f"{obj.plural}.field."
        rules["fields"] = {name: data.get(start + name, "write") for name in obj.fields(request.actor.workspace)}
        chosen[obj.plural] = rules
    return chosen


@administrators
@require_POST
def role_delete(request: HttpRequest, role_id: Any) -> HttpResponse:
    """Take a role away that nobody has."""
    try:
        administration.delete_role(request.actor, role_id)
    except Refused as refused:
        return fail(request, f"roles/{role_id}", refused)
    return said(request, settings_url(request, "roles"), _("The role is deleted."))
