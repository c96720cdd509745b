"""Who opens a page, in which workspace: one transaction a request, narrowed to it.

A stranger to a workspace and an address where there is no workspace get the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, DataError, InternalError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from trato.engine import access, custom, merging
from trato.engine.filters import BadFilter
from trato.engine.kinds.datetime import zone_of
from trato.engine.paging import BadPage
from trato.engine.postgres.scope import in_workspace, is_impatience, patience_with
from trato.engine.workspaces.actors import enter, note_visit
from trato.engine.workspaces.members import workspace_at
from trato.engine.workspaces.models import User

from .pages import entrance, errors, looking
from .respond import sign_in
from .shell import logout_url

ADDRESS = re.compile(r"/w/([-a-zA-Z0-9_]{1,50})(?:/|$)")
PERSONAL = ("/accounts/", "/workspaces/", "/join/", "/api/v1/docs")
VISITS = timedelta(minutes=10)


class WorkspaceMiddleware:
    """Sets ``request.actor`` and runs the view inside its workspace, in its person's language and time zone.

    An answer of 400 and above leaves the database as it was.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = ADDRESS.match(request.path_info)
        if not found:
            return self._outside(request)
        user_id = request.session.get(SESSION_KEY)
        if user_id is None:
            return sign_in(request)
        if request.method == "POST":
            request.POST  # noqa: B018 - a long upload is read before the transaction begins, not in it
        workspace = workspace_at(found[1])
        if workspace is not None:
            with in_workspace(workspace.id, patience_with(request.method)):
                entry = enter(user_id, workspace)
                if entry is not None and _same_session(request, entry[0].user):
                    membership, request.actor = entry
                    request.user = membership.user
                    if membership.last_seen_at is None or timezone.now() - membership.last_seen_at > VISITS:
                        note_visit(membership)
                    return self._answer(request)
        return errors.not_found(request) if request.user.is_authenticated else sign_in(request)

    def _outside(self, request: HttpRequest) -> HttpResponse:
        """A page in no workspace; those about a person's account speak their language, not the browser's."""
        if not request.path_info.startswith(PERSONAL) or not request.user.is_authenticated:
            return self.get_response(request)
        user = request.user  # whoever signs out is somebody else afterwards
        with translation.override(user.language), timezone.override(zone_of(user.time_zone)):
            response = entrance.outside(request) or self.get_response(request)
        response.headers["Content-Language"] = user.language
        if request.method == "POST" and request.path_info == logout_url():
            response.headers["Clear-Site-Data"] = '"storage"'  # what the device kept for work without a network
        response.headers.setdefault("Cache-Control", "private, no-store")  # recovery codes, and the secret of an app
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        slug = request.actor.workspace.slug
        if request.session.get("workspace") != slug:
            request.session["workspace"] = slug
        user = request.user
        with translation.override(user.language), timezone.override(zone_of(user.time_zone)):
            response = entrance.refusal(request) or looking.refusal(request) or self.get_response(request)
            if response.status_code == 405 and not response.content:
                response = _explained(request, response)
        response.headers.setdefault("Content-Language", user.language)
        response.headers.setdefault("Cache-Control", "private, no-store")
        if response.status_code >= 400:
            transaction.set_rollback(True)
        return response

    @staticmethod
    def _moved(request: HttpRequest, absent: access.Absent) -> str:
        """Where a record went that was merged, for whoever opens its old address; "" otherwise."""
        found = merging.moved(request.actor, absent) if request.method == "GET" and hasattr(request, "actor") else None
        address = request.get_full_path()
        return address.replace(*found, 1) if found and found[0] in address else ""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The refusals that any page may meet, in words."""
        if isinstance(error, access.Absent) and (address := self._moved(request, error)):
            return HttpResponseRedirect(address)
        if isinstance(error, access.Absent | Http404):
            return errors.not_found(request)
        if isinstance(error, access.Forbidden | custom.NotAdministrator | PermissionDenied):
            return errors.forbidden(request)
        if isinstance(error, BadFilter | BadPage):
            return errors.bad_request(request, str(error))
        return self._ended(request, error) if isinstance(error, DatabaseError) else None

    @staticmethod
    def _ended(request: HttpRequest, error: DatabaseError) -> HttpResponse | None:
        """What the database would not do: a write while only looking, a value that does not fit, a question that takes
        too long.
        """
        if isinstance(error, InternalError) and looking.is_on(request):
            return looking.only_looking(request)
        if isinstance(error, DataError):
            words = _(
                "A value is larger than can be written down. Nothing was changed; go back and give a smaller one."
            )
            return errors.bad_request(request, words)
        return errors.too_long(request) if is_impatience(error) else None


def _explained(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
    """The page that says why an address can't be opened, with the methods it does take."""
    page = errors.not_to_be_opened(request)
    page.headers["Allow"] = refused.headers["Allow"]
    return page


def _same_session(request: HttpRequest, user: User) -> bool:
    """Whether the session was made with the password of today (Django's own check, without reading the user again)."""
    kept = request.session.get(HASH_SESSION_KEY, "")
    return constant_time_compare(kept, user.get_session_auth_hash()) or request.user.is_authenticated
