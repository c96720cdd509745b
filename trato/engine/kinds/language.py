"""Languages by BCP 47 tag: "es", "pt-BR", "zh-Hans"."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from . import locales
from .codes import Code
from .texts import fold

UNDERSTOOD = ("en", "es", "fr", "de", "it", "pt", "ro")


@lru_cache(64)
def language_names(language: str) -> dict[str, str]:
    """Name by code of the languages with a two-letter code (ISO 639-1), in CLDR's words, sorted by name."""
    words = locales.locale_of(language).languages
    named = [(code, name) for code, name in words.items() if len(code) == 2]
    return dict(sorted(named, key=lambda item: fold(item[1])))


@lru_cache(64)
def _index(language: str) -> dict[str, str]:
    return {fold(name): code for code, name in language_names(language).items()}


@lru_cache(64)
def known() -> dict[str, set[str]]:
    """What CLDR knows: codes of languages, scripts and territories, in their usual case."""
    english = locales.locale_of("en")
    return {"language": set(english.languages), "script": set(english.scripts), "territory": set(english.territories)}


@lru_cache(1024)
def find_tag(text: str) -> str | None:
    """The tag in its usual case (RFC 5646: language, maybe script, maybe region), None when CLDR knows it not."""
    language, *rest = text.replace("_", "-").split("-")
    language = language.lower()
    if language not in known()["language"] or len(rest) > 2:
        return None
    parts = [language]
    if rest and rest[0].title() in known()["script"]:
        parts.append(rest.pop(0).title())
    if rest and rest[0].upper() in known()["territory"]:
        parts.append(rest.pop(0).upper())
    return None if rest else "-".join(parts)


class Language(Code):
    name = "language"
    label = _("Language")
    wrong = _("Choose a language, like Spanish or es.")
    code_length = 20

    def names(self, language: str) -> dict[str, str]:
        return language_names(language)

    def name_of(self, code: str, language: str) -> str:
        words = locales.locale_of(language)
        own = words.languages.get(code.replace("-", "_"))
        if own:
            return own
        base, *rest = code.split("-")
        inside = ", ".join(words.scripts.get(part) or words.territories.get(part, part) for part in rest)
        return f"{words.languages.get(base, base)} ({inside})" if inside else words.languages.get(base, base)

    def find(self, text: str, language: str) -> str | None:
        named = (_index(spoken).get(fold(text)) for spoken in (language, *UNDERSTOOD))
        return find_tag(text) or next(filter(None, named), None)
