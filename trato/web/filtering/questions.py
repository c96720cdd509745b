"""The cards of questions in a form (``kinds.questions``): what stands in each control."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from trato.engine.kinds.questions import ANSWERS, END, MOST, YES_NO

#: Answers that are offered to be filled in where a question is chosen from.
FIRST_ANSWERS = 2
Draft = dict[str, Any]


def context(
    drafts: Sequence[Draft], fields: Sequence[tuple[str, str]], do: str, *, name: str, id: str, about: Sequence[str]
) -> dict[str, Any]:
    """What parts/questions.html draws: the questions, and one more for who has no scripts to ask for it."""
    blank: Draft = {"id": "", "ask": "", "kind": "choice"}
    verb, _space, number = do.partition(" ")
    place = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    cards = [_card(n, draft, drafts, fields, more=verb == "answer" and n == place) for n, draft in enumerate(drafts)]
    moved = {"up": max(0, place - 1), "down": min(len(drafts) - 1, place + 1)}.get(verb)
    return {
        "name": name,
        "id": id,
        "about": " ".join(about),
        "cards": cards,
        "blank": _card(len(drafts), blank, drafts, fields),
        "full": len(drafts) >= MOST,
        "focus": {
            "verb": verb,
            "place": len(drafts) - 1 if verb == "add" else place if moved is None else moved,
        },
    }


def _card(
    n: int, draft: Draft, drafts: Sequence[Draft], fields: Sequence[tuple[str, str]], *, more: bool = False
) -> dict[str, Any]:
    """One question: its controls and what can be chosen in them. ``more``: one answer more is to be filled in."""
    after, kind = draft.get("next", ""), draft["kind"]
    ways = after if isinstance(after, dict) else {}
    others = ways.get("", "") if isinstance(after, dict) else after
    if kind == "yes_no":
        said = list(YES_NO)
    elif kind == "choice":
        said = list(draft.get("choices", ()))
        said += [""] * max(more, FIRST_ANSWERS - len(said))
    else:
        said = [answer for answer in ways if answer]
    answers = [
        {
            "answer": answer,
            "label": str(YES_NO[answer]) if kind == "yes_no" else "",
            "ways": _ways(n, ways.get(answer, "") if answer else "", drafts, _("as below")),
        }
        for answer in said
    ]
    return {
        "n": n,
        "id": draft["id"],
        "ask": draft["ask"],
        "kinds": [{"name": name, "label": label, "current": name == kind} for name, label in ANSWERS.items()],
        "answers": answers,
        "open": kind == "choice",
        "ways": _ways(n, others, drafts, _("the next question")),
        "fields": _fields(draft.get("field", ""), fields),
        "last": n + 1 >= len(drafts),
    }


def _ways(n: int, chosen: str | None, drafts: Sequence[Draft], first: str) -> list[dict[str, Any]]:
    """Where an answer can lead: on, to any other question, or to the end."""
    chosen = END if chosen is None else chosen
    ways = [("", first), *((each["id"], _named(place, each)) for place, each in enumerate(drafts) if place != n)]
    ways.append((END, _("the end")))
    if chosen not in dict(ways):
        ways.append((chosen, _("a question that is gone")))
    return [{"name": name, "label": label, "current": name == chosen} for name, label in ways]


def _named(place: int, draft: Draft) -> str:
    return f"{place + 1}. {draft['ask'][:60]}"


def _fields(chosen: str, fields: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Where an answer can be kept besides; what is chosen stays, though it may be gone or hidden."""
    offered = [("", _("nowhere else")), *fields]
    if chosen not in dict(offered):
        offered.append((chosen, chosen))
    return [{"name": name, "label": label, "current": name == chosen} for name, label in offered]
