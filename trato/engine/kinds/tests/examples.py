"""Values of every kind, for the tests that hold for all of them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from trato.engine.kinds import Kind, Money, Reader, make

SPANISH = Reader(language="es", time_zone="Europe/Madrid", country="ES", now=datetime(2026, 11, 18, 11, tzinfo=UTC))
AMERICAN = Reader(language="en-US", time_zone="America/New_York", country="US", currency="USD", now=SPANISH.now)
HUNGARIAN = Reader(language="hu", time_zone="Europe/Budapest", country="HU", currency="HUF", now=SPANISH.now)
INDIAN = Reader(language="hi", time_zone="Asia/Kolkata", country="IN", currency="INR", now=SPANISH.now)
READERS = (SPANISH, AMERICAN, HUNGARIAN, INDIAN, Reader())

ID = "0190a6f0-0000-7000-8000-00000000000a"
REF = f"contacts/{ID}"
MADRID = {"line1": "Gran Vía 1", "line2": "", "city": "Madrid", "postcode": "28013", "region": "ES-M", "country": "ES"}
FLAT = {"line1": "Calle Mayor 3", "line2": "", "city": "", "postcode": "", "region": "", "country": ""}
CHOICES = {"choices": [{"value": "red", "label": "Red; bright", "colour": "red"}, {"value": "green", "label": "Green"}]}

# kind: (its options, stored values other than nothing)
EXAMPLES: dict[str, tuple[dict, list]] = {
    "text": ({}, ["Ana", "a 'quoted' \"word\" & more", "=cmd|' /C calc'!A0", "שלום", "Åse ﬁ", "0", "[x]", "{x}"]),
    "longtext": ({}, ["one\ntwo", "\u202bمرحبا", "x" * 5000, "<b>not bold</b>"]),
    "richtext": ({}, ["<p>Hi <b>you</b></p>", "<ul><li>a</li><li>b</li></ul>", "<p>a &amp; b &lt;c&gt;</p>"]),
    "choice": (CHOICES, ["red", "green"]),
    "choices": (CHOICES, [["red"], ["red", "green"]]),
    "number": ({}, [0, 7, -1234567, 2**53 - 1]),
    "percent": ({}, [Decimal("12.50"), Decimal("-0.01"), Decimal("100.00")]),
    "money": ({}, [Money(Decimal("1234.5"), "EUR"), Money(Decimal("-7"), "JPY"), Money(Decimal("0.0125"), "KWD")]),
    "date": ({}, [date(2026, 2, 1), date(1, 1, 1), date(9999, 12, 31), date(1969, 7, 20)]),
    "datetime": (
        {},
        [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, 0, 120000, tzinfo=UTC)],
    ),
    "bool": ({}, [True, False]),
    "link": ({"to": ["contacts"]}, [REF]),
    "links": ({"to": ["contacts", "accounts"]}, [[REF], [REF, f"accounts/{ID}"]]),
    "user": ({}, [UUID(ID)]),
    "email": ({}, ["Ana.Garcia+x@example.com", "o'hara@bücher.example"]),
    "emails": (
        {},
        [
            [{"address": "ana@example.com", "primary": True}],
            [{"address": "a@example.com", "primary": True, "label": "work"}, {"address": "b@x.org", "primary": False}],
            [{"address": "a@example.com", "primary": True, "label": "a (1); b"}],
        ],
    ),
    "phone": ({}, ["+34600123456", "+442079460958;ext=12"]),
    "phones": (
        {},
        [
            [{"number": "+34600123456", "primary": True, "label": "mobile"}],
            [
                {"number": "+442079460958", "extension": "12", "primary": True},
                {"number": "+16502530000", "primary": False},
            ],
        ],
    ),
    "url": ({}, ["https://example.com/a?b=c&d=%20#e", "http://localhost:8000", "https://[2001:db8::1]/x"]),
    "address": ({}, [MADRID, FLAT, {**FLAT, "line1": "{odd"}, {**FLAT, "line1": "", "city": "Lugo"}]),
    "addresses": (
        {},
        [
            [{**MADRID, "primary": True, "label": "work"}],
            [{**FLAT, "primary": True}, {**FLAT, "line1": "Other 2", "primary": False, "label": "home"}],
            [{**FLAT, "line1": "[odd", "primary": True}],
            [{**FLAT, "line1": "Street 5 (back)", "primary": True}],
        ],
    ),
    "handles": (
        {},
        [
            [{"network": "linkedin", "handle": "ana", "url": "", "primary": True}],
            [
                {"network": "mastodon", "handle": "@ana@mastodon.social", "url": "", "primary": True},
                {"network": "x", "handle": "ana", "url": "https://x.com/ana", "primary": False, "label": "work"},
            ],
        ],
    ),
    "person_name": ({}, ["Dr. Ana María García Pérez", "山田太郎"]),
    "tags": ({}, [["vip"], ["vip", "Año nuevo"]]),
    "file": ({}, [{"id": ID, "name": "a <b>.pdf", "size": 1234, "type": "application/pdf"}]),
    "json": ({}, [{"a": [1, 2.5, None, "x"]}, [], "text", 0, False]),
    "country": ({}, ["ES", "RO"]),
    "language": ({}, ["es", "pt-BR", "zh-Hans"]),
    "timezone": ({}, ["Europe/Madrid", "UTC", "America/Argentina/Buenos_Aires"]),
    "currency": ({}, ["EUR", "JPY"]),
    "rrule": (
        {},
        ["FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "FREQ=MONTHLY;COUNT=5;BYDAY=-1FR", "FREQ=DAILY;UNTIL=20261231"],
    ),
}


def kind(name: str, **options) -> Kind:
    return make(name, EXAMPLES[name][0] | options)


CASES = [(name, value) for name, (_options, values) in EXAMPLES.items() for value in values]
