"""Teams: who is in them, and which stands above which."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, administration
from trato.engine.kinds import Choice, Choices, Text, Typed
from trato.engine.values import Refused

from ...respond import said
from .frame import administrators, ask, form, read, settings_url, step, table


@administrators
@require_GET
def teams(request: HttpRequest) -> HttpResponse:
    """The teams and who is in them, each followed by those below it."""
    address, listed = settings_url(request, "teams"), administration.teams()
    known = {one.id: one for one, _names, _depth in listed}
    rows = [
        {
            "title": one.name,
            "subtitle": _("below %(name)s") % {"name": known[one.parent_id].name} if one.parent_id else "",
            "url": f"{address}/{one.id}",
            "depth": depth,
            "cells": [", ".join(names)],
            "actions": [
                step(
                    _("Delete"),
                    f"{address}/{one.id}/delete",
                    "trash",
                    danger=True,
                    question=_("Delete the team %(name)s? Its members stay; teams below it stand below the one above.")
                    % {"name": one.name},
                )
            ],
        }
        for one, names, depth in listed
    ]
    text = _(
        "People of a team see each other's records where their role says “of the team”, and those of the teams below."
    )
    return table(
        request,
        _("Teams"),
        [_("Team"), _("Members")],
        rows,
        new=(f"{address}/new", _("New team")),
        nothing=("users-group", _("No teams"), text),
        text=text if rows else "",
    )


@administrators
def team(request: HttpRequest, team_id: Any = None) -> HttpResponse:
    """Make or change a team."""
    place = settings_url(request, "teams")
    found, users = administration.team(team_id) if team_id else (None, set())
    people = [(str(user.id), str(user)) for user in access.members(request.actor)]
    others = [
        (str(one.id), "\u2003" * depth + one.name)
        for one, _names, depth in administration.teams()
        if found is None or one.id != found.id
    ]
    above = _("Its members see what this team owns, where their role says “of the team”.")
    fields = [
        ask("name", _("Name"), Text(required=True, max_length=80)),
        ask("members", _("Members"), Choices(choices=people)),
        ask("parent", _("Team above it"), Choice(choices=others), above),
    ]
    parent = str(found.parent_id) if found and found.parent_id else ""
    members = [str(user_id) for user_id in users]
    shown: Any = {"name": found.name if found else "", "members": members, "parent": parent}
    problems: list[Any] = []
    if request.method == "POST":
        try:
            given = read(request, fields)
            administration.save_team(request.actor, team_id, given["name"], given["members"], given["parent"])
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
