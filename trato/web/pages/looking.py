"""An administrator looks at the workspace with the rights of a role or of a person, and changes nothing meanwhile."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trato.engine import access
from trato.engine.administration import looking
from trato.engine.postgres.scope import forbid_writes

from ..respond import base_of, go, said
from . import errors
from .settings.frame import administrators

#: Where the session says as whom; it is the server's, so nobody but Trato writes it, and it ends with signing out.
KEY = "looking"
READING = ("GET", "HEAD", "OPTIONS")


def is_on(request: HttpRequest) -> bool:
    """Whether this request is made with the rights of another."""
    return bool(getattr(request, "looking", ""))


def refusal(request: HttpRequest) -> HttpResponse | None:
    """Turn who looks as another into that other, for reading; the answer to whatever would write.

    The database refuses writes too, so that no page can forget to.
    """
    kept = request.session.get(KEY)
    if not kept:
        return None
    seen = looking.looked_at(request.actor, kept)
    if seen is None:
        if kept.get("workspace") == str(request.actor.workspace.id):
            del request.session[KEY]
        return None
    if request.path_info == f"{base_of(request)}/looking/end":
        return None
    request.actor, request.looking = seen
    if request.method not in READING:
        return only_looking(request)
    forbid_writes()
    return None


def only_looking(request: HttpRequest) -> HttpResponse:
    """Why nothing was written."""
    text = _("You look at Trato as %(name)s. Nothing was changed; stop looking to act as yourself.")
    return errors.answer(request, 403, _("You are only looking"), text % {"name": request.looking})


@administrators
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Look as a role or a member: ``what`` is ``roles`` or ``members``, ``id`` says which."""
    what, chosen = request.POST.get("what", ""), access.as_uuid(request.POST.get("id", ""))
    request.session[KEY] = looking.look(request.actor, what, chosen)
    return go(request, f"{base_of(request)}/")


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Be oneself again."""
    kept = request.session.pop(KEY, None)
    if kept and request.actor.rights.admin:
        looking.end(request.actor, kept)
    return said(request, f"{base_of(request)}/", _("You are yourself again."))
