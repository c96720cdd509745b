"""How people are reached: e-mails, phones, addresses, profiles, web addresses."""

import phonenumbers
import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from trato.engine.kinds import Address, Addresses, Emails, Handles, Invalid, Phone, Phones, Reader, Typed, Url, make
from trato.engine.kinds.country import regions

from .examples import AMERICAN, MADRID, SPANISH

ROMANIAN = Reader(language="ro", country="RO")


def addresses(value):
    return [item["address"] for item in value]


class TestEmails:
    def test_are_taken_from_text_as_people_write_it(self):
        value = Emails().parse(" Ana García <Ana@EXAMPLE.com>; b@x.org (work)\nc@x.org, d@x.org", SPANISH)
        assert value == [
            {"address": "Ana@example.com", "primary": True},
            {"address": "b@x.org", "primary": False, "label": "work"},
            {"address": "c@x.org", "primary": False},
            {"address": "d@x.org", "primary": False},
        ]

    def test_the_same_address_twice_is_kept_once(self):
        value = Emails().clean([{"address": "Ana@x.com"}, {"address": "ana@X.COM", "label": "work"}], SPANISH)
        assert value == [{"address": "Ana@x.com", "primary": True, "label": "work"}]

    def test_the_primary_one_comes_first(self):
        value = Emails().clean([{"address": "a@x.com"}, {"address": "b@x.com", "primary": True}], SPANISH)
        assert addresses(value) == ["b@x.com", "a@x.com"]
        assert [item["primary"] for item in value] == [True, False]
        both = Emails().clean([{"address": f"{c}@x.com", "primary": True} for c in "ab"], SPANISH)
        assert [item["primary"] for item in both] == [True, False]

    @pytest.mark.parametrize(
        "text",
        [
            *("ana", "ana@", "@x.com", "ana@x", "a b@x.com", "ana@x..com", "ana@-x.com", "a@b@c.com"),
            *("a" * 250 + "@x.com", "ana@x.com\r\nBcc: b@x.com", "a@x.com b@x.com"),
        ],
    )
    def test_what_is_no_address_is_refused(self, text):
        with pytest.raises(Invalid) as caught:
            Emails().clean([{"address": text}], SPANISH)
        assert caught.value.code in ("email", "too_long")

    def test_keys_are_equal_for_the_same_mailbox(self):
        keys = Emails().keys
        assert keys(Emails().parse("Ana@X.com", SPANISH)) == ["email:ana@x.com"]
        unicode, ascii_ = (Emails().parse(f"a@{d}", SPANISH) for d in ("Bücher.example", "xn--bcher-kva.example"))
        assert keys(unicode) == keys(ascii_) == ["email:a@xn--bcher-kva.example"]
        assert Emails().query_keys(["Ana@X.com", "b@x.com"], SPANISH) == ["email:ana@x.com", "email:b@x.com"]

    def test_unknown_parts_are_refused(self):
        with pytest.raises(Invalid) as caught:
            Emails().clean([{"address": "a@x.com", "adress": "b"}], SPANISH)
        assert caught.value.code == "unknown"

    def test_merging_keeps_the_own_primary_and_all_others(self):
        mine, other = Emails().parse("a@x.com; b@x.com", SPANISH), Emails().parse("B@x.com; c@x.com", SPANISH)
        assert addresses(Emails().merge(mine, other)) == ["a@x.com", "b@x.com", "c@x.com"]

    def test_a_cell_links_the_primary_and_counts_the_rest(self):
        value = Emails().parse("a@x.com; b@x.com; c@x.com", SPANISH)
        assert Emails().cell(value, SPANISH) == (
            '<a href="mailto:a@x.com">a@x.com</a> <span class="text-secondary">+2</span>'
        )

    def test_a_diff_names_what_went_and_what_came(self):
        old, new = Emails().parse("a@x.com; b@x.com", SPANISH), Emails().parse("a@x.com; c@x.com", SPANISH)
        assert Emails().diff(old, new, SPANISH) == "<del>b@x.com</del> <ins>c@x.com</ins>"

    def test_rows_of_a_form_may_be_numbered_with_gaps(self):
        data = QueryDict(
            "emails-0-address=a@x.com&emails-0-label=work&emails-1-address=&emails-7-address=b@x.com&emails-primary=7"
        )
        value = Emails().from_form(data, "emails", SPANISH)
        assert value == [
            {"address": "b@x.com", "primary": True},
            {"address": "a@x.com", "primary": False, "label": "work"},
        ]

    def test_a_refused_form_shows_every_row_again(self):
        data = {"emails-0-address": "nonsense", "emails-3-address": "b@x.com", "emails-primary": "3"}
        html = Emails().input("emails", Typed(data), SPANISH, id="emails", invalid=True)
        assert 'value="nonsense"' in html
        assert html.count(" checked") == 1

    def test_a_form_has_two_empty_rows_and_a_template(self):
        html = Emails().input("emails", Emails().parse("a@x.com", SPANISH), SPANISH, id="e")
        for number in ("0", "1", "2", "{row}"):
            assert f'name="emails-{number}-address"' in html
        assert html.index("<template>") < html.index("{row}")


