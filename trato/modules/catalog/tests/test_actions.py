"""Documents: their prices fill in, and their sums follow; who may give how much; what a new workspace begins with."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from trato.engine import access, actions, objects
from trato.engine.models import HistoryEntry
from trato.engine.values import Refused
from trato.modules.catalog.actions import approvals_needed, approve_discounts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cast import As, Cast
    from trato.engine.models import Record
    from trato.engine.workspaces.actors import Actor

    from .conftest import Make


def lines_of(paper: Record) -> list[Any]:
    return list(objects.get("paper-lines").rows().filter(paper_id=paper.id, deleted_at=None).order_by("position", "id"))


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def change(actor: Actor, record: Record, **values: Any) -> Record:
    obj = objects.of_record(record)
    actions.update(actor, obj, record.id, values)
    return access.get(actor, obj, record.id)


def again(actor: Actor, record: Record) -> Record:
    return access.get(actor, objects.of_record(record), record.id)


def refused(*arguments: Any, **values: Any) -> str:
    with pytest.raises(Refused) as problem:
        arguments[0](*arguments[1:], **values)
    return str(problem.value)


def test_a_line_takes_price_tax_and_words_from_its_product(make: Make, acme_bar: Record, huila: Record) -> None:
    # Spain's standard rate is 21 %: 3 x 20 = 60, tax 12.60.
    paper = make("papers", account=acme_bar.id, paper__lines=[{"product": huila.id, "quantity": 3}])
    (line,) = lines_of(paper)
    assert (line.price, line.price_currency, line.net) == (Decimal(20), "EUR", Decimal(60))
    assert line.description == line.title == "Huila"
    assert line.explanation["steps"] == [{"step": "list", "is": {"amount": "20.00", "currency": "EUR"}}]
    assert (paper.net, paper.tax, paper.total) == (Decimal(60), Decimal("12.60"), Decimal("72.60"))
    assert [(each["rate"], each["net"], each["tax"]) for each in paper.taxes] == [("21.0000", "60.00", "12.60")]


def test_a_changed_quantity_prices_again_unless_the_price_was_set_by_hand(
    make: Make, owner: Actor, acme_bar: Record, huila: Record, book: Record
) -> None:
    make("prices", product=huila.id, book=book.id, quantity=10, price=euros("15"))
    rows = [{"product": huila.id, "quantity": 2}, {"product": huila.id, "quantity": 2, "price": euros("19")}]
    paper = make("papers", account=acme_bar.id, paper__lines=rows)
    filled, by_hand = lines_of(paper)
    assert (filled.price, by_hand.price) == (20, 19)
    for line in (filled, by_hand):
        change(owner, line, quantity=10)
    assert [line.price for line in lines_of(paper)] == [15, 19]
    assert again(owner, paper).net == 340
    change(owner, by_hand, price=None)  # emptied, it is filled in
    assert [line.price for line in lines_of(paper)] == [15, 15]


def test_sums_follow_a_change_of_the_document_itself(make: Make, owner: Actor, acme_bar: Record, huila: Record) -> None:
    paper = make("papers", account=acme_bar.id, paper__lines=[{"product": huila.id, "quantity": 5}])
    paper = change(owner, paper, discount_percent=10)
    assert (paper.net, paper.tax, paper.total) == (90, Decimal("18.90"), Decimal("108.90"))
    paper = change(owner, paper, reverse_charge=True)
    assert (paper.net, paper.tax, paper.total) == (90, 0, 90)


def test_prices_with_tax_are_told_with_tax(make: Make, owner: Actor, acme_bar: Record, huila: Record) -> None:
    # 20 with 21 % is 24.20; two of them 48.40, of which 8.40 is tax.
    paper = make("papers", account=acme_bar.id, prices="inclusive", paper__lines=[{"product": huila.id, "quantity": 2}])
    assert lines_of(paper)[0].price == Decimal("24.20")
    assert (paper.net, paper.tax, paper.total) == (40, Decimal("8.40"), Decimal("48.40"))


def test_an_optional_line_is_no_part_of_the_total(make: Make, acme_bar: Record, huila: Record) -> None:
    rows = [{"product": huila.id}, {"product": huila.id, "quantity": 4, "is_optional": True}]
    paper = make("papers", account=acme_bar.id, paper__lines=rows)
    assert (paper.net, [line.net for line in lines_of(paper)]) == (20, [20, 80])


def test_deleting_a_line_takes_it_from_the_sums(make: Make, owner: Actor, acme_bar: Record, huila: Record) -> None:
    paper = make("papers", account=acme_bar.id, paper__lines=[{"product": huila.id}, {"product": huila.id}])
    actions.delete(owner, objects.get("paper-lines"), lines_of(paper)[0].id)
    assert again(owner, paper).net == 20


def test_a_line_without_a_price_says_why_and_counts_for_nothing(make: Make, acme_bar: Record) -> None:
    tea = make("products", name="Tea")
    paper = make("papers", account=acme_bar.id, paper__lines=[{"product": tea.id}])
    (line,) = lines_of(paper)
    assert (line.price, line.net, line.explanation["by"]) == (None, 0, "gap")
    assert paper.total == 0


def test_two_hundred_lines_are_priced_in_few_statements(
    make: Make, owner: Actor, acme_bar: Record, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    from trato.modules.catalog.actions import settle

    products = [make("products", name=f"P{n}", price=euros(f"{n + 1}")) for n in range(20)]
    paper = make("papers", account=acme_bar.id)
    obj = objects.get("paper-lines")
    obj.model.objects.bulk_create(
        obj.model(paper_id=paper.id, product_id=products[n % 20].id, quantity=1, position=n) for n in range(200)
    )
    with django_assert_max_num_queries(25):
        settle(owner, objects.get("papers"), paper)
    # 1 + ... + 20 = 210, ten times.
    assert again(owner, paper).net == 2100
    assert {line.price for line in lines_of(paper)} == {Decimal(n) for n in range(1, 21)}


def test_wrong_lines_are_refused_in_words(make: Make, owner: Actor, acme_bar: Record, huila: Record) -> None:
    paper = make("papers", account=acme_bar.id)
    line = {"paper": paper.id, "product": huila.id}
    assert "more than nothing" in refused(make, "paper-lines", **line, quantity=0)
    assert "credit note" in refused(make, "paper-lines", **line, quantity=-2)
    assert "less than nothing" in refused(make, "paper-lines", **line, price=euros("-1"))
    wrong = refused(make, "paper-lines", **line, price={"amount": "5", "currency": "USD"})
    assert "in EUR" in wrong
    huge = {"quantity": "9999999999", "price": euros("999999999999999")}  # each of them can be written down
    assert "more than can be written down" in refused(make, "paper-lines", **line, **huge)
    assert lines_of(paper) == []


def test_a_document_changes_its_currency_only_when_its_prices_follow(
    make: Make, owner: Actor, acme_bar: Record, huila: Record, book: Record
) -> None:
    paper = make("papers", account=acme_bar.id, paper__lines=[{"product": huila.id, "price": euros("7")}])
    assert "set by hand" in refused(change, owner, paper, currency="USD")
    paper = make("papers", account=acme_bar.id, paper__lines=[{"product": huila.id}])
    dollars = make("price-books", name="US", currency="USD")
    make("prices", product=huila.id, book=dollars.id, price={"amount": "22", "currency": "USD"})
    paper = change(owner, paper, currency="USD")
    assert (paper.net, paper.net_currency, lines_of(paper)[0].price) == (22, "USD", 22)


def test_who_gives_more_than_they_may_needs_somebody_who_may(
    make: Make, owner: Actor, cast: Cast, as_: As, acme_bar: Record, huila: Record
) -> None:
    make("discount-limits", role="Member", percent=10)
    make("discount-limits", role="Manager", percent=30)
    rows = [{"product": huila.id, "quantity": 2, "discount_percent": 25}, {"product": huila.id, "discount_percent": 5}]
    paper = make("papers", account=acme_bar.id, paper__lines=rows)
    obj = objects.get("papers")
    with as_(cast.member) as member:
        (words,) = approvals_needed(member, obj, paper)
        assert "25\u00a0%" in words
        assert "10\u00a0%" in words
        assert "more than you may approve" in refused(approve_discounts, member, obj, paper)
    with as_(cast.manager) as manager:
        assert approvals_needed(manager, obj, paper) == []
        approve_discounts(manager, obj, paper)
    with as_(cast.member) as member:
        assert approvals_needed(member, obj, paper) == []
        assert HistoryEntry.objects.filter(object="paper-lines", action="approved").count() == 2
        change(owner, lines_of(paper)[0], discount_percent=28)
        assert len(approvals_needed(member, obj, paper)) == 1


def test_a_price_set_low_by_hand_counts_as_taken_off(
    make: Make, cast: Cast, as_: As, acme_bar: Record, huila: Record
) -> None:
    make("discount-limits", percent=50, amount=euros("15"))
    rows = [{"product": huila.id, "quantity": 2, "price": euros("12")}]
    paper = make("papers", account=acme_bar.id, paper__lines=rows)
    with as_(cast.member) as member:
        (words,) = approvals_needed(member, objects.get("papers"), paper)
    assert "€16.00" in words  # 2 x (20 - 12)


def test_a_new_workspace_has_its_countrys_taxes_and_a_price_book(owner: Actor) -> None:
    classes = dict(access.visible(owner, objects.get("tax-classes")).values_list("name", "id"))
    rates = access.visible(owner, objects.get("tax-rates")).values_list("tax_class_id", "country", "rate")
    assert sorted(classes) == ["Reduced", "Standard", "Zero"]
    assert set(rates) == {(classes["Standard"], "ES", Decimal(21)), (classes["Reduced"], "ES", Decimal(10))}
    assert access.visible(owner, objects.get("price-books")).get().currency == "EUR"


def test_what_is_taken_off_sale_can_be_put_back(owner: Actor, huila: Record) -> None:
    products = objects.get("products")
    assert not actions.run(owner, products, "retire", huila.id, {}).is_active
    assert actions.run(owner, products, "offer", huila.id, {}).is_active
