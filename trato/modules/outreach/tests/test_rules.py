"""The pure rules, by hand-made expectations."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from trato.modules.outreach.rules import hours, scripts, texts
from trato.modules.outreach.rules.rates import Rate

MADRID = ZoneInfo("Europe/Madrid")
WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("Hello {first_name},", {"first_name": "Ana"}, "Hello Ana,"),
        ("Hello {first_name|friend},", {"first_name": ""}, "Hello friend,"),
        ("{account} / {sender}", {"account": "Casa {x}", "sender": "Mia"}, "Casa {x} / Mia"),
        ("{{literal}} {first_name}", {}, "{literal} "),
        ("no {first_name|}!", {}, "no !"),
    ],
)
def test_placeholders_are_filled_in(text, values, expected):
    assert texts.problem(text) == ""
    assert texts.filled(text, values) == expected


@pytest.mark.parametrize("text", ["Hi {name}", "Hi { first_name}", "{}", "{first_name.__class__}", "{0}", "{sender!r}"])
def test_unknown_placeholders_are_told(text):
    assert "can't be filled in" in texts.problem(text) and "{first_name}" in texts.problem(text)


@pytest.mark.parametrize("text", ["a { b", "a } b", "{first_name", "{first_name|{x}}"])
def test_lone_braces_are_told(text):
    assert "stands alone" in texts.problem(text)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # Madrid is one hour ahead of UTC in winter, two in summer.
        ("2026-01-07T07:00", "2026-01-07T08:00"),  # Wednesday 8:00 there: waits until 9:00
        ("2026-01-07T10:30", "2026-01-07T10:30"),  # within
        ("2026-01-07T16:00", "2026-01-08T08:00"),  # 17:00 is over: Thursday
        ("2026-01-09T18:00", "2026-01-12T08:00"),  # Friday evening: Monday
        ("2026-03-27T20:00", "2026-03-30T07:00"),  # over the change of clocks: Monday 9:00 is 7:00 UTC
    ],
)
def test_steps_wait_for_their_hours(at, expected):
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    found = hours.within(moment, MADRID, 9, 17, WORKDAYS)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_without_weekdays_all_are_meant_and_a_day_may_last_until_midnight():
    saturday = datetime(2026, 1, 10, 22, 30, tzinfo=UTC)  # 23:30 there
    assert hours.within(saturday, MADRID, 0, 24, []) == saturday
    assert hours.within(saturday, MADRID, 9, 17, []) == datetime(2026, 1, 11, 8, tzinfo=UTC)


def test_days_later_it_is_the_same_time_of_the_clock():
    before = datetime(2026, 3, 28, 9, 0, tzinfo=UTC)  # 10:00 in winter time
    assert hours.after(before, 2, MADRID) == datetime(2026, 3, 30, 8, 0, tzinfo=UTC)  # 10:00 in summer time


SCRIPT = [
    {"id": "uses", "ask": "Do you use a machine?", "kind": "yes_no", "next": {"yes": "which", "no": "cups"}},
    {"id": "which", "ask": "Which one?", "kind": "choice", "choices": ["Ours", "Another"], "next": "bye"},
    {"id": "cups", "ask": "How many cups a day?", "kind": "number", "field": "custom.cups"},
    {"id": "bye", "ask": "Anything else?", "kind": "text", "next": None},
]


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, ["uses"]),
        ({"uses": "yes"}, ["uses", "which"]),
        ({"uses": "yes", "which": "Ours"}, ["uses", "which", "bye"]),
        ({"uses": "no"}, ["uses", "cups"]),
        ({"uses": "no", "cups": "12,5", "which": "Ours"}, ["uses", "cups", "bye"]),
        ({"uses": "no", "cups": "many", "bye": "x"}, ["uses", "cups"]),
        ({"uses": "perhaps"}, ["uses"]),
    ],
)
def test_the_next_question_depends_on_the_answer(given, asked):
    assert [question["id"] for question, _answer in scripts.way(SCRIPT, given)] == asked


def test_answers_are_kept_as_what_they_are():
    assert scripts.stored(SCRIPT[0], "yes") is True
    assert scripts.stored(SCRIPT[2], "12,5") == "12.5"
    assert scripts.answer_problem(SCRIPT[2], "NaN") and scripts.answer_problem(SCRIPT[2], "1e99")


def test_rates():
    assert Rate(0, 0).percent is None
    assert (Rate(3, 1).percent, Rate(3, 1).count) == (75, 4)
    assert [Rate(2, 1).percent, Rate(1, 2).percent, Rate(1, 7).percent] == [67, 33, 13]