class TestPhones:
    @pytest.mark.parametrize(
        ("text", "reader", "number"),
        [
            ("600 123 456", SPANISH, "+34600123456"),
            ("+34 600-123-456", AMERICAN, "+34600123456"),
            ("0034 600 123 456", SPANISH, "+34600123456"),
            ("(650) 253-0000", AMERICAN, "+16502530000"),
            ("1-650-253-0000", AMERICAN, "+16502530000"),
            ("0712 345 678", ROMANIAN, "+40712345678"),
            ("+39 06 698 83145", SPANISH, "+390669883145"),
            ("tel:+34600123456", SPANISH, "+34600123456"),
            ("+44 (0)20 7946 0958", SPANISH, "+442079460958"),
        ],
    )
    def test_are_kept_as_e164(self, text, reader, number):
        assert Phone().parse(text, reader) == number

    @pytest.mark.parametrize("text", ["123", "phone", "+999 123", "600 123 456 789 012", "+", "0" * 30])
    def test_what_can_be_no_number_is_refused(self, text):
        with pytest.raises(Invalid) as caught:
            Phone().parse(text, SPANISH)
        assert caught.value.code in ("phone", "too_long")

    def test_without_a_country_the_prefix_is_needed(self):
        with pytest.raises(Invalid):
            Phone().parse("600 123 456", Reader())
        assert Phone().parse("+34 600 123 456", Reader()) == "+34600123456"

    def test_are_shown_nationally_at_home_and_internationally_abroad(self):
        assert Phone().plain("+34600123456", SPANISH) == "600 12 34 56"
        assert Phone().plain("+34600123456", AMERICAN) == "+34 600 12 34 56"
        assert Phone().plain("+16502530000", AMERICAN) == "(650) 253-0000"
        assert Phone().cell("+34600123456", SPANISH) == '<a href="tel:+34600123456">600 12 34 56</a>'

    def test_extensions_are_kept_apart(self):
        value = Phones().parse("+44 20 7946 0958 ext. 12; 600123456 (mobile)", SPANISH)
        assert value == [
            {"number": "+442079460958", "extension": "12", "primary": True},
            {"number": "+34600123456", "primary": False, "label": "mobile"},
        ]
        assert Phone().parse("+44 20 7946 0958 x12", SPANISH) == "+442079460958;ext=12"
        assert Phones().keys(value) == ["phone:+442079460958", "phone:+34600123456"]
        assert 'href="tel:+442079460958;ext=12"' in Phones().show(value, SPANISH)
        with pytest.raises(Invalid):
            Phones().clean([{"number": "+34600123456", "extension": "12a"}], SPANISH)

    def test_a_filter_finds_them_however_they_are_written(self):
        assert Phones().query_keys("600 12 34 56", SPANISH) == ["phone:+34600123456"]

    @settings(max_examples=200, deadline=None)
    @given(region=st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)), data=st.data())
    def test_every_country_s_example_survives(self, region, data):
        kind = data.draw(st.sampled_from(list(phonenumbers.PhoneNumberType.values())))
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None or not phonenumbers.is_possible_number(number):
            return
        reader = Reader(country=region)
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        for style in (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL):
            assert Phone().parse(phonenumbers.format_number(number, style), reader) == e164
        assert Phone().parse(e164, SPANISH) == e164


class TestAddresses:
    def test_countries_and_regions_become_codes(self):
        given_parts = {**MADRID, "region": "Madrid", "country": "España"}
        assert Address().clean(given_parts, SPANISH) == MADRID
        american = {"line1": "1 Main St", "city": "Louisville", "region": "Kentucky", "country": "United States"}
        assert Address().clean(american, AMERICAN)["region"] == "US-KY"
        assert Address().clean({"line1": "x", "region": "nsw", "country": "Australia"}, AMERICAN)["region"] == "AU-NSW"

    def test_a_region_alone_is_of_the_reader_s_country(self):
        assert Address().clean({"city": "x", "region": "Galicia"}, SPANISH)["country"] == "ES"
        assert Address().clean({"city": "x", "region": "US-KY"}, SPANISH)["country"] == "US"

    def test_what_is_not_there_is_refused(self):
        for wrong, code in (({"country": "Narnia"}, "country"), ({"region": "Kentucky", "country": "ES"}, "region")):
            with pytest.raises(Invalid) as caught:
                Address().clean({"line1": "x", **wrong}, SPANISH)
            assert caught.value.code == code

    def test_are_written_in_the_order_of_their_country(self):
        def words(reader, **parts):
            return Address().plain(Address().clean(parts, reader), reader)

        madrid = words(SPANISH, line1="Gran Vía 1", postcode="28013", city="Madrid", region="ES-M", country="ES")
        assert madrid == "Gran Vía 1, 28013 Madrid"
        usa = {"line1": "1600 Amphitheatre Pkwy", "postcode": "94043", "city": "Mountain View", "region": "US-CA"}
        assert words(SPANISH, **usa, country="US") == (
            "1600 Amphitheatre Pkwy, Mountain View, CA 94043, Estados Unidos"
        )
        london = words(SPANISH, line1="10 Downing St", postcode="SW1A 2AA", city="London", country="GB")
        assert london == "10 Downing St, London, SW1A 2AA, Reino Unido"

    def test_keys_ignore_case_accents_and_signs(self):
        one, two = (
            Addresses().clean([{"line1": line, "postcode": "28 013"}], SPANISH)
            for line in ("Gran Vía, 1", "GRAN VIA 1")
        )
        assert Addresses().keys(one) == Addresses().keys(two) == ["address:28013granvia1"]

    def test_a_form_posts_parts(self):
        data = {f"a-0-{name}": text for name, text in {**MADRID, "region": "Madrid"}.items()} | {"a-0-label": "work"}
        assert Addresses().from_form(data, "a", SPANISH) == [{**MADRID, "primary": True, "label": "work"}]
        html = Addresses().input("a", [{**MADRID, "primary": True}], SPANISH, id="a")
        assert '<option value="ES" selected>España</option>' in html
        assert 'value="Madrid"' in html

    def test_every_region_is_found_by_its_code_and_name(self):
        for country in ("ES", "US", "RO", "DE", "IT", "FR", "MX"):
            for code, name in regions(country).items():
                assert Address().clean({"city": "x", "region": code, "country": country}, SPANISH)["region"] == code
                found = Address().clean({"city": "x", "region": name, "country": country}, SPANISH)["region"]
                assert regions(country)[found] == name


