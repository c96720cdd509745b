"""A logo as it was uploaded (SVG, PNG or JPEG) becomes one harmless SVG document, and a PNG for pages.

Only shapes are left of an SVG: no script, no link, no picture from elsewhere, nothing that can be repeated without end.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from xml.etree import ElementTree

from django.utils.translation import gettext as _

from ..values import Problem, Refused
from .typesetting import check_picture, drawn

LARGEST = 512 * 1024  # bytes of an upload
WIDEST = 3_000  # pixels on either side
DEEPEST = 60  # shapes in shapes
TALL = 160  # pixels of the PNG, twice what pages show
SVG = "http://www.w3.org/2000/svg"
XLINK = "{http://www.w3.org/1999/xlink}href"
#: What a drawing may consist of; everything else is left out.
SHAPES = frozenset(
    f"{{{SVG}}}{name}"
    for name in (
        *("svg", "g", "defs", "title", "desc", "style", "path", "rect", "circle", "ellipse", "line", "polyline"),
        *("polygon", "linearGradient", "radialGradient", "stop", "clipPath", "text", "tspan"),
    )
)


@dataclass(frozen=True)
class Logo:
    """An SVG document, and the same as PNG in base64."""

    svg: str
    picture: str


def read(content: bytes) -> Logo:
    """The logo of an upload; raises Refused for what is too large, no picture, or can't be drawn."""
    if len(content) > LARGEST:
        raise _refused("too_large", _("A logo may have at most %(n)s KB.") % {"n": LARGEST // 1024})
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        svg = _around("png", content, _png_size(content))
    elif content.startswith(b"\xff\xd8\xff"):
        svg = _around("jpeg", content, _jpeg_size(content))
    else:
        svg = _cleaned(content)
    try:
        picture = drawn(svg, TALL)
    except ValueError:
        raise _unreadable() from None
    return Logo(svg, base64.b64encode(picture).decode())


def _refused(code: str, words: str) -> Refused:
    return Refused([Problem("logo", code, words)])


def _unreadable() -> Refused:
    return _refused("unreadable", _("This is no picture that can be drawn. Choose a PNG, JPEG or SVG file."))


def _around(kind: str, content: bytes, size: tuple[int, int]) -> str:
    """An SVG document with one picture in it."""
    width, height = size
    if not (0 < width <= WIDEST and 0 < height <= WIDEST):
        raise _refused("too_large", _("A logo may have at most %(n)s pixels on each side.") % {"n": f"{WIDEST:,}"})
    try:
        check_picture(kind, content)
    except ValueError:
        raise _unreadable() from None
    data = base64.b64encode(content).decode()
    image = f'<image width="{width}" height="{height}" href="data:image/{kind};base64,{data}"/>'
    return f'<svg xmlns="{SVG}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">{image}</svg>'


def _png_size(content: bytes) -> tuple[int, int]:
    """Width and height of the first chunk (PNG specification, 11.2.2)."""
    if len(content) < 24 or content[12:16] != b"IHDR":
        raise _unreadable()
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Width and height of the frame header (ITU-T T.81, B.2.2), which stands behind other segments."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + max(length, 2)
    raise _unreadable()


def _cleaned(content: bytes) -> str:
    """What is harmless of an SVG document; a document type could define entities without end, so that none is read."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content:
        content = _without_doctype(content)
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - no document type is left that could define an entity
    except (ElementTree.ParseError, ValueError, LookupError):
        raise _unreadable() from None
    if root.tag != f"{{{SVG}}}svg":
        raise _unreadable()
    _strip(root, DEEPEST)
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _without_doctype(content: bytes) -> bytes:
    """The document without a plain document type, as drawing programs write it; raises Refused for one with more."""
    before, mark, after = content.partition(b"<!DOCTYPE")
    inside, end, rest = after.partition(b">")
    if not mark or not end or b"[" in inside or b"<!DOCTYPE" in rest or b"<!ENTITY" in rest or b"\0" in content:
        raise _unreadable()
    return before + rest


def _strip(element: ElementTree.Element, deep: int) -> None:
    """Leave only shapes below an element, and of their attributes none that leads elsewhere or runs."""
    if deep == 0:
        raise _unreadable()
    for name in list(element.attrib):
        value = element.attrib[name]
        inward = name in ("href", XLINK) and value.startswith("#")
        foreign = name.startswith("{") and name != XLINK
        if (name in ("href", XLINK) and not inward) or foreign or name.startswith("on") or _leads_out(value):
            del element.attrib[name]
    if element.tag == f"{{{SVG}}}style" and (_leads_out(element.text or "") or "@import" in (element.text or "")):
        element.text = ""
    for child in list(element):
        if child.tag in SHAPES:
            _strip(child, deep - 1)
        else:
            element.remove(child)


def _leads_out(value: str) -> bool:
    """Whether a value names something outside the document."""
    squeezed = "".join(value.lower().split())
    return squeezed.count("url(") > squeezed.count("url(#") or "javascript:" in squeezed
