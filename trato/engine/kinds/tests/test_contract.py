"""What holds for every kind, whatever it is."""

import json
from html.parser import HTMLParser

import jsonschema_rs
import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from trato.engine.kinds import KINDS, Invalid, Typed

from .examples import CASES, EXAMPLES, ID, READERS, SPANISH, kind

HOSTILE = [
    "\0",
    "a\0b",
    "\ud800",
    "x\udfff y",
    "x" * 1_000_000,
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\u202etxt.exe",
    "\u200f",
    "\x1b[31m",
    "\ufeff",
    "javascript:alert(1)",
    "[" * 50_000,
    '{"a":' * 50_000,
    "1" * 400,
    "9" * 5000 + "." + "9" * 5000,
    "-",
    "+",
    "0000-00-00",
    "99/99/9999",
    "10000-01-01",
    "٣٤",
    "²",
    "%s%n{0}",
    "a@" * 10_000,
    ";" * 10_000,
    "," * 1_000,
    "(" * 10_000,
    "é" * 10_000,
    "ﷺ" * 100_000,
    "' OR 1=1 --",
    "P" + "1" * 999,
    "+34" + "6" * 90,
    "http://[::1",
    "http://a:b@c",
    "NaN",
    "Infinity",
    "1e999999999",
]
NESTED: list = []
for _i in range(500):
    NESTED = [NESTED]
HOSTILE_JSON = [
    *(0, -1, 10**400, 1.5, float("nan"), float("inf"), True, b"bytes", object(), (), set()),
    *(
        [],
        {},
        [[]],
        [{}],
        [None],
        ["\0"],
        [0],
        [True],
        NESTED,
        {"a": 1},
        {1: 2},
        {"id": 5},
        {"id": "x"},
        {"address": 5},
    ),
    *(
        {"amount": "x", "currency": "EUR"},
        {"amount": 1, "currency": []},
        {"amount": float("nan")},
        {"amount": "1" * 400},
    ),
    *(
        [{"address": "a@b.es", "primary": "yes"}],
        [{"address": "a@b.es", "x": 1}],
        [{"number": []}],
        [{"primary": True}],
    ),
    *(["a@b.es"] * 200, [["a"]], {"line1": []}, {"line1": "x" * 999}, [{"line1": "\ud800"}], {"id": ID, "size": -1}),
    *({"id": ID, "name": []}, {"\ud800": 1}, {"value": {}}, "x", [{"network": "x", "handle": "\0"}]),
]


def only_invalid(function, *arguments):
    """The result, or None when it was refused; a refusal has a code and a message."""
    try:
        return function(*arguments)
    except Invalid as problem:
        assert problem.code
        assert str(problem) == problem.message != ""
        return None


class Checker(HTMLParser):
    """Whether HTML is well-formed and free of script."""

    VOID = {"input", "br", "img", "hr"}

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open, (self.open, html)
        assert len(self.ids) == len(set(self.ids)), html

    def handle_starttag(self, tag, attrs):
        names = [name for name, _value in attrs]
        assert tag not in ("script", "style", "iframe")
        assert not [name for name in names if name.startswith("on") or name == "style"]
        assert len(names) == len(set(names))
        assert not dict(attrs).get("href", "").lower().startswith(("javascript:", "data:"))
        if not (set(self.open) & {"template"}):
            self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_there_are_examples_of_every_kind():
    assert EXAMPLES.keys() == KINDS.keys() - {"formula"}, "values of a formula are of another kind"


@pytest.mark.parametrize(("name", "value"), CASES)
class TestAValue:
    def test_is_clean_already(self, name, value):
        for reader in READERS:
            assert kind(name).clean(value, reader) == value
            assert not kind(name).is_empty(value)

    def test_survives_its_text(self, name, value):
        for reader in READERS:
            one = kind(name)
            text = one.text(value, reader)
            assert isinstance(text, str)
            assert one.parse(text, reader) == value

    def test_survives_its_json(self, name, value):
        for reader in READERS:
            one = kind(name)
            data = json.loads(json.dumps(one.dump(value)))
            assert one.load(data) == value
            assert one.clean(data, reader) == value

    def test_fits_its_schema(self, name, value):
        for reader in READERS:
            one = kind(name)
            for given_data in (one.dump(value), one.api(value, reader)):
                jsonschema_rs.validator_for(one.schema()).validate(given_data)

    def test_is_shown_as_sound_html(self, name, value):
        for reader in READERS:
            one = kind(name)
            for html in (one.cell(value, reader), one.show(value, reader), one.diff(value, one.empty, reader)):
                Checker(html)
            Checker(one.input("f", value, reader, id="f", invalid=True, described_by="f-help"))
            assert isinstance(one.plain(value, reader), str)

    def test_has_keys_of_a_sort(self, name, value):
        one = kind(name)
        assert all(":" in key for key in one.keys(value))

    def test_survives_its_columns(self, name, value):
        one = kind(name)
        assert len(one.split(value)) == len(one.suffixes)
        assert one.join(one.split(value)) == value

    def test_merging_with_itself_or_nothing_changes_nothing(self, name, value):
        one = kind(name)
        assert one.merge(value, value) == value
        assert one.merge(one.empty, value) == value
        assert one.merge(value, one.empty) == value


