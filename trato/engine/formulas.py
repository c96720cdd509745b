"""Formula injection: text cells that a spreadsheet would run, made harmless on the way out and restored on the way in.

A spreadsheet that opens a CSV file computes every cell whose first visible character is ``=``, ``+``, ``-``, ``@`` or
``|`` (in full width too), and some split cells at a leading tab or line break (OWASP, "CSV Injection"). Such a cell
gets an apostrophe in front. Numbers and telephones, ``-5`` or ``+34 600 123 456``, stay as they are: without letters
or references they can call nothing, and other programs have to read them.

``restore(defuse(text)) == text`` for every text: a text that already looks defused is given a second apostrophe.
"""

import re

# Whitespace, controls, BOM, soft hyphen, zero-width and direction marks: a spreadsheet may skip them before the
# formula.
_IGNORED = (
    r"\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
_TRIGGERS = "=+\\-@|＝＋－＠｜﹢﹣﹦﹫"
_NUMBER = r"[+-]\(?[0-9][0-9 ().,/-]*%?\Z"
_DANGEROUS = re.compile(rf"'*(?!{_NUMBER})(?:[{_IGNORED}]*[{_TRIGGERS}]|[{_IGNORED}]*[\t\r\n])")
# First characters (or none) that can never begin a formula: spares the regular expression for almost every cell.
HARMLESS = frozenset(["", *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"])


def defuse(text: str) -> str:
    """The text as it may stand in a CSV cell: with an apostrophe in front if a spreadsheet would run it."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def restore(text: str) -> str:
    """The text that `defuse` was given; any other text unchanged."""
    return text[1:] if text[:1] == "'" and _DANGEROUS.match(text) else text
