"""Text as kinds take it in: what is refused, what is made equal, and how a refusal is said."""

from __future__ import annotations

import re
import unicodedata

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class Invalid(Exception):
    """One problem of one value: `Invalid("too_long", _("At most %(n)s characters."), n=80)`.

    `code` is for programs and never changes; `message` is for people, in the language active when it is read.
    """

    def __init__(self, code: str, message: Words, **params: object) -> None:
        super().__init__(code)
        self.code, self.template, self.params = code, message, params

    @property
    def message(self) -> str:
        return str(self.template) % self.params if self.params else str(self.template)

    def __str__(self) -> str:
        return self.message


CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Marks that turn the direction of writing: no part of a number or a date.
DIRECTION = dict.fromkeys(map(ord, "\u200e\u200f\u061c"))
TYPED_LIMIT = 200_000


def clip(text: str) -> str:
    """Text safe to put back into a page: without what HTML can't carry, and not without end."""
    return CONTROL.sub("", text[:TYPED_LIMIT]).encode("utf-8", "replace").decode("utf-8")


def readable(text: object) -> str:
    """NFC text that PostgreSQL and every file format can hold, or Invalid: no NUL, no control, no lone surrogate."""
    checked = storable(text)
    return checked if checked.isascii() else unicodedata.normalize("NFC", checked)


def storable(text: object) -> str:
    """As `readable`, its characters left as they are."""
    if not isinstance(text, str):
        raise Invalid("text", _("Write text here."))
    if not text.isprintable() and CONTROL.search(text):
        raise Invalid("control", _("Remove the control characters: they can't be kept."))
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Invalid("encoding", _("Some characters are broken: check the encoding.")) from None
    return text


def shorten(text: str, length: int = 120) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def fold(text: str) -> str:
    """Letters and digits only, without case and accents: to find a name however it is written."""
    folded = text.casefold()
    return "".join(filter(str.isalnum, folded if folded.isascii() else unicodedata.normalize("NFKD", folded)))
