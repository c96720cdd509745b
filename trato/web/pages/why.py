"""Why somebody can, or can't, see a record: for administrators, who may know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from trato.engine import access, explaining, objects, tokens
from trato.engine.kinds import Choice, Link, Typed
from trato.engine.objects import Object
from trato.engine.values import Problem, Refused
from trato.engine.workspaces.actors import Actor, actor_for_token, actor_for_user

from .. import forms, words
from ..names import called, object_or_404
from ..respond import base_of, go
from .settings.frame import administrators, ask, form, read, settings_url, show
from .settings.roles import LEVELS

MAY = {
    ("see", True): gettext_lazy("%(who)s can see it."),
    ("see", False): gettext_lazy("%(who)s can't see it."),
    ("change", True): gettext_lazy("%(who)s can change it."),
    ("change", False): gettext_lazy("%(who)s can't change it."),
    ("delete", True): gettext_lazy("%(who)s can delete it."),
    ("delete", False): gettext_lazy("%(who)s can't delete it."),
}


def _choices(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Everybody of the workspace, each followed by their keys to the API."""
    keys: dict[Any, list[Any]] = {}
    for token in tokens.listed(request.actor):
        keys.setdefault(token.user_id, []).append(token)
    for user in access.members(request.actor):
        yield str(user.id), str(user)
        for token in keys.get(user.id, []):
            yield f"key-{token.id}", _("%(who)s, by the key %(name)s") % {"who": user, "name": token.name}


def _chosen(request: HttpRequest, named: str) -> Actor | None:
    """The person or key of an address; None where it names none of this workspace."""
    workspace, key = request.actor.workspace, named.removeprefix("key-")
    if key != named:
        found = next((token for token in tokens.listed(request.actor) if str(token.id) == key), None)
        return actor_for_token(found, workspace) if found else None
    user = next((user for user in access.members(request.actor) if str(user.id) == named), None)
    return actor_for_user(user, workspace) if user else None


@administrators
@require_GET
def of_record(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """What somebody may do with a record and its fields, and why."""
    obj = object_or_404(request, plural)
    record = explaining.subject(obj, record_id)
    who = _chosen(request, request.GET.get("who", ""))
    address = f"{base_of(request)}/{obj.plural}/{record.id}"
    title = access.title(request.actor, obj, record)
    levels = dict(words.named(LEVELS))
    reader = access.reader(request.actor)
    people = ask("who", _("Person or key"), Choice(choices=list(_choices(request))))
    context = {
        "action": f"{address}/why",
        "person_field": forms.row(people, request.GET.get("who", "") if who else "", reader, []),
        "answers": [
            {
                "text": MAY[answer.verb, answer.allowed] % {"who": who.name},
                "allowed": answer.allowed,
                "reasons": answer.reasons,
            }
            for answer in (explaining.explain(who, obj, record) if who else [])
        ],
        "fields": [
            {"label": field.label, "level": levels[field.level], "reason": field.reason}
            for field in (explaining.explain_fields(who, obj) if who else [])
        ],
    }
    crumbs = [(called(obj).many, f"{base_of(request)}/{obj.plural}/"), (title, address)]
    heading = _("Who may see “%(title)s”?") % {"title": title}
    text = _("Choose somebody: Trato says what they may do with this record, and why.")
    return show(request, "why", heading, context, text=text, crumbs=crumbs)


def _named(ref: str) -> tuple[Object, str]:
    plural, _slash, record_id = ref.partition("/")
    return objects.get(plural), record_id


@administrators
def ask_for(request: HttpRequest) -> HttpResponse:
    """The same, beginning with the question which record."""
    address = settings_url(request, "why")
    plurals = tuple(obj.plural for obj in objects.all_objects())
    asked = [
        ask("record", _("Record"), Link(required=True, to=plurals)),
        ask("who", _("Person or key"), Choice(required=True, choices=list(_choices(request)))),
    ]
    shown: Any = {}
    problems: list[Any] = []
    if request.method == "POST":
        try:
            given = read(request, asked)
            access.get(request.actor, *_named(str(given["record"])))
            return go(request, f"{base_of(request)}/{given['record']}/why?{forms.query(who=given['who'])}")
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
        except (access.Absent, objects.UnknownObject):
            shown, problems = Typed(request.POST), [Problem("record", "absent", _("There is no such record."))]
    text = _("Choose a record and somebody: Trato says what they may do with it, and why.")
    return form(request, _("Why?"), [("", asked)], shown, action=address, problems=problems, text=text, submit=_("Ask"))
