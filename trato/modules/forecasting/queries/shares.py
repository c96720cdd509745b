"""Whose a deal is: its owner's, and that of the sellers it is shared with, each by their part."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Extract

from trato.modules.sales.models import DealSplit

Owners = Collection[UUID | None] | None


def days(until: str, since: str) -> Combinable:
    """Days between two moments of a row."""
    return Extract(F(until) - F(since), "epoch") / 86400.0


def belongs(owners: Owners, over: str = "") -> Q:
    """That a deal (``over`` a relation to it) counts for one of some people: as owner or by a share; None: anybody."""
    if owners is None:
        return Q()
    shared = DealSplit.objects.filter(deleted_at=None, seller__in=_people(owners)).values("deal_id")
    return Q(**{f"{over}owner_id__in": _people(owners)}) | Q(**{f"{over}id__in": shared})


def part(owners: Owners, over: str = "") -> Any:
    """What part of a deal counts for some people, from 0 to 1: what is shared with them; of a deal that one of them
    owns, all but what is shared with others.
    """
    if owners is None:
        return Value(Decimal(1))
    people = _people(owners)
    shares = DealSplit.objects.filter(deleted_at=None, deal=OuterRef(f"{over}id"))
    theirs, others = _sum(shares.filter(seller__in=people)), _sum(shares.exclude(seller__in=people))
    return Case(When(**{f"{over}owner_id__in": people}, then=100 - others), default=theirs) / 100


def _sum(shares: QuerySet) -> Coalesce:
    total = shares.order_by().values("deal").annotate(total=Sum("percent", output_field=DecimalField())).values("total")
    return Coalesce(Subquery(total), Decimal(0))


def _people(owners: Collection[UUID | None]) -> list[UUID]:
    return [person for person in owners if person is not None]
