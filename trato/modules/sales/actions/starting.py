"""What a new workspace sells with: a pipeline, reasons, questions and points."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.bulk import create_all
from trato.engine.workspaces.actors import Actor, system_actor
from trato.engine.workspaces.members import starts_with
from trato.engine.workspaces.models import Workspace

#: The usual stages: name, what they make of a deal, how likely it is won from there.
STAGES = (
    (_("Qualified"), "open", 10),
    (_("Needs understood"), "open", 30),
    (_("Offer made"), "open", 50),
    (_("Negotiation"), "open", 75),
    (_("Won"), "won", 100),
    (_("Lost"), "lost", 0),
)
REASONS = (
    (_("Price"), "deals"),
    (_("A competitor"), "deals"),
    (_("No decision"), "both"),
    (_("No budget"), "both"),
    (_("Something was missing"), "deals"),
    (_("Bad timing"), "both"),
    (_("No need"), "leads"),
    (_("Not reachable"), "leads"),
)
BANT = (
    _("Budget: is there money for it?"),
    _("Authority: do we talk to who decides?"),
    _("Need: does it solve a problem they have?"),
    _("Timing: do they want it within a year?"),
)
MEDDIC = (
    _("Metrics: do we know what it is worth to them, in figures?"),
    _("Economic buyer: do we know who pays?"),
    _("Decision criteria: do we know what they compare?"),
    _("Decision process: do we know the steps and dates?"),
    _("Pain: does somebody suffer as it is?"),
    _("Champion: does somebody there want us?"),
)


@starts_with
def usual(workspace: Workspace) -> None:
    """Give a new workspace a pipeline, loss reasons and the questions of BANT (in use) and MEDDIC, in its language."""
    actor = system_actor(workspace)

    with translation.override(workspace.language):
        actions.create(actor, objects.get("pipelines"), {"name": str(_("Sales")), "position": 1})
        reasons = [
            {"name": str(name), "used_for": used_for, "position": place}
            for place, (name, used_for) in enumerate(REASONS, 1)
        ]
        create_all(actor, objects.get("loss-reasons"), reasons)
        questions = [
            {"name": str(words), "method": method, "position": place, "is_on": method == "bant"}
            for method, asked in (("bant", BANT), ("meddic", MEDDIC))
            for place, words in enumerate(asked, 1)
        ]
        create_all(actor, objects.get("qualifying-questions"), questions)


def usual_stages(actor: Actor, pipeline_ids: Iterable[UUID]) -> None:
    """Give new pipelines the usual stages, in the language of the workspace: without stages they hold nothing."""
    system = system_actor(actor.workspace, actor.face, "usual stages")
    with translation.override(actor.workspace.language):
        stages = [
            {"pipeline": pipeline, "name": str(name), "kind": kind, "probability": probability, "position": place}
            for pipeline in pipeline_ids
            for place, (name, kind, probability) in enumerate(STAGES, 1)
        ]
        create_all(system, objects.get("stages"), stages)
