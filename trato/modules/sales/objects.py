"""What leads, deals and what they need are called, and how they are laid out."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trato.engine.objects import Comparison, Object, Span, register
from trato.engine.workspaces.actors import Actor
from trato.modules.people.rules import first_reach

from . import queries, rules
from .models import (
    Absence,
    Deal,
    DealCompetitor,
    DealContact,
    DealLine,
    DealSplit,
    Lead,
    LeadRule,
    LeadRuleMember,
    LossReason,
    Pipeline,
    Question,
    ScoreRule,
    Stage,
    StageCheck,
    StageStep,
)

SALES = _("Sales")
OWN = {"field": "owner", "op": "is", "value": "me"}
OPEN = {"field": "status", "op": "is", "value": "open"}
LIVE = {"field": "status", "op": "in", "value": ["new", "working", "qualified"]}
KEPT = ("owner", "created_at", "updated_at")


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
        (_("Interest"), ("wish", "status", "rating", "source", "campaign", "tags")),
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
        return rules.lead_title(values) or first_reach(values)

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """A lead has a name or a way to be reached, and reasons where it ended."""
        named = (
            {} if self.title(values, "en") else {"last_name": _now("Give a name, a company or a way to reach them.")}
        )
        return named | rules.lead_problem(values, old)


@register
class LeadRules(Object):
    """Who gets which leads."""

    model, name, plural = LeadRule, "lead rule", "lead-rules"
    label, label_plural, icon, group = _("Lead rule"), _("Lead rules"), "route", SALES
    help = _("Who gets the leads that come in, and how soon they are to be touched. The first rule that fits counts.")
    columns = ("title", "position", "is_on", "method", "minutes")
    order = "position"
    sections = ((_("Lead rule"), ("name", "position", "is_on", "condition", "method", "minutes")),)
    in_navigation, in_settings = False, True

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Callable[[UUID], Mapping[str, Any] | None],
    ) -> dict[str, str]:
        """Its filter can be read."""
        return queries.condition_problem(actor, "leads", values.get("condition"))


@register
class LeadRuleMembers(Object):
    """Whom a rule gives leads to."""

    model, name, plural = LeadRuleMember, "person of a rule", "lead-rule-members"
    label, label_plural, icon, group = _("Person of a rule"), _("People of a rule"), "user-check", SALES
    within = "rule"
    title_from, named_by = (), ("person",)
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


@register
class LossReasons(Object):
    """Why things came to nothing."""

    model, name, plural = LossReason, "loss reason", "loss-reasons"
    label, label_plural, icon, group = _("Loss reason"), _("Loss reasons"), "mood-sad", SALES
    help = _("Why deals are lost and leads are none.")
    columns = ("title", "position", "used_for")
    order = "position"
    sections = ((_("Loss reason"), ("name", "position", "used_for")),)
    in_navigation, in_settings = False, True


@register
class Pipelines(Object):
    """Ways on which deals are won."""

    model, name, plural = Pipeline, "pipeline", "pipelines"
    label, label_plural, icon, group = _("Pipeline"), _("Pipelines"), "filter-cog", SALES
    help = _("Ways on which deals are won, each with its own stages.")
    columns = ("title", "position", "description")
    order = "position"
    sections = ((_("Pipeline"), ("name", "position", "description")),)
    in_navigation, in_settings = False, True


@register
class Stages(Object):
    """The steps of a pipeline."""

    model, name, plural = Stage, "stage", "stages"
    label, label_plural, icon, group = _("Stage"), _("Stages"), "arrow-autofit-right", SALES
    help = _("The steps of a pipeline, how likely deals are won from there, and what is done when they come.")
    columns = ("title", "pipeline", "position", "kind", "probability")
    order = "position"
    sections = ((_("Stage"), ("pipeline", "name", "position", "kind", "probability")),)
    in_navigation, in_settings = False, True

    def prepare(self, values: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        """What is won is certain, what is lost is out of the question."""
        certain = {"won": 100, "lost": 0}.get(values.get("kind") or "")
        if certain is not None:
            values["probability"] = self.builtin["probability"].kind.load(certain)


@register
class StageChecks(Object):
    """What is made sure of in a stage."""

    model, name, plural = StageCheck, "point to check", "stage-checks"
    label, label_plural, icon, group = _("Point to check"), _("Checklist"), "list-check", SALES
    within = "stage"
    columns = ("title", "stage")
    order = "position"
    sections = ((_("Point to check"), ("stage", "position", "name")),)
    in_navigation = False


@register
class StageSteps(Object):
    """What a stage does by itself."""

    model, name, plural = StageStep, "step by itself", "stage-steps"
    label, label_plural, icon, group = _("Step by itself"), _("Done by itself"), "robot", SALES
    within = "stage"
    title_from = ("words", "field", "what")
    columns = ("at", "what", "words", "days", "field", "value")
    order = "position"
    sections = ((_("Step by itself"), ("stage", "position", "at", "what", "words", "days", "field", "value")),)
    in_navigation = False

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Callable[[UUID], Mapping[str, Any] | None],
    ) -> dict[str, str]:
        """It says all that is needed to do it."""
        return queries.step_problem(actor, values)


@register
class Deals(Object):
    """What may be sold."""

    model, name, plural = Deal, "deal", "deals"
    label, label_plural, icon, group = _("Deal"), _("Deals"), "coins", SALES
    help = _("What may be sold to whom, how far it is, and what comes next.")
    columns = ("title", "account", "stage", "value", "close_date", "probability", "chance", "next_step_at", "owner")
    head = ("stage", "status", "value", "recurring", "close_date", "owner")
    board_by, board_within, board_sums = "stage", "pipeline", ("value",)
    calendar_on = (Span("close_date"), Span("next_step_at"))
    sections = (
        (_("Deal"), ("name", "account", "contact", "pipeline", "stage", "description")),
        (_("Money"), ("value", "recurring", "period")),
        (_("Forecast"), ("close_date", "probability", "category", "chance", "points")),
        (_("Next"), ("next_step", "next_step_at")),
        (_("Decision"), ("status", "closed_at", "loss_reason", "loss_note")),
        (_("Origin"), ("source", "campaign", "lead", "opened_at")),
        (_("Record details"), ("owner", "tags", "checked", "created_at", "updated_at")),
    )
    rollup = ("leads.deal",)
    composer = True
    filters = {
        "mine": (_("Mine, open"), {"and": [OWN, OPEN]}),
        "open": (pgettext_lazy("deals", "Open"), OPEN),
        "closing": (
            _("Closing this month"),
            {"and": [OPEN, {"field": "close_date", "op": "within", "value": "this_month"}]},
        ),
        "late": (_("Past their date"), {"and": [OPEN, {"field": "close_date", "op": "lt", "value": "today"}]}),
        "won": (_("Won"), {"field": "status", "op": "is", "value": "won"}),
        "lost": (_("Lost"), {"field": "status", "op": "is", "value": "lost"}),
    }

    def prepare(self, values: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        """Pipeline, probability, status and the day it was decided follow from the stage."""
        rules.settle_deal(values, old, queries.ways(), timezone.now())

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """It stands in a stage, and says why it was lost."""
        return rules.deal_problem(values)


@register
class DealContacts(Object):
    """Who has a say."""

    model, name, plural = DealContact, "person of a deal", "deal-contacts"
    label, label_plural, icon, group = _("Person of a deal"), _("People of the deal"), "users", SALES
    within = "deal"
    title_from, named_by = ("note",), ("contact", "role")
    columns = ("contact", "role", "note")
    sections = ((_("Person of a deal"), ("deal", "contact", "role", "note")),)
    in_navigation = False


@register
class DealCompetitors(Object):
    """Who else wants it."""

    model, name, plural = DealCompetitor, "competitor", "deal-competitors"
    label, label_plural, icon, group = _("Competitor"), _("Competitors"), "swords", SALES
    within = "deal"
    columns = ("title", "account", "has_won", "note")
    sections = ((_("Competitor"), ("deal", "name", "account", "has_won", "note")),)
    in_navigation = False


@register
class DealLines(Object):
    """What is sold with it."""

    model, name, plural = DealLine, "deal line", "deal-lines"
    label, label_plural, icon, group = _("Deal line"), _("Products"), "package", SALES
    within = "deal"
    title_from, named_by = ("description",), ("product",)
    columns = ("product", "description", "quantity", "unit", "price", "discount_percent", "is_optional", "net")
    order = "position"
    sections = (
        (
            _("Deal line"),
            ("deal", "position", "product", "description", "quantity", "unit", "price", "discount_percent"),
        ),
        (_("More"), ("tax_class", "is_optional", "net", "explanation")),
    )
    in_navigation = False


@register
class DealSplits(Object):
    """Whom it counts for."""

    model, name, plural = DealSplit, "share of a deal", "deal-splits"
    label, label_plural, icon, group = _("Share of a deal"), _("Shares of sellers"), "chart-pie", SALES
    within = "deal"
    title_from, named_by = (), ("seller",)
    columns = ("seller", "percent")
    sections = ((_("Share of a deal"), ("deal", "seller", "percent")),)
    in_navigation = False


@register
class ScoreRules(Object):
    """What points are given for."""

    model, name, plural = ScoreRule, "scoring rule", "score-rules"
    label, label_plural, icon, group = _("Scoring rule"), _("Scoring rules"), "award", SALES
    help = _("Points for leads and deals: each rule whose filter holds adds its own.")
    columns = ("title", "object", "points", "is_on")
    sections = ((_("Scoring rule"), ("name", "object", "condition", "points", "is_on")),)
    in_navigation, in_settings = False, True

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Callable[[UUID], Mapping[str, Any] | None],
    ) -> dict[str, str]:
        """Its filter can be read."""
        return queries.condition_problem(actor, values.get("object") or "", values.get("condition"))
