"""Calls along a script: which of its questions (``kinds.questions``) comes next, and what an answer is kept as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from trato.engine.kinds.questions import Question, offered


def following(questions: Sequence[Question], place: int, answer: Any) -> str | None:
    """The id of the question after the one at ``place``, for its answer as text; None where the script ends."""
    question = questions[place]
    after = question.get("next")
    if isinstance(after, dict) and (answer in after or "" in after):
        return after.get(answer, after.get(""))
    if "next" in question and not isinstance(after, dict):
        return after
    return questions[place + 1]["id"] if place + 1 < len(questions) else None


def way(questions: Sequence[Question], given: Mapping[str, str]) -> list[tuple[Question, str]]:
    """The questions that are asked, in order, each with what is answered; the last one may wait for its answer.

    What is given to questions off the way is left out.
    """
    places = {question["id"]: place for place, question in enumerate(questions)}
    current = questions[0]["id"] if questions else None
    found = []
    while current is not None:
        question = questions[places[current]]
        answer = given.get(current, "").strip()
        found.append((question, answer))
        if not answer or answer_problem(question, answer):
            break
        current = following(questions, places[current], answer)
    return found


def answer_problem(question: Question, answer: str) -> str:
    """Why this is no answer to a question; "" where it is one."""
    known = offered(question)
    if known and answer not in known:
        return _("Choose one of the answers.")
    if question["kind"] == "number":
        try:
            number = Decimal(answer.replace(",", "."))
        except InvalidOperation:
            return _("Write a number.")
        if not number.is_finite() or abs(number) >= 10**15:
            return _("Write a number.")
    if len(answer) > 2000 or "\0" in answer:
        return _("At most %(n)s characters.") % {"n": 2000}
    return ""


def stored(question: Question, answer: str) -> Any:
    """An answer as it is kept: a truth, the text of a number, or words."""
    if question["kind"] == "yes_no":
        return answer == "yes"
    return str(Decimal(answer.replace(",", "."))) if question["kind"] == "number" else answer
