"""vCard's outer form (RFC 6350, RFC 2426, vCard 2.1): cards out of lines, properties out of a card.

Our own, because vobject's pattern for a line takes time exponential in the number of commas in its parameters (22
commas: 1.6 s, each more doubles it), which a file from outside could use to hang a worker, and because it reads no
bytes in an undeclared encoding.
"""

import base64
import binascii
import io
import quopri
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO

from django.utils.translation import gettext as _

LARGEST_CARD = 1 << 20  # bytes, without pictures
MOST_LINES = 2_000  # of a card, unfolded
LONGEST_HEAD = 1_000  # bytes in which a line says that it is quoted-printable
BINARY = ("PHOTO", "LOGO", "SOUND", "KEY", "X-MS-CARDPICTURE", "X-WAB-GENDER-PICTURE")
_BINARY_START = re.compile(rb"(?:[\w-]+\.)?(%s)[;:]" % b"|".join(name.encode() for name in BINARY), re.I)
_CARET = {"^n": "\n", "^'": '"', "^^": "^"}  # RFC 6868


class Broken(Exception):
    """A card that can't be read; the message is for people."""


@dataclass
class Card:
    """The logical lines of one card, still as bytes; `line` is that of its BEGIN."""

    line: int
    lines: list[bytearray] = field(default_factory=list)
    size: int = 0
    problem: str | None = None


@dataclass(frozen=True)
class Property:
    """One line of a card: `item1.TEL;TYPE=cell:+34…` is group item1, name TEL, params {TYPE: [cell]}."""

    name: str
    value: str
    group: str
    params: dict[str, list[str]]

    @property
    def types(self) -> set[str]:
        return {word.lower() for words in self.params.get("TYPE", ()) for word in words.split(",")}  # also "work,voice"


def split_cards(file: IO[bytes], encoding: str, left_out: Callable[[str], None]) -> Iterator[Card]:
    """The cards of a file one by one, also those that are broken. Pictures, sounds and keys are passed over and
    reported."""
    card: Card | None = None
    binary = outside = False
    for number, raw in _physical_lines(file, encoding):
        mark = raw.rstrip().upper()  # a folded line is none of the two
        if mark == b"BEGIN:VCARD":
            if card:
                yield _unclosed(card)
            card, binary, outside = Card(number), False, False
        elif card is None:
            if mark and not outside:
                outside = True  # one problem for all the lines up to the next card
                yield Card(number, problem=_("This is outside of any card: BEGIN:VCARD is missing."))
        elif mark == b"END:VCARD":
            yield card
            card = None
        elif found := _BINARY_START.match(raw):
            binary = True
            left_out(found[1].decode().upper())
        elif binary and (raw[:1] in (b" ", b"\t") or (raw and b":" not in raw)):
            continue
        else:
            binary = False
            _add(card, raw)
    if card:
        yield _unclosed(card)


def _physical_lines(file: IO[bytes], encoding: str) -> Iterator[tuple[int, bytes]]:
    """Numbered lines as bytes, the wide encodings turned into UTF-8. The rest of a very long line comes as a folded
    one."""
    lines: Iterator[bytes]
    if encoding.startswith(("utf-16", "utf-32")):
        text = io.TextIOWrapper(file, encoding, errors="replace")
        lines = (line.encode() for line in iter(lambda: text.readline(LARGEST_CARD), ""))
    else:
        lines = iter(lambda: file.readline(LARGEST_CARD), b"")
    number, continued = 0, False
    for line in lines:
        number += not continued
        plain = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        yield number, (b" " if continued else b"") + plain.rstrip(b"\r\n")
        continued = not line.endswith(b"\n")


def _unclosed(card: Card) -> Card:
    card.problem = _("The card is cut off: END:VCARD is missing.")
    return card


def _add(card: Card, raw: bytes) -> None:
    """Puts a physical line into a card: unfolds, and joins the soft breaks of quoted-printable."""
    if card.problem:
        return
    card.size += len(raw)
    if card.size > LARGEST_CARD:
        card.problem, card.lines = _("The card is larger than 1 MB."), []
        return
    last = card.lines[-1] if card.lines else bytearray()
    if last.endswith(b"=") and b"QUOTED-PRINTABLE" in last[:LONGEST_HEAD].partition(b":")[0].upper():
        del last[-1:]
        last += raw
    elif raw[:1] in (b" ", b"\t") and card.lines:
        last += raw[1:]
    elif raw.strip():
        card.lines.append(bytearray(raw))
    if len(card.lines) > MOST_LINES:
        card.problem, card.lines = _("The card has more than %(n)s lines.") % {"n": f"{MOST_LINES:,}"}, []


