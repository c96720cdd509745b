"""How the installation is, for administrators."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from trato.engine.health import findings

from .frame import administrators, show


@require_GET
@administrators
def health(request: HttpRequest) -> HttpResponse:
    """A line for each thing that has to be well; the operator may keep the page to themselves."""
    if not settings.TRATO_HEALTH_PAGE:
        raise Http404
    found = list(findings())
    text = _("All is well.") if all(one.well for one in found) else _("Something has to be done.")
    return show(request, "health", _("Health"), {"findings": found}, text=text)
