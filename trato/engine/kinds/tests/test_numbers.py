"""Numbers, percentages and money, against CLDR's formats and ISO 4217."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trato.engine.kinds import Invalid, Money, MoneyKind, Number, Percent, Reader
from trato.engine.kinds.locales import regional

from .examples import AMERICAN, HUNGARIAN, INDIAN, SPANISH

SWISS = Reader(language="de-CH", currency="CHF")
FRENCH = Reader(language="fr")
JAPANESE = Reader(language="ja", currency="JPY")


@pytest.mark.parametrize(
    ("text", "reader", "value"),
    [
        ("1.234,5", SPANISH, "1234.5"),
        ("1234,5", SPANISH, "1234.5"),
        ("1.234", SPANISH, "1234"),
        ("1.234.567,89", SPANISH, "1234567.89"),
        ("1,234.5", AMERICAN, "1234.5"),
        ("-1,234.5", AMERICAN, "-1234.5"),
        ("−3", AMERICAN, "-3"),
        ("+3", AMERICAN, "3"),
        (".5", AMERICAN, "0.5"),
        ("5.", AMERICAN, "5"),
        ("1 234,5", FRENCH, "1234.5"),
        ("1 234.5", AMERICAN, "1234.5"),
        ("- 5", AMERICAN, "-5"),
        ("\u200e-5", AMERICAN, "-5"),
        ("1\u202f234,5", FRENCH, "1234.5"),
        ("1\u00a0234,5", HUNGARIAN, "1234.5"),
        ("1’234.5", SWISS, "1234.5"),
        ("1'234.5", SWISS, "1234.5"),
        ("12,34,567.5", INDIAN, "1234567.5"),
    ],
)
def test_a_number_is_read_as_its_reader_writes_it(text, reader, value):
    assert Number(digits=2).parse(text, reader) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        ("1.23", SPANISH),  # neither a group of three nor a Spanish decimal: asked, not guessed
        ("1,234", SPANISH),  # three decimals where two are kept
        ("1.2.3", AMERICAN),
        ("12.34.567", SPANISH),
        ("1234.567", SPANISH),
        ("1e5", AMERICAN),
        ("٣", AMERICAN),
        ("--1", AMERICAN),
        ("1 2", AMERICAN) if False else ("a", AMERICAN),
        (".", AMERICAN),
        ("9" * 17, AMERICAN),
        ("1234567890123.12345", AMERICAN),
    ],
)
def test_what_is_no_such_number_is_refused(text, reader):
    with pytest.raises(Invalid):
        Number(digits=2).parse(text, reader)


def test_nothing_is_rounded_on_the_way_in():
    for value, code in ((1.5, "whole"), ("1.5", "whole"), (10**16, "range"), (True, "number"), (None, None)):
        if code is None:
            assert Number().clean(value, SPANISH) is None
            continue
        with pytest.raises(Invalid) as caught:
            Number().clean(value, SPANISH)
        assert caught.value.code == code
    assert Number().clean(3.0, SPANISH) == 3
    assert isinstance(Number().clean(3.0, SPANISH), int)
    assert Number(digits=2).clean(0.1, SPANISH) == Decimal("0.10")


def test_limits_are_kept_and_told():
    kind = Number(minimum=1, maximum=10)
    assert kind.clean(1, SPANISH) == 1
    for value, code in ((0, "minimum"), (11, "maximum")):
        with pytest.raises(Invalid) as caught:
            kind.clean(value, SPANISH)
        assert caught.value.code == code
    assert kind.schema() == {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 10}, {"type": "null"}]}


def test_cells_follow_cldr():
    kind = Number(digits=2)
    value = Decimal("1234567.50")
    assert kind.plain(value, SPANISH) == "1.234.567,50"
    assert kind.plain(value, AMERICAN) == "1,234,567.50"
    assert kind.plain(value, INDIAN) == "12,34,567.50"
    assert kind.plain(value, FRENCH) == "1\u202f234\u202f567,50"
    assert kind.plain(-value, SPANISH) == "-1.234.567,50"
    assert kind.text(value, SPANISH) == "1234567,50"
    assert Percent().plain(Decimal("12.50"), SPANISH) == "12,50\u00a0%"
    assert Percent().parse("12,5 %", SPANISH) == Decimal("12.50")


def test_json_numbers_are_numbers():
    assert Number().dump(5) == 5
    assert Number(digits=2).dump(Decimal("12.50")) == 12.5
    assert Number(digits=2).dump(Decimal("12.00")) == 12


@given(value=st.integers(-(2**53) + 1, 2**53 - 1), digits=st.integers(0, 6))
def test_a_number_survives_json_and_text(value, digits):
    kind = Number(digits=digits)
    try:
        clean = kind.clean(Decimal(value).scaleb(-digits), SPANISH)
    except Invalid:
        assert len(str(abs(value)).rstrip("0")) > 15
        return
    assert kind.load(kind.dump(clean)) == clean
    for reader in (SPANISH, AMERICAN, INDIAN, FRENCH):
        assert kind.parse(kind.text(clean, reader), reader) == clean
        assert kind.parse(kind.plain(clean, reader), reader) == clean


@pytest.mark.parametrize(
    ("text", "reader", "amount", "currency"),
    [
        ("1.234,50 €", SPANISH, "1234.5", "EUR"),
        ("1.234,50", SPANISH, "1234.5", "EUR"),
        ("USD 12", SPANISH, "12", "USD"),
        ("12 usd", SPANISH, "12", "USD"),
        ("$1,234.50", AMERICAN, "1234.5", "USD"),
        ("-$5", AMERICAN, "-5", "USD"),
        ("$-5", AMERICAN, "-5", "USD"),
        ("£3.5", AMERICAN, "3.5", "GBP"),
        ("500 lei", SPANISH, "500", "RON"),
        ("12 zł", SPANISH, "12", "PLN"),
        ("12 euros", SPANISH, "12", "EUR"),
        ("1000 Ft", HUNGARIAN, "1000", "HUF"),
        ("CHF 1’234.50", SWISS, "1234.5", "CHF"),
    ],
)
def test_money_is_read_with_its_currency(text, reader, amount, currency):
    assert MoneyKind().parse(text, reader) == Money(Decimal(amount), currency)


@pytest.mark.parametrize("text", ["twelve", "12 XXQ", "EUR 12 USD", "€", "1.23 €", "12 euros and more", "1" * 20])
def test_money_that_is_none_is_refused(text):
    with pytest.raises(Invalid):
        MoneyKind().parse(text, SPANISH)


def test_money_is_shown_as_cldr_says():
    kind = MoneyKind()
    assert kind.plain(Money(Decimal("1234.5"), "EUR"), SPANISH) == "1.234,50\u00a0€"
    assert kind.plain(Money(Decimal("1234.5"), "USD"), AMERICAN) == "$1,234.50"
    assert kind.plain(Money(Decimal("-5"), "USD"), AMERICAN) == "-$5.00"
    assert kind.plain(Money(Decimal("1234"), "JPY"), AMERICAN) == "¥1,234"
    assert kind.plain(Money(Decimal("1.5"), "KWD"), AMERICAN) == "KWD\u00a01.500"
    assert kind.plain(Money(Decimal("0.0125"), "EUR"), AMERICAN) == "€0.0125"


def test_money_in_json_keeps_every_digit():
    kind = MoneyKind()
    largest = Money(Decimal("999999999999999.9999"), "EUR")
    assert kind.dump(largest) == {"amount": "999999999999999.9999", "currency": "EUR"}
    assert kind.load(kind.dump(largest)) == largest
    assert kind.clean({"amount": 12.5}, SPANISH) == Money(Decimal("12.5"), "EUR")
    assert kind.clean("12.5", SPANISH) == Money(Decimal("12.5"), "EUR")
    with pytest.raises(Invalid):
        kind.clean({"amount": "0.00001", "currency": "EUR"}, SPANISH)


def test_money_has_two_columns():
    kind = MoneyKind()
    assert kind.split(Money(Decimal("5"), "EUR")) == (Decimal("5"), "EUR")
    assert kind.split(None) == (None, "")
    assert kind.join((None, "EUR")) is None


def test_money_comes_from_two_inputs():
    kind = MoneyKind()
    assert kind.from_form({"price": "12,5", "price_currency": "USD"}, "price", SPANISH) == Money(Decimal("12.5"), "USD")
    assert kind.from_form({"price": "12,5 £", "price_currency": "USD"}, "price", SPANISH).currency == "GBP"
    assert kind.from_form({"price": "", "price_currency": "USD"}, "price", SPANISH) is None


@pytest.mark.parametrize(
    ("language", "country", "written"),
    [("en", "GB", "en-GB"), ("es", "MX", "es-MX"), ("ro", "MD", "ro-MD"), ("en", "ES", "en"), ("en", "", "en")],
)
def test_a_language_is_written_as_in_a_country_that_speaks_it(language, country, written):
    # CLDR, territory languages: English is official in the United Kingdom, not in Spain.
    assert regional(language, country) == written
