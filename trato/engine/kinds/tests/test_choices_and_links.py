"""Choices, tags, links, names, recurrences and files, one by one."""

from uuid import UUID

import pytest
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from trato.engine.kinds import (
    Bool,
    Choice,
    Choices,
    File,
    Invalid,
    Link,
    Links,
    LongText,
    Reader,
    RRule,
    Tags,
    Text,
    Typed,
    Unresolved,
    User,
    format_name,
    kind_of,
    make,
    split_name,
)
from trato.engine.kinds.fields import coloured

from .examples import ID, REF, SPANISH

OTHER = "0190a6f0-0000-7000-8000-00000000000b"
SEES = Reader(titles={REF: "Ana & Co", f"users/{ID}": "Ana"}, base="/w/demo", user_id=UUID(ID))
STAGES = [("lead", _("Lead"), "teal"), ("won", "Won <b>", "url(x)"), ("lost", "Lost")]


class TestChoice:
    def test_is_understood_by_value_or_label_in_any_case(self):
        kind = Choice(choices=STAGES)
        for text in ("won", "WON", "won <B>", " Won <b> "):
            assert kind.parse(text, SPANISH) == "won"
        with pytest.raises(Invalid) as caught:
            kind.parse("open", SPANISH)
        assert "Lead" in caught.value.message

    def test_is_a_badge_of_a_known_colour(self):
        kind = Choice(choices=STAGES)
        assert kind.cell("lead", SPANISH) == '<span class="badge bg-teal-lt">Lead</span>'
        assert kind.cell("won", SPANISH) == '<span class="badge bg-gray-lt">Won &lt;b&gt;</span>'

    def test_a_value_no_longer_offered_is_shown_and_kept_by_the_form(self):
        kind = Choice(choices=STAGES)
        assert kind.plain("old", SPANISH) == "old"
        assert '<option value="old" selected>old</option>' in kind.input("s", "old", SPANISH, id="s")

    def test_a_required_one_offers_nothing_only_while_it_has_no_value(self):
        kind = Choice(choices=STAGES, required=True)
        assert '<option value="" selected>' in kind.input("s", "", SPANISH, id="s")
        assert '<option value=""' not in kind.input("s", "won", SPANISH, id="s")

    def test_several_are_kept_in_the_order_offered(self):
        kind = Choices(choices=STAGES)
        assert kind.clean(["lost", "LEAD", "lost"], SPANISH) == ["lead", "lost"]
        assert kind.parse("lost; lead", SPANISH) == ["lead", "lost"]
        assert kind.from_form(QueryDict("s=lost&s=lead"), "s", SPANISH) == ["lead", "lost"]
        html = kind.input("s", Typed(QueryDict("s=lost")), SPANISH, id="s")
        assert html.count(" checked") == 1


class TestOptions:
    @pytest.mark.parametrize(
        ("name", "options"),
        [
            ("nothing", {}),
            ("choice", {}),
            ("choice", {"choices": []}),
            ("choice", {"choices": "red"}),
            ("choice", {"choices": [{"value": ""}]}),
            ("choice", {"choices": [{"value": "a"}, {"value": "a"}]}),
            ("choice", {"choices": [{"value": "a", "colour": "javascript"}]}),
            ("choice", {"choices": [{"value": "a", "x": 1}]}),
            ("choice", {"choices": [{"value": 5}]}),
            ("text", {"max_length": 0}),
            ("text", {"max_length": "9"}),
            ("text", {"max_length": True}),
            ("text", {"length": 9}),
            ("number", {"digits": 7}),
            ("link", {}),
            ("link", {"to": "contacts"}),
            ("link", {"to": [5]}),
            ("text", {"required": "yes"}),
        ],
    )
    def test_bad_ones_are_refused(self, name, options):
        with pytest.raises(Invalid) as caught:
            make(name, options)
        assert caught.value.message

    def test_good_ones_make_a_kind(self):
        kind = make("choice", {"choices": ["a", {"value": "b", "label": "B!", "colour": "red"}], "required": True})
        assert kind.required
        assert kind.parse("B!", SPANISH) == "b"
        assert make("text", {"max_length": 3}).max_length == 3


