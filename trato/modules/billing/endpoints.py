"""Where providers of payments tell what was paid: signed by them, open to everybody else in vain."""

import logging

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from trato.engine import sealing
from trato.engine.postgres.scope import in_workspace
from trato.engine.values import Refused
from trato.engine.workspaces.members import workspace_at

from . import actions, queries

logger = logging.getLogger("trato.payments")
#: Bytes of a message, at most; those of Stripe have some thousands.
LARGEST = 256 * 1024


@csrf_exempt
@require_POST
def told(request: HttpRequest, slug: str, provider: str) -> HttpResponse:
    """A provider tells of one of its payment pages. What is not signed gets the same answer as what is not there."""
    if len(request.body) > LARGEST:
        return JsonResponse({"error": "too large"}, status=413)
    workspace = workspace_at(slug)
    if workspace is None:
        return JsonResponse({"error": "unknown"}, status=400)
    with in_workspace(workspace.id):
        try:
            known = actions.provider_of(queries.settings())
        except sealing.BrokenSeal:
            logger.exception("the provider's keys can't be read", extra={"workspace": str(workspace.id)})
            known = None
        if known is None or known.name != provider:
            return JsonResponse({"error": "unknown"}, status=400)
        try:
            notice = known.read(request.body, request.headers)
        except actions.Forged as forged:
            logger.warning("a message about a payment that nobody signed: %s", forged)
            return JsonResponse({"error": "unknown"}, status=400)
        try:
            return JsonResponse({"result": actions.hear(workspace, notice)})
        except Refused as refused:  # nothing is taken down, and the provider tells it again later
            transaction.set_rollback(True)
            logger.error("a payment can't be taken down: %s", refused, extra={"workspace": str(workspace.id)})
            return JsonResponse({"error": "refused"}, status=422)


urlpatterns = [path("hooks/payments/<slug:slug>/<slug:provider>", told)]
