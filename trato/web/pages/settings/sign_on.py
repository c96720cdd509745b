"""How people come in: the company's own sign-in, and what is asked of everybody."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from markupsafe import Markup

from trato.engine import administration, sign_on
from trato.engine.kinds import Bool, Choice, LongText, Number, Text, Typed
from trato.engine.objects import Field
from trato.engine.values import Refused
from trato.engine.workspaces.models import SignOn, Workspace

from ... import providers, words
from ...respond import said
from .frame import administrators, ask, form, read, settings_url

KINDS = {SignOn.OIDC: gettext_lazy("OpenID Connect"), SignOn.SAML: gettext_lazy("SAML 2.0")}


@administrators
def demands(request: HttpRequest) -> HttpResponse:
    """What is asked of everybody: a second factor, and to come through the company's sign-in only."""
    place, workspace = settings_url(request, "sign-in"), request.actor.workspace
    admins = [(str(one.user_id), str(one.user)) for one in administration.members(request.actor) if one.role.is_admin]
    fields = [
        ask("factor", _("Members need a second factor"), Bool(tristate=False), _("An app or a passkey.")),
        ask("days", _("Days until then"), Number(minimum=0, maximum=sign_on.MOST_DAYS), _until(workspace)),
        ask("only", _("Only through the company's sign-in"), Bool(tristate=False), _("Passwords no longer work then.")),
        ask("spare", _("Except"), Choice(choices=admins), _("An administrator, for the day it is out of order.")),
    ]
    shown: Any = {
        "factor": workspace.second_factor_from is not None,
        "days": 14,
        "only": workspace.sign_on_only,
        "spare": str(workspace.spare_id or ""),
    }
    problems: list[Any] = []
    if request.method == "POST":
        try:
            given = read(request, fields)
            sign_on.demand(
                request.actor,
                only=given["only"],
                spare=given["spare"],
                factor=given["factor"],
                days=int(given["days"] or 0),
            )
            return said(request, place, _("Saved."))
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    return form(
        request, _("Signing in"), [("", fields)], shown, action=place, problems=problems, text=_company(request)
    )


def _until(workspace: Workspace) -> str:
    since = workspace.second_factor_from
    if since is None:
        return _("Until then they are reminded; from then on they set one up before anything else.")
    past = since <= timezone.localdate()
    return (_("It is asked for since %(day)s.") if past else _("It is asked for from %(day)s on.")) % {"day": since}


def _company(request: HttpRequest) -> Markup:
    found = sign_on.current()
    words_ = _("The company's own sign-in: %(label)s.") % {"label": found.label} if found else ""
    link = _("Change it") if found else _("Set up the company's own sign-in")
    return Markup('{} <a href="{}">{}</a>').format(words_, settings_url(request, "sign-in/company"), link)


def _fields(request: HttpRequest, kind: str, fresh: bool) -> list[Field]:
    roles = [(str(one.id), str(one)) for one in administration.roles() if not one.is_admin]
    if kind == SignOn.OIDC:
        kept = "" if fresh else _("Left empty, the one there is stays.")
        own = [
            ask(
                "issuer",
                _("Address of the provider"),
                Text(required=True, max_length=400),
                _("Its issuer, with https."),
            ),
            ask("client_id", _("Client ID"), Text(required=True, max_length=300)),
            ask("secret", _("Client secret"), Text(required=fresh, max_length=500), kept),
        ]
    else:
        note = _("The XML itself, or its address with https. It is read when you save, and not again.")
        own = [ask("metadata", _("Metadata of the provider"), LongText(required=fresh), note)]
    return [
        ask("label", _("Name"), Text(required=True, max_length=60), _("What people know it as.")),
        *own,
        ask(
            "domains",
            _("E-mail domains"),
            Text(required=True, max_length=1000),
            _("Whoever comes with another is turned away."),
        ),
        ask(
            "vouched",
            _("Its addresses are proven"),
            Bool(tristate=False),
            _("Tick this where the provider does not say so itself, and only gives addresses of your own domains."),
        ),
        ask(
            "is_open",
            _("New people become members"),
            Bool(tristate=False),
            _("Otherwise only those who were invited, or are members already."),
        ),
        ask("role", _("With the role"), Choice(choices=roles)),
    ]


@administrators
def company(request: HttpRequest) -> HttpResponse:
    """Set up the company's own sign-in, by OpenID Connect or SAML."""
    place, found = settings_url(request, "sign-in/company"), sign_on.current()
    kind = request.GET.get("kind", found.kind if found else SignOn.OIDC)
    kind = kind if kind in KINDS else SignOn.OIDC
    fields = _fields(request, kind, found is None or found.kind != kind)
    shown: Any = _shown(found) if found and found.kind == kind else {}
    problems: list[Any] = []
    if request.method == "POST":
        try:
            sign_on.save(request.actor, _given(found, kind, read(request, fields)))
            return said(request, settings_url(request, "sign-in"), _("Saved."))
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    danger = None
    if found:
        words_ = _("People who signed in through it will need a password then; “forgotten password” gives them one.")
        danger = {"url": f"{place}/remove", "label": _("Take it away"), "question": _("Take it away?"), "text": words_}
    return form(
        request,
        _("The company's own sign-in"),
        [("", fields)],
        shown,
        action=f"{place}?kind={kind}",
        problems=problems,
        text=_addresses(request, kind, place),
        cancel=settings_url(request, "sign-in"),
        danger=danger,
    )


def _shown(found: SignOn) -> dict[str, Any]:
    return {
        "label": found.label,
        "issuer": found.issuer,
        "client_id": found.settings.get("client_id", ""),
        "secret": "",
        "metadata": "",
        "domains": ", ".join(found.domains),
        "vouched": found.vouched,
        "is_open": found.is_open,
        "role": str(found.role_id or ""),
    }


def _given(found: SignOn | None, kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """What to save: the provider was asked, or its metadata read."""
    values: dict[str, Any] = {name: given[name] for name in ("label", "vouched", "is_open", "role")}
    values |= {"kind": kind, "domains": sign_on.domains_in(given["domains"])}
    if kind == SignOn.OIDC:
        own = {"client_id": given["client_id"], "secret": given["secret"]}
        return values | {"issuer": providers.openid(given["issuer"]), "settings": own}
    if found and found.kind == kind and not given["metadata"]:
        return values | {"issuer": found.issuer, "settings": found.settings}
    issuer, own = providers.saml(given["metadata"])
    return values | {"issuer": issuer, "settings": own}


def _addresses(request: HttpRequest, kind: str, place: str) -> Markup:
    """What the provider has to be told, and the way to the other protocol."""
    hexed = request.actor.workspace.id.hex
    if kind == SignOn.OIDC:
        told = _("Tell the provider this address to come back to:")
        address = reverse("openid_connect_callback", kwargs={"provider_id": hexed})
    else:
        told = _("Tell the provider this address, which is Trato's metadata and its name there:")
        address = reverse("saml_metadata", kwargs={"organization_slug": hexed})
    other, label = next((name, label) for name, label in words.named(KINDS) if name != kind)
    turn = _("Use %(kind)s instead") % {"kind": label}
    return Markup('{} <code>{}{}</code> <a href="{}?kind={}">{}</a>').format(
        told, settings.TRATO_URL, address, place, other, turn
    )


@administrators
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Take the company's sign-in away."""
    sign_on.remove(request.actor)
    return said(request, settings_url(request, "sign-in"), _("The company's sign-in is taken away."))