@pytest.mark.parametrize("name", EXAMPLES)
class TestNothing:
    def test_is_empty_everywhere(self, name):
        one = kind(name)
        for nothing in (None, one.empty):
            assert one.is_empty(one.clean(nothing, SPANISH))
        for nothing in ("", "  ", "\n"):
            assert one.parse(nothing, SPANISH) == one.empty
        assert one.text(one.empty, SPANISH) == ""
        assert one.plain(one.empty, SPANISH) == ""
        assert one.cell(one.empty, SPANISH) == ""
        assert one.show(one.empty, SPANISH) in ("", '<div class="trato-richtext"></div>')
        assert one.diff(one.empty, one.empty, SPANISH) == ""
        assert one.keys(one.empty) == []
        assert one.load(one.dump(one.empty)) == one.empty
        assert one.join(one.split(one.empty)) == one.empty
        jsonschema_rs.validator_for(one.schema()).validate(one.dump(one.empty) or None if not one.many else [])

    def test_is_refused_where_a_value_is_required(self, name):
        one = kind(name, required=True)
        for empty in (None, one.empty):
            with pytest.raises(Invalid) as caught:
                one.clean(empty, SPANISH)
            assert caught.value.code == "required"
        with pytest.raises(Invalid):
            one.parse(" ", SPANISH)

    def test_is_what_an_empty_form_gives(self, name):
        one = kind(name)
        assert one.is_empty(one.from_form(QueryDict(), "f", SPANISH))
        Checker(one.input("f", one.empty, SPANISH, id="f"))

    def test_two_records_never_share_a_list(self, name):
        one = kind(name)
        assert one.empty is not one.empty or not one.many


@pytest.mark.parametrize("name", EXAMPLES)
class TestHostileInput:
    def test_text_is_refused_or_understood(self, name):
        one = kind(name)
        for text in HOSTILE:
            for read in (one.parse, one.clean):
                value = only_invalid(read, text, SPANISH)
                if value is not None and not one.is_empty(value):
                    assert one.clean(value, SPANISH) == value, text[:50]
                    Checker(one.cell(value, SPANISH) + one.show(value, SPANISH))
                    Checker(one.input("f", value, SPANISH, id="f"))
                    one.plain(value, SPANISH).encode()
                    json.dumps(one.dump(value), allow_nan=False)
                    assert "\0" not in json.dumps(one.dump(value))

    def test_json_is_refused_or_understood(self, name):
        one = kind(name)
        for data in HOSTILE_JSON:
            value = only_invalid(one.clean, data, SPANISH)
            if value is not None:
                assert one.clean(value, SPANISH) == value
                json.dumps(one.dump(value), allow_nan=False)

    def test_filters_are_refused_or_understood(self, name):
        from django.db.models import F, Q

        one = kind(name)
        for data in [*HOSTILE, *HOSTILE_JSON, None]:
            for op in (*one.operators, "drop table"):
                if op in ("has", "has_any", "has_none"):
                    keys = only_invalid(one.query_keys, data, SPANISH)
                    assert keys is None or all(isinstance(key, str) for key in keys)
                else:
                    found = only_invalid(one.lookup, F("x"), op, data, SPANISH)
                    assert found is None or isinstance(found, Q)

    def test_a_form_shows_again_what_was_typed(self, name):
        one = kind(name)
        for text in HOSTILE:
            suffixes = (
                "",
                "-text",
                "-0-address",
                "-0-number",
                "-0-line1",
                "-0-network",
                "-line1",
                "-FREQ",
                "_currency",
            )
            data = {f"f{suffix}": text for suffix in suffixes}
            only_invalid(one.from_form, data, "f", SPANISH)
            html = one.input("f", Typed(data), SPANISH, id="f", invalid=True)
            Checker(html)
            html.encode()

    @settings(max_examples=40, deadline=None)
    @given(data=st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists))
    def test_no_json_raises_anything_else(self, name, data):
        one = kind(name)
        value = only_invalid(one.clean, data, SPANISH)
        if value is not None:
            assert one.clean(value, SPANISH) == value

    @settings(max_examples=60, deadline=None)
    @given(text=st.text(max_size=60))
    def test_no_text_raises_anything_else(self, name, text):
        one = kind(name)
        value = only_invalid(one.parse, text, SPANISH)
        if value is not None:
            assert one.parse(one.text(value, SPANISH), SPANISH) == value
            Checker(one.cell(value, SPANISH) + one.show(value, SPANISH))
