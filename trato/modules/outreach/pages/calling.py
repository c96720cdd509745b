"""Calls one after the other: who is next, their number, the script, and what came of it in one key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from markupsafe import Markup

from trato.engine import access, history, objects
from trato.engine.actions import Problem, Refused
from trato.engine.kinds import DateTime, Invalid, Reader
from trato.engine.kinds.datetime import zone_of
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor
from trato.web.panels import panel
from trato.web.respond import base_of, go, page, said
from trato.web.words import when

from .. import queries
from ..actions import calling
from ..models import OUTCOMES, CallList, CallListEntry
from ..rules import scripts

_WHEN = DateTime()
#: The outcomes by their keys.
KEYS = (("1", "reached"), ("2", "no_answer"), ("3", "voicemail"), ("4", "busy"), ("5", "later"))


def _list(actor: Actor, list_id: UUID) -> CallList:
    """The list, for who may keep calls; raises Absent, Forbidden."""
    found = access.get(actor, objects.get("call-lists"), list_id)
    access.require(actor, objects.get("calls"), "create")
    if actor.user_id is None:
        raise access.Forbidden("calls", "create")
    return found


@panel("call-lists")
def begin(request: HttpRequest, record: Any) -> Markup | None:
    """How many are to be called, and the way to the calls."""
    if not request.actor.rights.may("calls", "create"):
        return None
    counts = queries.standing(record.id)
    labels = dict(CallListEntry._meta.get_field("status").flatchoices)
    context = {
        "counts": [(str(labels[name]), counts[name]) for name in labels if counts.get(name)],
        "url": f"{base_of(request)}/calling/{record.id}",
    }
    return Markup(render_to_string("outreach/begin.html", context, request))  # noqa: S704 - a template of ours


@require_GET
def page_of_calls(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """The next call of a list, taken for the person who looks."""
    return _shown(request, _list(request.actor, list_id), {})


@require_POST
def script(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """The script as far as it is answered, with the next question; nothing is kept yet."""
    call_list = _list(request.actor, list_id)
    return render(request, "outreach/script.html", _script(call_list, request.POST))


def _shown(
    request: HttpRequest, call_list: CallList, given: Mapping[str, str], problems: list[Problem] | None = None
) -> HttpResponse:
    actor = request.actor
    entry = calling.take(actor, call_list)
    reader = access.reader(actor, [entry.record] if entry else [])
    counts = queries.standing(call_list.id)
    context = {
        "entry": _told(actor, call_list, entry, reader) if entry else None,
        "left": sum(counts.get(name, 0) for name in ("open", "later", "missed")),
        "url": f"{reader.base}/calling/{call_list.id}",
        "list_url": f"{reader.base}/call-lists/{call_list.id}",
        "greeting": call_list.script.greeting.splitlines() if call_list.script else [],
        "outcomes": [{"key": key, "name": name, "label": str(dict(OUTCOMES)[name])} for key, name in KEYS],
        "again_at": given.get("again_at") or _tomorrow(reader),
        "notes": given.get("notes", ""),
        "problems": [_marked(problem, call_list) for problem in problems or ()],
    }
    context |= _script(call_list, given)
    crumbs = [
        (_("Call lists"), f"{reader.base}/call-lists/"),
        (call_list.title, f"{reader.base}/call-lists/{call_list.id}"),
    ]
    status = 422 if problems else 200
    return page(request, "outreach/calling.html", context, title=_("Calls"), crumbs=crumbs, status=status)


def _marked(problem: Problem, call_list: CallList) -> dict[str, str]:
    """A problem beside the words of what it is about."""
    questions = queries.questions(call_list)
    labels = {f"answer-{question['id']}": question["ask"] for question in questions}
    label = (labels | {"again_at": _("Call back at")}).get(problem.field, "")
    return {"id": problem.field if label else "", "label": label, "message": str(problem.message)}


def _tomorrow(reader: Reader) -> str:
    """A day from now at the full hour, as a control of times says it: calling back then is one key."""
    local = timezone.now().astimezone(zone_of(reader.time_zone)) + timedelta(days=1)
    return local.strftime("%Y-%m-%dT%H:00")


def _told(actor: Actor, call_list: CallList, entry: CallListEntry, reader: Reader) -> dict[str, Any]:
    plural, record_id = objects.split_ref(entry.record)
    obj = objects.get(plural)
    record = access.get(actor, obj, record_id)
    account = getattr(record, "account_id", None) if "account" in access.fields(actor, obj) else None
    named = access.titles(actor, [f"accounts/{account}"]) if account else {}
    return {
        "id": str(entry.id),
        "title": reader.titles.get(entry.record, str(obj.label)),
        "url": f"{reader.base}/{entry.record}",
        "icon": obj.icon,
        "account": named.get(f"accounts/{account}", ""),
        "account_url": f"{reader.base}/accounts/{account}",
        "job": record.job_title if "job_title" in access.fields(actor, obj) else "",
        "numbers": _numbers(actor, call_list, record),
        "note": entry.note,
        "attempts": entry.attempts,
        "outcome": str(dict(OUTCOMES).get(entry.outcome, "")),
        "again": when(entry.call_back_at, reader) if entry.call_back_at else None,
        "back": entry.status == "later",
    }


def _numbers(actor: Actor, call_list: CallList, record: Record) -> list[dict[str, str]]:
    """The numbers of a record, the primary one first, each with the address that dials it."""
    obj = objects.of_record(record)
    phones = record.phones if "phones" in access.fields(actor, obj) else []
    found = []
    for one in sorted(phones, key=lambda phone: not phone.get("primary")):
        number = one.get("number", "")
        digits = "".join(sign for sign in number if sign.isdigit() or sign == "+")
        dial = f"sip:{digits}@{call_list.sip_host};user=phone" if call_list.sip_host else f"tel:{digits}"
        found.append({"text": number, "dial": dial})
    return [one for one in found if one["text"]]


def _script(call_list: CallList, given: Mapping[str, str]) -> dict[str, Any]:
    """The questions on the way, each with its answer."""
    answers = {name.removeprefix("answer-"): text for name, text in given.items() if name.startswith("answer-")}
    way = scripts.way(queries.questions(call_list), answers)
    return {
        "questions": [
            {
                "id": question["id"],
                "name": f"answer-{question['id']}",
                "ask": question["ask"],
                "kind": question["kind"],
                "options": [("yes", _("Yes")), ("no", _("No"))]
                if question["kind"] == "yes_no"
                else [(one, one) for one in question.get("choices", ())],
                "answer": answer,
                "problem": scripts.answer_problem(question, answer) if answer else "",
            }
            for question, answer in way
        ],
    }


@require_POST
def another(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """Somebody else first; who was in hand comes again in an hour."""
    call_list = _list(request.actor, list_id)
    calling.let_go(request.actor, call_list)
    return go(request, f"{base_of(request)}/calling/{call_list.id}")


@require_POST
def keep(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """Keep what came of the call, and on to the next."""
    actor, post = request.actor, request.POST
    call_list = _list(actor, list_id)
    here = f"{base_of(request)}/calling/{call_list.id}"
    try:
        is_later = post.get("outcome") == "later"
        again = _WHEN.parse(post.get("again_at", "").replace("T", " "), access.reader(actor)) if is_later else None
        answers = {name.removeprefix("answer-"): text for name, text in post.items() if name.startswith("answer-")}
        outcome = calling.Said(
            post.get("outcome", ""), again, post.get("notes", "")[:20_000], post.get("number", ""), answers
        )
        with history.batch("called") as batch:
            calling.log(actor, call_list, post.get("entry", ""), outcome)
    except Invalid as problem:
        return _shown(request, call_list, post.dict(), [Problem("again_at", problem.code, str(problem))])
    except Refused as refused:
        if any(problem.code == "taken" for problem in refused.problems):
            return said(request, here, refused.problems[0].message, error=True)
        return _shown(request, call_list, post.dict(), refused.problems)
    label = str(dict(OUTCOMES)[outcome.outcome])
    words = _("Kept: %(outcome)s.") % {"outcome": label}
    return said(request, here, words, batch.id)
