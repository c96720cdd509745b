"""What sales does when something happens: where deals stand is kept with the change itself, all else by a job."""

from collections.abc import Callable, Mapping
from typing import Any

from trato.engine.events import react
from trato.engine.workspaces.actors import Actor

from . import jobs
from .actions import stages, starting
from .queries.ways import forget_ways

Event = Mapping[str, Any]
#: How writes of one record, of many, of a file and of an undo are told.
WRITTEN = ("created", "updated", "restored", "merged", "changed", "imported", "undone")


def deals_written(actor: Actor, event: Event) -> None:
    """Where the deals stand is part of the change: kept with it, or lost with it."""
    stages.follow(actor, event["records"])
    jobs.add(jobs.rate_deals, actor, event["records"])


def leads_written(actor: Actor, event: Event) -> None:
    """Their points are summed up again."""
    jobs.add(jobs.rate_leads, actor, event["records"])


def leads_came(actor: Actor, event: Event) -> None:
    """New leads are given away, and their clocks start."""
    leads_written(actor, event)
    jobs.add(jobs.arrive, actor, event["records"], by=str(actor.user_id or ""), by_hand=actor.face == "web")


def happened(actor: Actor, event: Event) -> None:
    """Somebody called, met or wrote something down: leads are touched, deals have one activity more."""
    about = [ref.partition("/") for ref in event.get("about", ())]
    for plural, job in (("leads", jobs.touch), ("deals", jobs.rate_deals)):
        ids = [record_id for place, _slash, record_id in about if place == plural]
        if ids and actor.kind in ("user", "token"):
            jobs.add(job, actor, ids)


def ways_changed(actor: Actor, event: Event) -> None:
    """Pipelines are read again in this transaction."""
    forget_ways()


def pipelines_came(actor: Actor, event: Event) -> None:
    """A new pipeline begins with the usual stages."""
    starting.usual_stages(actor, event["records"])
    forget_ways()


REACTIONS: dict[str, Callable[[Actor, Event], None]] = {
    **{f"deals.{verb}": deals_written for verb in WRITTEN},
    **{f"leads.{verb}": leads_written for verb in WRITTEN},
    "leads.created": leads_came,
    "leads.imported": leads_came,
    **{f"{plural}.created": happened for plural in ("calls", "meetings", "notes")},
    **{f"{plural}.{verb}": ways_changed for plural in ("stages", "pipelines") for verb in (*WRITTEN, "deleted")},
    "pipelines.created": pipelines_came,
}

react(REACTIONS)
