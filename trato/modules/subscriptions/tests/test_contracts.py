"""Contracts: notice, renewal, reminders."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from trato.engine import access, objects
from trato.engine import actions as generic
from trato.engine.values import Refused
from trato.modules.catalog.queries import today
from trato.modules.subscriptions import actions, rules


@pytest.fixture
def signed(owner, run):
    """``signed(ends_on=day)``: a contract in force, begun two years ago."""
    account = generic.create(owner, objects.get("accounts"), {"name": "Bar Sol"})

    def make(**given: Any) -> Any:
        start = rules.add_months(today(owner), -24)
        values = {"name": "Service", "account": str(account.id), "starts_on": start.isoformat(), "owner": owner.user_id}
        told = {key: value.isoformat() if isinstance(value, date) else value for key, value in given.items()}
        return run("enforce", generic.create(owner, objects.get("contracts"), values | told))

    return make


def test_a_contract_in_force_has_a_number_and_a_last_day_of_notice(signed) -> None:
    made = signed(ends_on=date(2027, 12, 31), notice=3)
    assert (made.status, made.notice_by) == ("active", date(2027, 9, 30))
    assert made.number.startswith("CTR-") and made.number.endswith("-001")


def test_nobody_can_give_notice_of_what_has_no_renewal_by_itself(signed) -> None:
    assert signed(ends_on=date(2027, 12, 31), renewal="ask").notice_by is None


def test_terms_that_are_over_are_renewed_or_end(owner, signed) -> None:
    over = today(owner) - timedelta(days=1)
    renewed, asked = signed(ends_on=over, renewal_months=12), signed(ends_on=over, renewal="ask")
    actions.pass_days(owner)
    renewed.refresh_from_db(), asked.refresh_from_db()
    assert (renewed.status, asked.status) == ("active", "ended")
    assert renewed.ends_on == rules.add_months(over + timedelta(days=1), 12) - timedelta(days=1)
    actions.pass_days(owner)
    version = renewed.version
    renewed.refresh_from_db()
    assert renewed.version == version
    with pytest.raises(Refused, match="ended"):
        generic.update(owner, objects.get("contracts"), asked.id, {"name": "Other"})


def test_its_owner_gets_one_task_before_notice_is_due(owner, signed) -> None:
    signed(ends_on=today(owner) + timedelta(days=50), notice=30, notice_unit="day", remind_days=30)
    signed(ends_on=today(owner) + timedelta(days=300), notice=30, notice_unit="day", remind_days=30)
    actions.pass_days(owner)
    actions.pass_days(owner)
    [task] = access.visible(owner, objects.get("tasks"))
    assert task.owner_id == owner.user_id
    assert task.due_at.date() == today(owner) + timedelta(days=20)


def test_notice_ends_it_with_its_term_and_can_be_taken_back(owner, signed, run) -> None:
    end = today(owner) + timedelta(days=200)
    made = signed(ends_on=end, notice=30, notice_unit="day")
    run("notice", made, reason="price", note="Too dear")
    assert (made.status, made.ends_on, made.notice_by) == ("noticed", end, None)
    run("withdraw", made)
    assert (made.status, made.notice_by, made.reason) == ("active", end - timedelta(days=30), "")


def test_notice_from_the_future_is_refused(owner, signed, run) -> None:
    made = signed(ends_on=today(owner) + timedelta(days=200))
    with pytest.raises(Refused, match="today or earlier"):
        run("notice", made, reason="price", on=today(owner) + timedelta(days=1))
    made.refresh_from_db()
    assert made.status == "active"
