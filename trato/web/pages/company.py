"""The way in through a company's own sign-in: by the address of its workspace."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from trato.engine import sign_on
from trato.engine.kinds import Reader, Text
from trato.engine.values import Problem
from trato.engine.workspaces.members import workspace_at
from trato.engine.workspaces.models import SignOn, Workspace

from .. import forms
from .settings.frame import ask

ADDRESS = re.compile(r"(?:.*/w/)?([-a-zA-Z0-9_]{1,50})(?:[/?#].*)?", re.DOTALL)


def login_url(workspace: Workspace, found: SignOn, after: str) -> str:
    """Where a workspace's sign-in begins."""
    if found.kind == SignOn.OIDC:
        address = reverse("openid_connect_login", kwargs={"provider_id": workspace.id.hex})
    else:
        address = reverse("saml_login", kwargs={"organization_slug": workspace.id.hex})
    return f"{address}?{urlencode({'next': after})}"


def ask_to_continue(request: HttpRequest, workspace: Workspace, found: SignOn) -> HttpResponse:
    """Whether somebody whom another site sent here wants to sign in; a link, since our policy lets no form lead out."""
    after = request.GET.get("next", "")
    home = f"/w/{workspace.slug}/"
    heading = _("Sign in to %(workspace)s?") % {"workspace": workspace.name}
    context = {
        "title": heading,
        "heading": heading,
        "text": _("Another site sent you here. Continue if you meant to; you are then signed out of what is open now."),
        "cancel_url": login_url(workspace, found, after if after.startswith(home) else home),
        "cancel": _("Continue through %(label)s") % {"label": found.label},
        "fields": [],
        "problems": [],
    }
    return render(request, "entrance.html", context)


@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Asks for the workspace, unless it is known where somebody wants to go, and leads to its sign-in."""
    after = request.GET.get("next", "")
    said = request.GET.get("workspace", after if after.startswith("/w/") else "").strip()
    problems: list[Problem] = []
    if said:
        named = ADDRESS.fullmatch(said)
        workspace = workspace_at(named[1]) if named else None
        found = sign_on.of_workspace(workspace.id.hex) if workspace else None
        if found:
            home = f"/w/{found[0].slug}/"
            return HttpResponseRedirect(login_url(*found, after if after.startswith(home) else home))
        words = _("No workspace of this address has a sign-in of its own. Sign in with your password instead.")
        problems = [Problem("workspace", "absent", words)]
    field = ask("workspace", _("Address of the workspace"), Text(required=True, max_length=200))
    context = {
        "title": _("Sign in through your company"),
        "heading": _("Sign in through your company"),
        "text": _("The part after /w/ in the address you know, such as acme."),
        "action": "/accounts/company/",
        "method": "get",
        "submit": _("Continue"),
        "cancel_url": reverse("account_login"),
        "fields": [forms.row(field, said, Reader(), forms.errors_of(problems, "workspace"))],
        "problems": forms.summary(problems, {"workspace": field}),
    }
    return render(request, "entrance.html", context, status=422 if problems else 200)