def properties(card: Card, encoding: str) -> list[Property]:
    """The decoded lines of a card. Raises Broken for a line that is none, or that is no text in any likely encoding."""
    old = any(line.replace(b" ", b"").upper() == b"VERSION:2.1" for line in card.lines)
    fallback = "cp1252" if old and encoding.startswith("utf-8") else encoding
    return [_property(bytes(line), fallback) for line in card.lines]


def _property(line: bytes, encoding: str) -> Property:
    head, value = _halves(line)
    names, *params = _split_quoted(head, ";")
    group, _dot, name = names.rpartition(".")
    if not re.fullmatch(r"[\w-]+", name.strip()):
        raise Broken(_("“%(line)s” is no line of a card.") % {"line": line[:60].decode("utf-8", "replace")})
    known: dict[str, list[str]] = {}
    for param in params:
        key, equals, values = param.partition("=")
        if equals:
            known.setdefault(key.strip().upper(), []).extend(map(_plain_param, _split_quoted(values, ",")))
        else:  # vCard 2.1: the bare value
            word = key.strip().upper()
            key = "ENCODING" if word in ("QUOTED-PRINTABLE", "BASE64", "8BIT") else "TYPE"
            known.setdefault(key, []).append(word)
    return Property(name.strip().upper(), _decoded(value, known, encoding), group.lower(), known)


def _halves(line: bytes) -> tuple[str, bytes]:
    """The line before and after its first colon outside of double quotes."""
    head, colon, value = line.partition(b":")
    if colon and b'"' not in head:
        return head.decode("utf-8", "replace"), value
    quoted = False
    for at, byte in enumerate(line):
        if byte == 34:
            quoted = not quoted
        elif byte == 58 and not quoted:
            return line[:at].decode("utf-8", "replace"), line[at + 1 :]
    raise Broken(_("“%(line)s” is no line of a card.") % {"line": line[:60].decode("utf-8", "replace")})


def _split_quoted(text: str, separator: str) -> list[str]:
    """The parts between separators that are outside of double quotes; the quotes stay."""
    if '"' not in text:
        return text.split(separator)
    parts, start, quoted = [], 0, False
    for found in re.finditer(rf'["{separator}]', text):
        if found[0] == '"':
            quoted = not quoted
        elif not quoted:
            parts.append(text[start : found.start()])
            start = found.end()
    return [*parts, text[start:]]


def _plain_param(value: str) -> str:
    return re.sub(r"\^[n'^]", lambda found: _CARET[found[0]], value.strip().strip('"'))


def _decoded(value: bytes, params: dict[str, list[str]], encoding: str) -> str:
    """The value as text: transfer encoding off, then its own character set, UTF-8 or the file's."""
    transfer = {word.upper() for word in params.get("ENCODING", ())}
    try:
        if "QUOTED-PRINTABLE" in transfer:
            value = quopri.decodestring(value)
        elif transfer & {"B", "BASE64"}:
            value = base64.b64decode(value)
    except binascii.Error:
        raise Broken(_("A line in base64 is damaged.")) from None
    for name in (*params.get("CHARSET", ()), "utf-8", encoding):
        try:
            return value.decode(name).replace("\r\n", "\n")  # line ends inside of quoted-printable
        except (UnicodeError, LookupError):
            continue
    raise Broken(_("The card holds bytes that are no text in %(encoding)s.") % {"encoding": encoding})


def raw_parts(value: str, separator: str) -> list[str]:
    """The value cut at separators that aren't escaped; the parts stay escaped."""
    if "\\" not in value:
        return value.split(separator)
    parts, start = [], 0
    for found in re.finditer(rf"\\.|{separator}", value, re.S):
        if found[0] == separator:
            parts.append(value[start : found.start()])
            start = found.end()
    return [*parts, value[start:]]


def parts(value: str, separator: str) -> list[str]:
    """The value cut at separators that aren't escaped, each part unescaped."""
    return [unescape(part) for part in raw_parts(value, separator)]


def unescape(text: str) -> str:
    r"""A value with ``\n``, ``\,``, ``\;``, ``\:`` and ``\\`` (RFC 6350 section 3.4) as what they stand for; other
    backslashes stay."""
    if "\\" not in text:
        return text
    return re.sub(r"\\([nN,;:\\])", lambda found: "\n" if found[1] in "nN" else found[1], text)