class TestHandles:
    @pytest.mark.parametrize(
        ("text", "network", "handle"),
        [
            ("https://www.linkedin.com/in/ana-garcia/", "linkedin", "ana-garcia"),
            ("https://es.linkedin.com/in/ana", "linkedin", "ana"),
            ("https://twitter.com/ana", "x", "ana"),
            ("https://www.youtube.com/@ana", "youtube", "ana"),
            ("@ana@mastodon.social", "mastodon", "@ana@mastodon.social"),
            ("X: @ana", "x", "ana"),
            ("Twitter: ana", "x", "ana"),
            ("skype:live:ana", "skype", "live:ana"),
        ],
    )
    def test_are_understood(self, text, network, handle):
        (item,) = Handles().parse(text, SPANISH)
        assert (item["network"], item["handle"]) == (network, handle)

    def test_have_keys_and_pages(self):
        value = Handles().parse("mastodon: ana@m.example; x: Ana", SPANISH)
        assert Handles().keys(value) == ["handle:mastodon:@ana@m.example", "handle:x:ana"]
        html = Handles().show(value, SPANISH)
        assert 'href="https://m.example/@ana"' in html
        assert 'href="https://x.com/Ana"' in html
        assert 'rel="noopener' in html

    @pytest.mark.parametrize("data", [{"network": "x"}, {"handle": "ana"}, {"network": "x", "handle": "@"}])
    def test_need_network_and_name(self, data):
        with pytest.raises(Invalid):
            Handles().clean([data], SPANISH)

    def test_a_page_that_is_no_web_address_is_refused(self):
        with pytest.raises(Invalid):
            Handles().clean([{"network": "x", "handle": "ana", "url": "javascript:alert(1)"}], SPANISH)


class TestUrls:
    @pytest.mark.parametrize(
        ("text", "url"),
        [
            ("example.com", "https://example.com"),
            ("HTTP://Example.COM/Path", "http://example.com/Path"),
            ("//example.com/a", "https://example.com/a"),
            ("localhost:8000/x", "https://localhost:8000/x"),
            ("https://bücher.example/ä?q=1#f", "https://bücher.example/ä?q=1#f"),
        ],
    )
    def test_are_completed(self, text, url):
        assert Url().parse(text, SPANISH) == url

    @pytest.mark.parametrize(
        "text",
        [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "ftp://x.com",
            "file:///etc/passwd",
            *(
                "mailto:a@b.c",
                "https://",
                "https:// x.com",
                "https://user:pass@x.com",
                "https://user:pass@x.com:80",
                "https://x.com:99999",
            ),
            *("https://x_y", "a b.com", "https://x.com/<script>", "https://x.com\\@evil.com", "java\nscript:alert(1)"),
            "\u2028javascript:alert(1)",
        ],
    )
    def test_anything_but_the_web_is_refused(self, text):
        with pytest.raises(Invalid):
            Url().parse(text, SPANISH)

    def test_a_stored_value_of_another_scheme_is_no_link(self):
        assert Url().cell("javascript:alert(1)", SPANISH) == "javascript:alert(1)"

    def test_open_safely(self):
        assert 'rel="noopener nofollow"' in Url().cell("https://example.com", SPANISH)


def test_an_example_is_of_the_reader_s_country():
    with pytest.raises(Invalid) as caught:
        make("phone", {}).parse("x", ROMANIAN)
    assert "+40" in caught.value.message


@pytest.mark.parametrize("address", ["a@ex\u202eample.com", "a@" + "ü" * 64 + ".com"])
def test_a_domain_without_an_ascii_form_is_refused(address):
    with pytest.raises(Invalid):
        Emails().clean([address], Reader())
