"""The customer's page of a quote, its PDF, the box of what became of it, and the settings of quotes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET
from markupsafe import Markup

from trato.engine import access, doors, files, objects, outbox
from trato.engine.doors import Visit
from trato.engine.kinds import Bool, LongText, Number, Typed
from trato.engine.outbox.models import STATES
from trato.engine.values import Problem, Refused
from trato.engine.workspaces.actors import Actor
from trato.web.doors import client_address, file_answer, is_member, public, secret_of, shown
from trato.web.pages.settings.frame import administrators, ask, form, read, settings_url
from trato.web.panels import panel, setting, today
from trato.web.respond import base_of, said
from trato.web.words import when

from . import actions, queries, rules
from .actions import answering
from .models import Approval, Quote
from .queries import paper

#: What a page says after an answer was taken.
DONE = {
    "chosen": gettext_lazy("Your choice is kept, and the document follows it."),
    "said": gettext_lazy("Your message is on its way. You get an answer by e-mail."),
    "declined": gettext_lazy("Thank you for telling us."),
    "accepted": gettext_lazy("Thank you. The quote is accepted and signed."),
}


# -- the customer's page --------------------------------------------------------------------------------------------


def _quote(visit: Visit) -> Quote:
    return access.get(visit.actor, objects.get("quotes"), visit.door.record_id)


@public("quote")
def customer_page(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The quote, and what can be answered."""
    return _page(request, visit, _quote(visit))


def _page(request: HttpRequest, visit: Visit, quote: Quote, problems: list[Problem] | None = None) -> HttpResponse:
    closed = rules.closed_because(quote.status, quote.valid_until, queries.today(visit.workspace))
    reader = paper.reader_of(visit.workspace, visit.door.language)
    day = paper.day(quote.valid_until, reader) if quote.valid_until else ""
    document = files.open_file(quote.document["id"])[0] if quote.document else None
    newer = queries.newest(quote)
    content = paper.content(visit.workspace, quote)
    context = {
        "quote": content,
        "status": quote.status,
        "closed": closed % {"day": day} if "%(day)s" in closed else closed,
        "current_url": "current" if newer is not None and newer.status in rules.OPEN else "",
        "digest": document.digest if document else "",
        "has_signed": bool(quote.signed),
        "done": str(DONE[request.GET["done"]]) if request.GET.get("done") in DONE else "",
        "problems": [str(problem.message) for problem in problems or ()],
        "wrong": {problem.field for problem in problems or ()},
        "typed": Typed(request.POST if problems else {}),
        "who": visit.door.name,
        "email": visit.door.email,
        "preview": is_member(request, visit),
        "count": not (is_member(request, visit) or problems or request.GET.get("done")),
    }
    status = 422 if problems else 200
    return shown(request, visit, "quoting/public.html", context, title=content["title"], status=status)


def _answered(request: HttpRequest, visit: Visit, what: str) -> HttpResponse:
    """Back to the page, which says what was done; a reload does nothing again."""
    return HttpResponseRedirect(f"/p/{visit.workspace.slug}/{secret_of(request)}?done={what}", status=303)


