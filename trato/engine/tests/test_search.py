"""Search over all objects: as it is typed, without regard to accents and case, by words, numbers and addresses."""

import unicodedata

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trato.engine import actions, custom, objects, search

#: Letters, marks, digits and signs of the scripts people write names in.
anything = st.one_of(
    *(
        st.characters(min_codepoint=low, max_codepoint=high, exclude_categories=("Cn", "Cs", "Cc", "Cf", "Co"))
        for low, high in (
            (0x20, 0x7E),
            (0xA1, 0x24F),
            (0x370, 0x6FF),
            (0x900, 0xDFF),
            (0xE01, 0xEFF),
            (0x1E00, 0x1FFF),
            (0x3040, 0x9FFF),
        )
    )
)


@pytest.fixture
def things():
    return objects.get("things")


def make(actor, name, **values):
    return actions.create(actor, objects.get("things"), {"name": name} | values)


def titles(actor, text, **options):
    return [hit.title for hit in search.find(actor, text, **options)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("José García Núñez", "jose garcia"),
        ("José García Núñez", "GARCÍA JOSÉ"),
        ("José García Núñez", "nun"),
        ("Łukasz Żółw", "lukasz zolw"),
        ("Straße 5", "strase"),
        ("Ștefan Țepeș", "stefan tepes"),
        ("Søren Ærø", "soren"),
        ("Ｆｕｌｌ width", "full"),
        ("O'Brien & Sons", "o'brien"),
        ("Jean-Luc Picard", "jean-luc"),
        ("Jean-Luc Picard", "luc pic"),
        ("ACME (Holding) S.L.", "acme holding"),
        ("Ñandú", "ñandu"),
        ("中文 公司", "中文"),
        ("Пётр Иванов", "петр"),
        ("Li", "li"),
        ("X", "x"),
        ("Route 66", "66"),
        ("C++ & C#", "c++"),
        ("ΓΙΩΡΓΟΣ ΠΑΠΑΣ", "Γιώργος Παπάς"),
        ("मनीष शर्मा", "मनीष"),
        ("मनीष शर्मा", "शर्मा मन"),
        ("สมชาย ใจดี", "สมชาย"),
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("Donau\u00addampf\u00adschiff", "donaudampf"),
        ("می\u200cخواهم", "میخواهم"),
        ("Invoice 2026-0007", "2026-0007"),
        ("Invoice 2026-0007", "2026 0007"),
        ("Born 12.05.2024", "12.05.2024"),
        ("½ gallon", "gallon"),
    ],
)
def test_a_name_is_found_however_it_is_typed(owner, name, text):
    make(owner, name)
    make(owner, "Quite another")
    made = [title for title in titles(owner, text) if title in (name, "Quite another")]  # not what Acme began with
    assert made == [name]


def test_the_apostrophe_is_no_reason_not_to_be_found(owner):
    make(owner, "D’Angelo")
    assert titles(owner, "d angelo") == ["D’Angelo"]


@pytest.mark.parametrize(
    "text",
    ["ana@example.com", "ANA@EXAMPLE.COM", "ana@exam", "example.com", "ana example", "@example.com", "example"],
)
def test_an_e_mail_address_is_found_whole_by_its_parts_and_as_it_is_typed(owner, text):
    make(owner, "Ana", emails=[{"address": "ana@example.com"}])
    make(owner, "Bea", emails=[{"address": "bea@other.org"}])
    assert titles(owner, text) == ["Ana"]


@pytest.mark.parametrize(
    "text",
    ["+34 600 123 456", "600123456", "600 123 456", "600-12-34-56", "+34600", "0034600123456", "(600) 123456"],
)
def test_a_phone_number_is_found_however_it_is_written(owner, text):
    make(owner, "Ana", phones=[{"number": "+34600123456"}])
    make(owner, "Bea", phones=[{"number": "+34911222333"}])
    assert titles(owner, text) == ["Ana"]


def test_several_words_narrow_and_may_be_in_different_fields(owner):
    make(owner, "Ana García", note="likes tea", tags=["vip"])
    make(owner, "Ana López", note="likes coffee")
    assert titles(owner, "ana tea") == ["Ana García"]
    assert titles(owner, "ana vip gar") == ["Ana García"]
    assert set(titles(owner, "ana likes")) == {"Ana García", "Ana López"}
    assert titles(owner, "ana tea coffee") == []


def test_titles_that_begin_so_come_first(owner):
    make(owner, "Something about Marta", note="marta marta marta")
    make(owner, "Marta Ruiz")
    make(owner, "Other", note="marta")
    found = titles(owner, "mart")
    assert found[0] == "Marta Ruiz"
    assert found[-1] == "Other"
    assert len(found) == 3


