"""From the order to deliveries and invoices: quantities, sums, refusals."""

import pytest

from trato.engine import actions, merging, objects
from trato.engine.values import Refused

from .conftest import again, eur, lines_of, run


def test_an_order_is_confirmed_with_a_number_and_comes_to_its_lines(owner, order):
    made = order(("2", "10.00", "21"), ("1", "5.50", "10"))
    assert made.status == "confirmed"
    assert made.number.startswith("SO-")
    assert (made.net, made.tax, made.total) == (eur("25.50"), eur("4.75"), eur("30.25"))
    with pytest.raises(Refused, match="already"):
        run(owner, made, "confirm")


@pytest.mark.parametrize(
    ("was", "becomes"), [("prospect", "customer"), ("former", "customer"), ("advocate", "advocate")]
)
def test_who_orders_is_a_customer(owner, customer, order, was, becomes):
    accounts = objects.get("accounts")
    actions.update(owner, accounts, customer.id, {"lifecycle": was})
    order(("1", "10.00", "21"))
    assert again(customer).lifecycle == becomes


def test_nothing_is_confirmed_of_nothing(owner, customer):
    empty = actions.create(owner, objects.get("orders"), {"account": str(customer.id)})
    with pytest.raises(Refused, match="Add a line"):
        run(owner, empty, "confirm")


def test_parts_are_delivered_until_all_is_there(owner, order):
    made = order(("5", "10.00", "21"), ("2", "1.00", "21"))
    first, second = lines_of(made)
    given = {"order": str(made.id), "delivery-lines": [{"order_line": str(first.id), "quantity": "3"}]}
    part = actions.create(owner, objects.get("deliveries"), given)
    assert (again(first).delivered, again(made).status) == (3, "in_delivery")
    with pytest.raises(Refused, match="Only 2 of this are left"):
        line = {"delivery": str(part.id), "order_line": str(second.id), "quantity": "2"}
        actions.create(owner, objects.get("delivery-lines"), line)
        given = {"order": str(made.id), "delivery-lines": [{"order_line": str(first.id), "quantity": "2.5"}]}
        actions.create(owner, objects.get("deliveries"), given)
    rest = run(owner, made, "deliver", carrier="SEUR", tracking_number="X1")
    assert rest.number.startswith("DN-")
    assert [again(line).delivered for line in (first, second)] == [5, 2]
    assert again(made).status == "delivered"
    with pytest.raises(Refused, match="on a delivery already"):
        run(owner, made, "deliver")
    run(owner, rest, "call_off")
    assert [again(line).delivered for line in (first, second)] == [3, 2]
    assert again(made).status == "in_delivery"


def test_a_line_of_another_order_is_not_delivered(owner, order):
    mine, other = order(("1", "1.00", "21")), order(("1", "1.00", "21"))
    given = {"order": str(mine.id), "delivery-lines": [{"order_line": str(lines_of(other)[0].id), "quantity": "1"}]}
    with pytest.raises(Refused, match="another order"):
        actions.create(owner, objects.get("deliveries"), given)


def test_a_third_in_advance_then_what_was_delivered_then_the_rest(owner, order):
    """100.00 and 50.00 at 21 %: 181.50 in all."""
    made = order(("10", "10.00", "21"), ("1", "50.00", "21"))
    advance = run(owner, made, "invoice_advance", percent="33.33")
    assert (advance.net, advance.tax, advance.is_advance) == (eur("50.00"), eur("10.50"), True)  # 49.995
    first = lines_of(made)[0]
    part = {"order": str(made.id), "delivery-lines": [{"order_line": str(first.id), "quantity": "4"}]}
    actions.create(owner, objects.get("deliveries"), part)
    delivered = run(owner, made, "invoice_delivered")
    assert (delivered.net, delivered.tax, delivered.total) == (0, 0, 0)  # 40.00 less 40.00 of the advance
    rest = run(owner, made, "invoice_rest")
    assert (rest.net, rest.tax) == (eur("100.00"), eur("21.00"))  # 60.00 + 50.00 less 10.00
    assert sum(each.total for each in (advance, delivered, rest)) == again(made).total == eur("181.50")
    assert [line.invoiced for line in lines_of(made)] == [10, 1]
    with pytest.raises(Refused, match="invoiced already"):
        run(owner, made, "invoice_rest")


