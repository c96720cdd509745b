"""HTML rewritten as its plainest self, before a parser sees it.

A real HTML parser repairs what is nested wrongly, and an attacker makes that repair slow or its result huge: nh3 takes
time that grows with the square of the depth. So HTML is first rewritten here in one pass over its tags: only what is
allowed, every element closed in order, nothing deeper than `DEEPEST`. The sanitiser then reads only well-formed HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from html import unescape
from unicodedata import normalize

from django.utils.translation import gettext_lazy as _
from markupsafe import escape

from .texts import CONTROL, Invalid

DEEPEST = 200
LONGEST_TAG = 4_096  # how far the end of a tag is looked for: keeps the whole linear
STRICT = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?>\"[^\"]*\"|'[^']*'|[^'\"<>])*+)>")
LOOSE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*+)>")
ATTRIBUTE = re.compile(r"([a-zA-Z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
VOID = {"br", "hr", "img"}
SILENT = re.compile(r"script|style|title|textarea|noscript|iframe|template|object|svg|math|head", re.IGNORECASE)
BLOCKS = {
    *("p", "div", "h1", "h2", "h3", "h4", "pre", "blockquote", "ul", "ol", "li", "hr"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
HEADINGS = {"h1", "h2", "h3", "h4"}
# What a start tag closes by itself when it is open (HTML Standard, optional tags).
CLOSES = {**dict.fromkeys(HEADINGS, HEADINGS), "li": {"li"}, "a": {"a"}}
BARRIERS = {"ul", "ol", "table", "td", "th"}
# Where the parts of a table may be. Anything else straight inside them belongs into a cell.
PARENTS = {
    "thead": {"table"},
    "tbody": {"table"},
    "tr": {"table", "thead", "tbody"},
    "td": {"tr"},
    "th": {"tr"},
}
STRUCTURE = {"table", "thead", "tbody", "tr"}
BREAK = re.compile(r"<(?:br|hr|/p|/div|/h[1-4]|/li|/tr|/td|/th|/pre|/blockquote)[^>]*>")
TAG = re.compile(r"<[^>]*>")


def words(clean: str) -> str:
    """The text of sanitised HTML on one line."""
    return " ".join(unescape(TAG.sub("", BREAK.sub(" ", clean))).split())


def tokens(source: str) -> Iterator[tuple[str, str, str]]:
    """(kind, name or text, attributes): kind is text, open or close. Comments and silent elements are left out."""
    at, end = 0, len(source)
    while at < end:
        start = source.find("<", at)
        if start != at:
            yield "text", source[at : start if start >= 0 else end], ""
            if start < 0:
                return
        tag = STRICT.match(source, start, start + LONGEST_TAG) or LOOSE.match(source, start, start + LONGEST_TAG)
        if tag:
            at = tag.end()
            name = tag[2].lower()
            if not tag[1] and SILENT.fullmatch(name):
                at = _after(source, f"</{name}", at)
            else:
                yield "close" if tag[1] else "open", name, tag[3]
        elif source.startswith("<!--", start):
            closed = source.find("-->", start + 4)
            at = closed + 3 if closed >= 0 else end
        elif source[start + 1 : start + 2] in ("!", "?", "/"):
            closed = source.find(">", start)
            at = closed + 1 if closed >= 0 else end
        else:
            yield "text", "<", ""
            at = start + 1


def _after(source: str, closing: str, at: int) -> int:
    """Where a silent element ends; at the end of all when it is not closed."""
    found = re.compile(re.escape(closing) + r"[^>]*>", re.IGNORECASE).search(source, at)
    return found.end() if found else len(source)


class Writer:
    """Writes elements so that each is closed in order, and none is deeper than `DEEPEST`."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.opened: list[str] = []
        self.pending: list[str] = []

    def open(self, name: str, attributes: str = "") -> None:
        if name in PARENTS and "table" not in self.opened:
            return
        self.flush()
        if name in PARENTS:
            self._make_place(name)
        else:
            for implied in _implied(name, self.opened):
                self.close(implied)
            self._enter_cell()
        self.out.append(f"<{name}{attributes}>")
        if name not in VOID:
            self.opened.append(name)
        if len(self.opened) > DEEPEST:
            raise Invalid("too_deep", _("This text is nested too deep: paste it without its formatting."))

    def _make_place(self, part: str) -> None:
        """Close what is open inside the innermost table until this part of it may stand here."""
        while self.opened[-1] not in PARENTS[part] | {"table"}:
            self.close(self.opened[-1])
        if self.opened[-1] not in PARENTS[part]:
            self.open("tr")

    def _enter_cell(self) -> None:
        if self.opened and self.opened[-1] in STRUCTURE:
            self.open("td")

    def text(self, source: str) -> None:
        self.pending.append(unescape(source))

    def flush(self) -> None:
        """Write the text since the last tag, normalised as a whole: a tag left out joins what it parted."""
        text = normalize("NFC", CONTROL.sub("", "".join(self.pending).replace("\r\n", "\n").replace("\r", "\n")))
        self.pending.clear()
        if self.out and self.out[-1] == "<pre>":
            text = text.lstrip("\n")  # a parser drops the first: none is kept
        if text.strip():
            self._enter_cell()
        elif self.opened and self.opened[-1] in STRUCTURE:
            return
        if text:
            self.out.append(str(escape(text)))

    def close(self, name: str) -> None:
        """Close the innermost open element of this name, and what is open inside it."""
        if name not in self.opened:
            return
        self.flush()
        closed = None
        while closed != name:
            closed = self.opened.pop()
            self.out.append(f"</{closed}>")

    def whole(self) -> str:
        self.flush()
        return "".join([*self.out, *(f"</{name}>" for name in reversed(self.opened))])


Filter = Callable[[str, str, str], str | None]


def rewrite(source: str, tags: Set[str], attributes: Mapping[str, Set[str]], allow: Filter) -> str:
    """Well-formed HTML of the allowed tags and attributes, closed in order. Raises Invalid deeper than `DEEPEST`.

    `allow(tag, name, value)` gives an attribute's value, None to leave it out; a picture left without source goes too.
    """
    writer = Writer()
    for kind, name, rest in tokens(source):
        if kind == "text":
            writer.text(name)
        elif name not in tags:
            continue
        elif kind == "open":
            kept = _attributes(name, rest, attributes.get(name, set()), allow)
            if name != "img" or "src" in kept:
                writer.open(name, "".join(f' {key}="{escape(value)}"' for key, value in kept.items()))
        elif name not in VOID:
            writer.close(name)
    return writer.whole()


def _implied(name: str, opened: list[str]) -> Iterator[str]:
    """The open elements that this start tag closes: a paragraph at any block, a list's item at the next."""
    if name in BLOCKS and "p" in opened:
        yield "p"
    for implied in CLOSES.get(name, ()):
        for position in range(len(opened) - 1, -1, -1):
            if opened[position] == implied:
                yield implied
                break
            if opened[position] in BARRIERS:
                break


def _attributes(tag: str, source: str, allowed: Set[str], allow: Filter) -> dict[str, str]:
    given: dict[str, str] = {}
    for found in ATTRIBUTE.finditer(source) if allowed else ():
        name = found[1].lower()
        value = CONTROL.sub("", unescape(found[2] or found[3] or found[4] or "")).strip()
        if name in allowed and name not in given and allow(tag, name, value) is not None:
            given[name] = value
    return given
