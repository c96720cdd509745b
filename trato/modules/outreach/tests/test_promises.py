"""Promises: kept, broken by the calendar, prolonged only with consent, counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from trato.engine import actions, objects
from trato.engine.values import Refused
from trato.modules.outreach import queries
from trato.modules.outreach.actions import promises


@pytest.fixture
def today(cast, owner):
    return queries.today(cast.acme)


@pytest.fixture
def account(make):
    return make("accounts", name="Casa Ana")


@pytest.fixture
def promised(make, account, today):
    def give(days=0, **values):
        due = today + timedelta(days=days)
        return make("promises", **{"text": "A new grinder", "account": str(account.id), "due_on": str(due)} | values)

    return give


def test_overdue_is_broken_the_day_after(cast, promised, again):
    late, now, later = promised(-1), promised(0), promised(1)
    assert [promises.break_overdue(cast.acme), promises.break_overdue(cast.acme)] == [1, 0]
    assert [again(one).status for one in (late, now, later)] == ["broken", "open", "open"]


def test_kept_in_time_and_kept_too_late(owner, promised, act, today, again):
    good, late = promised(2), promised(-3)
    act(good, "keep")
    act(late, "keep", on=str(today - timedelta(days=1)))
    assert (again(good).status, again(good).kept_on) == ("kept", today)
    assert (again(late).status, again(late).kept_on) == ("broken", today - timedelta(days=1))
    with pytest.raises(Refused, match="decided"):
        act(good, "withdraw", why="x")
    with pytest.raises(Refused, match="stays for the record"):
        actions.delete(owner, objects.get("promises"), good.id)


def test_the_day_moves_only_with_consent(owner, promised, act, today, again, cast):
    one = promised(-1)
    with pytest.raises(Refused, match="Prolong"):
        actions.update(owner, objects.get("promises"), one.id, {"due_on": str(today)})
    with pytest.raises(Refused) as refused:
        act(one, "prolong", until=str(today + timedelta(days=5)), consent="  ")
    assert [problem.field for problem in refused.value.problems] == ["consent"]
    with pytest.raises(Refused, match="after the one promised"):
        act(one, "prolong", until=str(today - timedelta(days=2)), consent="Fine")
    act(one, "prolong", until=str(today + timedelta(days=5)), consent="Ana, on the phone")
    assert promises.break_overdue(cast.acme) == 0
    assert again(one).due_on == today + timedelta(days=5) and "Ana, on the phone" in again(one).consent


def test_the_future_is_not_kept_yet(promised, act, today):
    with pytest.raises(Refused, match="has come"):
        act(promised(3), "keep", on=str(today + timedelta(days=1)))


def test_the_rate_counts_kept_and_broken_only(cast, owner, promised, act, account):
    for _ in range(3):
        act(promised(1), "keep")
    promised(-1)
    promises.break_overdue(cast.acme)
    act(promised(1), "withdraw", why="They bought it elsewhere")
    promised(1)
    rate = queries.rate_of(owner, account.id)
    assert (rate.kept, rate.broken, rate.count, rate.percent) == (3, 1, 4, 75)
    assert [(who, r.count, n) for who, r, n in queries.rates_by_owner(owner)] == [(cast.owner.id, 4, 1)]


def test_others_promises_are_not_counted_for_who_may_not_see_them(cast, as_, promised, act, account):
    act(promised(1), "keep")
    with as_(cast.limited) as actor:
        assert queries.rate_of(actor, account.id).count == 0
