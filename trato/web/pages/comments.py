"""Comments, reactions and mentions on a record's page, following it, and being reminded of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access
from trato.engine.kinds import DateTime, Text, Typed
from trato.engine.objects import Object
from trato.engine.together import comments, follows, people, reminders
from trato.engine.values import Problem, Refused

from .. import later, together, words
from ..names import object_or_404
from ..respond import base_of, go, page, said, toast, wants_part
from .settings.frame import ask, form, read


def of_record(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """The comments of a record, or of one write of it (``?entry=``); posted, one more."""
    obj = object_or_404(request, plural)
    record = access.get(request.actor, obj, record_id)
    entry = request.GET.get("entry", "")
    if request.method != "POST":
        return _part(request, obj, record, entry=entry)
    text, parent = request.POST.get("text", ""), request.POST.get("parent", "")
    try:
        _comment, blind = comments.create(request.actor, obj, record, text, parent=parent or None, entry=entry or None)
    except Refused as refused:
        return _part(request, obj, record, entry=entry, typed=text, refused=refused, answering=parent)
    return _done(request, obj, record, together.blind_words(blind), entry)


def one(request: HttpRequest, plural: str, record_id: Any, comment_id: Any) -> HttpResponse:
    """The form of one's own comment; posted, its new words."""
    obj = object_or_404(request, plural)
    record = access.get(request.actor, obj, record_id)
    comment = comments.get(request.actor, obj, record, comment_id)
    typed, problem = comment.text, ""
    if request.method == "POST":
        typed = request.POST.get("text", "")
        try:
            _comment, blind = comments.edit(request.actor, obj, record, comment_id, typed)
            return _done(request, obj, record, together.blind_words(blind), comment.entry_id)
        except Refused as refused:
            problem = str(refused.problems[0].message)
    address = f"{base_of(request)}/{obj.plural}/{record.id}"
    context = {
        "comment": {"id": comment.id, "typed": typed, "problem": problem, "url": f"{address}/comments/{comment.id}"},
        "cancel_url": f"{address}/comments",
        "part": "parts/comment_edit.html",
        "people_url": f"{address}/people",
    }
    crumbs = _crumbs(request, obj, record)
    status = 422 if problem else 200
    return page(
        request, "part.html", context, title=_("Edit the comment"), crumbs=crumbs, part=context["part"], status=status
    )


@require_POST
def delete(request: HttpRequest, plural: str, record_id: Any, comment_id: Any) -> HttpResponse:
    """Take a comment back."""
    obj = object_or_404(request, plural)
    record = access.get(request.actor, obj, record_id)
    comments.delete(request.actor, obj, record, comment_id)
    return _done(request, obj, record, _("The comment was deleted."))


@require_POST
def react(request: HttpRequest, plural: str, record_id: Any, comment_id: Any) -> HttpResponse:
    """Put an emoji under a comment, or take it away."""
    obj = object_or_404(request, plural)
    record = access.get(request.actor, obj, record_id)
    try:
        on = request.POST.get("on") != "0"
        comments.react(request.actor, obj, record, comment_id, request.POST.get("emoji", ""), on=on)
    except Refused as refused:
        return _done(request, obj, record, str(refused.problems[0].message))
    return _done(request, obj, record, "")


@require_GET
def versions(request: HttpRequest, plural: str, record_id: Any, comment_id: Any) -> HttpResponse:
    """How a comment was changed."""
    obj = object_or_404(request, plural)
    record = access.get(request.actor, obj, record_id)
    reader = access.reader(request.actor)
    entries = comments.versions(request.actor, obj, record, comment_id)
    rows = [
        {"who": entry.actor_name, "when": words.when(entry.at, reader), "text": together.TEXT.show(new, reader)}
        for entry in reversed(entries)
        if (new := entry.changes["text"][1])
    ]
    context = {"versions": rows, "part": "parts/comment_versions.html"}
    return page(
        request,
        "part.html",
        context,
        title=_("Versions of a comment"),
        crumbs=_crumbs(request, obj, record),
        part=context["part"],
    )


