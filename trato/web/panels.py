"""What modules add to the generic pages: boxes on record pages, the parts of My day, and places in the navigation.

A module's ``pages.py`` registers them, and may define ``urlpatterns``, which are mounted below the workspace::

    @panel("accounts", "contacts")
    def relationships(request, record) -> Markup | None: ...

    @today
    def tasks(request) -> dict: ...

    destination(group=_("Sales"), label=_("Forecast"), icon="chart-bar", place="forecast", may=sees_deals)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from markupsafe import Markup

from trato.engine.workspaces.actors import Actor

Panel = Callable[[HttpRequest, Any], Markup | None]
Part = Callable[[HttpRequest], dict[str, Any]]
_panels: dict[str, list[Panel]] = {}
_today: list[Part] = []


@dataclass(frozen=True)
class Destination:
    """A page of a module's own in the navigation, below the objects of its group; ``place`` is its address below the
    workspace's, ``may`` whether the person sees it.
    """

    group: Any
    label: Any
    icon: str
    place: str
    may: Callable[[Actor], bool]


_destinations: list[Destination] = []
_settings: list[tuple[Any, str, Any, str]] = []


def panel(*plurals: str) -> Callable[[Panel], Panel]:
    """Decorator: the function's box stands in the right column of these objects' record pages (None for no box)."""

    def register(function: Panel) -> Panel:
        for plural in plurals:
            _panels.setdefault(plural, []).append(function)
        return function

    return register


def panels_of(request: HttpRequest, plural: str, record: Any) -> list[Markup]:
    """The boxes of one record page, in the order they were registered."""
    made = [function(request, record) for function in _panels.get(plural, ())]
    return [box for box in made if box]


def today(function: Part) -> Part:
    """Decorator: the function gives some of the names that home.html asks for; ``boxes`` of several stand together."""
    _today.append(function)
    return function


def parts_of_today(request: HttpRequest) -> dict[str, Any]:
    """All parts of My day together."""
    found: dict[str, Any] = {}
    boxes: list[dict[str, Any]] = []
    for function in _today:
        part = function(request)
        boxes += part.pop("boxes", [])
        found |= part
    return found | {"boxes": boxes}


def destination(**said: Any) -> None:
    """Put a page into the navigation; see ``Destination``."""
    _destinations.append(Destination(**said))


def destinations_of(actor: Actor) -> list[Destination]:
    """The pages of modules that the person sees, in the order they were registered."""
    return [one for one in _destinations if one.may(actor)]


def setting(**said: Any) -> None:
    """Put a page below ``settings/`` into their navigation, for administrators: ``group`` of the menu, ``place``,
    ``label`` and ``icon``.
    """
    _settings.append((said["group"], said["place"], said["label"], said["icon"]))


def settings_of_modules() -> list[tuple[Any, str, Any, str]]:
    """The settings pages of modules: group, place, label, icon."""
    return list(_settings)


def module_pages() -> list[Any]:
    """The addresses of the modules' own pages; loads every module's ``pages.py``."""
    return _patterns_of("pages")


def module_endpoints() -> list[Any]:
    """The addresses for other programs, below the root; loads every module's ``endpoints.py``."""
    return _patterns_of("endpoints")


def _patterns_of(part: str) -> list[Any]:
    patterns: list[Any] = []
    for config in apps.get_app_configs():
        name = f"{config.name}.{part}"
        if config.name.startswith("trato.web") or find_spec(name) is None:
            continue
        patterns += getattr(import_module(name), "urlpatterns", [])
    return patterns
