"""Everything a person reads is there in English, Spanish and Romanian, with the same places for values."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")


def catalogue(language):
    with (ROOT / "trato" / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """The words of the code as it is now."""
    path = tmp_path_factory.mktemp("words") / "words.pot"
    keywords = ["gettext_lazy", "ngettext_lazy:1,2", "pgettext:1c,2", "pgettext_lazy:1c,2", "npgettext:1c,2,3", "_now"]
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract", "--mapping-file", "babel.cfg"]
    subprocess.run([*command, *(f"-k{word}" for word in keywords), "--output-file", path, "."], cwd=ROOT, check=True)
    with path.open("rb") as file:
        return [message for message in read_po(file) if message.id]


@pytest.mark.parametrize("language", ["es", "ro"])
def test_nothing_is_left_untranslated(language, words):
    known = catalogue(language)
    missing = []
    for message in words:
        found = known.get(message.id, message.context)
        texts = (found.string if isinstance(found.string, tuple) else (found.string,)) if found else ("",)
        if not all(texts) or found.fuzzy:
            missing.append(message.id)
    assert not missing, f"script/translate lists them: {len(missing)} without words in {language}, first {missing[:5]}"


@pytest.mark.parametrize("language", ["es", "ro"])
def test_translations_keep_the_places_for_values(language):
    for message in catalogue(language):
        if not message.id:
            continue
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        offered = {place for text in originals for place in PLACES.findall(text)}
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            assert set(PLACES.findall(text)) <= offered, (message.id, text)
            if len(originals) == 1:
                assert set(PLACES.findall(text)) == offered, (message.id, text)


@pytest.mark.parametrize(("language", "count"), [("es", 2), ("ro", 3)])
def test_plural_forms_are_those_of_the_language(language, count):
    # CLDR 45: Spanish one/other in gettext's usual two; Romanian one/few/other.
    plurals = [message for message in catalogue(language) if isinstance(message.id, tuple)]
    assert plurals
    assert all(len(message.string) == count for message in plurals)
