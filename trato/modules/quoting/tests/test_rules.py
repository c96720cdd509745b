"""The rules of quotes, by hand calculation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trato.engine.kinds.money import Money
from trato.modules.quoting import rules

TODAY = date(2026, 5, 3)
PERCENT = st.decimals(0, 100, places=2)


@pytest.mark.parametrize(
    ("lines", "document", "found"),
    [
        ([], None, "0"),
        ([None], None, "0"),
        ([], "12.5", "12.5"),
        (["10", "30", None], None, "30"),
        (["10", None], "10", "19"),  # 1 - 0.9 x 0.9
        (["100"], "50", "100"),
    ],
)
def test_the_steepest_discount(lines, document, found):
    percents = [None if one is None else Decimal(one) for one in lines]
    assert rules.steepest(percents, None if document is None else Decimal(document)) == Decimal(found)


@given(st.lists(PERCENT, max_size=5), PERCENT)
def test_a_discount_is_never_less_for_being_on_more(percents, document):
    found = rules.steepest(percents, document)
    assert document <= found <= 100
    assert all(found >= one for one in percents)


def rule(amount: str | None = None, discount: str | None = None, currency: str = "EUR") -> rules.Rule:
    money = None if amount is None else Money(Decimal(amount), currency)
    return rules.Rule("", uuid4(), money, None if discount is None else Decimal(discount))


@pytest.mark.parametrize(
    ("one", "falls"),
    [
        (rule(), True),
        (rule("1000"), True),
        (rule("1000.01"), False),
        (rule("1", currency="USD"), False),
        (rule(discount="15"), True),
        (rule(discount="15.01"), False),
        (rule("1000", "15"), True),
        (rule("1000", "16"), False),
    ],
)
def test_which_rules_a_quote_falls_under(one, falls):
    assert bool(rules.needed([one], Money(Decimal(1000), "EUR"), Decimal(15))) is falls


@pytest.mark.parametrize(
    ("status", "until", "closed"),
    [
        ("sent", None, False),
        ("seen", TODAY, False),
        ("seen", date(2026, 5, 2), True),
        *((status, None, True) for status, _label in (("draft", ""), ("approval", ""), ("accepted", ""))),
        *((status, None, True) for status in ("declined", "expired", "withdrawn", "superseded", "unheard-of")),
    ],
)
def test_when_a_customer_can_answer(status, until, closed):
    assert bool(rules.closed_because(status, until, TODAY)) is closed


STROKE = "M1 1L2 2L3 3L4 4L5 5L6 6L7 7L8 8"


@pytest.mark.parametrize(
    ("name", "drawing", "wrong"),
    [
        ("Ana García", "", set()),
        ("Li", STROKE, set()),
        ("李明", STROKE + "M10.5 20.5L600 200", set()),
        ("", "", {"name"}),
        ("A", "", {"name"}),
        ("12", "", {"name"}),
        ("Ana\u202eGarcía", "", {"name"}),
        ("Ana", "M1 1", {"drawing"}),
        ("Ana", STROKE + "L601 1", {"drawing"}),
        ("Ana", STROKE + "L1 -1", {"drawing"}),
        ("Ana", STROKE.replace("L", "C"), {"drawing"}),
        ("Ana", STROKE + '"/><image href="x"/>', {"drawing"}),
        ("Ana", STROKE + "L１ 1", {"drawing"}),
    ],
)
def test_what_a_signature_is(name, drawing, wrong):
    assert rules.signature_problems(name, drawing).keys() == wrong


@given(st.text(alphabet='ML0123456789. "<>/', max_size=200))
def test_whatever_is_taken_for_a_drawing_is_only_strokes(path):
    if "drawing" not in rules.signature_problems("Ana", path) and path:
        assert not set(path) - set("ML0123456789. ")


def test_what_a_quote_is_called():
    assert [rules.label(None, 1), rules.label("Q-7", 1), rules.label("Q-7", 3)] == ["", "Q-7", "Q-7 v3"]
