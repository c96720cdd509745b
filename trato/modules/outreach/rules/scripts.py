"""Scripts of calls: questions whose next one depends on the answer.

A question is ``{"id", "ask", "kind", "choices", "next", "field"}``; ``next`` is the id of a question, or an object from
answers to ids, where ``""`` stands for every other answer. Left out, the question that stands next follows; null ends
the script.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

KINDS = ("choice", "text", "number", "yes_no")
KEYS = {"id", "ask", "kind", "choices", "next", "field"}
MOST, MOST_CHOICES, LONGEST = 60, 12, 300
YES_NO = ("yes", "no")
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FIELD = re.compile(r"[a-z][a-z0-9_.]{0,80}")

Question = Mapping[str, Any]


def problem(questions: Any) -> str:
    """What is wrong with the questions of a script, in words; "" where nothing is."""
    if not isinstance(questions, list) or len(questions) > MOST:
        return _("Give a list of at most %(n)s questions.") % {"n": MOST}
    seen: set[str] = set()
    for place, question in enumerate(questions, 1):
        if wrong := _alone(question, place):
            return wrong
        if question["id"] in seen:
            return _("Two questions are called “%(id)s”.") % {"id": question["id"]}
        seen.add(question["id"])
    for question in questions:
        for target in _targets(question):
            if target not in seen:
                words = _("“%(id)s” goes on to “%(target)s”, which is no question of this script.")
                return words % {"id": question["id"], "target": target[:60]}
    circle = _circle(questions)
    return _("The questions go in a circle: %(way)s.") % {"way": " → ".join(circle)} if circle else ""


def _alone(question: Any, place: int) -> str:
    """What is wrong with one question, whatever the others are."""
    if not isinstance(question, dict) or not isinstance(question.get("id"), str) or not _ID.fullmatch(question["id"]):
        return _("Question %(n)s needs an “id” of small letters, digits and _.") % {"n": place}
    named = {"id": question["id"]}
    if unknown := question.keys() - KEYS:
        return _("“%(id)s” says something unknown: %(what)s.") % (named | {"what": str(sorted(unknown)[0])[:60]})
    ask = question.get("ask")
    if not isinstance(ask, str) or not ask.strip() or len(ask) > LONGEST:
        return _("“%(id)s” needs words to “ask”, at most %(n)s characters.") % (named | {"n": LONGEST})
    if question.get("kind") not in KINDS:
        return _("“%(id)s” has no known kind; there are: %(kinds)s.") % (named | {"kinds": ", ".join(KINDS)})
    return _choices_problem(question) or _next_problem(question)


def _choices_problem(question: Question) -> str:
    """What is wrong with the answers offered, and with the field they go into."""
    named = {"id": question["id"]}
    choices = question.get("choices", [])
    fits = isinstance(choices, list) and all(isinstance(one, str) and 0 < len(one) <= 100 for one in choices)
    if not fits or len(set(choices)) != len(choices) or len(choices) > MOST_CHOICES:
        return _("The choices of “%(id)s” are at most %(n)s different words.") % (named | {"n": MOST_CHOICES})
    if (question["kind"] == "choice") != bool(choices):
        return _("“%(id)s”: a choice has “choices”, and nothing else has.") % named
    field = question.get("field", "")
    if not isinstance(field, str) or (field and not _FIELD.fullmatch(field)):
        return _("The “field” of “%(id)s” is the name of a field.") % named
    return ""


def _next_problem(question: Question) -> str:
    after = question.get("next")
    if after is None or isinstance(after, str):
        return ""
    wrong = _("“next” of “%(id)s” is a question, or says for each answer which one.") % {"id": question["id"]}
    if not isinstance(after, dict) or not all(one is None or isinstance(one, str) for one in after.values()):
        return wrong
    offered = _offered(question)
    strange = [answer for answer in after if answer and offered and answer not in offered]
    if strange:
        words = _("“%(answer)s” is no answer to “%(id)s”.")
        return words % {"answer": strange[0][:60], "id": question["id"]}
    return ""


def _offered(question: Question) -> Sequence[str]:
    """The answers there are to a question; none where it is answered freely."""
    return (
        question.get("choices", ()) if question["kind"] == "choice" else YES_NO if question["kind"] == "yes_no" else ()
    )


def _targets(question: Question) -> list[str]:
    """The questions one names as the next."""
    after = question.get("next")
    named = after.values() if isinstance(after, dict) else [after]
    return [one for one in named if one is not None]


def _steps(questions: Sequence[Question]) -> dict[str, list[str]]:
    """Which questions can follow which."""
    follows = {}
    for place, question in enumerate(questions):
        following = [questions[place + 1]["id"]] if place + 1 < len(questions) else []
        after = question.get("next")
        falls_through = "next" not in question or (isinstance(after, dict) and "" not in after)
        follows[question["id"]] = [*_targets(question), *(following if falls_through else [])]
    return follows


def _circle(questions: Sequence[Question]) -> list[str]:
    """A way through the questions that comes back to its first; [] where there is none."""
    follows, done = _steps(questions), set()
    for start in follows:
        way: list[str] = []
        stack = [(start, iter(follows[start]))] if start not in done else []
        way += [start] if stack else []
        while stack:
            one, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                stack.pop()
                way.pop()
                done.add(one)
            elif following in way:
                return [*way[way.index(following) :], following]
            elif following not in done:
                way.append(following)
                stack.append((following, iter(follows[following])))
    return []


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
    offered = _offered(question)
    if offered and answer not in offered:
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
