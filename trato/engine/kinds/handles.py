"""Names on social networks and messengers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _
from markupsafe import Markup, escape

from .base import Reader
from .many import Items, Part
from .texts import Invalid
from .url import LINK, clean_url

# network: (its name, where a handle's page is)
NETWORKS: dict[str, tuple[str, str]] = {
    "linkedin": ("LinkedIn", "https://www.linkedin.com/in/{}"),
    "x": ("X", "https://x.com/{}"),
    "facebook": ("Facebook", "https://www.facebook.com/{}"),
    "instagram": ("Instagram", "https://www.instagram.com/{}"),
    "youtube": ("YouTube", "https://www.youtube.com/@{}"),
    "tiktok": ("TikTok", "https://www.tiktok.com/@{}"),
    "bluesky": ("Bluesky", "https://bsky.app/profile/{}"),
    "threads": ("Threads", "https://www.threads.net/@{}"),
    "github": ("GitHub", "https://github.com/{}"),
    "telegram": ("Telegram", "https://t.me/{}"),
    "xing": ("XING", "https://www.xing.com/profile/{}"),
    "mastodon": ("Mastodon", ""),
    "whatsapp": ("WhatsApp", ""),
    "signal": ("Signal", ""),
    "skype": ("Skype", ""),
}
ALIASES = {"twitter": "x", "bsky": "bluesky", "ig": "instagram", "fb": "facebook"}
SITES = {urlsplit(page).netloc.removeprefix("www."): name for name, (_label, page) in NETWORKS.items() if page}
SITES |= {"twitter.com": "x", "m.facebook.com": "facebook", "fb.com": "facebook"}
NAME = re.compile(r"[a-z0-9][a-z0-9 ._-]{0,29}", re.ASCII)
FEDIVERSE = re.compile(r"@?([\w.-]+)@([\w-]+(?:\.[\w-]+)+)")
PREFIXED = re.compile(r"([A-Za-z][A-Za-z0-9 ._-]{0,29}): ?(?!//)(\S.*)", re.ASCII)


def from_page(url: str) -> dict[str, str] | None:
    """Network and handle of a profile's page, None when the site is not one we know."""
    try:
        parts = urlsplit(clean_url(url))
    except Invalid:
        return None
    site = parts.netloc.removeprefix("www.")
    network = SITES.get(site) or SITES.get(site.partition(".")[2])
    path = [piece for piece in unquote(parts.path).split("/") if piece]
    if not network or not path or not path[-1].lstrip("@"):
        return None
    return {"network": network, "handle": path[-1].lstrip("@"), "url": url}


def page_of(item: Mapping[str, str]) -> str:
    """Where to read it: the url that was given, else the network's page for the handle."""
    if item["url"]:
        return item["url"]
    page = NETWORKS.get(item["network"], ("", ""))[1]
    if page and re.fullmatch(r"[\w.%-]+", item["handle"]):
        return page.format(item["handle"])
    if item["network"] == "mastodon" and (found := FEDIVERSE.fullmatch(item["handle"])):
        return f"https://{found[2]}/@{found[1]}"
    return ""


class Handles(Items):
    """[{"network": "linkedin", "handle": "ana", "url": "", "primary": true}]; Mastodon's handles keep their "@"."""

    name = "handles"
    label = _("Social profiles")
    search_sql = "trato_words(%s, '$[*].handle')"
    parts = (
        Part("network", _("Network"), longest=30, width="col-3"),
        Part("handle", _("Name there"), longest=200),
        Part("url", _("Web address"), longest=2_000),
    )
    separator = re.compile(r"[;\n]")

    def _read(self, text: str, reader: Reader) -> dict[str, str]:
        if re.match(r"https?://", text, re.IGNORECASE) or text.startswith("www."):
            return from_page(text) or {"network": "website", "handle": urlsplit(clean_url(text)).netloc, "url": text}
        if FEDIVERSE.fullmatch(text) and text[0] == "@":
            return {"network": "mastodon", "handle": text}
        if found := PREFIXED.fullmatch(text):
            return {"network": found[1], "handle": found[2]}
        raise Invalid("handle", _("Write the network and the name there, like linkedin: ana."))

    def _write(self, item: Mapping[str, Any], reader: Reader) -> str | None:
        return None if item["url"] else f"{item['network']}: {item['handle']}"

    def _item(self, data: Mapping[str, str], reader: Reader) -> dict[str, Any]:
        url = clean_url(data["url"]) if data.get("url") else ""
        given = {name: text for name, text in data.items() if text}
        found = {**(from_page(url) or {}), **given} if url else given
        network = " ".join(found.get("network", "").lower().split())
        network = ALIASES.get(network, network)
        handle = found.get("handle", "").strip()
        if not NAME.fullmatch(network) or not handle:
            raise Invalid("handle", _("Write the network and the name there, like linkedin: ana."))
        bare = handle.lstrip("@").strip()
        if not bare:
            raise Invalid("handle", _("Write the network and the name there, like linkedin: ana."))
        return {"network": network, "handle": f"@{bare}" if network == "mastodon" else bare, "url": url}

    def words(self, item: Mapping[str, Any], reader: Reader) -> str:
        return f"{NETWORKS.get(item['network'], (item['network'],))[0]}: {item['handle']}"

    def one(self, item: Mapping[str, Any], reader: Reader) -> Markup:
        page = page_of(item)
        return LINK.format(page, self.words(item, reader)) if page else escape(self.words(item, reader))

    def keys(self, value: Any) -> list[str]:
        return [f"handle:{item['network']}:{item['handle'].lower()}" for item in value or []]

    def schema(self) -> dict[str, Any]:
        return self._list_schema(required=["network", "handle"])