@public("quote", "seen", methods=("POST",))
def seen(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The page was open before somebody's eyes: told by its script, since programs that only fetch links run none."""
    if not is_member(request, visit):
        answering.opened(visit.actor, visit.door.record_id)
    return HttpResponse(status=204)


@public("quote", "choose", methods=("POST",))
def choose(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take some of the options."""
    try:
        answering.choose(visit.actor, visit.door.record_id, request.POST.getlist("option"))
    except Refused as refused:
        return _page(request, visit, _quote(visit), refused.problems)
    return _answered(request, visit, "chosen")


@public("quote", "say", methods=("POST",))
def say(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask or tell something."""
    try:
        answering.say(visit.actor, visit.door.record_id, request.POST.get("text", ""))
    except Refused as refused:
        return _page(request, visit, _quote(visit), refused.problems)
    return _answered(request, visit, "said")


@public("quote", "decline", methods=("POST",))
def decline(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say no."""
    try:
        answering.decline(visit.actor, visit.door.record_id, request.POST.get("reason", ""))
    except Refused as refused:
        return _page(request, visit, _quote(visit), refused.problems)
    return _answered(request, visit, "declined")


@public("quote", "sign", methods=("POST",))
def sign(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Accept and sign."""
    if "agree" not in request.POST:
        told = Problem("agree", "required", _("Tick that you accept the quote."))
        return _page(request, visit, _quote(visit), [told])
    signing = answering.Signing(
        name=" ".join(request.POST.get("name", "").split()),
        drawing=request.POST.get("drawing", "") if request.POST.get("way") == "drawn" else "",
        digest=request.POST.get("digest", ""),
        address=client_address(request),
        agent=request.headers.get("User-Agent", ""),
        email=visit.door.email,
    )
    try:
        answering.sign(visit.actor, visit.door.record_id, signing)
    except Refused as refused:
        return _page(request, visit, _quote(visit), refused.problems)
    return _answered(request, visit, "accepted")


@public("quote", "pdf")
def document(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The document as it is, or once it was signed, the sealed one."""
    quote = _quote(visit)
    kept = quote.signed or quote.document
    if not kept:
        raise access.Absent(str(quote.id))
    return file_answer(files.open_file(kept["id"])[0])


@public("quote", "current")
def current(request: HttpRequest, visit: Visit) -> HttpResponse:
    """To the newer version that replaced this one, through an address of its own for the same person."""
    newer = queries.newest(_quote(visit))
    if newer is None or newer.status not in rules.OPEN:
        raise access.Absent(visit.door.object)
    _door, address = doors.handed_on(visit, objects.get("quotes"), newer.id)
    return HttpResponseRedirect(address, status=303)


# -- inside ---------------------------------------------------------------------------------------------------------


@require_GET
def preview(request: HttpRequest, record_id: Any) -> HttpResponse:
    """The PDF of a quote as it would go out now, for who may see its amounts."""
    quote = access.get(request.actor, objects.get("quotes"), record_id)
    if not _may_read(request.actor):
        raise access.Forbidden("quotes", "see")
    content = paper.document(request.actor.workspace, quote)
    name = files.safe_name(f"{rules.label(quote.number, quote.revision) or quote.name}.pdf")
    headers = {"Content-Disposition": f'attachment; filename="{name.encode("ascii", "ignore").decode()}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _may_read(actor: Actor) -> bool:
    """Whether somebody may see all that stands on the paper."""
    sums = access.sees(actor, objects.get("quotes"), "net", "tax", "total")
    return sums and access.sees(actor, objects.get("quote-lines"), "price", "net")


@panel("quotes")
def progress(request: HttpRequest, record: Any) -> Markup:
    """What became of a quote: its document, who has to approve, mails, the signature, other versions."""
    actor, base = request.actor, base_of(request)
    reader = access.reader(actor)
    signature = queries.signature(record.id)
    versions = [one for one in queries.versions(actor, record) if one.id != record.id]
    context = {
        "pdf_url": f"{base}/quotes/{record.id}/pdf" if _may_read(actor) else "",
        "document_url": f"{base}/download/{record.document['id']}" if record.document else "",
        "signed_url": f"{base}/download/{record.signed['id']}" if record.signed else "",
        "approvals": [_approval(one, reader) for one in queries.approvals(record.id)],
        "mails": [
            {
                "to": ", ".join(address for _name, address in mail.to),
                "state": str(STATES[mail.state]),
                "failed": mail.state == "failed",
                "when": when(mail.ended_at or mail.created_at, reader),
            }
            for mail in outbox.of_record(actor, objects.get("quotes"), record)
        ],
        "signature": {
            "name": signature.name,
            "drawing": signature.drawing,
            "when": when(signature.at, reader),
            "address": signature.address,
            "digest": signature.digest,
        }
        if signature
        else None,
        "versions": [
            {
                "title": rules.label(one.number, one.revision),
                "url": f"{base}/quotes/{one.id}",
                "status": one.get_status_display(),
            }
            for one in versions
        ],
    }
    html = render_to_string("quoting/progress.html", context, request)
    return Markup(html)  # noqa: S704 - a template of ours, escaped there


def _approval(one: Approval, reader: Any) -> dict[str, Any]:
    who = one.decided_by or one.approver
    return {
        "who": str(who) if who else _("an administrator"),
        "because": one.because,
        "decision": one.decision,
        "label": one.get_decision_display(),
        "words": one.words,
        "when": when(one.decided_at, reader),
    }


@today
def to_approve(request: HttpRequest) -> dict[str, Any]:
    """The quotes that wait for the person's approval; no box where there are none."""
    actor, base = request.actor, base_of(request)
    reader = access.reader(actor)
    lines = [
        {
            "title": one.quote.title,
            "url": f"{base}/quotes/{one.quote_id}",
            "text": one.because,
            "when": when(one.asked_at, reader),
            "late": False,
        }
        for one in queries.waiting_for(actor)
    ]
    box = {
        "id": "to-approve",
        "title": _("Waiting for my approval"),
        "icon": "shield-question",
        "url": f"{base}/quotes/?view=approval",
        "lines": lines,
    }
    return {"boxes": [box] if lines else []}


@administrators
def settings_page(request: HttpRequest) -> HttpResponse:
    """What new quotes begin with."""
    address, kept = settings_url(request, "quotes"), queries.settings()
    fields = [
        ask("valid_days", _("Days of validity"), Number(minimum=0, maximum=3650), _("Of a new quote; 0 for no end.")),
        ask("terms", _("Terms"), LongText(), _("Stand below every new quote, and can be changed there.")),
        ask("wins_deal", _("A signature wins the deal"), Bool(tristate=False)),
    ]
    shown_values: Any = {field.name: getattr(kept, field.name) for field in fields}
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            given = read(request, fields)
            actions.change_settings(request.actor, given | {"valid_days": int(given["valid_days"] or 0)})
            return said(request, address, _("Saved."))
        except Refused as refused:
            shown_values, problems = Typed(request.POST), refused.problems
    return form(request, _("Quotes"), [("", fields)], shown_values, action=address, problems=problems)


setting(group=gettext_lazy("Sales"), label=gettext_lazy("Quotes"), icon="file-description", place="quotes")

urlpatterns = [
    path("quotes/<uuid:record_id>/pdf", preview),
    path("settings/quotes", settings_page),
]
