"""Countries, languages, time zones, currencies: by the codes of ISO, BCP 47 and IANA, named by CLDR."""

import pytest

from trato.engine.kinds import Country, Currency, Invalid, Language, TimeZone
from trato.engine.kinds.country import find_region, regions

from .examples import AMERICAN, HUNGARIAN, SPANISH


@pytest.mark.parametrize(
    "text", ["Spain", "España", "espana", "SPAIN", "ES", "es", "ESP", "Spanien", "Espagne", "Spania"]
)
@pytest.mark.parametrize("reader", [SPANISH, AMERICAN, HUNGARIAN])
def test_spain_is_spain_in_many_languages(text, reader):
    assert Country().parse(text, reader) == "ES"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("UK", "GB"),
        ("United Kingdom", "GB"),
        ("Great Britain", "GB"),
        ("USA", "US"),
        ("United States of America", "US"),
        ("U.S.A.", "US"),
        ("The Netherlands", "NL"),
        ("Holland", "NL"),
        ("Côte d'Ivoire", "CI"),
        ("Deutschland", "DE"),
        ("Magyarország", "HU"),
        ("South Korea", "KR"),
        ("Czechia", "CZ"),
        ("Czech Republic", "CZ"),
        ("Turkey", "TR"),
        ("Viet Nam", "VN"),
        ("Russia", "RU"),
    ],
)
def test_countries_by_their_usual_names(text, code):
    assert Country().parse(text, HUNGARIAN) == code


def test_countries_are_named_in_the_reader_s_language():
    assert Country().plain("DE", SPANISH) == "Alemania"
    assert Country().plain("DE", AMERICAN) == "Germany"
    assert '<option value="DE" selected>Alemania</option>' in Country().input("c", "DE", SPANISH, id="c")
    assert Country().names("es")["US"] == "Estados Unidos"
    assert len(Country().names("es")) == 249


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("ES", "ES-MD", "ES-MD"),
        ("ES", "md", "ES-MD"),
        ("ES", "Madrid", "ES-M"),
        ("ES", "Comunidad de Madrid", "ES-MD"),
        ("ES", "Galicia", "ES-GA"),
        ("ES", "Gipuzkoa", "ES-SS"),
        ("US", "KY", "US-KY"),
        ("US", "kentucky", "US-KY"),
        ("AU", "NSW", "AU-NSW"),
        ("DE", "Bayern", "DE-BY"),
        ("RO", "Cluj", "RO-CJ"),
    ],
)
def test_regions_by_code_and_name(country, text, code):
    assert find_region(text, country) == code
    assert code in regions(country)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("es", "es"),
        ("ES", "es"),
        ("pt-br", "pt-BR"),
        ("pt_BR", "pt-BR"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("Spanish", "es"),
        ("español", "es"),
        ("Deutsch", "de"),
        ("gsw", "gsw"),
    ],
)
def test_languages_by_tag_and_name(text, code):
    assert Language().parse(text, SPANISH) == code


def test_languages_are_named():
    assert Language().plain("es", AMERICAN) == "Spanish"
    assert Language().plain("pt-BR", AMERICAN) == "Brazilian Portuguese"
    assert Language().plain("ro-MD", SPANISH) in ("moldavo", "rumano (Moldavia)")
    assert Language().plain("zh-Hans", AMERICAN) == "Simplified Chinese"


def test_time_zones_are_those_of_iana():
    assert TimeZone().parse("europe/madrid", SPANISH) == "Europe/Madrid"
    assert TimeZone().parse("America/New York", SPANISH) == "America/New_York"
    assert "UTC" in TimeZone().names("es")
    for wrong in ("Europe/Nowhere", "../../etc/passwd", "CEST+2"):
        with pytest.raises(Invalid):
            TimeZone().parse(wrong, SPANISH)


@pytest.mark.parametrize(
    ("text", "code"), [("eur", "EUR"), ("€", "EUR"), ("euro", "EUR"), ("US dollar", "USD"), ("$", "USD")]
)
def test_currencies_by_code_symbol_and_name(text, code):
    assert Currency().parse(text, SPANISH) == code


@pytest.mark.parametrize(
    ("kind", "text"), [(Country, "Narnia"), (Language, "xx-YY"), (Language, "es-ES-x-y"), (Currency, "XYZ")]
)
def test_unknown_codes_are_refused(kind, text):
    with pytest.raises(Invalid) as caught:
        kind().parse(text, SPANISH)
    assert caught.value.code == kind.name
