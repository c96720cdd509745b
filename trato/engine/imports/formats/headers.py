"""The header of a table: whether it has one, and a name of its own for each column."""

import re

from django.utils.translation import gettext as _

_DATA = re.compile(
    r"""\S+@\S+\.\w+                        # e-mail
      | (https?://|www\.)\S+                # address of a page
      | \d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*   # date
      | \+?[\d(][\d ()./-]{5,}              # telephone, long number
      | -?\d+[.,]\d+                        # amount
    """,
    re.X,
)


LONGEST_NAME = 200  # characters


def header_of(rows: list[list[str]], told: bool | None) -> tuple[bool, list[str]]:
    """Whether the first row is a header (as told, else guessed), and unique column names, made up where there are
    none."""
    first = [cell[: LONGEST_NAME * 10].strip()[:LONGEST_NAME] for cell in rows[0]]
    has_header = told if told is not None else _is_header(first)
    return has_header, unique(first if has_header else [""] * len(first))


def _is_header(cells: list[str]) -> bool:
    """A first row is data when a cell is an e-mail, a telephone, a date, or when most are numbers."""
    filled = [cell for cell in cells if cell]
    numbers = sum(cell.isdecimal() for cell in filled)
    return bool(filled) and numbers <= len(filled) / 2 and not any(map(_DATA.fullmatch, filled))


def unique(names: list[str]) -> list[str]:
    """The names, with `Column 3` for an empty one and `Email (2)` for one that was there before."""
    taken: set[str] = set()
    result = []
    for number, given in enumerate(names, 1):
        name = wanted = " ".join(given.replace("\0", "").split()) or _("Column %(number)d") % {"number": number}
        times = 1
        while name.casefold() in taken:
            times += 1
            name = f"{wanted} ({times})"
        taken.add(name.casefold())
        result.append(name)
    return result
