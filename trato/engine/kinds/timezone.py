"""Time zones by their name in the IANA database: "Europe/Madrid"."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from .codes import Code

AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@lru_cache(1)
def zones() -> dict[str, str]:
    """Name by lower-case name."""
    return {
        name.lower(): name for name in available_timezones() if not name.startswith(("posix", "right", "localtime"))
    }


@lru_cache(1)
def offered() -> dict[str, str]:
    usual = sorted(name for name in zones().values() if name.partition("/")[0] in AREAS)
    return {name: name.replace("_", " ") for name in ("UTC", *usual)}


class TimeZone(Code):
    name = "timezone"
    label = _("Time zone")
    wrong = _("Choose a time zone, like Europe/Madrid.")
    code_length = 64

    def names(self, language: str) -> dict[str, str]:
        return offered()

    def name_of(self, code: str, language: str) -> str:
        return code.replace("_", " ")

    def find(self, text: str, language: str) -> str | None:
        return zones().get(text.replace(" ", "_").lower())
