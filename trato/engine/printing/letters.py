"""Letters: a template of a module, its data, and the letterhead of the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ..workspaces.models import Workspace
from . import letterhead
from .typesetting import compiled

#: Countries whose paper is Letter; all others use A4 (ISO 216). Source: CLDR, measurementData, paperSize.
LETTER_PAPER = frozenset("BZ CA CL CO CR GT MX NI PA PH PR SV US VE".split())


def pdf(
    template: str,
    data: Mapping[str, Any],
    language: str,
    *,
    standard: str = "",
    made_at: datetime | None = None,
) -> bytes:
    """The PDF of a module's template (``quoting/quote.typ``) with ``data`` on the workspace's letterhead (inside
    ``in_workspace``).

    ``data`` is JSON, amounts and days as they are to be read; ``language`` is that of the text; ``standard`` one of
    PDF/A such as "a-3b". The same data and moment ``made_at`` give the same bytes. Raises NotSet.
    """
    return bytes(compiled(template, frame(language) | dict(data), standard=standard, made_at=made_at))


def frame(language: str) -> dict[str, Any]:
    """What every letter is given beside its own data: ``from``, ``paper``, ``language`` and ``words``."""
    workspace, sender = letterhead.current()
    return {
        "from": sender,
        "paper": "us-letter" if workspace.country in LETTER_PAPER else "a4",
        "language": language.partition("-")[0],
        "words": usual_words(language),
    }


def usual_words(language: str) -> dict[str, str]:
    """The words that stand on every letter."""
    with translation.override(language):
        return {"page": _("Page"), "of": pgettext("page 1 of 2", "of"), "tax_number": _("Tax number")}


def speaks(language: str, workspace: Workspace) -> str:
    """The language to write to a customer in: theirs where Trato has it, else the workspace's."""
    wanted = (language or "").lower().partition("-")[0]
    return wanted if wanted in dict(settings.LANGUAGES) else workspace.language
