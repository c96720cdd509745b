"""Pure rules of people: names, tax numbers, dates."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from trato.engine.kinds.recurrence import occurrences

#: The year in which a meeting that recurs may have begun at the earliest.
OLDEST = 1900
NAME_PARTS = {
    "prefix": "salutation",
    "first": "first_name",
    "middle": "middle_name",
    "last": "last_name",
    "suffix": "suffix",
}


def name_parts(values: Mapping[str, Any]) -> dict[str, str]:
    """The parts of a person's name by the words ``format_name`` knows; the salutation is no part of the name."""
    return {part: values.get(name) or "" for part, name in NAME_PARTS.items() if part != "prefix"}


def first_reach(values: Mapping[str, Any]) -> str:
    """The primary e-mail address, else the primary phone number, else nothing."""
    for name, part in (("emails", "address"), ("phones", "number")):
        for item in values.get(name) or ():
            if item.get("primary"):
                return str(item[part])
    return ""


def without_quotes(text: str) -> str:
    """A mail without what it quotes at its end, and without the line that says whom it quotes; all of it where nothing
    would be left.
    """
    lines = text.rstrip().split("\n")
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith(">")):
        lines.pop()
    if len(lines) < len(text.rstrip().split("\n")) and lines and lines[-1].rstrip().endswith(":"):
        while lines and lines[-1].strip():
            lines.pop()
    return "\n".join(lines).strip() or text.strip()


def tax_number_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """A tax number that begins with an EU country must pass that country's check digits (python-stdnum); others stand
    as they are.
    """
    number = (values.get("tax_number") or "").replace(" ", "")
    if len(number) < 4 or not number[:2].isalpha():
        return {}
    module = get_cc_module("eu", "vat")
    try:
        prefix = number[:2].lower()
        if prefix in module.MEMBER_STATES or prefix == "el":
            module.validate(number)
    except ValidationError:
        return {"tax_number": _("The check digits of this VAT number are wrong.")}
    return {}


def relationship_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """Nobody is related to themselves; nothing ends before it began."""
    if values.get("source") and values.get("source") == values.get("target"):
        return {"target": _("Choose somebody else: a record can't be related to itself.")}
    since, until = values.get("since"), values.get("until")
    return {"until": _("It can't end before it began.")} if since and until and until < since else {}


def hierarchy_problem(account: UUID, upwards: Iterable[UUID], deepest: int) -> dict[str, str]:
    """No account is part of itself or of what is part of it; ``upwards`` are the accounts above it."""
    for level, ancestor in enumerate(upwards, start=1):
        if ancestor == account:
            if level == 1:
                return {"parent": _("Choose another account: none is part of itself.")}
            return {"parent": _("Choose another account: this one is part of the account you are changing.")}
        if level == deepest:
            return {"parent": _("Accounts can be %(n)s levels deep at most.") % {"n": deepest}}
    return {}


def meeting_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """A meeting ends after it begins; one that recurs takes place at all, and began in a year whose dates can still be
    counted.
    """
    start, end, rule = (values.get(name) for name in ("happened_at", "ends_at", "recurrence"))
    if start and rule and start.year < OLDEST:
        return {"happened_at": _("A meeting that recurs begins in %(year)s or later.") % {"year": OLDEST}}
    ever = datetime.max.replace(tzinfo=UTC)
    if start and rule and not any(occurrences(rule, start, values.get("time_zone") or "", start, ever)):
        return {"recurrence": _("This recurrence never happens.")}
    return {"ends_at": _("It can't end before it begins.")} if start and end and end < start else {}
