"""Formula fields on every surface: right, narrowed to who reads, and refused in words where they make no sense."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from trato.engine import access, actions, custom, expressions, filters, history, objects, paging, views
from trato.engine.kinds import Money
from trato.engine.values import Refused
from trato.engine.workspaces.models import Role

pytestmark = pytest.mark.django_db
GOODS = [
    {"name": "price", "label": "Price", "kind": "number", "options": {"digits": 2}},
    {"name": "quantity", "label": "Quantity", "kind": "number"},
    {"name": "discount", "label": "Discount", "kind": "percent"},
    {"name": "born", "label": "Born", "kind": "date"},
    {"name": "fee", "label": "Fee", "kind": "money"},
]


def formula(actor, plural, name, expression, **options):
    said = {"expression": expression, **options}
    return custom.add(actor, objects.get(plural), {"name": name, "label": name, "kind": "formula", "options": said})


def goods(actor):
    for field in GOODS:
        custom.add(actor, objects.get("contacts"), field)


def read(actor, plural, record, name):
    obj = objects.get(plural)
    known = access.fields(actor, obj)[f"custom.{name}"]
    return known.read(access.visible(actor, obj).filter(id=record.id).values(*known.columns).get())


def contact(actor, first_name, account=None, **custom_values):
    link = {"account": f"accounts/{account.id}"} if account else {}
    return actions.create(actor, objects.get("contacts"), {"first_name": first_name, "custom": custom_values} | link)


def test_a_formula_is_listed_ordered_filtered_grouped_and_written_into_no_history(owner):
    goods(owner)
    formula(owner, "contacts", "total", "price * quantity * (1 - discount / 100)")
    ana = contact(owner, "Ana", price=10, quantity=3, discount=50)
    ben = contact(owner, "Ben", price="19.99", quantity=2, discount=0)
    eva = contact(owner, "Eva", price=5)
    assert [read(owner, "contacts", each, "total") for each in (ana, ben, eva)] == [Decimal(15), Decimal("39.98"), None]
    obj = objects.get("contacts")
    fields = access.fields(owner, obj)
    order = paging.order_of(fields, obj, "-custom.total")
    first = paging.page(access.visible(owner, obj), order, ["title"], 1)
    assert [row["title"] for row in first.rows] == ["Ben"]
    rest = paging.page(access.visible(owner, obj), order, ["title"], 5, first.next)
    assert [row["title"] for row in rest.rows] == ["Ana", "Eva"]
    found = filters.narrow(owner, obj, access.visible(owner, obj), {"field": "custom.total", "op": "gt", "value": 20})
    assert [row.title for row in found] == ["Ben"]
    empty = {"field": "custom.total", "op": "empty"}
    assert [row.title for row in filters.narrow(owner, obj, access.visible(owner, obj), empty)] == ["Eva"]
    actions.update(owner, obj, ana.id, {"custom.quantity": 4})
    assert read(owner, "contacts", ana, "total") == 20
    assert set(history.of_record(owner, obj, ana.id)[0].changes) == {"custom.quantity"}
    with pytest.raises(Refused, match="can't be changed"):
        actions.update(owner, obj, ana.id, {"custom.total": 7})


def test_formulas_go_over_links_both_ways_and_stand_on_each_other(owner):
    goods(owner)
    formula(owner, "contacts", "total", "custom.price * custom.quantity")
    formula(owner, "accounts", "sales", "sum(contacts.account.custom.total where custom.quantity > 1)")
    formula(owner, "accounts", "people", "count(contacts.account)")
    formula(owner, "contacts", "share", "custom.total / account.custom.sales * 100", digits=1)
    formula(owner, "contacts", "firm", "upper(account.title)")
    formula(owner, "contacts", "talks", "count(calls.about)")
    formula(owner, "accounts", "fees", "sum(contacts.account.custom.fee)")
    acme = actions.create(owner, objects.get("accounts"), {"name": "Acme"})
    ana = contact(owner, "Ana", acme, price=10, quantity=3, fee={"amount": "2.50", "currency": "EUR"})
    contact(owner, "Ben", acme, price=100, quantity=1, fee={"amount": "1", "currency": "EUR"})
    eva = contact(owner, "Eva", acme, price=5, quantity=2)
    lone = contact(owner, "Lone", price=5, quantity=2)
    actions.create(owner, objects.get("calls"), {"subject": "Hi", "about": [f"contacts/{ana.id}"]})
    assert read(owner, "accounts", acme, "sales") == 40
    assert read(owner, "accounts", acme, "people") == 3
    assert read(owner, "contacts", ana, "share") == Decimal("75.0")
    assert read(owner, "contacts", eva, "share") == Decimal("25.0")
    assert read(owner, "contacts", lone, "share") is None
    assert (read(owner, "contacts", ana, "firm"), read(owner, "contacts", lone, "firm")) == ("ACME", "")
    assert (read(owner, "contacts", ana, "talks"), read(owner, "contacts", eva, "talks")) == (1, 0)
    assert read(owner, "accounts", acme, "fees") == Money(Decimal("3.50"), "EUR")
    actions.update(owner, objects.get("contacts"), eva.id, {"custom.fee": {"amount": "1", "currency": "USD"}})
    assert read(owner, "accounts", acme, "fees") is None


def test_a_formula_over_what_is_hidden_is_hidden_and_one_over_records_counts_only_those_seen(cast, as_):
    with as_(cast.owner) as owner:
        formula(owner, "contacts", "age", "years_between(birthday, today())")
        formula(owner, "contacts", "older", "custom.age + 1")
        formula(owner, "accounts", "people", "count(contacts.account)")
        formula(owner, "accounts", "oldest", "max(contacts.account.custom.age)")
        formula(owner, "contacts", "firm", "concat(account.title)")
        acme = actions.create(owner, objects.get("accounts"), {"name": "Acme", "owner": cast.limited.id})
        contact(owner, "Theirs", acme)
    with as_(cast.limited) as limited:
        mine = contact(limited, "Mine", acme)
        names = access.fields(limited, objects.get("contacts"))
        assert "custom.age" not in names
        assert "custom.older" not in names
        assert "custom.firm" in names
        assert "custom.oldest" not in access.fields(limited, objects.get("accounts"))
        assert read(limited, "accounts", acme, "people") == 1
        with pytest.raises(filters.BadFilter):
            filters.condition(limited, objects.get("contacts"), {"field": "custom.age", "op": "gt", "value": 1})
        with pytest.raises(paging.BadPage):
            paging.order_of(names, objects.get("contacts"), "custom.age")
        record = access.get(limited, objects.get("contacts"), mine.id)
        assert not hasattr(record, "formula_age")
    with as_(cast.owner) as owner:
        actions.update(owner, objects.get("accounts"), acme.id, {"owner": cast.owner.id})
        assert read(owner, "accounts", acme, "people") == 2
    with as_(cast.limited) as limited:
        assert read(limited, "contacts", mine, "firm") == ""


def test_a_formula_over_objects_a_role_does_not_know_is_hidden(cast, as_):
    with as_(cast.owner) as owner:
        formula(owner, "contacts", "talks", "count(calls.about)")
        role = Role.objects.get(name="Limited")
        role.permissions["objects"]["calls"] = {"see": "none"}
        role.save()
    with as_(cast.limited) as limited:
        assert "custom.talks" not in access.fields(limited, objects.get("contacts"))


WRONG = {
    "": "ends too early",
    "1 +": "ends too early",
    "1 2": "does not fit here",
    "(1": "ends too early",
    "custom.prise": "Did you mean: custom.price",
    "custom.price & 1": "means nothing here",
    '"abc': "has no end",
    "custom.price + first_name": "concat",
    "first_name * 2": "a text",
    "if(custom.price, 1, 2)": "yes or no",
    "if(true, 1)": "what holds otherwise",
    "1 < 2 < 3": "joined with",
    "summ(1)": "Did you mean: sum?",
    "sum(1)": "related records",
    "sum(custom.price)": "related records",
    "count(contacts.account)": "do not point at these records",
    "sum(calls.about)": "Say which field",
    "account": "is a link",
    "account.nonsense": "have no field",
    "tags": "can't work with",
    "emails": "can't work with",
    'lifecycle = "custommer"': "none of the choices",
    "custom.born + 1": "add_days",
    'custom.born > "31.12.2020"': "Write a date",
    "custom.fee * custom.fee": "multiplied or divided by numbers",
    "custom.fee + 1": "Money is added to money",
    "custom.born = custom.price": "a date",
    "custom.price = empty": "is_empty",
    "empty": "always empty",
    "count(calls.about.duration)": "leave out",
    "today(1)": "takes nothing",
    "1 where true": "does not fit",
    "round(1, 2, 3)": "round takes",
    "abs()": "abs takes",
    "9" * 16: "at most 15 digits",
    "(" * 40 + "1" + ")" * 40: "too deeply",
    "1" + " + 1" * 200: "too large",
    "a" * 3000: "At most 2000 characters",
    "custom.self + 1": "need itself: contacts.custom.self → contacts.custom.self",
    '"\0"': "can't hold",
    "'; DROP TABLE people_contact; --": "has no end",
    "custom.price)": "does not fit here",
    "if_empty(1)": "stands in",
    'money(1, "euro")': "currency",
}


@pytest.mark.parametrize("source", WRONG)
def test_what_is_wrong_is_said_with_its_place_and_nothing_is_saved(owner, source):
    goods(owner)
    formula(owner, "contacts", "self", "1")
    with pytest.raises(Refused) as refused:
        if "custom.self" in source:
            custom.change(owner, objects.get("contacts"), "self", {"options": {"expression": source}})
        else:
            formula(owner, "contacts", "x", source)
    assert WRONG[source] in str(refused.value) or (source == "" and "missing" in str(refused.value))
    assert "custom.x" not in objects.get("contacts").fields(owner.workspace)
    assert objects.get("contacts").fields(owner.workspace)["custom.self"].formula == "1"


def test_a_cycle_over_two_objects_is_refused_with_its_path(owner):
    formula(owner, "accounts", "a", "count(contacts.account)")
    formula(owner, "contacts", "b", "account.custom.a + 1")
    formula(owner, "accounts", "c", "sum(contacts.account.custom.b)")
    with pytest.raises(
        Refused,
        match="accounts.custom.a → accounts.custom.c → contacts.custom.b → accounts.custom.a".replace(".", r"\."),
    ):
        custom.change(owner, objects.get("accounts"), "a", {"options": {"expression": "custom.c"}})


def test_formulas_stand_on_each_other_up_to_a_height(owner):
    formula(owner, "contacts", "f0", "1")
    for n in range(1, 5):
        formula(owner, "contacts", f"f{n}", f"custom.f{n - 1} + custom.f{n - 1}")
    ana = contact(owner, "Ana")
    assert read(owner, "contacts", ana, "f4") == 16
    with pytest.raises(Refused, match="At most 5 formulas"):
        formula(owner, "contacts", "f5", "custom.f4")


def test_a_field_that_a_formula_needs_is_not_archived(owner):
    goods(owner)
    formula(owner, "contacts", "total", "custom.price * 2")
    formula(owner, "accounts", "sales", "sum(contacts.account.custom.total)")
    with pytest.raises(Refused, match=r"sales \(Accounts\), total \(Contacts\)"):
        custom.archive(owner, objects.get("contacts"), "price")
    custom.archive(owner, objects.get("accounts"), "sales")
    custom.archive(owner, objects.get("contacts"), "total")
    custom.archive(owner, objects.get("contacts"), "price")
    with pytest.raises(Refused, match=r"price"):
        custom.change(owner, objects.get("contacts"), "total", {"label": "Again"})


def test_a_formula_that_lost_its_object_is_empty_and_says_why(owner):
    custom.add_object(owner, {"plural": "permits", "label": "Permit", "label_plural": "Permits"})
    custom.add(
        owner, objects.get("permits"), {"name": "of", "label": "Of", "kind": "link", "options": {"to": ["contacts"]}}
    )
    formula(owner, "contacts", "permits", "count(permits.custom.of)")
    ana = contact(owner, "Ana")
    actions.create(owner, objects.get("permits"), {"name": "P", "custom": {"of": f"contacts/{ana.id}"}})
    assert read(owner, "contacts", ana, "permits") == 1
    custom.bury_object(owner, "permits")
    assert read(owner, "contacts", ana, "permits") is None
    known = objects.get("contacts").fields(owner.workspace)["custom.permits"]
    assert "permits" in expressions.broken(owner, objects.get("contacts"), known)
    custom.revive_object(owner, "permits")
    assert read(owner, "contacts", ana, "permits") == 1


def test_no_formula_brings_the_database_to_fall(owner):
    """Numbers too large to be kept, days beyond the calendar and divisions by nothing are empty, or end with it."""
    goods(owner)
    big = "999999999999999"
    cases = {
        " * ".join([big] * 40): None,
        "1 / 0": None,
        "mod(7, 0)": None,
        f'add_days(date("9999-12-31"), {big})': None,
        'add_days(date("9999-12-31"), 400)': date(9999, 12, 31),
        'add_months(date("0001-01-01"), -5)': date(1, 1, 1),
        f'left("abc", {big})': "abc",
        "left(first_name, -5)": "",
        f"round(1.23456, {big})": Decimal("1.23456"),
        f"concat({', '.join(['concat(first_name, first_name)'] * 30)})": "Ana" * 60,
    }
    obj = objects.get("contacts")
    for number, source in enumerate(cases):
        formula(owner, "contacts", f"x{number}", source, digits=6)
    ana = contact(owner, "Ana")
    assert [read(owner, "contacts", ana, f"x{n}") for n in range(len(cases))] == list(cases.values())
    assert access.get(owner, obj, ana.id).formula_x0 is None


def test_money_keeps_its_currency(owner):
    goods(owner)
    formula(owner, "contacts", "gross", "custom.fee * 1.21 + custom.fee")
    formula(owner, "contacts", "ratio", "custom.fee / (custom.fee * 4)")
    formula(owner, "contacts", "is_dear", 'custom.fee > money(3, "EUR")')
    formula(owner, "contacts", "code", "currency(custom.fee)")
    formula(owner, "contacts", "long", " + ".join(["custom.fee"] * 40))
    ana = contact(owner, "Ana", fee={"amount": "10", "currency": "EUR"})
    ben = contact(owner, "Ben", fee={"amount": "10", "currency": "USD"})
    eva = contact(owner, "Eva")
    assert read(owner, "contacts", ana, "gross") == Money(Decimal("22.10"), "EUR")
    assert read(owner, "contacts", ana, "long") == Money(Decimal("400.00"), "EUR")
    assert [read(owner, "contacts", each, "ratio") for each in (ana, eva)] == [Decimal("0.25"), None]
    assert [read(owner, "contacts", each, "is_dear") for each in (ana, ben, eva)] == [True, False, False]
    assert [read(owner, "contacts", each, "code") for each in (ben, eva)] == ["USD", ""]
    assert read(owner, "contacts", eva, "gross") is None


def test_groups_and_totals_are_made_of_formulas(owner):
    goods(owner)
    formula(owner, "contacts", "size", 'if(custom.quantity > 2, "large", "small")')
    formula(owner, "contacts", "total", "custom.price * custom.quantity")
    for name, quantity in (("Ana", 1), ("Ben", 3), ("Eva", 4)):
        contact(owner, name, price=10, quantity=quantity)
    obj = objects.get("contacts")
    rows = access.visible(owner, obj)
    fields = access.fields(owner, obj)
    assert {row["formula_size"]: row["n"] for row in _grouped(rows)} == {"large": 2, "small": 1}
    assert views.totals.of(owner, rows, fields, {"custom.total": "sum"})[""]["custom.total"] == [Decimal(80)]
    by = views.grouping.grouping_of(fields, obj, "custom.size")
    told = views.totals.of(owner, rows, fields, {"custom.total": "sum"}, by=by)
    assert {key: group["custom.total"] for key, group in told.items()} == {
        "large": [Decimal(70)],
        "small": [Decimal(10)],
    }


def _grouped(rows):
    from django.db.models import Count

    return rows.values("formula_size").annotate(n=Count("id"))


def test_today_is_the_readers_day(cast, as_):
    with as_(cast.owner) as owner:
        formula(owner, "contacts", "d", "today()")
        ana = contact(owner, "Ana")
        assert read(owner, "contacts", ana, "d") in (timezone.now().date(), timezone.localdate())


def test_a_workspace_knows_nothing_of_anothers_formulas(cast, as_):
    with as_(cast.owner) as owner:
        formula(owner, "contacts", "n", "count(calls.about)")
    with as_(cast.stranger) as stranger:
        assert "custom.n" not in access.fields(stranger, objects.get("contacts"))
        assert json.dumps(list(access.fields(stranger, objects.get("contacts"))))
