"""How a view answers: a page in the frame or the part that htmx asked for, a redirect, a notice with undo."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import urlencode

from .environment import undo_address
from .shell import shell_of


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page (not to restore a whole one from its history)."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    title: Any,
    crumbs: list[tuple[Any, str]] | None = None,
    part: str = "",
    status: int = 200,
) -> HttpResponse:
    """A page of the workspace in its frame; to htmx only ``part`` of it, where there is one."""
    if part and wants_part(request):
        return render(request, part, context, status=status)
    frame = {
        "title": title,
        "crumbs": [*(crumbs or []), (title, "")],
        "shell": shell_of(request),
        "messages": messages.get_messages(request),
    }
    return render(request, template, frame | dict(context), status=status)


def go(request: HttpRequest, address: str) -> HttpResponse:
    """Send the browser to an address of ours after a write."""
    if wants_part(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address, status=303)


def said(
    request: HttpRequest, address: str, text: Any, batch: UUID | None = None, *, error: bool = False
) -> HttpResponse:
    """``go`` with a notice, which offers to undo a batch of writes where there is one."""
    level = messages.ERROR if error else messages.SUCCESS
    messages.add_message(request, level, str(text), extra_tags=f"undo:{undo_url(request, batch)}" if batch else "")
    return go(request, address)


def toast(response: HttpResponse, request: HttpRequest, text: Any, batch: UUID | None = None) -> HttpResponse:
    """The same notice beside a part that htmx swaps."""
    notice = {"text": str(text)} | ({"undo": undo_url(request, batch)} if batch else {})
    response.headers["HX-Trigger"] = json.dumps({"toast": notice})
    return response


def told_beside(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """What earlier writes had to tell, beside a part that stands in place of the page that would have told it."""
    for notice in messages.get_messages(request):
        undo = undo_address(notice)
        told = {"text": str(notice)} | ({"undo": undo} if undo else {})
        response.headers["HX-Trigger"] = json.dumps({"toast": told})
    return response


def undo_url(request: HttpRequest, batch: UUID) -> str:
    """Where a batch of writes is taken back."""
    return f"{base_of(request)}/undo/{batch}"


def base_of(request: HttpRequest) -> str:
    """The address of the workspace's pages, without a slash at the end."""
    return f"/w/{request.actor.workspace.slug}"


def back(request: HttpRequest, otherwise: str) -> str:
    """The page of this workspace a form was sent from, else ``otherwise``; never an address outside."""
    address = request.POST.get("back", "")
    inside = address.startswith(base_of(request) + "/") and "\\" not in address and "//" not in address
    return address if inside and address.isprintable() else otherwise


def sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and from there back to this address."""
    address = resolve_url(settings.LOGIN_URL)
    if wants_part(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    after = request.get_full_path() if request.method == "GET" else request.path
    return HttpResponseRedirect(f"{address}?{urlencode({'next': after})}")
