"""Settings of billing: the usual term, and the provider of payments online."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trato.engine.kinds import Choice, Number, Text, Typed
from trato.engine.values import Problem, Refused
from trato.web.pages.settings.frame import administrators, ask, form, read, settings_url
from trato.web.panels import setting
from trato.web.respond import said

from .. import actions, queries

setting(group=gettext_lazy("Sales"), place="billing", label=gettext_lazy("Billing"), icon="file-invoice")


def _sections() -> list[tuple[Any, list[Any]]]:
    kept = _("Leave it empty to keep the one there is.")
    return [
        (
            _("Invoices"),
            [ask("days", _("Days to pay"), Number(required=True, minimum=0, maximum=365), _("Where none are given."))],
        ),
        (
            _("Payments online"),
            [
                ask("provider", _("Provider"), Choice(choices=[("stripe", "Stripe")])),
                ask("key", _("Secret key"), Text(), kept),
                ask("hook_secret", _("Signing secret of the webhook"), Text(), kept),
            ],
        ),
    ]


@administrators
def change(request: HttpRequest) -> HttpResponse:
    """The form, and its saving."""
    kept = queries.settings()
    if request.method != "POST":
        return _form(request, {"days": kept.days, "provider": kept.provider})
    asked = [field for _label, fields in _sections() for field in fields]
    try:
        actions.change_settings(request.actor, read(request, asked))
    except Refused as refused:
        return _form(request, Typed(request.POST), refused.problems)
    return said(request, settings_url(request, "billing"), _("Saved."))


def _form(request: HttpRequest, shown: Any, problems: list[Problem] | None = None) -> HttpResponse:
    address = actions.hook_address(request.actor.workspace, "stripe")
    words = _("At Stripe, add a webhook for Checkout Sessions (completed, async payment succeeded, expired) to %(url)s")
    return form(
        request,
        _("Billing"),
        _sections(),
        shown,
        action=settings_url(request, "billing"),
        problems=problems or (),
        text=_("When invoices are due, and how customers can pay them on their page."),
        steps=[{"text": words % {"url": address}, "url": "", "title": ""}],
    )
