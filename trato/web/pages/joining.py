"""Accepting an invitation: the link of the mail, for a new person and for one who has an account."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from markupsafe import Markup

from trato.engine import invitations
from trato.engine.invitations import Offer
from trato.engine.kinds import Reader, Text, Typed
from trato.engine.kinds.html import control
from trato.engine.values import Problem
from trato.engine.workspaces.models import User

from .. import forms
from . import errors
from .settings.frame import ask

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Password(Text):
    """A new password: never shown again, never trimmed."""

    completion = "new-password"

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """A password field that browsers may fill with one they make."""
        values = self._attributes(name, id, invalid, described_by)
        return control("", values, type="password", autocomplete=self.completion)

    def from_form(self, data: Any, name: str, reader: Reader) -> str:
        """What was typed, as it is."""
        return data.get(name, "")


@never_cache
def join(request: HttpRequest, text: str) -> HttpResponse:
    """The page of an invitation; posted, the person is a member and signed in."""
    offer = invitations.offer(text)
    if offer is None:
        return _over(request)
    if request.user.is_authenticated and request.user.email != offer.email:
        words = _(
            "You are signed in as %(me)s, and the invitation is for %(email)s. "
            "Sign out first, then open the link again."
        )
        return errors.answer(
            request, 409, _("This is for somebody else"), words % {"me": request.user.email, "email": offer.email}
        )
    if request.method != "POST":
        return _page(request, text, offer, [])
    if offer.user is not None and not request.user.is_authenticated:
        return _page(request, text, offer, [])
    if offer.user is not None:
        accepted = invitations.accept(text, request.user)
        return HttpResponseRedirect(f"/w/{accepted[1].slug}/", status=303) if accepted else _over(request)
    return _new_person(request, text, offer)


def _new_person(request: HttpRequest, text: str, offer: Offer) -> HttpResponse:
    given, problems = forms.read(request.POST, _questions(), Reader())
    password = given.get("password", "")
    try:
        validate_password(password, User(email=offer.email, name=given.get("name", "")))
    except ValidationError as refused:
        problems.append(Problem("password", "password", " ".join(refused.messages)))
    if problems:
        return _page(request, text, offer, problems)
    accepted = invitations.accept(text, name=given["name"], password=password)
    if accepted is None:
        return _over(request)
    person, workspace = accepted
    login(request, person, backend=BACKEND)
    return HttpResponseRedirect(f"/w/{workspace.slug}/", status=303)


def _over(request: HttpRequest) -> HttpResponse:
    words = _("The link was used, withdrawn, or is older than seven days. Ask whoever invited you to send it again.")
    return errors.answer(request, 410, _("This invitation is over"), words)


def _questions() -> list[Any]:
    return [
        ask("name", _("Your name"), Text(required=True, max_length=150)),
        ask("password", _("A password"), Password(required=True), _("At least ten characters.")),
    ]


def _page(request: HttpRequest, text: str, offer: Offer, problems: list[Problem]) -> HttpResponse:
    known, fields = offer.user is not None, _questions()
    shown: Any = Typed(request.POST) if problems else None
    here = f"/join/{text}"
    signed_in = request.user.is_authenticated
    context = {
        "title": _("Join %(workspace)s") % {"workspace": offer.workspace.name},
        "action": here,
        "workspace": offer.workspace.name,
        "who": offer.by,
        "email": offer.email,
        "fields": []
        if known
        else [forms.row(one, shown or one.kind.empty, Reader(), forms.errors_of(problems, one.name)) for one in fields],
        "problems": forms.summary(problems, {one.name: one for one in fields}),
        "sign_in_url": f"{resolve_url('account_login')}?{urlencode({'next': here})}" if known and not signed_in else "",
    }
    return render(request, "invitation.html", context, status=422 if problems else 200)
