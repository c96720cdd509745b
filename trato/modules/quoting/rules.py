"""What may be done with a quote, and when: without a look at the database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from trato.engine.kinds.money import Money

#: What the customer can still answer.
OPEN = ("sent", "seen")
#: What can become a new version.
VERSIONED = ("sent", "seen", "declined", "expired", "withdrawn")
#: A drawn name: strokes of straight pieces in a box of 600 by 200.
STROKE = re.compile(
    r"M[0-9]{1,3}(?:\.[0-9])? [0-9]{1,3}(?:\.[0-9])?(?:L[0-9]{1,3}(?:\.[0-9])? [0-9]{1,3}(?:\.[0-9])?)*"
)
LONGEST_DRAWING = 40_000
SHORTEST_DRAWING = 8  # points: less is a slip of the finger
WIDE, TALL = 600, 200


class Rule(NamedTuple):
    """Who approves above which amount or discount; None for any."""

    name: str
    approver_id: UUID
    amount: Money | None
    discount: Decimal | None


def needed(rules: Iterable[Rule], net: Money, discount: Decimal) -> list[Rule]:
    """The rules a quote of this net amount and highest discount falls under, in their order. An amount in another
    currency is not compared: such a rule asks in its own currency only.
    """
    return [rule for rule in rules if _reaches(rule, net) and (rule.discount is None or discount >= rule.discount)]


def _reaches(rule: Rule, net: Money) -> bool:
    return rule.amount is None or (rule.amount.currency == net.currency and net.amount >= rule.amount.amount)


def steepest(percents: Iterable[Decimal | None], of_document: Decimal | None) -> Decimal:
    """The highest discount on one line, that of the document taken off after its own, in percent.

    >>> steepest([Decimal(10), None], Decimal(10))
    Decimal('19')
    """
    whole = 1 - (of_document or Decimal(0)) / 100
    found = max((1 - (1 - (percent or Decimal(0)) / 100) * whole for percent in percents), default=1 - whole)
    return (found * 100).normalize() + 0


def frozen(values: Mapping[str, Any]) -> str:
    """Why a quote can't be changed: it went out as it is, or others decide about it as it is."""
    status = values.get("status", "draft")
    if status == "draft":
        return ""
    if status in ("approval", "approved"):
        return _("It was given to others to approve as it is. Take it back first; they are asked anew.")
    if status == "superseded":
        return _("A newer version replaced it. Change that one.")
    return _("The customer has it as it is. Make a new version to change something.")


def check(values: Mapping[str, Any], old: Mapping[str, Any] | None, today: date) -> dict[str, str]:
    """A quote that is made today does not end before today; and no form, file or undo says how far it is: a price could
    be changed under an approval that then came back.
    """
    if old is not None and values.get("status") != old.get("status"):
        return {"status": _("How far a quote is follows from what is done with it, and is not taken back.")}
    until = values.get("valid_until")
    if until and until < today and (old is None or old.get("valid_until") != until):
        return {"valid_until": _("Choose a day to come.")}
    return {}


def closed_because(status: str, valid_until: date | None, today: date) -> str:
    """Why a customer can't answer a quote any more, in words for them; "" where they can."""
    if status in OPEN:
        over = valid_until is not None and valid_until < today
        return _("This quote was valid until %(day)s.") if over else ""
    return {
        "accepted": _("This quote was accepted already."),
        "declined": _("This quote was declined."),
        "expired": _("This quote was valid until %(day)s."),
        "withdrawn": _("This quote was withdrawn."),
        "superseded": _("There is a newer version of this quote."),
    }.get(status, _("This quote is being changed."))


def signature_problems(name: str, drawing: str) -> dict[str, str]:
    """What is wrong with a signature: its field and the words."""
    found = {}
    if not 2 <= len(name) <= 200 or not name.isprintable() or not any(letter.isalpha() for letter in name):
        found["name"] = _("Write your name.")
    if drawing and (len(drawing) > LONGEST_DRAWING or not _is_drawing(drawing)):
        found["drawing"] = _("The drawing did not arrive whole. Draw it again, or sign with your typed name.")
    return found


def _is_drawing(path: str) -> bool:
    """Whether a path is nothing but strokes within the box, and more than a slip."""
    strokes = path.split("M")[1:]
    if not path.startswith("M") or not all(STROKE.fullmatch(f"M{stroke}") for stroke in strokes):
        return False
    points = [pair.split(" ") for stroke in strokes for pair in stroke.split("L")]
    inside = all(float(x) <= WIDE and float(y) <= TALL for x, y in points)
    return inside and len(points) >= SHORTEST_DRAWING


def label(number: str | None, revision: int) -> str:
    """What a quote is called: ``Q-2026-0007``, its second version ``Q-2026-0007 v2``; "" before it has a number."""
    if not number:
        return ""
    return number if revision == 1 else f"{number} v{revision}"
