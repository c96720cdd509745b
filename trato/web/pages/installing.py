"""Trato on the home screen: what a browser needs to know to install it. No page is ever kept on the device."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ..respond import base_of
from ..shell import shell_of

#: As --surface and --accent of assets/css/tokens.css.
SURFACE, ACCENT = "#ffffff", "#0f6e66"
#: Shortcuts that systems show at most; beside searching, what the person creates.
SHORTCUTS = 4


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest (W3C) of a workspace, in the person's language, with shortcuts to what they may create."""
    base, name = base_of(request), request.actor.workspace.name
    search = {"name": _("Search"), "url": f"{base}/search"}
    create = [
        {"name": _("New: %(object)s") % {"object": one["label"]}, "url": one["url"]} for one in shell_of(request)["add"]
    ]
    told = {
        "id": f"{base}/",
        "name": f"{name} · Trato",
        "short_name": "Trato",
        "lang": get_language(),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "start_url": f"{base}/",
        "scope": "/",
        "display": "standalone",
        "background_color": SURFACE,
        "theme_color": ACCENT,
        "icons": [
            {"src": static("trato/favicon.svg"), "sizes": "any", "type": "image/svg+xml"},
            {"src": static("trato/mark-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": static("trato/mark-512.png"), "sizes": "512x512", "type": "image/png"},
            {"src": static("trato/mark-whole-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
        "shortcuts": [search, *create][:SHORTCUTS],
    }
    response = JsonResponse(told, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
