"""The usual value-added tax of well-known countries, for what a new workspace begins with; not a service of rates.

Standard rate and the reduced rate most goods of daily life have, in percent; where a rate changed since 2023, with its
periods. After the European Commission's list of VAT rates applied in the Member States, and the tax offices of the
United Kingdom (HMRC), Switzerland (ESTV) and Norway (Skatteetaten); compared in November 2026 with the Commission's
database of taxes (TEDB) as of September. Countries have more rates than these two, and change them: an administrator
confirms them, and every rate says so where it is shown.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple


class Rate(NamedTuple):
    """A rate in percent, and from when to when it holds; open where None."""

    percent: Decimal
    since: date | None = None
    until: date | None = None


#: Country, standard rate, reduced rate; "" where there is none.
_NOW = """
AT 20 10, BE 21 6, BG 20 9, CH 8.1 2.6, CY 19 5, CZ 21 12, DE 19 7, DK 25, EE 24 9, ES 21 10, FI 25.5 13.5, FR 20 5.5,
GB 20 5, GR 24 13, HR 25 13, HU 27 5, IE 23 13.5, IT 22 10, LT 21 12, LU 17 8, LV 21 12, MT 18 5, NL 21 9, NO 25 15,
PL 23 8, PT 23 6, RO 21 11, SE 25 12, SI 22 9.5, SK 23 5
"""
#: Those that changed since 2023: country and class, the rate before, and the rates since with their first days.
_CHANGED: tuple[tuple[str, str, str, tuple[tuple[date, str], ...]], ...] = (
    ("CH", "standard", "7.7", ((date(2024, 1, 1), "8.1"),)),
    ("CH", "reduced", "2.5", ((date(2024, 1, 1), "2.6"),)),
    ("CZ", "reduced", "15", ((date(2024, 1, 1), "12"),)),
    ("EE", "standard", "20", ((date(2024, 1, 1), "22"), (date(2025, 7, 1), "24"))),
    ("FI", "standard", "24", ((date(2024, 9, 1), "25.5"),)),
    ("FI", "reduced", "14", ((date(2026, 1, 1), "13.5"),)),
    ("LT", "reduced", "9", ((date(2026, 1, 1), "12"),)),
    ("LU", "standard", "17", ((date(2023, 1, 1), "16"), (date(2024, 1, 1), "17"))),
    ("LU", "reduced", "8", ((date(2023, 1, 1), "7"), (date(2024, 1, 1), "8"))),
    ("RO", "standard", "19", ((date(2025, 8, 1), "21"),)),
    ("RO", "reduced", "9", ((date(2025, 8, 1), "11"),)),
    ("SK", "standard", "20", ((date(2025, 1, 1), "23"),)),
    ("SK", "reduced", "10", ((date(2025, 1, 1), "5"),)),
)


def _read() -> dict[str, dict[str, list[Rate]]]:
    found: dict[str, dict[str, list[Rate]]] = {}
    for entry in _NOW.replace("\n", " ").split(","):
        country, *rates = entry.split()
        named = zip(("standard", "reduced"), rates, strict=False)
        found[country] = {name: [Rate(Decimal(percent))] for name, percent in named}
    for country, name, before, changes in _CHANGED:
        steps: list[tuple[date | None, str]] = [(None, before), *changes]
        ends = [day - timedelta(days=1) for day, _percent in changes]
        found[country][name] = [
            Rate(Decimal(percent), since, until) for (since, percent), until in zip(steps, [*ends, None], strict=True)
        ]
    return found


#: By country and tax class.
RATES = _read()
