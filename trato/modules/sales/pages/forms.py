"""Forms on the internet: their secret addresses for administrators, and the page that strangers fill in."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from markupsafe import Markup

from trato.engine import access, doors, objects
from trato.engine.administration import require
from trato.engine.doors import Visit
from trato.engine.values import Refused
from trato.web.doors import public, shown
from trato.web.panels import panel
from trato.web.respond import base_of, page, said
from trato.web.words import when

from ..actions.forms import fill_in

PURPOSE = "lead-form"
#: What people leave empty, since they don't see it; what programs fill in.
TRAP = "homepage"


@panel("lead-forms")
def addresses(request: HttpRequest, record: Any) -> Markup | None:
    """The addresses the form has, and a button for another."""
    if not request.actor.rights.admin:
        return None
    reader = access.reader(request.actor)
    base = f"{reader.base}/sales/forms/{record.id}"
    made = doors.of_record(request.actor, objects.get("lead-forms"), record.id, PURPOSE)
    context = {
        "made": [when(door.created_at, reader) for door in made],
        "make_url": f"{base}/address",
        "close_url": f"{base}/close",
    }
    return Markup(render_to_string("sales/addresses.html", context, request))  # noqa: S704 - a template of ours


@require_POST
def make_address(request: HttpRequest, record_id: Any) -> HttpResponse:
    """Make another address and show it this once; administrators only."""
    require(request.actor)
    forms = objects.get("lead-forms")
    record = access.get(request.actor, forms, record_id)
    _door, address = doors.make(request.actor, forms, record.id, PURPOSE)
    crumbs = [
        (forms.label_plural, f"{base_of(request)}/lead-forms/"),
        (record.title, f"{base_of(request)}/{forms.ref(record.id)}"),
    ]
    return page(request, "sales/address.html", {"address": address}, title=_("Address of the form"), crumbs=crumbs)


@require_POST
def close_addresses(request: HttpRequest, record_id: Any) -> HttpResponse:
    """Close all addresses of a form; administrators only."""
    require(request.actor)
    forms = objects.get("lead-forms")
    record = access.get(request.actor, forms, record_id)
    doors.close(request.actor, forms, record.id, PURPOSE)
    return said(request, f"{base_of(request)}/{forms.ref(record.id)}", _("The addresses open nothing any more."))


def _form(visit: Visit) -> Any:
    """The form behind a door; raises Absent where it is not in use."""
    record = access.get(visit.actor, objects.get("lead-forms"), visit.door.record_id)
    if not record.is_on:
        raise access.Absent(PURPOSE)
    return record


def _shown(
    request: HttpRequest,
    visit: Visit,
    form: Any,
    *,
    typed: Mapping[str, str] = {},
    problems: Mapping[str, str] = {},
    sent: bool = False,
) -> HttpResponse:
    fields = [
        ("first_name", _("First name"), "text", "given-name"),
        ("last_name", _("Last name"), "text", "family-name"),
        ("company", _("Company"), "text", "organization"),
        ("email", _("E-mail"), "email", "email"),
        ("phone", _("Phone"), "tel", "tel"),
    ]
    context = {
        "heading": form.heading,
        "text": form.text,
        "thanks": form.thanks or _("Thank you. We will be in touch."),
        "fields": [
            {
                "name": name,
                "label": label,
                "type": kind,
                "auto": auto,
                "value": typed.get(name, ""),
                "error": problems.get(name, ""),
            }
            for name, label, kind, auto in fields
        ],
        "wish": typed.get("wish", ""),
        "problem": problems.get("", ""),
        "trap": TRAP,
        "sent": sent,
    }
    status = 422 if problems else 200
    return shown(request, visit, "sales/form.html", context, title=form.heading, status=status)


@public(PURPOSE)
def ask(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The form, empty."""
    return _shown(request, visit, _form(visit))


@public(PURPOSE, "send", methods=("POST",))
def send(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What was filled in becomes a lead; what a program filled in becomes nothing, and looks the same."""
    form, given = _form(visit), {name: value[:2000] for name, value in request.POST.items()}
    if given.get(TRAP):
        return _shown(request, visit, form, sent=True)
    if not any(given.get(name, "").strip() for name in ("email", "phone")):
        words = _("Leave an e-mail address or a phone number, so that we can answer.")
        return _shown(request, visit, form, typed=given, problems={"email": words})
    try:
        fill_in(visit.workspace, form, given, f"form:{form.id}")
    except Refused as refused:
        named = {"emails": "email", "phones": "phone"}
        problems = {named.get(p.field.partition("/")[0], p.field): str(p.message) for p in refused.problems}
        return _shown(request, visit, form, typed=given, problems=problems)
    return _shown(request, visit, form, sent=True)
