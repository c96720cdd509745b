"""What administrators decide about the workspace, its members and who is invited."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, administration, invitations
from trato.engine.kinds import Choice, Email, Number, Text, Typed
from trato.engine.kinds.country import Country
from trato.engine.kinds.currency import Currency
from trato.engine.kinds.timezone import TimeZone
from trato.engine.values import Refused

from ... import mails, queries, words
from ...respond import base_of, said
from .frame import administrators, ask, fail, form, read, settings_url, show

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
        ask(
            "bin_days",
            _("Days in the recycle bin"),
            Number(required=True),
            _("After so many days deleted records are deleted for good; 0 keeps them for ever."),
        ),
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
    teams, everybody = administration.teams_of_members(), administration.members(request.actor)
    guarded = queries.with_second_factor(one.user_id for one in everybody)
    context = {
        "members": [
            {
                "id": str(one.id),
                "name": str(one.user),
                "email": one.user.email,
                "role": str(one.role),
                "role_name": str(one.role_id),
                "teams": teams.get(one.user_id, []),
                "last_seen": words.when(one.last_seen_at, reader),
                "me": one.user_id == request.user.id,
                "factor": one.user_id in guarded,
                "action": f"{address}/{one.id}/role",
                "remove_url": "" if one.user_id == request.user.id else f"{address}/{one.id}/remove",
            }
            for one in everybody
        ],
        "roles": [(str(role.id), str(role)) for role in administration.roles()],
        "invite_url": f"{address}/invite",
        "look_url": f"{base_of(request)}/looking",
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
