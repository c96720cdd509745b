"""What changed lately, for pages whose event stream does not come through."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from trato.engine.together import lately


@require_GET
def since(request: HttpRequest) -> HttpResponse:
    """``{"next": …, "changes": […]}`` since ``?after=``, the ``next`` of the answer before."""
    following, changes = lately.since(request.actor, request.GET.get("after", ""))
    return JsonResponse({"next": following, "changes": changes})
