"""Whether the way somebody came in is one that the workspace accepts."""

from __future__ import annotations

from babel.dates import format_date
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from trato.engine.kinds.locales import locale_of
from trato.engine.sign_on import of_workspace
from trato.engine.workspaces.actors import BOUND, opens

from .. import queries
from ..respond import base_of
from . import errors

#: What who came through a company's sign-in may do with their account: leave, and come in again.
ALLOWED = ("/accounts/logout/", "/accounts/login/", "/accounts/company/", "/accounts/oidc/", "/accounts/saml/")
READING = ("GET", "HEAD")
#: How long a session through a company's sign-in lasts: whoever leaves the company is out by the next day.
HOURS = 12


def bind(request: HttpRequest) -> None:
    """Tie a session to the workspace by whose sign-in its person just came; one by a password or passkey to none."""
    said = request.session.get("account_authentication_methods", [])
    last = next((one for one in reversed(said) if one.get("method") != "mfa"), {})
    request.session.pop(BOUND, None)
    if last.get("method") == "socialaccount":
        request.session[BOUND] = last["provider"]
        request.session.set_expiry(HOURS * 3600)
        found = of_workspace(last["provider"])
        if found:
            request.session["workspace"] = found[0].slug


def refusal(request: HttpRequest) -> HttpResponse | None:
    """The answer to who may not come in this way; None for who may."""
    workspace, bound = request.actor.workspace, request.session.get(BOUND)
    if not opens(request.session, workspace):
        return _elsewhere(request)
    if bound:
        return None
    if workspace.sign_on_only and request.user.id != workspace.spare_id:
        return HttpResponseRedirect(f"/accounts/company/?{urlencode({'next': f'{base_of(request)}/'})}")
    return _factor(request) if workspace.second_factor_from else None


def _elsewhere(request: HttpRequest) -> HttpResponse:
    text = _(
        "You came through the sign-in of another workspace, which vouches for you there only. "
        "Sign out, then sign in to this one."
    )
    return errors.answer(request, 403, _("Not by this sign-in"), text)


def _factor(request: HttpRequest) -> HttpResponse | None:
    """Before the day a second factor is asked for, a reminder; from then on the way to set one up."""
    since = request.actor.workspace.second_factor_from
    if queries.with_second_factor([request.user.id]):
        return None
    if timezone.localdate() < since:
        request.factor_due = format_date(since, "long", locale=locale_of(request.actor.language))
        return None
    if request.method in READING:
        return HttpResponseRedirect(f"{reverse('mfa_index')}?{urlencode({'next': request.path})}")
    text = _("This workspace asks for a second factor. Nothing was changed; set one up, then do it again.")
    return errors.answer(request, 403, _("A second factor is missing"), text)


def outside(request: HttpRequest) -> HttpResponse | None:
    """The answer to who came through a company's sign-in and touches their account, which is not the company's."""
    path = request.path_info
    if not request.session.get(BOUND) or path.startswith(("/api/", *ALLOWED)):
        return None
    text = _(
        "You came through your company's sign-in, which does not reach your account. "
        "Sign out, then sign in with a password or passkey of your own."
    )
    return errors.answer(request, 403, _("Not by this sign-in"), text)
