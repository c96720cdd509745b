"""Which of the eight-bit encodings of Latin letters a text is in: the one in which its accents make sense in some
language.

charset-normalizer tells scripts apart well, but for a list of names takes Windows-1250 for Windows-1252 and back
(`Muñoz` becomes `Muńoz`), since it judges running text. Names need no grammar: `ñ` beside `é` is Spanish, `ń` beside
`í` is nothing.
"""

import re
from collections import Counter

_REGIONS = {
    "west": (
        "áéíóúüñ",
        "àçèéíïòóúü",
        "áâãàçéêíóôõúü",
        "àâæçéèêëîïôœùûüÿ",
        "àèéìíîòóù",
        "äöüßé",
        "åäöé",
        "æøåé",
        "áðéíóúýþæö",
    ),
    "centre": ("ăâîşţșț", "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "äöüß"),
    "baltic": ("āčēģīķļņšūž", "ąčęėįšųūž", "äõöüšž"),
    "turkish": ("çğıöşüâîû", "äöüß"),
}
_LANGUAGES = [frozenset(letters) for languages in _REGIONS.values() for letters in languages]
_REGION_LETTERS = [frozenset("".join(languages)) for languages in _REGIONS.values()]
_SIGNS = frozenset("¿¡«»°·’‘“”„–—…€\u00a0")
_ENCODINGS = (  # the likeliest first: it wins where two give the same text
    "cp1252",
    "cp1250",
    "iso8859_2",
    "iso8859_16",
    "cp1254",
    "cp1257",
    "iso8859_13",
    "cp850",
    "cp852",
    "mac_roman",
    "mac_latin2",
)


def latin_encoding(data: bytes) -> str | None:
    """The encoding of bytes that are Latin text, None for another script or no text. `data` holds some bytes beyond
    ASCII."""
    scores = [(_score(data.decode(name, "replace")), -at, name) for at, name in enumerate(_ENCODINGS)]
    score, _order, name = max(scores)
    return name if score > 1.4 else None


def _score(text: str) -> float:
    """From 0 to 2: how much of what isn't ASCII fits one language, plus how much fits the languages of one region."""
    beyond = Counter(re.findall(r"[^\x00-\x7f]", text))
    total = beyond.total()
    if not total or _mostly_beyond(text):
        return 0
    strange = len(re.findall(r"(?<=[^\W\d_])[^\x00-\x7f\w’·-](?=[^\W\d_])", text))  # a sign inside of a word
    strange += len(
        re.findall(r"(?<=[^\W\d_])[À-ÖØ-ÞŒŠŽŸ](?=[a-z\W]|$)(?<![A-ZÀ-Þ]{2})", text)
    )  # a capital inside of a word
    signs = sum(times for char, times in beyond.items() if char in _SIGNS)
    letters = Counter[str]()
    for char, times in beyond.items():
        letters["ı" if char == "İ" else char.lower()] += times
    language, region = (
        max(sum(letters[char] for char in alphabet) for alphabet in alphabets)
        for alphabets in (_LANGUAGES, _REGION_LETTERS)
    )
    return max(0, language + region + 2 * signs - 2 * strange) / total


def _mostly_beyond(text: str) -> bool:
    """Whether words with letters beyond ASCII have few ASCII letters: then they aren't in Latin letters."""
    words = [word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()]
    letters = "".join(words)
    return len(re.findall("[a-zA-Z]", letters)) < len(letters) * 0.4
