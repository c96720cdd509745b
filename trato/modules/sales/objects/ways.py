"""Pipelines and stages, why things came to nothing, and what points are given for."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from trato.engine.objects import Object, register
from trato.engine.workspaces.actors import Actor

from ..models import LossReason, Pipeline, ScoreRule, Stage, StageCheck, StageStep
from ..queries.ways import step_problem

SALES = _("Sales")


@register
class Pipelines(Object):
    """Ways on which deals are won."""

    model, name, plural = Pipeline, "pipeline", "pipelines"
    label, label_plural, icon, group = _("Pipeline"), _("Pipelines"), "filter-cog", SALES
    help = _("Ways on which deals are won, each with its own stages.")
    columns = ("title", "position", "description")
    order = "position"
    sections = ((_("Pipeline"), ("name", "position", "description")),)
    mergeable = False  # a way is known by its stages, and deals by the stages they stood in
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
    mergeable = False  # a way is known by its stages, and deals by the stages they stood in
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
        return step_problem(actor, values)


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
class ScoreRules(Object):
    """What points are given for."""

    model, name, plural = ScoreRule, "scoring rule", "score-rules"
    label, label_plural, icon, group = _("Scoring rule"), _("Scoring rules"), "award", SALES
    help = _("Points for leads and deals: each rule whose filter holds adds its own.")
    columns = ("title", "object", "condition", "points", "is_on")
    sections = ((_("Scoring rule"), ("name", "object", "condition", "points", "is_on")),)
    in_navigation, in_settings = False, True
