"""Groups and totals against an oracle that counts in Python, record by record."""

import itertools
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from trato.engine import access, actions, custom, objects, views
from trato.engine.kinds import Money
from trato.engine.views import grouping, totals

pytestmark = pytest.mark.django_db

DAYS = [None, date(2024, 1, 1), date(2024, 1, 7), date(2024, 2, 29), date(2023, 12, 31), date(2020, 10, 1)]
#: In Madrid the second one is already the next year.
MOMENTS = [
    None,
    datetime(2024, 3, 31, 0, 30, tzinfo=UTC),
    datetime(2023, 12, 31, 23, 30, tzinfo=UTC),
    datetime(2024, 6, 1, tzinfo=UTC),
]
PRICES = [None, ("10.50", "EUR"), ("3", "USD"), ("2.25", "EUR")]


@pytest.fixture
def filled(owner):
    """Forty things of every sort, with fields of their own; some of their crates are deleted."""
    things, crates = objects.get("things"), objects.get("crates")
    for name, kind, options in (
        ("level", "choice", {"choices": [{"value": "hi"}, {"value": "lo"}]}),
        ("labels", "tags", {}),
        ("fee", "money", {}),
        ("due", "date", {}),
        ("boss", "user", {}),
        ("twin", "link", {"to": ["crates"]}),
    ):
        custom.add(owner, things, {"name": name, "label": name, "kind": kind, "options": options})
    owner.workspace.refresh_from_db()
    made = [actions.create(owner, crates, {"name": f"Crate {n}"}) for n in range(3)]
    values = itertools.cycle(itertools.product(DAYS, PRICES))
    for n, (day, price) in zip(range(40), values, strict=False):
        money = price and {"amount": price[0], "currency": price[1]}
        crate = [None, *made][n % 4]
        moment = MOMENTS[n % len(MOMENTS)]
        own = {
            "level": ["", "hi", "lo"][n % 3],
            "labels": [[], ["x"], ["x", "y"]][n % 3],
            "fee": money,
            "due": day and day.isoformat(),
            "boss": str(owner.user_id) if n % 2 else None,
            "twin": f"crates/{crate.id}" if crate else None,
        }
        given = {
            "name": f"Thing {n}",
            "state": ("new", "used", "worn")[n % 3],
            "colour": ["", "red", "blue"][n % 3],
            "count": n % 5 or None,
            "weight": n / 4 if n % 2 else None,
            "price": money,
            "made_on": day and day.isoformat(),
            "used_at": moment and moment.isoformat(),
            "broken": n % 2 == 0,
            "tags": [[], ["vip"], ["vip", "old"], ["old"]][n % 4],
            "sizes": [[], ["s"], ["s", "l"]][n % 3],
            "crate": str(crate.id) if crate else None,
            "related": [f"crates/{each.id}" for each in made[: n % 4]],
            "partner": f"crates/{crate.id}" if crate else "",
            "country": ["ES", "RO", ""][n % 3],
            "custom": {name: value for name, value in own.items() if value},
        }
        actions.create(owner, things, given)
    actions.delete(owner, crates, made[1].id)
    return things


