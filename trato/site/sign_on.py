"""django-allauth's side of a company's sign-in: which provider a workspace has, how it is called, and what becomes of
who comes back from it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from onelogin.saml2.errors import OneLogin_Saml2_Error

from trato.engine import outbound, sign_on
from trato.engine.workspaces.models import SignOn, Workspace
from trato.web import mails
from trato.web.pages import company, errors

logger = logging.getLogger("trato.accounts")

NOT_BELIEVED = gettext_lazy(
    "The company's sign-in did not say who you are, or what it said could not be believed. Begin again."
)
#: What a provider that is away, or sends nonsense, makes of django-allauth.
TROUBLE = (
    requests.RequestException,
    OAuth2Error,
    OneLogin_Saml2_Error,
    ImproperlyConfigured,
    ValueError,
    KeyError,
    TypeError,
)

#: Where SAML providers put an address, a name, and whether the address is proven.
ATTRIBUTES = {
    "email": [
        "email",
        "mail",
        "emailAddress",
        "urn:oid:0.9.2342.19200300.100.1.3",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    ],
    "email_verified": ["email_verified", "http://schemas.auth0.com/email_verified"],
    "first_name": [
        "firstName",
        "givenName",
        "urn:oid:2.5.4.42",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
    ],
    "last_name": [
        "lastName",
        "sn",
        "urn:oid:2.5.4.4",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
    ],
}


def app_of(workspace: Workspace, found: SignOn) -> SocialApp:
    """A workspace's provider as django-allauth knows one; it is never kept in its tables."""
    said = found.settings
    if found.kind == SignOn.OIDC:
        return SocialApp(
            provider="openid_connect",
            provider_id=workspace.id.hex,
            name=found.label,
            client_id=said["client_id"],
            secret=sign_on.secret_of(found),
            settings={"server_url": found.issuer, "oauth_pkce_enabled": True},
        )
    return SocialApp(
        provider="saml",
        provider_id=workspace.id.hex,
        name=found.label,
        client_id=workspace.id.hex,
        settings={
            "idp": {"entity_id": found.issuer, "sso_url": said["sso_url"], "x509cert": said["certificate"]},
            "attribute_mapping": ATTRIBUTES,
            "advanced": {
                "strict": True,
                "want_assertion_signed": True,
                "want_name_id": True,
                "want_attribute_statement": False,
                "reject_deprecated_algorithm": True,
                "reject_idp_initiated_sso": True,
                "allow_single_label_domains": True,
            },
        },
    )


class SignOnAdapter(DefaultSocialAccountAdapter):
    """django-allauth's adapter: providers are those of the workspaces, and whom they let in is said by the engine."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        """The one provider that is asked for, by the hex of its workspace."""
        found = sign_on.of_workspace(str(client_id if provider == "saml" else provider or ""))
        if found is None or (provider == "saml") != (found[1].kind == SignOn.SAML):
            return []
        return [app_of(*found)]

    def get_requests_session(self) -> outbound.Session:
        """Calls keep the rules for addresses that people name."""
        return outbound.Session()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Sign in whom the engine admits; everybody else is told why not."""
        found = sign_on.of_workspace(sociallogin.account.provider)
        if found is None or sociallogin.state.get("process") != AuthProcess.LOGIN:
            raise ImmediateHttpResponse(refused(request, _("Begin again from the page of your workspace.")))
        workspace, setup = found
        try:
            sociallogin.user = sign_on.admit(workspace, claim_of(setup, sociallogin))
        except sign_on.NotAdmitted as problem:
            if problem.invitation:
                mails.invited_by_coming(workspace, *problem.invitation)
            raise ImmediateHttpResponse(refused(request, problem.words)) from None
        home = f"/w/{workspace.slug}/"
        wanted = sociallogin.state.get("next") or ""
        sociallogin.state["next"] = wanted if wanted.startswith(home) else home

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        """What the provider sent could not be believed, or the person turned back there."""
        logger.warning("company sign-in failed: %s", type(exception).__name__ if exception else error)
        raise ImmediateHttpResponse(refused(request, NOT_BELIEVED))


def refused(request: HttpRequest, words: Any) -> HttpResponse:
    """The page for who does not come in; the reason stands in the log without names."""
    logger.warning("company sign-in refused")
    return errors.answer(request, 403, _("You were not let in"), str(words))


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of django-allauth, with an answer in words where a provider can't be reached or sends nonsense."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        try:
            return view(request, *args, **named)
        except TROUBLE as trouble:
            logger.warning("company sign-in failed: %s", type(trouble).__name__)
            return refused(request, NOT_BELIEVED)

    return answered


def begun_here(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The beginning of a sign-in, which another site can't make a browser do: from there it takes one more press."""

    @wraps(view)
    def asked(request: HttpRequest, **named: Any) -> HttpResponse:
        found = sign_on.of_workspace(next(iter(named.values())))
        if found is None or request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin"):
            return view(request, **named)
        return company.ask_to_continue(request, *found)

    return asked


def claim_of(setup: SignOn, login: SocialLogin) -> sign_on.Claim:
    """What the provider said, in the engine's words; raises NotAdmitted where it contradicts itself."""
    account, said = login.account, login.account.extra_data or {}
    if setup.kind == SignOn.OIDC:
        token, info = said.get("id_token") or {}, said.get("userinfo") or {}
        if not token or token.get("sub") != account.uid or info.get("sub", account.uid) != account.uid:
            raise sign_on.NotAdmitted(_("The company's sign-in spoke of two people at once. Begin again."))
        both = token | info
        email, name, verified = both.get("email"), both.get("name"), both.get("email_verified")
    else:
        email = login.email_addresses[0].email if login.email_addresses else ""
        name = " ".join(part for part in (_attribute(said, "first_name"), _attribute(said, "last_name")) if part)
        stated = _attribute(said, "email_verified").lower()
        verified = stated in ("true", "1", "yes") if stated else None
    proven = verified if isinstance(verified, bool) else None
    return sign_on.Claim(setup.issuer, str(account.uid), str(email or ""), proven, str(name or ""))


def _attribute(said: dict[str, Any], what: str) -> str:
    """The first value of a SAML attribute, under whichever of its names."""
    found = next((said[name] for name in ATTRIBUTES[what] if said.get(name)), [""])
    return str(found[0])
