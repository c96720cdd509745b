"""The Jinja2 environment of our pages: escaping on, translations, static addresses, the icons of the sprite."""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.formats import number_format
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from .words import key_caps

HUES = 8  # how many colours avatars have (.avatar-0 … .avatar-7 in controls.css)


@cache
def sprite() -> str:
    """Address of the file that holds every icon."""
    return static("trato/icons.svg")


@cache
def icon(name: str, label: str = "") -> Markup:
    """An icon of the sprite; with a label it is read aloud, without one it is decoration."""
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(spoken, sprite(), name)


def initials(name: str) -> str:
    """At most two letters that stand for a name: "Ana María García" -> "AG"; "" -> "?"."""
    words = [word for word in name.split() if word[0].isalnum()] or [name.strip() or "?"]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


@lru_cache(maxsize=10_000)
def avatar(name: str, size: str = "") -> Markup:
    """A coloured disc with initials; the same name has the same colour everywhere. `size` is "", "sm" or "lg"."""
    hue = hashlib.blake2s(name.encode("utf-8", "replace"), digest_size=1).digest()[0] % HUES
    classes = f"avatar-{hue} disc" + (f" disc-{size}" if size else "")
    return Markup('<span class="{}" aria-hidden="true">{}</span>').format(classes, initials(name))


def gettext(message: str, **values: Any) -> Markup:
    """A text in the reader's language; values are escaped. Jinja's own always formats, at three times the cost."""
    text = _translated(message, translation.get_language())
    return text % values if values else text


@lru_cache(maxsize=10_000)
def _translated(message: str, language: str | None) -> Markup:
    """Pages say the same few hundred words again and again. ``language`` is the active one: it tells entries apart."""
    return Markup(translation.gettext(message))  # noqa: S704


def ngettext(singular: str, plural: str, num: int, **values: Any) -> Markup:
    """The same for a number of things, which is `%(num)s` in the text."""
    return Markup(translation.ngettext(singular, plural, num)) % {"num": num, **values}  # noqa: S704


def number(value: Any) -> str:
    """A whole number with the separators of the reader's language: 12345 -> "12,345"."""
    return number_format(value, use_l10n=True, force_grouping=True)


def undo_address(message: Any) -> str:
    """Where a message of django.contrib.messages says it can be undone (extra tag "undo:<address>"), else ""."""
    return next((tag[5:] for tag in (message.extra_tags or "").split() if tag.startswith("undo:")), "")


def environment(**options: Any) -> Environment:
    """What settings.TEMPLATES names. An unknown variable in a template is an error, never a silent blank."""
    options.pop("autoescape", None)  # always on
    env = Environment(
        **options | {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True},
        autoescape=True,
    )
    env.globals.update(
        _=gettext,
        ngettext=ngettext,
        static=static,
        url=reverse,
        icon=icon,
        sprite=sprite,
        avatar=avatar,
        undo_address=undo_address,
        language=translation.get_language,
        right_to_left=translation.get_language_bidi,
    )
    env.filters.update(number=number, initials=initials, key_caps=key_caps)
    return env
