"""From a template and data to a PDF, by typst: nothing but the data goes in, and no file or network is reached.

What people wrote goes in as JSON and comes out as text: it is never read as typst's language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.apps import apps
from django.template import TemplateDoesNotExist
from django.utils import timezone

#: What templates can import; the compiler reads nothing outside of it.
SHARED = Path(__file__).parent / "templates"
DRAWING = '#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#image(bytes(%s), format: "%s", height: %dpt)'


class NotSet(RuntimeError):
    """A template of ours could not be set with its data: a mistake in the program."""


@cache
def _fonts() -> typst.Fonts:
    """Typst's own fonts first, so that a letter looks the same everywhere; the machine's for letters these lack."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True)


@cache
def _source(template: str) -> bytes:
    """The text of a template, ``quoting/quote.typ`` below some module's ``templates``."""
    for config in apps.get_app_configs():
        path = Path(config.path, "templates", template)
        if path.is_file():
            return path.read_bytes()
    raise TemplateDoesNotExist(template)


def _compiler() -> typst.Compiler:
    """One for each call: it can't be used by two threads at once, and costs nothing beside the fonts."""
    return typst.Compiler(root=str(SHARED), font_paths=_fonts(), ignore_system_fonts=True)


def compiled(
    template: str,
    data: Mapping[str, Any],
    *,
    standard: str = "",
    made_at: datetime | None = None,
    form: Any = "pdf",
) -> Any:
    """A template with its data, as they are: the bytes of a PDF, or with ``form`` "png" its pages. Raises NotSet."""
    standards: Any = [standard] if standard else []
    given = {"data": json.dumps(data, ensure_ascii=False, default=str)}
    moment = int((made_at or timezone.now()).timestamp())
    try:
        return _compiler().compile(
            _source(template),
            format=form,
            ppi=110,
            sys_inputs=given,
            pdf_standards=standards,
            timestamp=moment,
        )
    except typst.TypstError as error:
        raise NotSet(f"{template}: {error.message}") from error


def drawn(svg: str, height: int) -> bytes:
    """An SVG document as PNG with so many pixels in height; raises ValueError where it can't be drawn."""
    return _picture(DRAWING % ("sys.inputs.given", "svg", height), svg)


def check_picture(kind: str, content: bytes) -> None:
    """Raise ValueError for what is no whole picture of a kind (png, jpeg)."""
    _picture(DRAWING % ("json(bytes(sys.inputs.given))", kind.replace("jpeg", "jpg"), 10), json.dumps(list(content)))


def _picture(source: str, given: str) -> bytes:
    try:
        made: Any = _compiler().compile(source.encode(), format="png", ppi=72, sys_inputs={"given": given})
    except typst.TypstError as error:
        raise ValueError(error.message) from error
    return bytes(made if isinstance(made, bytes) else made[0])
