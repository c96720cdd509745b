"""Formatted text: HTML of an allow-list, without script, style or anything from elsewhere."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import nh3
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup, escape

from . import html
from .base import Reader
from .longtext import LongText
from .markup import rewrite, words
from .texts import Invalid, shorten, storable

LARGEST = 200_000  # characters
TAGLIKE = re.compile(r"<[a-zA-Z/!?]")
OWN_FILE = re.compile(r"/w/[a-z0-9-]{1,63}/download/[0-9a-f-]{36}", re.ASCII)
KEPT = {
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
TAGS = {
    *("p", "div", "br", "hr", "h1", "h2", "h3", "h4", "pre", "blockquote", "ul", "ol", "li"),
    *("strong", "b", "em", "i", "u", "s", "del", "ins", "sub", "sup", "code", "a", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def only_own_images(tag: str, name: str, value: str) -> str | None:
    """Pictures come from the workspace's own files: one from elsewhere would tell its sender who reads, and when."""
    return value if (tag, name) != ("img", "src") or OWN_FILE.fullmatch(value) else None


CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes=KEPT,
    attribute_filter=only_own_images,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener nofollow",
)


def sanitise(source: str) -> str:
    """Clean HTML of HTML or of plain text. Idempotent. Raises Invalid when it is too large or nested too deep."""
    if len(source) > LARGEST:
        raise Invalid("too_long", _("At most %(n)s characters."), n=LARGEST)
    if not TAGLIKE.search(source):
        source = paragraphs(source)
    clean = CLEANER.clean(rewrite(source, TAGS, KEPT, only_own_images)).strip()
    if len(clean) > LARGEST:
        raise Invalid("too_long", _("At most %(n)s characters."), n=LARGEST)
    if not words(clean) and "<img" not in clean and "<hr" not in clean:
        return ""
    return clean if TAGLIKE.search(clean) else f"<p>{clean}</p>"


def paragraphs(text: str) -> str:
    """Plain text as HTML: an empty line parts paragraphs."""
    text = unicodedata.normalize("NFC", text)
    blocks = re.split(r"\n[ \t]*\n\s*", text.strip())
    return str(Markup("").join(Markup("<p>{}</p>").format(Markup("<br>").join(b.split("\n"))) for b in blocks if b))


class RichText(LongText):
    name = "richtext"
    label = _("Formatted text")
    search_sql = "regexp_replace(coalesce(%s, ''), '<[^>]*>', ' ', 'g')"
    options = ()
    max_length = LARGEST

    def _clean(self, value: Any, reader: Reader) -> str:
        if isinstance(value, str) and len(value) > LARGEST:
            self._too_long()
        return sanitise(storable(value).replace("\r\n", "\n").replace("\r", "\n").strip())

    def plain(self, value: Any, reader: Reader) -> str:
        return words(value or "")

    def cell(self, value: Any, reader: Reader) -> Markup:
        return escape(shorten(words((value or "")[:2_000])))

    def show(self, value: Any, reader: Reader) -> Markup:
        # What is stored went through `sanitise`: the one place that lets HTML through as it is.
        return html.element("div", {"class": "trato-richtext"}, Markup(value or ""))  # noqa: S704

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        area = super().input(name, value, reader, id=id, invalid=invalid, described_by=described_by)
        return html.element("trato-editor", {"data-name": name}, area)