def groups_of(actor, obj, field, step, record) -> list[str]:
    """The groups of one record, told in Python."""
    value = field.read_from(record)
    kind = field.kind.name
    if kind in ("link", "user", "links"):
        titles = access.titles(actor, field.kind.refs(value)) if value else {}
        seen = [ref for ref in (field.kind.refs(value) if value else []) if ref in titles]
        if field.kind.by_id:
            seen = [ref.partition("/")[2] for ref in seen]
        return seen or [""]
    if isinstance(value, list):
        return value or [""]
    if value is None or value == "":
        return [""]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(actor.time_zone)).date()
    if isinstance(value, date):
        first = {
            "day": value,
            "week": date.fromordinal(value.toordinal() - value.weekday()),
            "month": value.replace(day=1),
            "quarter": date(value.year, 1 + 3 * ((value.month - 1) // 3), 1),
            "year": date(value.year, 1, 1),
        }[step]
        return [first.isoformat()]
    return [str(value)]


DATED = [f"{name}:{step}" for name in ("made_on", "used_at", "custom.due") for step in grouping.STEPS]
PLAIN = ["state", "colour", "country", "broken", "owner", "crate", "partner", "tags", "sizes", "related"]
OWN = ["custom.level", "custom.labels", "custom.boss", "custom.twin"]


@pytest.mark.parametrize("who", ["owner", "limited"])
def test_groups_and_their_totals_are_what_counting_by_hand_gives(cast, as_, filled, who):
    user = getattr(cast, who)
    user.time_zone = "Europe/Madrid"
    user.save()
    if who == "limited":
        with as_(cast.owner) as actor:
            mine = list(access.visible(actor, filled).order_by("id").values_list("id", flat=True)[:25])
            access.visible(actor, filled).filter(id__in=mine).update(owner_id=user.id)
    with as_(user) as actor:
        fields, rows = access.fields(actor, filled), access.visible(actor, filled)
        records = list(rows.defer("search", "title_key"))
        assert len(records) == (40 if who == "owner" else 25)
        for text in [*PLAIN, *OWN, *DATED]:
            by = views.grouping_of(fields, filled, text)
            expected = defaultdict(list)
            for record in records:
                for key in groups_of(actor, filled, by.field, by.step, record):
                    expected[key].append(record)
            found = views.keys_of(actor, by, rows)
            assert dict(found) == {key: len(held) for key, held in expected.items()}, text
            assert [key for key, _n in found if key == ""] == [key for key, _n in found][-1:] or "" not in dict(found)
            for key, held in expected.items():
                ids = set(by.only(actor, rows, key).values_list("id", flat=True))
                assert ids == {record.id for record in held}, (text, key)
            check_totals(actor, fields, rows, by, expected)


WANTED = {"count": "sum", "weight": "avg", "price": "sum", "made_on": "min", "title": "filled", "custom.fee": "max"}


def check_totals(actor, fields, rows, by, expected) -> None:
    found = totals.of(actor, rows, fields, WANTED, by=by)
    assert found.keys() == expected.keys(), by.text
    for key, held in expected.items():
        counts = [record.count for record in held if record.count is not None]
        weights = [record.weight for record in held if record.weight is not None]
        days = [record.made_on for record in held if record.made_on]
        group = found[key]
        assert group["count"] == ([sum(counts)] if counts else [])
        assert [round(each, 6) for each in group["weight"]] == (
            [round(sum(weights) / len(weights), 6)] if weights else []
        )
        assert group["made_on"] == ([min(days)] if days else [])
        assert group["title"] == [Decimal(100)]
        assert {each.currency: each.amount for each in group.get("price", [])} == by_currency(held, "price", sum)
        assert {each.currency: each.amount for each in group.get("custom.fee", [])} == by_currency(held, "fee", max)


def by_currency(records, name, total) -> dict[str, Decimal]:
    amounts = defaultdict(list)
    for record in records:
        own = record.custom.get(name)
        if own:
            amounts[own["currency"]].append(Decimal(own["amount"]))
        elif name == "price" and record.price is not None:
            amounts[record.price_currency].append(record.price)
    return {currency: total(each) for currency, each in amounts.items()}


def test_totals_of_everything_and_of_nothing(owner, filled):
    fields, rows = access.fields(owner, filled), access.visible(owner, filled)
    found = totals.of(owner, rows, fields, {"count": "count", "crate": "filled", "price": "avg", "tags": "count"})[""]
    assert found["count"] == [32] and found["crate"] == [Decimal(75)] and found["tags"] == [30]
    assert {each.currency for each in found["price"]} == {"EUR", "USD"}
    assert found["price"] == [Money(Decimal("6.375"), "EUR"), Money(Decimal(3), "USD")]
    nothing = totals.of(
        owner, rows.none(), fields, {"count": "sum", "crate": "filled", "price": "sum", "tags": "count"}
    )
    assert nothing.get("", {}).get("count", []) == [] and nothing.get("", {}).get("price", []) == []
    assert totals.of(owner, rows, fields, {"nope": "sum", "title": "sum", "count": "nope"}) == {}


def test_groups_are_paged_without_losing_any(owner, filled):
    fields, rows = access.fields(owner, filled), access.visible(owner, filled)
    for text in ("made_on:day", "tags", "crate", "state"):
        by = views.grouping_of(fields, filled, text)
        whole = views.keys_of(owner, by, rows)
        assert [views.keys_of(owner, by, rows, n, 1)[0] for n in range(len(whole))] == whole
        assert views.keys_of(owner, by, rows, len(whole), 1) == [] or text == "tags"


@pytest.mark.parametrize("text", ["story", "nope", "made_on:eon", "price", "emails", "secret:"])
def test_what_cannot_be_grouped_by_is_refused(cast, as_, text):
    things = objects.get("things")
    with as_(cast.limited) as actor, pytest.raises(views.BadGroup):
        views.grouping_of(access.fields(actor, things), things, text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("crate", "x"),
        ("owner", "1"),
        ("broken", "maybe"),
        ("made_on", "2024-99-99"),
        ("used_at:year", "9999-01-01"),
        ("made_on", "x\0"),
    ],
)
def test_a_group_that_cannot_be_is_refused(owner, text, key):
    things = objects.get("things")
    by = views.grouping_of(access.fields(owner, things), things, text)
    with pytest.raises(views.BadGroup):
        list(by.only(owner, access.visible(owner, things), key))
