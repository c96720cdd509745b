"""The first steps in a workspace, by what a person does there: a list that ticks itself off, until they let it go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..together.person import person
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .models import Welcome

#: What people do with Trato, in their own words.
PERSONAS = {
    "seller": gettext_lazy("I sell"),
    "agent": gettext_lazy("I help customers"),
    "marketer": gettext_lazy("I do marketing"),
    "manager": gettext_lazy("I lead a team"),
    "administrator": gettext_lazy("I set Trato up"),
}


@dataclass(frozen=True)
class Step:
    """One thing to do first. ``place`` is its address below the workspace's; ``done`` sees whether it is done,
    ``may`` whether the person may do it at all.
    """

    name: str
    personas: tuple[str, ...]
    label: Any
    text: Any
    icon: str
    place: str
    done: Callable[[Actor], bool]
    may: Callable[[Actor], bool] = lambda actor: True


@dataclass(frozen=True)
class Checklist:
    """The first steps of one person, in order, each with whether it is done."""

    persona: str
    steps: list[tuple[Step, bool]]

    @property
    def done(self) -> int:
        return sum(done for _step, done in self.steps)


_steps: list[Step] = []


def step(*personas: str, **said: Any) -> None:
    """Register a first step of these personas (all of them where none is named); see ``Step``."""
    _steps.append(Step(personas=personas or tuple(PERSONAS), **said))


def checklist(actor: Actor) -> Checklist | None:
    """The person's first steps; None once they let them go, or where there is no person."""
    if actor.kind != "user" or actor.user_id is None:
        return None
    kept = Welcome.objects.filter(user_id=actor.user_id).first()
    if kept and kept.hidden:
        return None
    persona = (kept.persona if kept else "") or ("administrator" if actor.rights.admin else "seller")
    found = [(one, one.done(actor)) for one in _steps if persona in one.personas and one.may(actor)]
    return Checklist(persona, found) if found else None


def choose(actor: Actor, persona: str) -> None:
    """Remember what the person does; raises Refused for what is no persona."""
    if persona not in PERSONAS:
        raise Refused([Problem("persona", "choice", _("Choose what you do."))])
    Welcome.objects.update_or_create(user_id=person(actor), defaults={"persona": persona, "hidden": False})


def hide(actor: Actor, *, hidden: bool = True) -> None:
    """Show the first steps no more, or again."""
    Welcome.objects.update_or_create(user_id=person(actor), defaults={"hidden": hidden})