def _part(
    request: HttpRequest,
    obj: Object,
    record: Any,
    *,
    entry: Any = "",
    typed: str = "",
    refused: Refused | None = None,
    answering: str = "",
) -> HttpResponse:
    """The comments alone: bare to htmx, in the frame to a browser without scripts."""
    told = together.threads(request, obj, record, entry or None)
    told |= {"typed": typed, "answering": answering}
    told |= {"problem": str(refused.problems[0].message)} if refused else {}
    address = f"{base_of(request)}/{obj.plural}/{record.id}"
    context = {"comments": told, "part": "parts/comments.html", "people_url": f"{address}/people"}
    status = 422 if refused else 200
    crumbs = _crumbs(request, obj, record)
    return page(request, "part.html", context, title=_("Comments"), crumbs=crumbs, part=context["part"], status=status)


def _crumbs(request: HttpRequest, obj: Object, record: Any) -> list[tuple[Any, str]]:
    base = base_of(request)
    title = access.title(request.actor, obj, record)
    return [(obj.label_plural, f"{base}/{obj.plural}/"), (title, f"{base}/{obj.ref(record.id)}")]


def _done(request: HttpRequest, obj: Object, record: Any, notice: str, entry: Any = None) -> HttpResponse:
    """The comments as they are now, with a notice where there is something to say."""
    if wants_part(request):
        told = together.threads(request, obj, record, entry or request.GET.get("entry") or None)
        answer = render(request, "parts/comments.html", {"comments": told})
        return toast(answer, request, notice) if notice else answer
    if notice:
        messages.info(request, notice)
    return go(request, f"{base_of(request)}/{obj.plural}/{record.id}#comments")


@require_GET
def mentionable(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """Who may be mentioned on a record: ``[{"id", "name", "email"}]``, those whose name holds ``?q=``."""
    obj = object_or_404(request, plural)
    found = people.mentionable(request.actor, obj, record_id, request.GET.get("q", "")[:100])
    return JsonResponse([{"id": user.id, "name": str(user), "email": user.email} for user in found], safe=False)


@require_POST
def follow(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """Follow a record, or let go of it."""
    obj = object_or_404(request, plural)
    on = follows.set_follow(request.actor, obj, record_id, request.POST.get("on") != "0")
    text = _("You now get notifications about this.") if on else _("You no longer get notifications about this.")
    return said(request, f"{base_of(request)}/{obj.plural}/{access.as_uuid(record_id)}", text)


def remind(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """The form of a reminder for oneself; posted, the reminder."""
    obj = object_or_404(request, plural)
    record = access.get(request.actor, obj, record_id)
    address = f"{base_of(request)}/{obj.plural}/{record.id}"
    asked = [
        ask("at", _("When"), DateTime(required=True)),
        ask("note", _("What about"), Text(max_length=200)),
    ]
    shown: Any = {}
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            given = _when(request) or read(request, asked)
            made = reminders.create(request.actor, obj, record, given["at"], given["note"] or "")
            when = words.EXACT.plain(made.at, access.reader(request.actor))
            return said(request, address, _("You will be reminded: %(when)s.") % {"when": when})
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    heading = _("Remind me of “%(title)s”") % {"title": access.title(request.actor, obj, record)}
    return form(
        request,
        heading,
        [("", asked)],
        shown,
        action=f"{address}/remind",
        problems=problems,
        submit=_("Remind me"),
        cancel=address,
        crumbs=_crumbs(request, obj, record),
        presets=later.offered(later.clock(request.actor)),
    )


def _when(request: HttpRequest) -> dict[str, Any] | None:
    """A moment that was chosen by its name, with the note; None where a date is to be read."""
    moment = later.moment_of(request.POST.get("preset", ""), later.clock(request.actor))
    return {"at": moment, "note": request.POST.get("note", "")} if moment else None


@require_POST
def forget(request: HttpRequest, plural: str, record_id: Any, reminder_id: Any) -> HttpResponse:
    """Let go of a reminder."""
    obj = object_or_404(request, plural)
    reminders.delete(request.actor, obj, record_id, reminder_id)
    address = f"{base_of(request)}/{obj.plural}/{access.as_uuid(record_id)}"
    return said(request, address, _("The reminder is gone."))