def test_three_thirds_of_a_price_that_does_not_divide(owner, order):
    """3 at 0.335 are 1.01 (half up of 1.005): invoiced one by one they are 0.34, 0.34 and 0.33."""
    made = order(("3", "0.335", "21"))
    assert (made.net, made.tax) == (eur("1.01"), eur("0.21"))
    line = lines_of(made)[0]
    nets, taxes = [], []
    for _n in range(3):
        given = {"order": str(made.id), "delivery-lines": [{"order_line": str(line.id), "quantity": "1"}]}
        actions.create(owner, objects.get("deliveries"), given)
        invoice = run(owner, made, "invoice_delivered")
        nets.append(invoice.net)
        taxes.append(invoice.tax)
    assert nets == [eur("0.34"), eur("0.34"), eur("0.33")]
    assert sum(taxes) == eur("0.21")
    assert again(made).status == "invoiced"


def test_an_order_with_invoices_is_not_cancelled(owner, order):
    made = order(("1", "10.00", "21"))
    draft = run(owner, made, "invoice_rest")
    with pytest.raises(Refused, match="invoiced"):
        run(owner, made, "cancel")
    actions.delete(owner, objects.get("invoices"), draft.id)
    assert run(owner, made, "cancel").status == "cancelled"


def test_what_was_agreed_stays_when_the_customer_becomes_part_of_another(owner, customer):
    def put(plural, **given):
        return actions.create(owner, objects.get(plural), given)

    price = {"amount": "100", "currency": "EUR"}
    roaster = put("products", name="Roaster", price=price)
    group = put("accounts", name="Acme Group")
    book = put("price-books", name="Group", account=str(group.id))
    put("prices", product=str(roaster.id), book=str(book.id), price={"amount": "10", "currency": "EUR"})
    head = {"account": str(customer.id), "country": "ES"}
    made = run(owner, put("orders", **head, **{"order-lines": [{"product": str(roaster.id)}]}), "confirm")
    draft = put("orders", **head, **{"order-lines": [{"product": str(roaster.id)}]})
    invoice = run(owner, put("invoices", **head, **{"invoice-lines": [{"product": str(roaster.id)}]}), "issue")
    deal = put("deals", name="Roaster", **{"account": str(customer.id), "deal-lines": [{"product": str(roaster.id)}]})
    actions.run(owner, objects.get("deals"), "win", deal.id, {})
    merging.merge(owner, objects.get("accounts"), group.id, [customer.id])
    assert (again(made).account_id, again(made).net) == (group.id, eur("100"))
    assert (again(invoice).account_id, again(invoice).net) == (group.id, eur("100"))
    assert (again(deal).account_id, again(deal).value) == (group.id, eur("100"))
    assert again(draft).net == eur("10")  # nobody knows its prices yet
    (line,) = lines_of(made)
    actions.update(owner, objects.get("order-lines"), line.id, {"quantity": 2})
    assert again(made).net == eur("20")  # more is ordered, by the customer they are now


@pytest.mark.parametrize("begun", ["deliver", "invoice_rest"])
def test_what_is_under_way_is_not_cancelled_by_its_status(owner, order, begun):
    orders = objects.get("orders")
    made = order(("1", "10.00", "21"))
    actions.update(owner, orders, made.id, {"status": "cancelled"})
    actions.update(owner, orders, made.id, {"status": "confirmed"})
    run(owner, made, begun)
    for status in ("cancelled", "draft"):
        with pytest.raises(Refused, match="cancel or credit those first"):
            actions.update(owner, orders, made.id, {"status": status})
    assert again(made).status not in ("cancelled", "draft")


def test_who_may_give_what_was_taken_off_confirms_the_order(cast, as_):
    orders = objects.get("orders")
    with as_(cast.owner) as admin:
        actions.create(admin, objects.get("discount-limits"), {"role": "Manager", "percent": 5})
        price = {"amount": "10000", "currency": "EUR"}
        roaster = str(actions.create(admin, objects.get("products"), {"name": "Roaster", "price": price}).id)
        customer = str(actions.create(admin, objects.get("accounts"), {"name": "Acme"}).id)
    line = {"product": roaster, "price": {"amount": "1", "currency": "EUR"}}
    with as_(cast.manager) as manager:
        given = {"account": customer, "country": "ES"}
        made = actions.create(manager, orders, given | {"order-lines": [line]})
        with pytest.raises(Refused, match="who may give more has to confirm"):
            actions.run(manager, orders, "confirm", made.id, {})
        with pytest.raises(Refused, match="who may give more has to confirm"):
            actions.update(manager, orders, made.id, {"status": "confirmed"})
        assert again(made).status == "draft"
        fair = actions.create(manager, orders, given | {"order-lines": [{"product": roaster, "discount_percent": 5}]})
        assert actions.run(manager, orders, "confirm", fair.id, {}).status == "confirmed"
    with as_(cast.owner) as admin:
        assert actions.run(admin, orders, "confirm", made.id, {}).status == "confirmed"
