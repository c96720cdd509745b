"""What a mail says, of its bytes: anybody may send any bytes, so nothing here raises, recurses without end or takes
longer than its size.

The fields follow RFC 5322, automatic mails RFC 3834 and RFC 2369, reports of delivery RFC 3462 and RFC 3464.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from hashlib import sha256
from html import unescape
from typing import Any

from django.utils.translation import gettext_noop

from ..kinds.email import clean_address
from ..kinds.markup import tokens
from ..kinds.texts import CONTROL, Invalid

#: Characters of a field of the head, of a text, and of HTML that are read.
LONGEST_FIELD, LONGEST_TEXT, LONGEST_HTML = 4_000, 100_000, 300_000
#: Containers in a mail: more are no letter, and cost a parser the product of their depth and its lines.
MOST_CONTAINERS, MOST_PARTS, MOST_PIECES, MOST_ANSWERS = 15, 200, 5_000, 30
CONTAINER = re.compile(rb"(?:^|[\r\n])content-type\s*:\s*(?:multipart|message)\s*/", re.IGNORECASE)
PIECE, BLOCK = re.compile(rb"(?:^|[\r\n])--"), re.compile(rb"\n\r?\n|\r\r")
HEAD_ENDS = re.compile(rb"\r\n\r\n|\n\n|\r\r")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,290}>")
MACHINES = re.compile(r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply)@", re.IGNORECASE)
LINES = {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "hr", "blockquote", "pre", "table"}
TOO_NESTED = gettext_noop("Its parts are nested too deep; only its head was read.")
CUT = gettext_noop("It is so large that only its beginning was read.")


@dataclass
class Letter:
    """A mail as it is kept; see ``IncomingMail``."""

    message_id: str
    sender: str = ""
    sender_name: str = ""
    subject: str = ""
    text: str = ""
    answers: list[str] = field(default_factory=list)
    automatic: str = ""
    failures: list[dict[str, str]] = field(default_factory=list)
    notice: str = ""


def read(raw: bytes, *, is_cut: bool = False) -> Letter:
    """What the bytes of a mail, or its beginning, say."""
    notice = CUT if is_cut else ""
    if _is_tangled(raw):
        raw, notice = HEAD_ENDS.split(raw, maxsplit=1)[0], TOO_NESTED
        raw = CONTAINER.sub(b"\nX-Content-Type: ", raw)
    message = message_from_bytes(raw)
    name, address = _sender(message)
    found = Letter(
        message_id=_message_id(message, raw),
        sender=address,
        sender_name=name,
        subject=_line(_decoded(_raw(message, "Subject")), 300),
        answers=_answers(message),
        automatic=_automatic(message, address),
        notice=notice,
    )
    parts = list(_parts(message))
    if found.automatic == "report":
        found.failures = [one for part in parts for one in _failures(part)]
        found.answers = [one for part in parts for one in _returned(part)] + found.answers
    found.text = _text(parts)
    return found


def _is_tangled(raw: bytes) -> bool:
    """Whether reading its structure would cost more than a letter is worth."""
    containers = len(CONTAINER.findall(raw))
    if containers > MOST_CONTAINERS or (containers and len(PIECE.findall(raw)) > MOST_PIECES):
        return True
    return b"delivery-status" in raw.lower() and len(BLOCK.findall(raw)) > MOST_PIECES


# -- the head -------------------------------------------------------------------------------------------------------


def _raw(message: Message, name: str) -> str:
    """A field as it stands there, on one line; "" where there is none."""
    return _joined(_field(message, name)[:LONGEST_FIELD])


def _field(message: Message, name: str) -> str:
    return next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")


def _joined(field: str) -> str:
    """A folded field on one line; bytes beyond ASCII, which few may send, are read as text is."""
    return _unicode(" ".join(field.split()).encode("utf-8", "surrogateescape"), "utf-8")


def _decoded(text: str) -> str:
    """A field with its encoded words (RFC 2047) read; broken ones stay as they are."""
    try:
        pieces = decode_header(text)
    except Exception:  # the library raises whatever its parts raise
        return text
    return "".join(piece if isinstance(piece, str) else _unicode(piece, charset or "") for piece, charset in pieces)


def _unicode(raw: bytes, charset: str) -> str:
    """Bytes as text: by the charset they name, else as UTF-8, else as Western Europe wrote."""
    for tried in (charset.strip("\"' ") or "utf-8", "utf-8"):
        try:
            return raw.decode(tried)
        except (LookupError, ValueError, UnicodeError):
            continue
    return raw.decode("windows-1252", "replace")


def _clean(text: str) -> str:
    """Text that the database holds."""
    return CONTROL.sub("", text).encode("utf-8", "replace").decode()


def _line(text: str, longest: int) -> str:
    return " ".join(_clean(text).split())[:longest]


def _message_id(message: Message, raw: bytes) -> str:
    said = MESSAGE_ID.search(_clean(_raw(message, "Message-ID")))
    return said[0] if said else f"sha256:{sha256(raw).hexdigest()}"


def _sender(message: Message) -> tuple[str, str]:
    """The name and the address of who wrote, "" each where there is none that is one."""
    try:
        pairs = getaddresses([_raw(message, "From")])
    except Exception:
        pairs = []
    for name, address in pairs[:1]:
        try:
            return _line(_decoded(name), 200), clean_address(_clean(address).strip())
        except Invalid:
            break
    return "", ""


def _answers(message: Message) -> list[str]:
    """The Message-IDs it says it answers: In-Reply-To, then References from the right to the left."""
    named = MESSAGE_ID.findall(_raw(message, "In-Reply-To"))
    named += reversed(MESSAGE_ID.findall(_joined(_field(message, "References")[-LONGEST_FIELD:])))
    return [_clean(one) for one in dict.fromkeys(named)][:MOST_ANSWERS]


def _automatic(message: Message, address: str) -> str:
    """Which kind of program wrote it; "" for a person."""
    if message.get_content_type() == "multipart/report":
        return "report"
    submitted = _raw(message, "Auto-Submitted").partition(";")[0].strip().lower()
    precedence = _raw(message, "Precedence").lower()
    is_spam = _raw(message, "X-Spam-Flag").lower() == "yes" or _raw(message, "X-Spam-Status").lower().startswith("yes")
    if is_spam or precedence in ("bulk", "list", "junk") or any(name.lower().startswith("list-") for name in message):
        return "bulk"
    is_reply = precedence == "auto_reply" or any(
        name in message for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
    )
    if submitted not in ("", "no") or is_reply or _raw(message, "Return-Path") == "<>" or MACHINES.match(address):
        return "reply"
    return ""


# -- the body -------------------------------------------------------------------------------------------------------


def _parts(message: Message) -> Iterator[Message]:
    """The parts that hold something, from the first to the last; mails within the mail stay closed."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(0), seen + 1
        inside: Any = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inside, list):
            waiting = inside + waiting
        else:
            yield part


