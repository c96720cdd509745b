"""Who sells with whom: teams below teams as the rows of a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

Person = UUID | None


@dataclass(frozen=True)
class Row:
    """A team with everybody in it and in those below, each once, or one person; ``depth`` is how far it is set in."""

    id: Person
    name: str
    depth: int
    people: frozenset[Person]
    is_team: bool
    leaders: frozenset[Person] = frozenset()  # of a team: those who are in it themselves


@dataclass(frozen=True)
class Team:
    """A team as it is kept: ``parent`` is the one above."""

    id: UUID
    parent: UUID | None
    name: str
    people: frozenset[UUID]


def below(teams: Collection[Team], team: UUID) -> frozenset[UUID]:
    """A team and all below it."""
    found, wave = {team}, {team}
    while wave:  # a circle of teams ends here too
        wave = {one.id for one in teams if one.parent in wave} - found
        found |= wave
    return frozenset(found)


def rows(teams: Collection[Team], names: Mapping[Person, str], *, only: UUID | None = None) -> list[Row]:
    """Teams in the order of their names, each with its people and then the teams below it; people of no team last.
    ``names`` are the people there is something to say of; teams without any are left out. ``only``: that team alone.
    """
    children: dict[UUID | None, list[Team]] = defaultdict(list)
    known = {team.id for team in teams}
    for team in sorted(teams, key=lambda team: team.name.casefold()):
        children[team.parent if team.parent in known else None].append(team)
    if only is not None:
        return list(_team(next(team for team in teams if team.id == only), teams, children, names, 0))
    found = [row for team in children[None] for row in _team(team, teams, children, names, 0)]
    housed = {person for team in teams for person in team.people}
    return found + _people(set(names) - housed, names, 0)


def _team(
    team: Team,
    teams: Collection[Team],
    children: Mapping[UUID | None, list[Team]],
    names: Mapping[Person, str],
    depth: int,
) -> Iterator[Row]:
    reach = below(teams, team.id)
    everybody: set[Person] = {person for one in teams if one.id in reach for person in one.people} & names.keys()
    if not everybody:
        return
    yield Row(team.id, team.name, depth, frozenset(everybody), True, frozenset(team.people))
    yield from _people(set(team.people) & names.keys(), names, depth + 1)
    for child in children[team.id]:
        yield from _team(child, teams, children, names, depth + 1)


def _people(people: Collection[Person], names: Mapping[Person, str], depth: int) -> list[Row]:
    """People by name; deals of nobody last."""
    ordered = sorted(people, key=lambda person: (person is None, names[person].casefold()))
    return [Row(person, names[person], depth, frozenset({person}), False) for person in ordered]
