"""What a file is (by its content first, its name second) and the encoding of its text."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE, lookup
from pathlib import Path

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from .alphabets import latin_encoding
from .base import Samples, Unreadable

START, PART, STEP = 1 << 18, 1 << 16, 1 << 20  # bytes of the first sample, of the others, of each step of a search
ENOUGH = 1 << 14  # bytes of lines beyond ASCII, from each sample
FEW = 3  # bytes beyond ASCII that say nothing about the script

_BOMS = (  # UTF-32 before UTF-16: its mark begins with the other's
    (BOM_UTF8, "utf-8-sig"),
    (BOM_UTF32_LE, "utf-32"),
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "old_excel"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"Rar!", "archive"),
    (b"BZh", "archive"),
    (b"%PDF", "document"),
    (b"{\\rtf", "document"),
    (b"\x89PNG", "binary"),
    (b"\xff\xd8\xff", "binary"),
    (b"GIF8", "binary"),
    (b"\x7fELF", "binary"),
    (b"SQLite format 3\x00", "binary"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1a\x1b")) + b"\x7f"
_OTHER_SCRIPTS = (
    *(
        "cp1251",
        "koi8_r",
        "koi8_u",
        "cp866",
        "iso8859_5",
        "mac_cyrillic",
        "cp1253",
        "iso8859_7",
        "cp1255",
        "cp1256",
        "cp1258",
    ),
    *("tis_620", "shift_jis", "cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp949"),
)


def take_samples(path: str | Path) -> Samples:
    """Reads the samples of a file. Raises Unreadable for one without content."""
    path = Path(path)
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(START)
        others = []
        for at in (size // 2, size - PART) if size > START else ():
            file.seek(max(at, START))
            others.append(file.read(PART))
    if not start.strip(b"\x00 \t\r\n\xff\xfe\xef\xbb\xbf"):
        raise Unreadable("empty", _("The file is empty. Nothing was imported."))
    return Samples(path, size, start, tuple(others))


def format_of(samples: Samples, filename: str) -> str:
    """The name of the format. Raises Unreadable for what is no table and no list of records."""
    start = samples.start
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    for magic, code in _FOREIGN:
        if start.startswith(magic):
            raise _foreign(code)
    text = _plain_start(start)
    if re.match(r"\s*BEGIN:VCARD\b", text, re.I):
        return "vcard"
    if re.match(r"\s*BEGIN:VCALENDAR\b", text, re.I):
        raise _foreign("calendar")
    if re.match(r"\s*<(!doctype|html|head|body|table|\?xml)\b", text, re.I):
        raise _foreign("markup")
    if re.match(r"\s*\[\s*(\{|\[|\]|$)", text):
        raise _foreign("json")
    suffix = filename.lower().rpartition(".")[2]
    if re.match(r"\s*\{", text) and (
        suffix in ("ndjson", "jsonl", "json") or re.match(r'\s*\{\s*("[^"\n]*"\s*:|\})', text)
    ):
        return "ndjson"
    controls = len(start) - len(start.translate(None, _CONTROLS))
    if _wide(start) is None and controls > 8 + len(start) // 20:
        raise _foreign("binary")
    return {"ndjson": "ndjson", "jsonl": "ndjson", "vcf": "vcard"}.get(suffix, "csv")


def _plain_start(start: bytes) -> str:
    """The first characters, whatever the encoding: enough to recognise words in ASCII."""
    head = start[:2000]
    return head.decode(_wide(head) or "utf-8", "replace").lstrip("\ufeff")


def _foreign(code: str) -> Unreadable:
    """The refusal of a file that is none of the formats."""
    found = {
        "old_excel": _("This is a workbook of an old Excel (.xls)."),
        "archive": _("This is a compressed file. Unpack it and import the file inside."),
        "document": _("This is a document, not a table."),
        "calendar": _("This is a calendar, not a list of records."),
        "markup": _("This is a web page or XML, even if its name says otherwise."),
        "json": _("This is one JSON array. NDJSON has one object a line."),
        "binary": _("This is not a text file: most of it is binary data."),
    }[code]
    return Unreadable(code, found + " " + _("Save it as CSV, XLSX, vCard or NDJSON. Nothing was imported."))


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 by its mark, or UTF-16 without one by the zeros of its Latin letters."""
    for mark, name in _BOMS[1:]:
        if data.startswith(mark):
            return name
    pairs = len(data) // 2
    even, odd = data[0 : pairs * 2 : 2].count(0), data[1 : pairs * 2 : 2].count(0)
    if pairs >= 2 and max(even, odd) > pairs * 0.4 and min(even, odd) < pairs * 0.1:
        return "utf-16-be" if even > odd else "utf-16-le"
    return None


def encoding_of(samples: Samples) -> tuple[str, bool]:
    """The encoding and whether it is a guess: marks and valid UTF-8 are certain, the others likely."""
    for mark, name in _BOMS:
        if samples.start.startswith(mark):
            return name, False
    wide = _wide(samples.start)
    if wide:
        return wide, True
    parts = [samples.start, *samples.others]
    if all(part.isascii() for part in parts) and not samples.whole:
        parts = [_first_beyond_ascii(samples.path)]
    good, bad = map(sum, zip(*map(_utf8_evidence, parts), strict=True))
    if good >= bad:
        return "utf-8", False
    name = _guess(b"".join(map(_telling_lines, parts)), enough=bad > FEW)
    return name, name != "utf-8"


def _first_beyond_ascii(path: Path) -> bytes:
    """The first block of the file with anything but ASCII (which says nothing about the encoding)."""
    with path.open("rb") as file:
        while (block := file.read(STEP)) and block.isascii():
            pass
    return block


def _utf8_evidence(part: bytes) -> tuple[int, int]:
    """How many characters beyond ASCII are right as UTF-8, and how many bytes are wrong."""
    part = (
        part.lstrip(bytes(range(0x80, 0xC0)))[:-4] if len(part) >= PART else part
    )  # a sample may begin and end in the middle of a character
    text = part.decode("utf-8", "surrogateescape")
    beyond = len(re.sub(r"[\x00-\x7f]+", "", text))
    bad = len(re.findall(r"[\udc80-\udcff]", text))
    return beyond - bad, bad


def _telling_lines(part: bytes) -> bytes:
    """The whole lines with letters beyond ASCII, as many as are needed for a guess."""
    lines = part.splitlines()
    if len(part) >= PART:  # the first and last are pieces
        lines = lines[1:-1]
    told = [line for line in lines if not line.isascii()]
    return b"\n".join(told[: 1 + ENOUGH * len(told) // (1 + sum(map(len, told)))]) + b"\n"


def _guess(data: bytes, enough: bool) -> str:
    """The likeliest of the encodings that are neither marked nor UTF-8; UTF-8 with wrong bytes where those are few
    and no letters."""
    latin = latin_encoding(data)
    if latin or not enough:
        return latin or "utf-8"
    best = from_bytes(data, cp_isolation=list(_OTHER_SCRIPTS), steps=10, chunk_size=2048, threshold=0.5).best()
    return lookup(best.encoding).name if best else "cp1252"
