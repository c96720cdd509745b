"""The page behind the link at the end of every mail of a sequence: one click, and no more come."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from trato.engine.doors import Visit
from trato.web.doors import public, secret_of, shown

from ..actions import mailings, sequences


@public(sequences.PURPOSE)
def ask(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Whether they really don't want any: programs that follow links unsubscribe nobody."""
    context = {"address": visit.door.email, "done": "done" in request.GET}
    return shown(request, visit, "outreach/unsubscribe.html", context, title=_("No more such mails"))


@public(sequences.PURPOSE, "leave", methods=("POST",))
def leave(request: HttpRequest, visit: Visit) -> HttpResponse:
    """They want no more of them."""
    mailings.leave(visit)
    return HttpResponseRedirect(f"/p/{visit.workspace.slug}/{secret_of(request)}?done", status=303)


@public(sequences.PURPOSE, "one-click", methods=("POST",))
def one_click(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The same, said by a mail program for its reader."""
    mailings.leave(visit)
    return HttpResponse(status=204)
