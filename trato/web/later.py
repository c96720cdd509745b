"""Moments to come that are offered by name: until when something is snoozed, and when one is reminded of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from trato.engine.kinds.datetime import zone_of
from trato.engine.workspaces.actors import Actor

MORNING, AFTERNOON = time(9), time(15)


def _in_an_hour(now: datetime) -> datetime:
    return now + timedelta(hours=1)


def _afternoon(now: datetime) -> datetime:
    return datetime.combine(now.date(), AFTERNOON, now.tzinfo)


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=1), MORNING, now.tzinfo)


def _next_week(now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=7 - now.weekday()), MORNING, now.tzinfo)


MOMENTS: dict[str, tuple[Any, Callable[[datetime], datetime]]] = {
    "hour": (gettext_lazy("In an hour"), _in_an_hour),
    "afternoon": (gettext_lazy("This afternoon"), _afternoon),
    "tomorrow": (gettext_lazy("Tomorrow morning"), _tomorrow),
    "week": (gettext_lazy("Next week"), _next_week),
}


def clock(actor: Actor) -> datetime:
    """What it is now on the person's own clock."""
    return timezone.now().astimezone(zone_of(actor.time_zone))


def offered(now: datetime) -> list[tuple[str, str]]:
    """The moments that are still to come, as (name, words); not one that the next hour reaches."""
    soon = _in_an_hour(now)
    return [(name, str(label)) for name, (label, moment) in MOMENTS.items() if name == "hour" or moment(now) > soon]


def moment_of(name: str, now: datetime) -> datetime | None:
    """The moment of a name; None for none that is to come."""
    found = MOMENTS[name][1](now) if name in MOMENTS else None
    return found if found and found > now else None
