"""The configuration as one file: fetched, and taken over from another workspace after a look at what changes."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from trato.engine import configuration
from trato.engine.values import Problem, Refused

from ...respond import said
from .frame import administrators, settings_url, show

LARGEST = 5 * 2**20


@administrators
@require_GET
def fetched(request: HttpRequest) -> HttpResponse:
    """The file."""
    text = json.dumps(configuration.export(request.actor), ensure_ascii=False, indent=1)
    name = f"trato-{request.actor.workspace.slug}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(text, content_type="application/json", headers=headers)


@administrators
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Fetch the file, or bring one: first what it would change, then done."""
    if request.method != "POST":
        return _page(request)
    try:
        text = _text(request)
        given = _parsed(text)
        if "apply" in request.POST:
            changes = configuration.apply(request.actor, given)
            words = _("Added or changed: %(n)s.") % {"n": len(changes)}
            return said(request, settings_url(request, "configuration"), words)
        changes = configuration.compare(request.actor, given)
    except Refused as refused:
        return _page(request, problems=refused.problems)
    return _page(request, text=text, changes=changes)


def _text(request: HttpRequest) -> str:
    """What was sent: a file at first, its text again with the consent. Raises Refused."""
    upload = request.FILES.get("file")
    if upload is None:
        if "text" not in request.POST:
            raise _refused(_("Choose a file first."))
        return request.POST["text"]
    if (upload.size or 0) > LARGEST:
        raise _refused(_("This file is larger than any configuration."))
    try:
        return upload.read().decode()
    except UnicodeDecodeError:
        raise _refused(_("This is no JSON file.")) from None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _refused(_("This is no JSON file.")) from None


def _refused(words: str) -> Refused:
    return Refused([Problem("file", "file", words)])


def _page(request: HttpRequest, **more: Any) -> HttpResponse:
    place = settings_url(request, "configuration")
    changes = more.get("changes")
    context = {
        "action": place,
        "file_url": f"{place}/file",
        "text_sent": more.get("text", ""),
        "problems": [{"id": "input-file", "label": "", "message": str(p.message)} for p in more.get("problems", ())],
        "changes": None
        if changes is None
        else [
            {
                "section": str(one.label),
                "name": " / ".join(map(str, one.key)),
                "added": one.added,
                "fields": [(name, _shown(old), _shown(new)) for name, (old, new) in one.fields.items()],
            }
            for one in changes
        ],
    }
    text = _(
        "Fields, objects, roles and what else was decided here, without any records: to move it to another workspace."
    )
    status = 422 if more.get("problems") else 200
    return show(request, "configuration", _("Configuration"), context, text=text, status=status)


def _shown(value: Any) -> str:
    if value in (None, "", [], {}):
        return "—"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:199]}…"