class TestText:
    def test_is_trimmed_and_on_one_line(self):
        assert Text().clean("  a\r\n\tb  ", SPANISH) == "a b"
        assert LongText().clean(" a\r\nb\rc ", SPANISH) == "a\nb\nc"

    def test_is_normalised(self):
        assert Text().clean("e\u0301", SPANISH) == "\u00e9"

    def test_its_length_is_kept(self):
        assert Text(max_length=3).clean("abc", SPANISH) == "abc"
        with pytest.raises(Invalid) as caught:
            Text(max_length=3).clean("abcd", SPANISH)
        assert (caught.value.code, caught.value.message) == ("too_long", "At most 3 characters.")

    def test_a_text_area_keeps_a_first_empty_line(self):
        assert ">\n\nx</textarea>" in LongText().input("t", "\nx", SPANISH, id="t")

    def test_a_diff_shows_what_went_and_what_came(self):
        assert Text().diff("<a>", "b", SPANISH) == "<del>&lt;a&gt;</del> <ins>b</ins>"
        assert Text().diff("", "b", SPANISH) == "<ins>b</ins>"


class TestBool:
    def test_words(self):
        for yes in ("1", "true", "TRUE", "x", "yes", "sí", "Si", "ja", "oui", "da"):
            assert Bool().parse(yes, SPANISH) is True
        for no in ("0", "false", "No", "non", "nein", "nu"):
            assert Bool().parse(no, SPANISH) is False
        with pytest.raises(Invalid):
            Bool().parse("maybe", SPANISH)

    def test_a_switch_is_never_unsaid(self):
        kind = Bool(tristate=False)
        assert kind.from_form({}, "b", SPANISH) is False
        assert kind.from_form({"b": "true"}, "b", SPANISH) is True
        assert kind.clean(None, SPANISH) is False
        assert " checked" in kind.input("b", True, SPANISH, id="b")

    def test_zero_and_one_of_json_are_no_booleans(self):
        with pytest.raises(Invalid):
            Bool().clean(1, SPANISH)


