"""The table of value-added tax against what the European Commission lists (TEDB, September 2026) and, outside the
Union, the tax offices.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from trato.modules.catalog.rules.vat import RATES

#: Country, standard rate, all reduced rates on the mainland.
LISTED = """
AT 20 10 13, BE 21 6 12, BG 20 9, CH 8.1 2.6 3.8, CY 19 5 9, CZ 21 12, DE 19 7, DK 25, EE 24 9 13, ES 21 10,
FI 25.5 10 13.5, FR 20 5.5 10, GB 20 5, GR 24 6 13, HR 25 5 13, HU 27 5 18, IE 23 9 13.5, IT 22 5 10, LT 21 5 12,
LU 17 8 14, LV 21 5 12, MT 18 5 7, NL 21 9, NO 25 12 15, PL 23 5 8, PT 23 6 13, RO 21 11, SE 25 6 12, SI 22 5 9.5,
SK 23 5 19
"""


def on(country: str, name: str, day: date) -> Decimal | None:
    """The one rate of a day."""
    rates = RATES[country].get(name, [])
    found = [one for one in rates if (one.since or day) <= day <= (one.until or day)]
    assert len(found) == bool(rates), f"{country} {name} on {day}"
    return found[0].percent if found else None


def test_today_s_rates_are_those_that_are_listed() -> None:
    listed = {country: rates for country, *rates in (entry.split() for entry in LISTED.replace("\n", " ").split(","))}
    assert RATES.keys() == listed.keys()
    for country, (standard, *reduced) in listed.items():
        assert on(country, "standard", date(2026, 11, 1)) == Decimal(standard), country
        assert on(country, "reduced", date(2026, 11, 1)) in [Decimal(one) for one in reduced] or not reduced, country


@pytest.mark.parametrize(
    ("country", "name", "day", "percent"),
    [
        ("CH", "standard", date(2023, 12, 31), "7.7"),
        ("CH", "reduced", date(2023, 12, 31), "2.5"),
        ("CZ", "reduced", date(2023, 12, 31), "15"),
        ("CZ", "reduced", date(2024, 1, 1), "12"),
        ("EE", "standard", date(2023, 12, 31), "20"),
        ("EE", "standard", date(2025, 6, 30), "22"),
        ("EE", "standard", date(2025, 7, 1), "24"),
        ("FI", "standard", date(2024, 8, 31), "24"),
        ("FI", "standard", date(2024, 9, 1), "25.5"),
        ("LT", "reduced", date(2025, 12, 31), "9"),
        ("LU", "standard", date(2022, 12, 31), "17"),
        ("LU", "standard", date(2023, 6, 1), "16"),
        ("LU", "reduced", date(2023, 6, 1), "7"),
        ("LU", "standard", date(2024, 1, 1), "17"),
        ("RO", "standard", date(2025, 7, 31), "19"),
        ("RO", "reduced", date(2025, 8, 1), "11"),
        ("SK", "standard", date(2024, 12, 31), "20"),
        ("SK", "standard", date(2025, 1, 1), "23"),
    ],
)
def test_a_rate_holds_until_the_day_it_changes(country: str, name: str, day: date, percent: str) -> None:
    assert on(country, name, day) == Decimal(percent)
