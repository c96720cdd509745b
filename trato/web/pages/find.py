"""Finding anything: the page of results, and what is offered while one types."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from trato.engine import access, favourites, objects, search, seen
from trato.engine.objects import Object
from trato.engine.together import finding

from ..forms import query
from ..respond import base_of, page

OFFERED = 12
RESULTS = 50
#: The word for comments among what is searched, and how many are shown below the records.
COMMENTS, FEW_COMMENTS = "comments", 5


@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """The best matches over all objects, or over one."""
    actor, address = request.actor, f"{base_of(request)}/search"
    words, chosen = request.GET.get("q", "").strip()[:200], request.GET.get("object", "")
    searched = [obj for obj in objects.all_objects() if not obj.within and access.may_see_any(actor, obj)]
    only = [obj for obj in searched if obj.plural == chosen]
    in_comments = chosen == COMMENTS
    hits = search.find(actor, words, only or searched, limit=RESULTS) if words and not in_comments else []
    tabs = [("", _("Everything")), (COMMENTS, _("Comments"))]
    tabs += [(obj.plural, str(obj.label_plural)) for obj in searched if obj.in_navigation]
    context = {
        "q": words,
        "objects": [
            {
                "label": label,
                "url": f"{address}?{query(q=words, **({'object': plural} if plural else {}))}",
                "current": plural == (chosen if only or in_comments else ""),
                "count": None,
            }
            for plural, label in tabs
        ],
        "results": [
            {
                "title": hit.title or str(hit.object.label),
                "url": f"{base_of(request)}/{hit.ref}",
                "subtitle": hit.subtitle,
                "label": hit.object.label,
                "icon": hit.object.icon,
                "avatar": hit.object.portrait,
            }
            for hit in hits
        ],
        "comments": _comments(request, words, RESULTS if in_comments else FEW_COMMENTS) if words and not only else [],
        "next_url": "",
        "previous_url": "",
        "at_hand": [] if words else _at_hand(request),
    }
    return page(request, "search.html", context, title=_("Search"))


def _comments(request: HttpRequest, words: str, most: int) -> list[dict[str, Any]]:
    """The newest comments with the words, each with what it is about."""
    base = base_of(request)
    return [
        {
            "title": found.title,
            "url": f"{base}/{found.ref}#comment-{found.comment.id}",
            "subtitle": f"{found.comment.author_name}: {found.snippet}",
            "label": _("Comment"),
            "icon": "message",
            "avatar": False,
        }
        for found in finding.find(request.actor, words, most)
    ]


def _at_hand(request: HttpRequest) -> list[tuple[str, list[dict[str, Any]]]]:
    """Before anything is typed: the favourites, and what was opened last."""
    groups = [
        (_("Favourites"), favourites.of(request.actor)),
        (_("Recently opened"), seen.lately(request.actor, limit=RESULTS)),
    ]
    return [
        (label, [_choice(request, obj, row["id"], row["title"], "") | {"avatar": obj.portrait} for obj, row in found])
        for label, found in groups
        if found
    ]


@require_GET
def pick(request: HttpRequest) -> HttpResponse:
    """JSON for inputs that offer records while one types; without words those opened last."""
    words = request.GET.get("q", "").strip()[:200]
    named = [name for name in request.GET.get("objects", "").split(",") if name]
    known = [obj for obj in objects.all_objects() if access.may_see_any(request.actor, obj)]
    wanted = [obj for obj in known if obj.plural in named] if named else known
    choices = _members(request, words) if "users" in named else []
    if wanted:
        choices += _records(request, wanted, words) if words else _recent(request, wanted)
    return JsonResponse(choices[:OFFERED], safe=False)


def _records(request: HttpRequest, wanted: list[Object], words: str) -> list[dict[str, Any]]:
    found = search.find(request.actor, words, wanted, limit=OFFERED)
    return [_choice(request, hit.object, hit.id, hit.title, hit.subtitle) for hit in found]


def _recent(request: HttpRequest, wanted: list[Object]) -> list[dict[str, Any]]:
    """What the person opened last; where that is nothing, the newest records of a single object."""
    rows = [(obj, row) for obj, row in seen.lately(request.actor, wanted, OFFERED)]
    if not rows and len(wanted) == 1:
        newest = access.visible(request.actor, wanted[0]).order_by("-id").values("id", "title")[:OFFERED]
        rows = [(wanted[0], row) for row in newest]
    return [_choice(request, obj, row["id"], row["title"], "") for obj, row in rows]


def _choice(request: HttpRequest, obj: Object, record_id: Any, title: str, subtitle: str) -> dict[str, Any]:
    ref = obj.ref(record_id)
    return {
        "ref": ref,
        "title": title or str(obj.label),
        "subtitle": subtitle,
        "label": str(obj.label),
        "icon": obj.icon,
        "url": f"{base_of(request)}/{ref}",
    }


def _members(request: HttpRequest, words: str) -> list[dict[str, Any]]:
    people = access.members(request.actor)
    if words:
        people = people.filter(Q(name__icontains=words) | Q(email__istartswith=words))
    return [
        {"ref": f"users/{user.id}", "title": str(user), "subtitle": user.email, "label": _("Member"), "icon": "user"}
        for user in people[:OFFERED]
    ]
