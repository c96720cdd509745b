"""Writes with a name of their own, which modules add."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from .. import access, history, wholes
from ..kinds import Invalid, Kind
from ..models import Record
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .base import lock


@dataclass(frozen=True)
class Action:
    """A write with a name of its own: a button, a bulk action, an endpoint and an automation step at once."""

    name: str
    plural: str
    label: Any
    function: Callable[..., Any]
    parameters: Mapping[str, Kind]
    icon: str = "bolt"
    undo: str = ""
    applies: Callable[[Record], bool] = field(default=lambda record: True)
    prominent: bool = False
    text: Any = ""
    begins: Callable[[Actor, Record], Mapping[str, Any]] = field(default=lambda actor, record: {})
    opens: bool = False


_actions: dict[str, dict[str, Action]] = {}


def action(
    plural: str,
    *,
    label: Any,
    undo: str,
    icon: str = "bolt",
    applies: Callable[[Record], bool] | None = None,
    prominent: bool = False,
    text: Any = "",
    begins: Callable[[Actor, Record], Mapping[str, Any]] | None = None,
    opens: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator of ``function(actor, record, *, parameter: kind)``: keyword-only parameters whose annotations are
    kinds.

    ``undo`` says in words how it is undone, or that it can't be. ``applies`` tells for which records the button is
    shown; a ``prominent`` one stands in the record's head, the others in its menu. Above the form of its parameters
    stands ``text``, and they begin with the stored values that ``begins`` makes of the record, without writing. What
    ``opens`` leads on to the page of the record it answers with.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        annotations = inspect.get_annotations(function, eval_str=True)
        kinds = {name: kind for name, kind in annotations.items() if isinstance(kind, Kind)}
        known = Action(
            function.__name__,
            plural,
            label,
            function,
            kinds,
            icon,
            undo,
            applies or (lambda record: True),
            prominent,
            text,
            begins or (lambda actor, record: {}),
            opens,
        )
        _actions.setdefault(plural, {})[known.name] = known
        return function

    return decorate


def all_actions() -> list[Action]:
    """Every registered action."""
    return [known for named in _actions.values() for known in named.values()]


def of(plural: str) -> dict[str, Action]:
    """The actions of an object by name (create, update, delete and restore are everybody's and not listed)."""
    return _actions.get(plural, {})


def parameters(actor: Actor, obj: Object, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The stored values of an action's parameters; raises Refused, and Absent where there is no such action."""
    known = of(obj.plural).get(name)
    if known is None:
        raise access.Absent(name[:80])
    reader = access.reader(actor)
    cleaned, problems = {}, []
    for unknown in set(given) - set(known.parameters):
        problems.append(Problem(str(unknown)[:80], "unknown", _("There is no such field.")))
    for parameter, kind in known.parameters.items():
        try:
            cleaned[parameter] = kind.clean(given.get(parameter), reader)
        except Invalid as problem:
            problems.append(Problem(parameter, problem.code, str(problem)))
    if problems:
        raise Refused(problems)
    return cleaned


def run(actor: Actor, obj: Object, name: str, record_id: Any, given: Mapping[str, Any]) -> Any:
    """Run an action on one record as one batch of history; raises Absent, Forbidden, Refused."""
    cleaned = parameters(actor, obj, name, given)
    record = lock(actor, obj, record_id)
    with transaction.atomic(), history.batch(name), wholes.settling(actor):
        return of(obj.plural)[name].function(actor, record, **cleaned)
