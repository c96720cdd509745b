"""Leads, the rules that give them away, what is asked of them, and who is away."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trato.engine.objects import Comparison, Object, Span, register
from trato.engine.workspaces.actors import Actor
from trato.modules.people.rules import first_reach

from ..models import Absence, Lead, LeadForm, LeadRule, LeadRuleMember, Question
from ..queries.ways import questions
from ..rules.leads import lead_problem, lead_title, unanswered

SALES = _("Sales")
OWN = {"field": "owner", "op": "is", "value": "me"}
LIVE = {"field": "status", "op": "in", "value": ["new", "working", "qualified"]}


@register
class Leads(Object):
    """People and companies that may want something."""

    model, name, plural = Lead, "lead", "leads"
    label, label_plural, icon, group = _("Lead"), _("Leads"), "user-search", SALES
    help = _("Who may want something of you, before you know whether they do.")
    portrait = True
    board_by = "status"
    columns = ("title", "company", "status", "rating", "points", "source", "due_at", "owner", "updated_at")
    head = ("status", "rating", "points", "owner", "due_at")
    sections = (
        (_("Person"), ("first_name", "last_name", "job_title")),
        (_("Company"), ("company", "industry", "size", "website")),
        (_("Contact details"), ("emails", "phones", "addresses")),
        (_("Interest"), ("wish", "status", "rating", "source", "campaign", "tags", "no_mailings")),
        (_("Not now"), ("loss_reason", "recycle_on")),
        (_("Became"), ("account", "contact", "deal", "converted_at")),
        (_("Record details"), ("owner", "points", "due_at", "touched_at", "created_at", "updated_at")),
    )
    duplicate_keys = ("emails", "phones", "website")
    likeness = (
        Comparison("person", ("first_name", "last_name"), 14, -8),
        Comparison("keys", ("emails",), 14, -3),
        Comparison("keys", ("phones",), 9, -2, shared=True),
        Comparison("company", ("company",), 6, -3, shared=True),
    )
    composer = True
    filters = {
        "mine": (_("Mine"), {"and": [OWN, LIVE]}),
        "live": (pgettext_lazy("leads", "Open"), LIVE),
        "untouched": (_("Not touched yet"), {"and": [LIVE, {"field": "touched_at", "op": "empty"}]}),
        "qualified": (_("Qualified"), {"field": "status", "op": "is", "value": "qualified"}),
        "recycle": (_("To be taken up again"), {"field": "recycle_on", "op": "filled"}),
    }

    def title(self, values: Mapping[str, Any], language: str) -> str:
        """The person's name, else the company's, else the first way to reach them."""
        return lead_title(values) or first_reach(values)

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """A lead has a name or a way to be reached, and reasons where it ended."""
        named = (
            {} if self.title(values, "en") else {"last_name": _now("Give a name, a company or a way to reach them.")}
        )
        return named | lead_problem(values, old)

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Callable[[UUID], Mapping[str, Any] | None],
    ) -> dict[str, str]:
        """Nothing is left to be asked when a lead qualifies."""
        came = values.get("status") == "qualified" and (old or {}).get("status") != "qualified"
        return unanswered(values.get("answers") or {}, questions()) if came else {}


@register
class LeadForms(Object):
    """Forms on the internet that become leads."""

    model, name, plural = LeadForm, "lead form", "lead-forms"
    label, label_plural, icon, group = _("Lead form"), _("Lead forms"), "forms", SALES
    help = _("Forms for your website: whoever sends one becomes a lead.")
    columns = ("title", "heading", "source", "campaign", "is_on")
    sections = ((_("Lead form"), ("name", "heading", "text", "thanks", "source", "campaign", "is_on")),)
    in_navigation, in_settings = False, True


@register
class LeadRules(Object):
    """Who gets which leads."""

    model, name, plural = LeadRule, "lead rule", "lead-rules"
    label, label_plural, icon, group = _("Lead rule"), _("Lead rules"), "route", SALES
    help = _("Who gets the leads that come in, and how soon they are to be touched. The first rule that fits counts.")
    columns = ("title", "position", "condition", "method", "minutes", "is_on")
    order = "position"
    sections = ((_("Lead rule"), ("name", "position", "is_on", "condition", "method", "minutes")),)
    in_navigation, in_settings = False, True


@register
class LeadRuleMembers(Object):
    """Whom a rule gives leads to."""

    model, name, plural = LeadRuleMember, "person of a rule", "lead-rule-members"
    label, label_plural, icon, group = _("Person of a rule"), _("People of a rule"), "user-check", SALES
    within = "rule"
    title_from, named_by = ("countries", "regions", "postcodes"), ("person",)
    columns = ("person", "weight", "countries", "regions", "postcodes", "given")
    order = "position"
    sections = (
        (_("Person of a rule"), ("rule", "position", "person", "weight", "countries", "regions", "postcodes", "given")),
    )
    in_navigation = False


@register
class Questions(Object):
    """What is asked of a lead."""

    model, name, plural = Question, "qualifying question", "qualifying-questions"
    label, label_plural, icon, group = _("Qualifying question"), _("Qualifying questions"), "list-check", SALES
    help = _("What is found out of every lead: BANT, MEDDIC or questions of your own.")
    columns = ("title", "position", "method", "is_on")
    order = "position"
    sections = ((_("Qualifying question"), ("name", "position", "method", "is_on")),)
    in_navigation, in_settings = False, True


@register
class Absences(Object):
    """When members are away."""

    model, name, plural = Absence, "absence", "absences"
    label, label_plural, icon, group = _("Absence"), _("Absences"), "plane", SALES
    help = _("Days on which the owner is away and rules give them no leads.")
    title_from, named_by = ("note",), ("owner",)
    columns = ("owner", "since", "until", "note")
    calendar_on = (Span("since", "until"),)
    order = "-since"
    sections = ((_("Absence"), ("owner", "since", "until", "note")),)
    in_navigation, in_settings = False, True

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """It ends after it began."""
        since, until = values.get("since"), values.get("until")
        return {"until": _now("It can't end before it began.")} if since and until and until < since else {}
