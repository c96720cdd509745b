"""The usual value-added tax of well-known countries, for what a new workspace begins with; not a service of rates.

Standard rate and the reduced rate most goods of daily life have, in percent; where a rate changed lately, with its
periods. After the European Commission's list of VAT rates applied in the Member States, and the tax offices of the
United Kingdom (HMRC), Switzerland (ESTV) and Norway (Skatteetaten). Countries have more rates than these two, and
change them: every rate says so where it is shown.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Rate(NamedTuple):
    """A rate in percent, and from when to when it holds; open where None."""

    percent: Decimal
    since: date | None = None
    until: date | None = None


#: Country, standard rate, reduced rate; "" where there is none.
_NOW = """
AT 20 10, BE 21 6, BG 20 9, CH 8.1 2.6, CY 19 5, CZ 21 12, DE 19 7, DK 25, ES 21 10, FR 20 5.5, GB 20 5, GR 24 13,
HR 25 13, HU 27 5, IE 23 13.5, IT 22 10, LU 17 8, LV 21 12, MT 18 5, NL 21 9, NO 25 15, PL 23 8, PT 23 6, SE 25 12,
SI 22 9.5
"""
#: Those that changed since 2024: country and class, the rate before, the day of the change, the rate since.
_CHANGED = (
    ("EE", "standard", "22", date(2025, 7, 1), "24"),
    ("EE", "reduced", "9", None, ""),
    ("FI", "standard", "24", date(2024, 9, 1), "25.5"),
    ("FI", "reduced", "14", date(2026, 1, 1), "13.5"),
    ("LT", "standard", "21", None, ""),
    ("LT", "reduced", "9", date(2026, 1, 1), "12"),
    ("RO", "standard", "19", date(2025, 8, 1), "21"),
    ("RO", "reduced", "9", date(2025, 8, 1), "11"),
    ("SK", "standard", "20", date(2025, 1, 1), "23"),
    ("SK", "reduced", "10", date(2025, 1, 1), "5"),
)


def _read() -> dict[str, dict[str, list[Rate]]]:
    found: dict[str, dict[str, list[Rate]]] = {}
    for entry in _NOW.replace("\n", " ").split(","):
        country, *rates = entry.split()
        named = zip(("standard", "reduced"), rates, strict=False)
        found[country] = {name: [Rate(Decimal(percent))] for name, percent in named}
    for country, name, before, day, after in _CHANGED:
        of_country = found.setdefault(country, {})
        if day is None:
            of_country[name] = [Rate(Decimal(before))]
        else:
            last = date.fromordinal(day.toordinal() - 1)
            of_country[name] = [Rate(Decimal(before), None, last), Rate(Decimal(after), day)]
    return found


#: By country and tax class.
RATES = _read()
