"""Letters: what people wrote comes out as text, on the letterhead, in the right words; logos do no harm."""

from __future__ import annotations

import base64
import struct
import time
import zlib

import pytest

from tests.papers import text_of
from trato.engine import printing
from trato.engine.decisions import NotAdministrator
from trato.engine.printing import letterhead, logos, typesetting
from trato.engine.values import Refused

HOSTILE = [
    '#read("/etc/passwd")',
    '#import "/letter.typ": from',
    '#include "../letters.py"',
    "#panic()",
    "// gone?",
    "/* gone? */",
    "] #text(red)[x",
    "*bold* _it_ `raw` $x^2$",
    "<label> @reference",
    "= no heading",
    "\\u{41}",
    'quote " and \\ backslash',
    '#{eval("1+1")}',
    "- no list",
]


def png(width: int, height: int) -> bytes:
    """A red picture."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + bytes([200, 30, 60]) * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def shape(inside: str = '<rect width="40" height="20" fill="#c8143c"/>', head: str = "") -> bytes:
    return f'{head}<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">{inside}</svg>'.encode()


def test_what_people_wrote_is_text_and_never_typst(owner):
    data = {"title": HOSTILE[0], "to": HOSTILE[:7], "facts": [[HOSTILE[7], HOSTILE[8]]], "paragraphs": HOSTILE}
    found = text_of(printing.pdf("engine/plain.typ", data, "en"))
    squeezed = "".join(found.split())
    for text in HOSTILE:
        # typst writes straight quotes and double hyphens as typographers do, and nothing else
        assert "".join(text.split()) in squeezed.translate({0x201C: '"', 0x201D: '"', 0x2019: "'"}), text
    assert "root:" not in found


def test_a_letter_has_the_letterhead_and_the_words_of_its_language(owner):
    given = {
        "name": "Acme S.L.",
        "address": "Gran Vía 1\n28013 Madrid",
        "tax_number": "ESB12345674",
        "bank": "IBAN ES91 2100 0418 4502 0005 1332",
        "footer": "Registro Mercantil de Madrid",
        "colour": "#0f6e66",
    }
    letterhead.change(owner, given, logo=png(30, 10))
    found = text_of(printing.pdf("engine/plain.typ", {"title": "Ștefăniță ñ €", "paragraphs": ["x"]}, "en"))
    for words in ("Acme S.L.", "Gran Vía 1", "28013 Madrid", "ESB12345674", "ES91 2100", "Registro", "Page 1 of 1"):
        assert words in found
    assert "Ștefăniță ñ €" in found


def test_the_same_letter_of_the_same_moment_is_the_same_file(owner):
    from datetime import UTC, datetime

    moment = datetime(2026, 5, 3, 12, tzinfo=UTC)
    made = [
        printing.pdf("engine/plain.typ", {"title": "a", "paragraphs": ["b"]}, "en", made_at=moment) for _ in range(2)
    ]
    assert made[0] == made[1]
    assert made[0] != printing.pdf("engine/plain.typ", {"title": "a", "paragraphs": ["c"]}, "en", made_at=moment)


def test_a_letter_can_be_kept_for_ever(owner):
    made = printing.pdf("engine/plain.typ", {"title": "a", "paragraphs": ["b"]}, "en", standard="a-3b")
    assert b"pdfaid:part>3<" in made or b"<pdfaid:part>3" in made


def test_paper_is_that_of_the_country(owner, cast):
    from io import BytesIO

    from pypdf import PdfReader

    from trato.engine.workspaces.models import Workspace

    def width() -> float:
        made = printing.pdf("engine/plain.typ", {"title": "a", "paragraphs": ["b"]}, "en")
        return float(PdfReader(BytesIO(made)).pages[0].mediabox.width)

    assert abs(width() - 210 / 25.4 * 72) < 0.1  # A4, ISO 216
    Workspace.objects.filter(id=cast.acme.id).update(country="US")
    assert abs(width() - 8.5 * 72) < 0.1


def test_twenty_letters_a_second(owner):
    data = {"title": "a", "paragraphs": ["b " * 2000], "facts": [["n", "1"]]}
    printing.pdf("engine/plain.typ", data, "en")
    begun = time.process_time()  # what it costs one core, whoever else is at work
    for number in range(20):
        printing.pdf("engine/plain.typ", data | {"title": str(number)}, "en")
    assert time.process_time() - begun < 1


def test_a_file_that_is_no_template_of_ours_is_not_set(owner):
    from django.template import TemplateDoesNotExist

    with pytest.raises(TemplateDoesNotExist):
        printing.pdf("engine/none.typ", {}, "en")


@pytest.mark.parametrize("who", ["manager", "member", "reader"])
def test_only_administrators_change_the_letterhead(cast, as_, who):
    with as_(getattr(cast, who)) as actor, pytest.raises(NotAdministrator):
        letterhead.change(actor, {"name": "Mine"})


def test_a_letterhead_is_seen_in_its_own_workspace_only(cast, as_):
    with as_(cast.owner) as actor:
        letterhead.change(actor, {"name": "Acme S.L."})
    with as_(cast.stranger):
        assert letterhead.own().name == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [("name", "x" * 201), ("address", "\n".join("abcdefghi")), ("colour", "red"), ("colour", "#12345"), ("bank", "\0")],
)
def test_a_letterhead_that_does_not_fit_is_refused(owner, name, value):
    with pytest.raises(Refused) as refused:
        letterhead.change(owner, {"name": "Acme", name: value})
    assert [problem.field for problem in refused.value.problems] == [name]
    assert letterhead.own().name == ""


# -- logos ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        png(30, 10),
        shape(),
        shape(
            head='<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
        ),
    ],
)
def test_pictures_become_a_drawing(content):
    logo = logos.read(content)
    assert logo.svg.startswith("<svg")
    assert base64.b64decode(logo.picture).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<image href="http://169.254.169.254/latest"/>',
        '<image href="file:///etc/passwd"/>',
        '<use href="#a"/>',
        "<foreignObject><p>x</p></foreignObject>",
        '<rect onclick="alert(1)" width="1" height="1"/>',
        '<a href="javascript:alert(1)"><rect width="1" height="1"/></a>',
        "<style>@import url(http://evil.example/x.css);</style>",
        '<rect fill="url(http://evil.example/#x)" width="1" height="1"/>',
        '<rect style="background: url( \'http://evil.example\')" width="1" height="1"/>',
    ],
)
def test_what_could_do_harm_is_left_out_of_a_drawing(inside):
    found = logos.read(shape(inside + '<rect width="40" height="20"/>')).svg
    for word in ("script", "http://1", "http://e", "file:", "use", "foreign", "onclick", "javascript", "@import"):
        assert word not in found


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<html></html>",
        b"<svg></svg>",
        b"\x89PNG\r\n\x1a\n",
        png(30, 10)[:40],
        b"\xff\xd8\xff\xe0",
        png(1, 1)[:16] + struct.pack(">II", 100_000, 100_000) + png(1, 1)[24:],
        shape(head='<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>', inside="<text>&b;</text>"),
        shape("<g>" * 5000 + "</g>" * 5000),
        shape().decode().encode("utf-16"),
        b"x" * (logos.LARGEST + 1),
    ],
)
def test_what_is_no_harmless_picture_is_refused(content):
    with pytest.raises(Refused):
        logos.read(content)


def test_a_drawing_that_can_not_be_drawn_says_so():
    with pytest.raises(ValueError):
        typesetting.drawn("<svg", 10)
