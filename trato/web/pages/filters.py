"""The filter builder by itself: what its controls ask for while a condition is made."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, filters
from trato.engine.kinds import Questions, Typed
from trato.engine.objects import Object

from ..filtering import Asked, Builder, builder, in_form, subjects
from ..listing import State, state_of
from ..names import object_or_404
from ..respond import base_of

#: Objects whose fields answers may go into.
MOST = 20
NAME = re.compile(r"[a-z][a-z0-9_-]{0,60}", re.ASCII)


@require_GET
def built(request: HttpRequest, plural: str) -> HttpResponse:
    """The builder of the filter sent as ``<builder>`` (the name of its input; ``filter`` where none is said) after what
    was pressed. With ``list`` it belongs to the list of the object, which every change is applied to at once.
    """
    obj, name = object_or_404(request, plural), request.GET.get("builder", "filter")
    if not NAME.fullmatch(name):
        raise Http404(name)
    places = in_form(access.reader(request.actor), obj, name)
    if "list" in request.GET:
        places = in_list(obj, state_of(request, obj), f"{base_of(request)}/{obj.plural}/")
    made = builder(request.actor, obj, filters.parse(request.GET.get(name, "")), request.GET, name=name, **places)
    return render(request, "parts/builder.html", {"builder": made.context()})


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    """The builder of a form after another object was chosen in the field ``by``; what it held stays."""
    name, by = request.GET.get("builder", ""), request.GET.get("by", "")
    if not NAME.fullmatch(name) or not NAME.fullmatch(by):
        raise Http404(name)
    held, plural = request.GET.get(name, ""), request.GET.get(by, "")
    if not plural:
        return render(request, "parts/builder.html", {"builder": None, "name": name, "value": held})
    obj, tree, reader = object_or_404(request, plural), filters.parse(held), access.reader(request.actor)
    made = builder(request.actor, obj, tree, QueryDict(), name=name, **in_form(reader, obj, name))
    return render(request, "parts/builder.html", {"builder": made.context()})


def in_list(obj: Object, state: State, base: str) -> dict[str, Any]:
    """Where the controls of a list's builder go: to the list, which every change is applied to at once."""
    hidden = [pair for pair in state.parameters() if pair[0] not in ("filter", "cursor")]
    return {"url": f"{base}filter?list=1", "apply_url": base, "hidden": hidden}


def alone(request: HttpRequest, made: Builder) -> HttpResponse:
    """The builder in place of what was asked for, since the condition made in it is wrong."""
    answer = render(request, "parts/builder.html", {"builder": made.context()})
    answer.headers["HX-Retarget"] = f"#{made.name}-builder"
    return answer


@require_POST
def questions(request: HttpRequest) -> HttpResponse:
    """The cards of questions in a form, as they were typed, after what was pressed."""
    name, control = request.POST.get("questions", ""), request.POST.get("control", "")
    if not NAME.fullmatch(name) or not NAME.fullmatch(control):
        raise Http404(name)
    about = [object_or_404(request, plural).plural for plural in request.POST.get("about", "").split()[:MOST]]
    reader = access.reader(request.actor)
    return HttpResponse(Asked().questions(Questions(about=about), name, Typed(request.POST), reader, id=control))


@require_GET
def fields(request: HttpRequest, plural: str) -> HttpResponse:
    """JSON of what a condition can be about, for the letters typed; ``objects`` names the object it is made for."""
    wanted = request.GET.get("objects", "") or plural
    obj = filters.TIMELINE if wanted == filters.TIMELINE.plural else object_or_404(request, wanted)
    found = subjects.offered(request.actor, obj, request.GET.get("q", "")[:200])
    choices = [
        {"ref": each.key, "title": each.label, "label": each.group, "icon": each.relation.object.icon}
        if each.relation
        else {"ref": each.key, "title": each.label, "label": each.group}
        for each in found
    ]
    return JsonResponse(choices, safe=False)
