"""A web address: http or https."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from . import html
from .base import Reader
from .text import Text
from .texts import Invalid, shorten

LINK = html.Pattern('<a href="{}" rel="noopener nofollow" target="_blank">{}</a>')
HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)*[^\W_](?:[\w-]{0,61}[^\W_])?\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE | re.ASCII)
FORBIDDEN = re.compile(r"[\s<>\"\\^`{|}]")

LONGEST = 2_000


def clean_url(text: str) -> str:
    """An http(s) address; "example.com/a" gets https. Raises Invalid on any other scheme, and on a login inside."""
    if not re.match(r"https?://", text, re.IGNORECASE):
        if SCHEME.match(text) and not re.match(r"[\w.-]+:\d+(/|$)", text):
            raise _wrong()
        text = f"https://{text.removeprefix('//')}"
    try:
        parts = urlsplit(text)
        host, port = parts.netloc, parts.port
    except ValueError:
        raise _wrong() from None
    bare = host.removesuffix(f":{port}") if port is not None else host.removesuffix(":")
    if (
        FORBIDDEN.search(text)
        or not HOST.fullmatch(bare)
        or not ("." in bare or bare.startswith("[") or bare == "localhost")
    ):
        raise _wrong()
    return f"{parts.scheme.lower()}://{host.lower()}{text[text.index('://') + 3 + len(host) :]}"


def _wrong() -> Invalid:
    return Invalid("url", _("Write a web address, like https://example.com."))


class Url(Text):
    name = "url"
    label = _("Web address")
    options = ()

    def __init__(self, *, required: bool = False, max_length: int = LONGEST) -> None:
        super().__init__(required=required)
        self.max_length = max_length

    def _clean(self, value: Any, reader: Reader) -> str:
        text = super()._clean(value, reader)
        if text and len(text := clean_url(text)) > self.max_length:
            self._too_long()
        return text

    def cell(self, value: Any, reader: Reader) -> Markup:
        if not value:
            return Markup("")
        # Only what `clean_url` let through becomes a link: a value may have come another way.
        if not value.startswith(("https://", "http://")):
            return Markup("{}").format(value)
        return LINK.format(value, shorten(value.partition("://")[2].removesuffix("/"), 60))

    def keys(self, value: Any) -> list[str]:
        """The address without what two ways of writing it differ by: scheme, www., a slash at the end."""
        if not value:
            return []
        return ["url:" + value.partition("://")[2].casefold().removeprefix("www.").rstrip("/")]

    def _attributes(self, name: str, id: str, invalid: bool, described_by: str) -> dict[str, Any]:
        return {**super()._attributes(name, id, invalid, described_by), "inputmode": "url", "autocomplete": "off"}