def _text(parts: list[Message]) -> str:
    """The first text, else what the first HTML says."""
    shown = [part for part in parts if "attachment" not in _raw(part, "Content-Disposition").lower()]
    for kind in ("text/plain", "text/html"):
        for part in shown:
            if part.get_content_type() == kind and (said := _content(part)).strip():
                text = stripped(said) if kind == "text/html" else said
                return _clean(text.replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST_TEXT].strip()
    return ""


def _content(part: Message) -> str:
    try:
        raw: Any = part.get_payload(decode=True)
        charset = part.get_param("charset") or ""
    except Exception:  # broken encodings and parameters raise this and that
        return ""
    return _unicode((raw or b"")[: 4 * LONGEST_HTML], charset if isinstance(charset, str) else "")


def stripped(html: str) -> str:
    """What HTML says, as text: one pass over its tags, so that nesting costs nothing; scripts say nothing."""
    out: list[str] = []
    for kind, said, _attributes in tokens(html[:LONGEST_HTML]):
        if kind == "text":
            out.append(re.sub(r"\s+", " ", unescape(said)))
        elif said in LINES:
            out.append("\n")
    lines = [line.strip() for line in "".join(out).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


# -- reports of delivery --------------------------------------------------------------------------------------------


def _failures(part: Message) -> list[dict[str, str]]:
    """Who did not get the mail for good, of the machine's part of a report."""
    blocks: Any = part.get_payload()
    if part.get_content_type() != "message/delivery-status" or not isinstance(blocks, list):
        return []
    failed = [block for block in blocks[:MOST_PARTS] if _raw(block, "Action").lower() == "failed"]
    return [
        {
            "address": _line(_raw(block, "Final-Recipient").rpartition(";")[2], 254),
            "status": _line(_raw(block, "Status"), 20),
            "words": _line(_raw(block, "Diagnostic-Code").partition(";")[2] or _raw(block, "Status"), 300),
        }
        for block in failed
    ]


def _returned(part: Message) -> list[str]:
    """The Message-ID of the mail that a report is about."""
    if part.get_content_type() == "text/rfc822-headers":
        returned = message_from_bytes(_content(part).encode("utf-8", "replace"))
    elif part.get_content_type() == "message/rfc822" and isinstance(part.get_payload(), list):
        inside: Any = part.get_payload()
        returned = inside[0]
    else:
        return []
    return MESSAGE_ID.findall(_clean(_raw(returned, "Message-ID")))[:1]