class TestLinks:
    def test_ids_refs_and_objects_are_accepted(self):
        by_ref, by_id = Link(to=("contacts",)), Link(to=("contacts",), by_id=True)
        for given in (ID, REF, UUID(ID), {"id": ID}, {"id": ID, "title": "x"}, ID.upper()):
            assert by_ref.clean(given, SPANISH) == REF
            assert by_id.clean(given, SPANISH) == UUID(ID)

    def test_other_objects_are_refused(self):
        for given in (f"accounts/{ID}", {"id": 5}, {"x": 1}, "Ana", 5):
            with pytest.raises(Invalid):
                Link(to=("contacts",)).clean(given, SPANISH)

    def test_with_several_targets_a_bare_id_says_too_little(self):
        with pytest.raises(Invalid):
            Link(to=("contacts", "accounts")).clean(ID, SPANISH)

    def test_text_that_is_no_ref_waits_to_be_resolved(self):
        kind = Link(to=("contacts",), by_id=True)
        assert kind.parse(" Ana  García ", SPANISH) == Unresolved("Ana García")
        assert kind.clean(Unresolved("Ana"), SPANISH) == Unresolved("Ana")
        assert kind.refs(Unresolved("Ana")) == []
        assert kind.refs(UUID(ID)) == [REF]
        assert kind.point(REF) == UUID(ID)
        assert Links(to=("contacts",)).parse(f"{REF}; Ana", SPANISH) == [REF, Unresolved("Ana")]

    def test_a_target_that_is_not_visible_is_nothing(self):
        kind = Link(to=("contacts",), by_id=True)
        for surface in (kind.cell, kind.plain):
            assert surface(UUID(OTHER), SEES) == ""
        assert kind.api(UUID(OTHER), SEES) is None
        many = Links(to=("contacts",))
        value = [f"contacts/{OTHER}", REF]
        assert many.cell(value, SEES) == f'<a href="/w/demo/{REF}">Ana &amp; Co</a>'
        assert many.plain(value, SEES) == "Ana & Co"
        assert many.api(value, SEES) == [{"object": "contacts", "id": ID, "title": "Ana & Co"}]

    def test_a_form_keeps_what_was_not_touched(self):
        kind = Link(to=("contacts",), by_id=True)
        html = kind.input("c", UUID(ID), SEES, id="c")
        assert f'<input type="hidden" name="c" value="{REF}">' in html
        untouched = {"c": REF, "c-was": "Ana & Co", "c-text": "Ana & Co"}
        assert kind.from_form(untouched, "c", SPANISH) == UUID(ID)
        assert kind.from_form({**untouched, "c-text": "Bob"}, "c", SPANISH) == Unresolved("Bob")
        assert kind.from_form({**untouched, "c-text": ""}, "c", SPANISH) is None
        assert kind.from_form({"c": f"contacts/{OTHER}", "c-was": "Ana & Co"}, "c", SPANISH) == UUID(OTHER)

    def test_a_hidden_target_is_not_in_the_form(self):
        """It stays all the same: writing keeps a link that the person can't see."""
        assert OTHER not in Link(to=("contacts",), by_id=True).input("c", UUID(OTHER), SEES, id="c")
        assert OTHER not in Links(to=("contacts",)).input("c", [REF, f"contacts/{OTHER}"], SEES, id="c")

    def test_keys(self):
        assert Links(to=()).keys([REF]) == [f"link:{REF}"]
        assert Link(to=("contacts",), by_id=True).keys(UUID(ID)) == [f"link:{REF}"]

    def test_me_is_whoever_reads(self):
        assert User().clean("me", SEES) == UUID(ID)
        assert User().cell(UUID(ID), SEES) == "Ana"
        assert User().api(UUID(ID), SEES) == {"id": ID, "title": "Ana"}
        with pytest.raises(Invalid):
            User().clean("me", SPANISH)


class TestTags:
    def test_the_same_word_is_one_tag(self):
        assert Tags().parse("VIP, vip;  two  words ,", SPANISH) == ["VIP", "two words"]
        assert Tags().keys(["VIP"]) == Tags().query_keys("vip", SPANISH) == ["tag:vip"]
        assert Tags().merge(["VIP", "a"], ["vip", "b"]) == ["VIP", "a", "b"]

    def test_a_comma_is_refused_in_json(self):
        with pytest.raises(Invalid):
            Tags().clean(["a,b"], SPANISH)


class TestNames:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("Ana García", ("", "Ana", "", "García", "")),
            ("García Pérez, Ana María", ("", "Ana", "María", "García Pérez", "")),
            ("Dr. Juan de la Vega", ("Dr.", "Juan", "", "de la Vega", "")),
            ("John Smith Jr.", ("", "John", "", "Smith", "Jr.")),
            ("Cher", ("", "Cher", "", "", "")),
            ("山田 太郎", ("", "太郎", "", "山田", "")),
            ("", ("", "", "", "", "")),
        ],
    )
    def test_fall_into_parts(self, text, parts):
        assert tuple(split_name(text).values()) == parts

    def test_are_written_in_the_order_of_the_language(self):
        assert format_name({"first": "Anna", "last": "Nagy"}, "hu") == "Nagy Anna"
        assert format_name({"first": "Anna", "last": "Nagy"}, "es") == "Anna Nagy"
        assert format_name({"first": "太郎", "last": "山田"}, "ja") == "山田太郎"
        assert format_name({"first": "太郎", "last": "山田"}, "en") == "山田太郎"
        assert format_name({"first": "Taro", "last": "Yamada"}, "ja") == "Yamada Taro"
        assert format_name({"first": "An", "middle": "Văn", "last": "Nguyễn"}, "vi") == "Nguyễn Văn An"
        assert format_name({"prefix": "Dr.", "first": "Ana", "last": "García"}, "es") == "Dr. Ana García"
        assert format_name({}, "es") == ""

    def test_hostile_names_never_fail(self):
        for text in ("\0", "," * 500, "(" * 500, "\"'" * 100, "x" * 10_000, "Dr. Dr. Dr.", "🎉"):
            assert set(split_name(text)) == {"prefix", "first", "middle", "last", "suffix"}


