"""Questions one after the other, the next of which may depend on the answer: scripts, checklists, surveys.

A question is ``{"id", "ask", "kind", "choices", "next", "field"}``; ``next`` is the id of a question, or an object from
answers to ids, where ``""`` stands for every other answer. Left out, the question that stands next follows; null ends
it. ``field`` is the field that the answer goes into.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from . import html
from .above import above
from .base import Reader, Typed
from .json_value import Json
from .texts import Invalid, Words, clip, shorten

#: How a question is answered.
ANSWERS: dict[str, Words] = {
    "choice": _("One of these answers"),
    "yes_no": _("Yes or no"),
    "number": _("A number"),
    "text": _("Words"),
}
YES_NO: dict[str, Words] = {"yes": _("Yes"), "no": _("No")}
KEYS = {"id", "ask", "kind", "choices", "next", "field"}
MOST, MOST_CHOICES, LONGEST, LONGEST_CHOICE = 60, 12, 300, 100
#: What a form says for the end, where the id of a question would be.
END = "-"
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_FIELD = re.compile(r"[a-z][a-z0-9_.]{0,80}", re.ASCII)

Question = Mapping[str, Any]


# -- what may be said -----------------------------------------------------------------------------------------------


def problem(questions: Any) -> str:
    """What is wrong with some questions, in words that name them by their number; "" where nothing is."""
    if not isinstance(questions, list) or len(questions) > MOST:
        return _now("Give a list of at most %(n)s questions.") % {"n": MOST}
    places: dict[str, int] = {}
    for place, question in enumerate(questions, 1):
        if wrong := _alone(question):
            return _now("Question %(n)s: %(problem)s") % {"n": place, "problem": wrong}
        if question["id"] in places:
            return _now("Two questions have the “id” “%(id)s”.") % {"id": question["id"]}
        places[question["id"]] = place
    for place, question in enumerate(questions, 1):
        for target in targets(question):
            if target not in places:
                words = _now("Question %(n)s goes on to “%(target)s”, which is none of these questions.")
                return words % {"n": place, "target": target[:60]}
    way = " → ".join(str(places[each]) for each in _circle(questions))
    return _now("The questions go in a circle: %(way)s.") % {"way": way} if way else ""


def _alone(question: Any) -> str:
    """What is wrong with one question, whatever the others are."""
    if not isinstance(question, dict) or not isinstance(question.get("id"), str) or not _ID.fullmatch(question["id"]):
        return _now("it needs an “id” of small letters, digits and _.")
    if unknown := question.keys() - KEYS:
        return _now("it says something unknown: %(what)s.") % {"what": str(min(unknown, key=str))[:60]}
    ask = question.get("ask")
    if not isinstance(ask, str) or not ask.strip() or len(ask) > LONGEST:
        return _now("write what is asked, at most %(n)s characters.") % {"n": LONGEST}
    if not isinstance(question.get("kind"), str) or question["kind"] not in ANSWERS:
        return _now("its “kind” is none of: %(kinds)s.") % {"kinds": ", ".join(ANSWERS)}
    return _choices_problem(question) or _next_problem(question)


def _choices_problem(question: Question) -> str:
    """What is wrong with the answers offered, and with the field they go into."""
    choices = question.get("choices", [])
    fits = isinstance(choices, list) and all(isinstance(one, str) and 0 < len(one) <= LONGEST_CHOICE for one in choices)
    if not fits or len(set(choices)) != len(choices) or len(choices) > MOST_CHOICES:
        words = _now("its answers are at most %(n)s different ones of at most %(length)s characters.")
        return words % {"n": MOST_CHOICES, "length": LONGEST_CHOICE}
    if question["kind"] == "choice" and not choices:
        return _now("write the answers to choose from.")
    if question["kind"] != "choice" and choices:
        return _now("only what is chosen has “choices”.")
    field = question.get("field", "")
    if not isinstance(field, str) or (field and not _FIELD.fullmatch(field)):
        return _now("its “field” is the name of a field.")
    return ""


def _next_problem(question: Question) -> str:
    after = question.get("next")
    if after is None or isinstance(after, str):
        return ""
    if not isinstance(after, dict) or not all(one is None or isinstance(one, str) for one in after.values()):
        return _now("its “next” is a question, or says for each answer which one.")
    known = offered(question)
    if strange := [answer for answer in after if answer and known and answer not in known]:
        return _now("“%(answer)s” is none of its answers.") % {"answer": strange[0][:60]}
    return ""


def offered(question: Question) -> Sequence[str]:
    """The answers there are to a question; none where it is answered freely."""
    if question["kind"] == "choice":
        return question.get("choices", ())
    return tuple(YES_NO) if question["kind"] == "yes_no" else ()


def targets(question: Question) -> list[str]:
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
        follows[question["id"]] = [*targets(question), *(following if falls_through else [])]
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


# -- what a form sends ----------------------------------------------------------------------------------------------


def sent(data: Mapping[str, str], name: str) -> list[dict[str, Any]]:
    """The questions of a form in the stored shape, as they were typed, and so maybe wrong; empty ones too, but for the
    ``spare`` one that is there for who has no scripts.
    """
    found = []
    for n in range(MOST + 2):
        if f"{name}-{n}-ask" in data:
            one = _one_sent({part: _said(data, f"{name}-{n}-{part}") for part in _PARTS}, data, f"{name}-{n}")
            found += [] if f"{name}-{n}-spare" in data and is_blank(one) else [one]
    for question in found:
        question["id"] = question["id"] or _free(found)
    return found


_PARTS = ("id", "ask", "kind", "then", "field")


def _said(data: Mapping[str, str], name: str) -> str:
    return clip(data.get(name, "") or "")[:10_000].strip()


def _one_sent(said: Mapping[str, str], data: Mapping[str, str], name: str) -> dict[str, Any]:
    """One question: the answers with where each leads, and where every other one does."""
    kind = said["kind"] if said["kind"] in ANSWERS else "text"
    question: dict[str, Any] = {"id": said["id"], "ask": said["ask"], "kind": kind}
    answers = [(_said(data, f"{name}-answer-{n}"), _said(data, f"{name}-to-{n}")) for n in range(MOST_CHOICES + 2)]
    answers = [(answer, to) for answer, to in answers if answer]
    if kind == "choice":
        question["choices"] = [answer for answer, _to in answers]
    elif kind == "yes_no":
        answers = [(answer, to) for answer, to in answers if answer in YES_NO]
    after = {answer: None if to == END else to for answer, to in answers if to}
    if after and said["then"]:
        after[""] = None if said["then"] == END else said["then"]
    if after or said["then"]:
        question["next"] = after or (None if said["then"] == END else said["then"])
    if said["field"]:
        question["field"] = said["field"]
    return question


def is_blank(question: Question) -> bool:
    """Whether nothing was written into a question of a form."""
    return not question["ask"] and not question.get("choices")


def pressed(questions: list[dict[str, Any]], do: str) -> list[dict[str, Any]]:
    """The questions after a button was pressed: ``add``, ``up 2``, ``down 2`` or ``remove 2``; anything else changes
    nothing. Where a question is taken out, what led to it goes on to what stands next.
    """
    verb, _space, number = do.partition(" ")
    place = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else len(questions)
    moved = list(questions)
    if verb == "add" and len(moved) < MOST:
        moved.append({"id": _free(moved), "ask": "", "kind": "choice"})
    elif verb in ("up", "down", "remove") and place < len(moved):
        question = moved.pop(place)
        if verb == "remove":
            return [_without(each, question["id"]) for each in moved]
        moved.insert(max(0, place + (-1 if verb == "up" else 1)), question)
    return moved


def _free(questions: Sequence[Question]) -> str:
    taken = {question["id"] for question in questions}
    return next(free for n in range(1, MOST + 9) if (free := f"q{n}") not in taken)


def _without(question: dict[str, Any], gone: str) -> dict[str, Any]:
    after = question.get("next")
    if isinstance(after, dict):
        after = {answer: to for answer, to in after.items() if to != gone}
    if after in (gone, {}):
        return {key: value for key, value in question.items() if key != "next"}
    return question | ({"next": after} if "next" in question else {})


# -- the kind -------------------------------------------------------------------------------------------------------


class Questions(Json):
    """Stored as a list of questions, None for none. ``about`` are the objects whose fields answers may go into."""

    name = "questions"
    label = _("Questions")
    grouped = True
    in_cell = False

    def __init__(self, *, required: bool = False, about: Sequence[str] = ()) -> None:
        super().__init__(required=required)
        self.about = tuple(about)

    def is_empty(self, value: Any) -> bool:
        return value is None or value == []

    def clean(self, value: Any, reader: Reader) -> Any:
        if isinstance(value, str):
            return self.parse(value, reader)
        return self._checked(super().clean(None if value == [] else value, reader))

    def _parse(self, text: str, reader: Reader) -> Any:
        return self._checked(super()._parse(text, reader) or None)

    def _checked(self, value: Any) -> Any:
        if value is not None and (wrong := problem(value)):
            raise Invalid("questions", "%(problem)s", problem=wrong)
        return value

    def plain(self, value: Any, reader: Reader) -> str:
        """In words: "1. Do you use a machine? (Yes → 2, No → 3) 2. Which one?"."""
        said = [f"{n}. {ask}" + (f" ({', '.join(ways)})" if ways else "") for n, ask, ways in _told(value or [])]
        return " ".join(said)

    def cell(self, value: Any, reader: Reader) -> Markup:
        return Markup("{}").format(shorten(self.plain(value, reader)))

    def show(self, value: Any, reader: Reader) -> Markup:
        """A numbered list, below each question where its answers lead."""
        rows = []
        for _n, ask, ways in _told(value or []):
            leads = Markup("").join(html.element("li", {}, way) for way in ways)
            inner = html.element("ul", {}, leads) if leads else leads
            rows.append(html.element("li", {}, Markup("{}{}").format(ask, inner)))
        return html.element("ol", {"class": "questions-shown"}, Markup("").join(rows)) if rows else Markup("")

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """A card a question: what is asked, how it is answered, and where each answer leads."""
        teller = above(reader)
        if teller is None:
            return super().input(name, value, reader, id=id, invalid=invalid, described_by=described_by)
        drawn = teller.questions(self, name, value, reader, id=id)
        return html.fieldset(drawn, id=id, invalid=invalid, described_by=described_by)

    def drafts(self, name: str, value: Any) -> list[dict[str, Any]]:
        """The questions a form shows: those stored, or those typed after what was pressed."""
        if not isinstance(value, Typed):
            return list(value or [])
        return pressed(sent(value.data, name), _said(value.data, f"{name}-do"))

    def from_form(self, data: Mapping[str, str], name: str, reader: Reader) -> Any:
        if f"{name}-0-ask" not in data:
            return self.parse(data.get(name, ""), reader)
        return self.clean([question for question in sent(data, name) if not is_blank(question)], reader)

    def schema(self) -> dict[str, Any]:
        way = {"type": ["string", "null"]}
        properties = {
            "id": {"type": "string", "pattern": f"^{_ID.pattern}$"},
            "ask": {"type": "string", "maxLength": LONGEST},
            "kind": {"enum": list(ANSWERS)},
            "choices": {"type": "array", "items": {"type": "string"}, "maxItems": MOST_CHOICES},
            "next": {"anyOf": [way, {"type": "object", "additionalProperties": way}]},
            "field": {"type": "string"},
        }
        question = {
            "type": "object",
            "properties": properties,
            "required": ["id", "ask", "kind"],
            "additionalProperties": False,
        }
        return self.nullable({"type": "array", "items": question, "maxItems": MOST})


def _told(questions: Sequence[Question]) -> list[tuple[int, str, list[str]]]:
    """Each question as its number, its words, and its answers, each with where it leads."""
    places = {question["id"]: str(place) for place, question in enumerate(questions, 1)}
    found = []
    for place, question in enumerate(questions, 1):
        ways = _ways(question)
        said = [_way(answer, to, places, len(ways) > 1) for answer, to in ways]
        found.append((place, question["ask"], said))
    return found


def _ways(question: Question) -> list[tuple[str, str | None]]:
    """The answers, "" for any other, each with the question it leads to: "" for what stands next, None for the end."""
    after = question.get("next", {})
    ways = after if isinstance(after, dict) else {"": after}
    if question["kind"] != "choice":
        return list(ways.items())
    return [(choice, ways.get(choice, ways.get("", ""))) for choice in question["choices"]]


def _way(answer: str, to: str | None, places: Mapping[str, str], among: bool) -> str:
    """An answer in words, with where it leads."""
    named = str(YES_NO.get(answer, answer)) or (_now("anything else") if among else "")
    if to == "":
        return named
    return f"{named} → {places.get(to, '?') if to else _now('end')}".strip()
