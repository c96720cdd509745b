"""Quotas and managers' calls of a period, and the teams there are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from trato.engine import access, objects
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.models import TeamMember

from ..rules.periods import LENGTHS, Period
from ..rules.teams import Team
from .exchange import Exchange


@dataclass(frozen=True)
class Set:
    """What was set for somebody: an amount in the base currency, the records that say so, the last one's reason."""

    amount: Decimal
    ids: tuple[UUID, ...]
    reason: str = ""


def set_for(actor: Actor, plural: str, period: Period) -> dict[tuple[UUID, str], Set]:
    """By person and what it covers, what the actor may see of the quotas (or calls) of a period; everybody sees their
    own quotas. Where there is none for the period itself, those of the months or quarters in it are added up, of the
    longest there are.
    """
    obj = objects.get(plural)
    if (
        not access.may_see_any(actor, obj)
        or not {"person", "covers", "amount", "starts_on"} <= access.fields(actor, obj).keys()
    ):
        return {}
    rows = access.visible(actor, obj)
    if plural == "quotas" and actor.user_id:
        rows = obj.rows().filter(Q(id__in=rows.values("id")) | Q(person_id=actor.user_id, deleted_at=None))
    rows = rows.filter(starts_on__gte=period.first, starts_on__lt=period.after)
    names = ("id", "person_id", "covers", "length", "starts_on", "amount", "amount_currency")
    tells = "reason" in access.fields(actor, obj)
    found = list(rows.order_by("starts_on", "id").values(*names, *(["reason"] if tells else [])))
    exchange = Exchange(actor, {row["amount_currency"] for row in found})
    by: dict[tuple[UUID, str], dict[str, list[dict[str, object]]]] = defaultdict(lambda: defaultdict(list))
    for row in found:
        by[row["person_id"], row["covers"]][row["length"]].append(row)
    allowed = LENGTHS[: LENGTHS.index(period.length) + 1]
    kept = {
        key: next((lengths[one] for one in reversed(allowed) if lengths.get(one)), []) for key, lengths in by.items()
    }
    return {key: _together(exchange, rows) for key, rows in kept.items() if rows}


def _together(exchange: Exchange, rows: list[dict]) -> Set:
    amounts = [exchange.to_base(row["amount"], row["amount_currency"], row["starts_on"]) for row in rows]
    return Set(sum(amounts, Decimal(0)), tuple(row["id"] for row in rows), rows[-1].get("reason", ""))


def teams(actor: Actor) -> list[Team]:
    """All teams of the workspace with the people in each."""
    people: dict[UUID, set[UUID]] = defaultdict(set)
    for team, user in TeamMember.objects.values_list("team_id", "user_id"):
        people[team].add(user)
    rows = access.teams(actor).values_list("id", "parent_id", "name")
    return [Team(id, parent, name, frozenset(people[id])) for id, parent, name in rows]


def oldest_won(actor: Actor) -> date | None:
    """The day of the first deal that was won; None where none was."""
    rows = access.visible(actor, objects.get("deals")).filter(status="won", closed_at__isnull=False)
    first = rows.order_by("closed_at").values_list("closed_at", flat=True).first()
    return first.date() if first else None