def test_all_objects_are_searched_at_once_or_some(owner, things):
    make(owner, "Lantern")
    actions.create(owner, objects.get("crates"), {"name": "Lantern crate"})
    actions.create(owner, objects.get("trips"), {"name": "Lantern trip"})
    assert {hit.object.plural for hit in search.find(owner, "lantern")} == {"things", "crates", "trips"}
    assert [hit.ref.partition("/")[0] for hit in search.find(owner, "lantern", [things])] == ["things"]
    assert len(search.find(owner, "lantern", limit=2)) == 2


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "@", "***", "' OR 1=1 --", ":*", "a:*A & b", "\\", "%", "_", "'" * 300, "a" * 5000, "💥"]
)
def test_hostile_words_find_nothing_and_break_nothing(owner, text):
    make(owner, "Plain")
    assert titles(owner, text) == []


def test_many_words_are_cut_and_long_ones_too(owner):
    make(owner, "Plain")
    assert titles(owner, "plain " * 500) == ["Plain"]


def test_a_hidden_field_is_not_searched(cast, as_):
    """Whoever may not see a field must not learn of it by searching either."""
    with as_(cast.owner) as actor:
        make(actor, "Safe", secret="opensesame", owner=str(cast.limited.id))
        assert titles(actor, "opensesame") == ["Safe"]
    with as_(cast.limited) as actor:
        assert titles(actor, "opensesame") == []
        assert titles(actor, "safe") == ["Safe"]
        assert titles(actor, "safe opensesame") == []


def test_a_hidden_field_takes_its_group_with_it(cast, as_, set_role):
    set_role(cast.member, {"objects": {"*": {"see": "all", "fields": {"phones": "hidden"}}}})
    with as_(cast.owner) as actor:
        make(actor, "Ana", emails=[{"address": "ana@example.com"}], phones=[{"number": "+34600123456"}], note="tea")
    with as_(cast.member) as actor:
        assert titles(actor, "600123456") == []
        assert titles(actor, "tea") == ["Ana"]
        assert [hit.subtitle for hit in search.find(actor, "ana")] == ["ana@example.com"]


def test_every_text_of_a_search_is_narrowed_before_its_limit(cast, as_):
    """Thirty records of others must not push the one that may be seen off the list."""
    with as_(cast.owner) as actor:
        for n in range(30):
            make(actor, f"Lamp {n}", owner=str(cast.manager.id))
        make(actor, "Lamp of Lia, the last of all lamps", owner=str(cast.limited.id))
    with as_(cast.limited) as actor:
        assert titles(actor, "lamp", limit=5) == ["Lamp of Lia, the last of all lamps"]


def test_custom_words_are_found_where_the_search_covers_them(owner):
    crates = objects.get("crates")
    custom.add(owner, crates, {"name": "code", "label": "Code", "kind": "text"})
    actions.create(owner, crates, {"name": "Crate", "custom": {"code": "Zyzzyva"}})
    covers = "custom" in [name for names in crates.model._meta.get_field("search").groups.values() for name in names]
    assert titles(owner, "zyzzyva") == (["Crate"] if covers else [])


def test_very_long_texts_are_kept_whole_and_found_by_what_they_begin_with(owner):
    """However many words there are, and however short: the document has room for them."""
    crates = objects.get("crates")
    for n in range(3):
        options = {"max_length": 1_000_000}
        custom.add(owner, crates, {"name": f"text{n}", "label": "Text", "kind": "longtext", "options": options})
    numbers = " ".join(f"w{n:06}" for n in range(100_000))
    pairs = " ".join(chr(0x4E00 + n // 300) + chr(0x4E00 + n % 300) for n in range(80_000))
    values = {"text0": numbers, "text1": pairs, "text2": numbers.replace("w", "v")}
    record = actions.create(owner, crates, {"name": "Long", "custom": values})
    assert record.custom["text0"].endswith("w099999")
    thing = make(owner, "Long note", note=numbers[:100_000], secret="x" * 100)
    assert titles(owner, "w000001", only=[objects.get("things")]) == [thing.title]
    assert "Long" in titles(owner, "long", only=[crates])


@given(text=st.text(anything, min_size=1, max_size=14))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_the_words_of_a_text_are_those_that_the_index_keeps_of_it(db, text):
    """Folding is written twice, for the index and for what is typed: both must say the same of every script."""
    words = search.words_of(text)
    kinds = [unicodedata.category(character)[0] for character in unicodedata.normalize("NFKD", text)]
    loose = any(kind == "M" and before not in ("L", "M") for before, kind in zip(["Z", *kinds], kinds, strict=False))
    if loose or not words or len(words) >= search.MOST_WORDS:
        return  # a mark that stands on no letter is no part of anybody's language
    with connection.cursor() as cursor:
        asked = search._tsquery([words], "")
        cursor.execute("SELECT to_tsvector('simple', trato_fold(%s)) @@ %s::tsquery", [text, asked])
        assert cursor.fetchone()[0], (text, words)
