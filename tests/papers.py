"""Reading PDFs in tests, by another library than those that wrote them."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader


def text_of(content: bytes) -> str:
    """All text of a PDF."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def pages_of(content: bytes) -> int:
    """How many pages a PDF has."""
    return len(PdfReader(BytesIO(content)).pages)
