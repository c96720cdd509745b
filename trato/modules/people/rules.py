"""Pure rules of people: names, tax numbers, dates."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

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


def tax_number_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """A tax number written with its EU country prefix must pass that country's check digits (python-stdnum); others stand as they are."""
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


def meeting_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """A meeting ends after it begins."""
    start, end = values.get("happened_at"), values.get("ends_at")
    return {"ends_at": _("It can't end before it begins.")} if start and end and end < start else {}
