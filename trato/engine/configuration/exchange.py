"""Configuration out to a file and in from one: compared first, then whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ..custom.shaping import settled
from ..decisions import record, require
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .sections import Item, Section, sections

FORMAT, VERSION = "trato-configuration", 1
MOST_ITEMS = 20_000


@dataclass(frozen=True)
class Change:
    """One item that an import adds or changes: ``fields`` are member -> (old, new)."""

    section: str
    label: Any
    key: tuple[Any, ...]
    added: bool
    fields: Mapping[str, tuple[Any, Any]]

    def json(self) -> dict[str, Any]:
        """As the API says it."""
        said = {name: {"old": old, "new": new} for name, (old, new) in self.fields.items()}
        return {"section": self.section, "key": list(self.key), "added": self.added, "changes": said}


def export(actor: Actor) -> dict[str, Any]:
    """The whole configuration as JSON; raises NotAdministrator."""
    require(actor)
    found = {name: one.read(actor) for name, one in sections().items()}
    return {"format": FORMAT, "version": VERSION, "workspace": actor.workspace.slug, "sections": found}


def compare(actor: Actor, given: Any) -> list[Change]:
    """What an import would change, tried out and taken back; raises Refused, NotAdministrator."""
    try:
        with transaction.atomic():
            changes = _put(actor, given)
            transaction.set_rollback(True)
    finally:
        settled(actor)
    return changes


def apply(actor: Actor, given: Any) -> list[Change]:
    """Add what the file has and the workspace hasn't, and change what differs; what only the workspace has stays.

    All or nothing: raises Refused with the first item that can't be taken over, and has changed nothing then. Raises
    NotAdministrator.
    """
    try:
        with transaction.atomic():
            changes = _put(actor, given)
    finally:
        settled(actor)
    if changes:
        told = {
            "/".join(map(str, (one.section, *one.key))): (None, "added" if one.added else "changed") for one in changes
        }
        record(actor, "workspace", actor.workspace.id, "configured", told)
    return changes


def _put(actor: Actor, given: Any) -> list[Change]:
    require(actor)
    items = _checked(given)
    return [change for one in sections().values() for change in _put_section(actor, one, items.get(one.name, []))]


def _put_section(actor: Actor, one: Section, items: list[Item]) -> list[Change]:
    """Write what differs of one section. An item that needs another which comes later is tried again after it."""
    before = {one.key_of(item): item for item in one.read(actor)}
    waiting = list(enumerate(items))
    changes: dict[int, Change] = {}
    while waiting:
        refusals: list[tuple[int, Item, Refused]] = []
        for place, item in waiting:
            known = before.get(one.key_of(item))
            differing = dict(_differing(item, known or {}))
            if known is not None and not differing:
                continue
            try:
                with transaction.atomic():
                    one.write(actor, (known or {}) | item, known)
            except Refused as refused:
                refusals.append((place, item, refused))
                continue
            changes[place] = Change(one.name, one.label, one.key_of(item), known is None, differing)
        if len(refusals) == len(waiting):
            raise _located(one, *refusals[0])
        waiting = [(place, item) for place, item, _refused in refusals]
        settled(actor)
    return [changes[place] for place in sorted(changes)]


def _located(one: Section, place: int, item: Item, refused: Refused) -> Refused:
    """The refusal with where in the file its item stands."""
    where = f"{one.name}[{place}]"
    return Refused(
        Problem(f"{where}.{problem.field}" if problem.field else where, problem.code, _said(one, item, problem))
        for problem in refused.problems
    )


def _said(one: Section, item: Item, problem: Problem) -> str:
    """The problem's words, with which item it is about."""
    name = "/".join(str(part)[:60] for part in one.key_of(item))
    return f"{one.label}, {name}: {problem.message}"


def _differing(item: Item, known: Item) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for name, value in item.items():
        if name not in known or known[name] != value:
            yield name, (known.get(name), value)


def _checked(given: Any) -> dict[str, list[Item]]:
    """The sections of a file; raises Refused."""
    if not isinstance(given, Mapping) or given.get("format") != FORMAT:
        raise _refused(
            "", _("This is no configuration of Trato: export one from settings, or with “trato config export”.")
        )
    if given.get("version") != VERSION:
        raise _refused("version", _("This configuration was written by another version of Trato, in another format."))
    found = given.get("sections")
    if not isinstance(found, Mapping):
        raise _refused("sections", _("Give the sections as an object of names and lists."))
    for name, items in found.items():
        one = sections().get(name)
        if one is None:
            words = _("There is no section “%(name)s” here: a module may be missing.")
            raise _refused("sections", words % {"name": str(name)[:80]})
        if not isinstance(items, list) or len(items) > MOST_ITEMS:
            raise _refused(name, _("A section is a list of at most %(n)s items.") % {"n": MOST_ITEMS})
        for place, item in enumerate(items):
            if not isinstance(item, dict) or not all(isinstance(part, str) for part in one.key_of(item)):
                words = _("Each item is an object with %(names)s.") % {"names": ", ".join(one.key)}
                raise _refused(f"{name}[{place}]", words)
    return {name: list(items) for name, items in found.items()}


def _refused(field: str, words: str) -> Refused:
    return Refused([Problem(field, "configuration", words)])