class TestRecurrence:
    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("RRULE:FREQ=DAILY", "FREQ=DAILY"),
            ("byday=mo,we;freq=weekly", "FREQ=WEEKLY;BYDAY=MO,WE"),
            ("FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231T235959Z", "FREQ=MONTHLY;UNTIL=20271231T235959Z;BYDAY=-1FR"),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
        ],
    )
    def test_rules_are_put_in_order(self, text, rule):
        assert RRule().parse(text, SPANISH) == rule

    @pytest.mark.parametrize(
        "text",
        [
            *("FREQ=HOURLY", "FREQ=SECONDLY", "BYDAY=MO", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=5;UNTIL=20260101"),
            *(
                "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
                "FREQ=WEEKLY;BYDAY=1MO",
                "FREQ=DAILY;FREQ=DAILY",
                "FREQ=DAILY;X=1",
            ),
            *(
                "FREQ=DAILY;INTERVAL=9999",
                "FREQ=WEEKLY;BYMONTHDAY=1",
                "FREQ=DAILY;UNTIL=20260231",
                "FREQ=DAILY;BYSETPOS=1",
            ),
            "FREQ=DAILY\nDTSTART:20260101",
        ],
    )
    def test_rules_that_are_none_or_never_happen_are_refused(self, text):
        with pytest.raises(Invalid):
            RRule().parse(text, SPANISH)

    def test_are_said_in_words(self):
        english = Reader()
        assert (
            RRule().plain("FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=MO,TH", english) == "Every 2 weeks: Mon, Thu, 3 times"
        )
        assert RRule().plain("FREQ=DAILY", english) == "Every day"
        assert (
            RRule().plain("FREQ=MONTHLY;UNTIL=20261231;BYMONTHDAY=1", english) == "Every month: 1., until Dec 31, 2026"
        )

    def test_a_form_builds_them_and_keeps_what_it_cannot_show(self):
        rule = "FREQ=MONTHLY;INTERVAL=2;COUNT=5;BYDAY=-1FR"
        html = RRule().input("r", rule, SPANISH, id="r")
        assert 'name="r-REST" value="COUNT=5;BYDAY=-1FR"' in html
        posted = {"r-FREQ": "MONTHLY", "r-INTERVAL": "2", "r-REST": "COUNT=5;BYDAY=-1FR"}
        assert RRule().from_form(posted, "r", SPANISH) == rule
        weekly = {"r-FREQ": "WEEKLY", "r-INTERVAL": "1", "r-MO": "on", "r-UNTIL": "2026-12-31"}
        assert RRule().from_form(weekly, "r", SPANISH) == "FREQ=WEEKLY;UNTIL=20261231;BYDAY=MO"
        assert RRule().from_form({"r-FREQ": ""}, "r", SPANISH) == ""


def test_a_file_stays_when_nothing_is_uploaded():
    stored = File().clean({"id": ID, "name": "a.pdf", "size": 2048, "type": "application/pdf"}, SEES)
    html = File().input("f", stored, SEES, id="f")
    assert 'type="file"' in html
    kept = {"f-kept": File().text(stored, SEES)}
    assert File().from_form(kept, "f", SEES) == stored
    assert File().cell(stored, SEES) == (
        f'<a href="/w/demo/download/{ID}">a.pdf</a> <span class="text-secondary">2.0\u00a0KB</span>'
    )


def test_a_model_field_says_in_which_colours_its_choices_are_shown() -> None:
    field = coloured(
        models.CharField(choices=[("won", "Won"), ("lost", "Lost")], max_length=4, blank=True), won="green"
    )
    kind = kind_of(field)
    assert kind.cell("won", SPANISH) == '<span class="badge bg-green-lt">Won</span>'
    assert kind.cell("lost", SPANISH) == '<span class="badge bg-gray-lt">Lost</span>'
    assert not kind.required
