"""The story of the demo: goals, a week's movement, and a statement of what everybody who sells earns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from trato.modules.forecasting import demo
from trato.modules.forecasting.models import CommissionMember, DealState, Quota
from trato.modules.forecasting.queries import closing
from trato.modules.forecasting.rules.periods import Period

from .conftest import Make


def test_who_sells_has_a_quota_and_earns(owner: Any, deal: Make, cast: Any) -> None:
    """12,000 won in July: 3 % of the first 10,000 and 5 % of the rest are 300 and 100."""
    deal(12_000, None, stage="Signed", on="2026-07-02", owner=cast.member)
    deal(800, "2026-08-15", owner=cast.teammate)
    demo.tell(owner)
    assert DealState.objects.exists() and CommissionMember.objects.count() == 1
    assert set(Quota.objects.values_list("person_id", flat=True)) <= {cast.member.id, cast.teammate.id}
    (statement,), _missing = closing.statements(owner, Period("month", date(2026, 7, 1)))
    assert (statement.person, statement.commission) == (cast.member.id, Decimal(400))


def test_nothing_sold_nothing_told(owner: Any) -> None:
    demo.tell(owner)
    assert not CommissionMember.objects.exists() and not Quota.objects.exists()
