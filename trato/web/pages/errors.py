"""What went wrong, in words: what happened, what was kept, what to do. None of these pages reads the database."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token


def answer(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    """An error page; ``heading`` says what happened, ``text`` what was kept and what to do."""
    actor, looking = getattr(request, "actor", None), getattr(request, "looking", "")
    home = f"/w/{actor.workspace.slug}/" if actor else "/"
    context = {
        "status": status,
        "heading": heading,
        "title": heading,
        "text": text,
        "back_url": home,
        "looking": {"name": looking, "end_url": f"{home}looking/end"} if looking else None,
        "reference": getattr(request, "id", ""),
    }
    return render(request, "error.html", context, status=status)


def bad_request(request: HttpRequest, reason: str = "", exception: Exception | None = None) -> HttpResponse:
    """400: what was asked for makes no sense."""
    text = reason or _("The address or the form was damaged on the way. Nothing was changed; go back and try again.")
    return answer(request, 400, _("That can't be answered"), text)


def too_many(request: HttpRequest) -> HttpResponse:
    """429: asked too often."""
    text = _("Nothing was changed. Wait some minutes, then try again.")
    return answer(request, 429, _("That was too often"), text)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the person's role does not allow it."""
    text = _("Your role in this workspace does not allow it. Nothing was changed; an administrator can change roles.")
    return answer(request, 403, _("You may not do this"), text)


@requires_csrf_token
def not_trusted(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without its secret (CSRF)."""
    text = _("The form was too old or came from elsewhere. Nothing was saved; load the page again and send it again.")
    return answer(request, 403, _("This form can't be trusted"), text)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: it is not there, or not for this person; both look the same."""
    text = _("It does not exist, it was deleted, or it is not shared with you.")
    return answer(request, 404, _("Nothing is here"), text)


def not_to_be_opened(request: HttpRequest) -> HttpResponse:
    """405: an address that only takes a form, opened: after signing in again, or from the browser's history."""
    text = _("This address only takes what a form sends, and nothing was changed. Go back and send the form again.")
    return answer(request, 405, _("There is no page to open here"), text)


def too_long(request: HttpRequest) -> HttpResponse:
    """503: the database was asked for more than it answers in the time one request has."""
    text = _("Nothing was changed. Ask for less: with fewer conditions, or for fewer records at once.")
    return answer(request, 503, _("That took too long"), text)


def broken(request: HttpRequest) -> HttpResponse:
    """500: our mistake."""
    text = _(
        "The mistake is ours, and it was noted. Nothing was changed. Try again; "
        "if it stays, tell an administrator the reference."
    )
    return answer(request, 500, _("Something went wrong"), text)
