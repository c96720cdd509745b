"""Prices with their reasons.

Prices come of all price books and discounts that fit, whoever asks: a seller whose role shows no price books still gets
a customer's own price. Products and accounts are read with the rights of who asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When

from trato.engine import access, filters, objects
from trato.engine.kinds.money import Money
from trato.engine.workspaces.actors import Actor, system_actor

from ..models import BundleItem, Discount, Price, PriceBook, Product
from ..rules import Book, Cut, Item, Quoted, Shelf, quote
from .taxes import holds_on, rates_of, rates_on, today, usual_tax_class

#: Levels of bundles in bundles, at most.
DEEPEST = 8
#: What a variant has of its product where its own is empty.
INHERITED = ("kind", "category", "unit", "tax_class_id", "recurring")
AMOUNTS = ("price", "price_currency", "cost", "cost_currency")
REACH = ("account", "segment", "all")


def prices_of(
    actor: Actor,
    asked: Sequence[tuple[UUID, Decimal]],
    *,
    account: Any,
    currency: str,
    day: date | None = None,
    prices: str = "exclusive",
    country: str = "",
) -> list[Quoted]:
    """The same for many (product, quantity) at once, in the order asked: some six statements, however many they are."""
    shelf = shelf_for(
        actor,
        {product_id for product_id, _quantity in asked},
        account=account,
        currency=currency,
        day=day or today(actor),
        prices=prices,
        country=country,
    )
    for product_id, _quantity in asked:
        if product_id not in shelf.items:
            raise access.Absent(f"products/{product_id}")
    return [quote(shelf.items[product_id], quantity, shelf) for product_id, quantity in asked]


def shelf_for(
    actor: Actor,
    ids: Iterable[UUID],
    *,
    account: Any,
    currency: str,
    day: date,
    prices: str = "exclusive",
    country: str = "",
) -> Shelf:
    """All that the prices of these products are made of, for one customer and day; products that are not there for the
    actor are left out. Raises access.Absent for an account that is not there.
    """
    own = {item.id: item for item in items(access.visible(actor, objects.get("products")).filter(id__in=set(ids)))}
    parts, held = parts_of({item.id for item in own.values() if item.kind == "bundle"})
    everything = own | {item.id: item for item in items(Product.objects.filter(id__in=held - own.keys()))}
    account_id = access.as_uuid(account) if account else None
    books, cuts = _offers(actor, account_id, day)
    wanted = {each for item in everything.values() for each in (item.id, item.parent_id) if each}
    foreign = any(item.price and item.price.currency != currency for item in everything.values())
    converting = any(book.converts and book.currency == currency for book in books)
    taxing = any(book.prices != prices for book in books) or prices != "exclusive"
    if taxing:
        usual = usual_tax_class()
        everything = {each: item._replace(tax_class_id=item.tax_class_id or usual) for each, item in everything.items()}
    return Shelf(
        currency=currency,
        prices=prices,
        books=books,
        tiers=_tiers(wanted, books),
        cuts=cuts,
        items=everything,
        parts=parts,
        rates=rates_on(actor.workspace.currency, day) if foreign and converting else {},
        taxes=rates_of(country or actor.workspace.country, day) if taxing else {},
    )


def items(rows: QuerySet) -> list[Item]:
    """Some products with what they have from the products they are variants of, in two statements at most."""
    wanted = ("id", "title", "parent_id", "is_active", *INHERITED, *AMOUNTS)
    found = list(rows.order_by().values(*wanted))
    above = {row["parent_id"] for row in found} - {None}
    parents = {row["id"]: row for row in Product.objects.filter(id__in=above).values(*wanted)} if above else {}
    return [_item(row, parents.get(row["parent_id"], {})) for row in found]


def _item(row: Mapping[str, Any], parent: Mapping[str, Any]) -> Item:
    value = {name: row[name] if row[name] not in (None, "") else parent.get(name) for name in INHERITED}
    return Item(
        id=row["id"],
        parent_id=row["parent_id"],
        title=row["title"],
        kind=value["kind"] or "goods",
        category=value["category"] or "",
        unit=value["unit"] or "",
        tax_class_id=value["tax_class_id"],
        recurring=value["recurring"] or "none",
        price=_money(row, parent, "price"),
        cost=_money(row, parent, "cost"),
        is_active=row["is_active"] and parent.get("is_active", True),
    )


def _money(row: Mapping[str, Any], parent: Mapping[str, Any], name: str) -> Money | None:
    """An amount with the currency of the same record."""
    held = row if row[name] is not None else parent
    amount = held.get(name)
    return None if amount is None else Money(amount, held[f"{name}_currency"])


def parts_of(bundles: set[UUID]) -> tuple[dict[UUID, list[tuple[UUID, Decimal]]], set[UUID]]:
    """What bundles hold, level by level, and the ids of all that is in them."""
    parts: dict[UUID, list[tuple[UUID, Decimal]]] = {}
    held: set[UUID] = set()
    level = bundles
    for _depth in range(DEEPEST):
        if not level:
            break
        rows = BundleItem.objects.filter(bundle_id__in=level, deleted_at=None).order_by("position", "id")
        for bundle_id, product_id, quantity in rows.values_list("bundle_id", "product_id", "quantity"):
            parts.setdefault(bundle_id, []).append((product_id, quantity))
        level = (
            {product_id for bundle in level for product_id, _quantity in parts.get(bundle, ())} - held - parts.keys()
        )
        held |= level
    return parts, held


def _offers(actor: Actor, account_id: UUID | None, day: date) -> tuple[list[Book], list[Cut]]:
    """The price books and the discounts that fit the customer and the day, in the order they stand in."""
    mine = Q(account=None) | Q(account_id=account_id) if account_id else Q(account=None)
    books = list(PriceBook.objects.filter(holds_on(day), mine, is_active=True))
    cuts = list(Discount.objects.filter(holds_on(day), mine, is_active=True).order_by("name"))
    told = [each for each in [*books, *cuts] if each.segment]
    meets = _meets(actor, account_id, [each.segment for each in told])
    fits = {each.id: meets[n] for n, each in enumerate(told)}
    books.sort(key=lambda book: (-book.priority, REACH.index(_reach(book)), book.name))
    return (
        [
            Book(book.id, book.name, book.currency, book.prices, _reach(book), book.converts)
            for book in books
            if fits.get(book.id, True)
        ],
        [_cut(cut) for cut in cuts if fits.get(cut.id, True)],
    )


def own_terms(actor: Actor, account_id: UUID, day: date) -> tuple[list[Book], list[Cut]]:
    """The price books and discounts that fit an account and not everybody."""
    books, cuts = _offers(actor, account_id, day)
    of_some = Q(account__isnull=False) | Q(segment__isnull=False)
    own = set(Discount.objects.filter(of_some, holds_on(day), is_active=True).values_list("name", flat=True))
    return [book for book in books if book.reach != "all"], [cut for cut in cuts if cut.name in own]


def _reach(book: PriceBook) -> str:
    return "account" if book.account_id else "segment" if book.segment else "all"


def _cut(cut: Discount) -> Cut:
    amount = None if cut.amount is None else Money(cut.amount, cut.amount_currency)
    return Cut(cut.name, cut.percent, amount, cut.product_id, cut.category, cut.quantity, cut.stacks)


def _meets(actor: Actor, account_id: UUID | None, trees: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Whether the account meets each of some filters, in one statement; a filter that can't be read meets nobody."""
    if not trees or account_id is None:
        return [False] * len(trees)
    everybody = system_actor(actor.workspace)
    accounts = objects.get("accounts")
    conditions: dict[str, Case] = {}
    for n, tree in enumerate(trees):
        try:
            condition = filters.condition(everybody, accounts, tree)
        except filters.BadFilter:
            continue
        conditions[f"meets_{n}"] = Case(
            When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()
        )
    row = access.visible(everybody, accounts).filter(id=account_id).annotate(**conditions).values(*conditions).first()
    return [bool((row or {}).get(f"meets_{n}")) for n in range(len(trees))]


def _tiers(products: set[UUID], books: Sequence[Book]) -> dict[tuple[UUID, UUID], list[tuple[Decimal, Decimal]]]:
    rows = Price.objects.filter(product_id__in=products, book_id__in=[book.id for book in books], deleted_at=None)
    found: dict[tuple[UUID, UUID], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for book_id, product_id, quantity, price in rows.order_by("-quantity").values_list(
        "book_id", "product_id", "quantity", "price"
    ):
        found[book_id, product_id].append((quantity, price))
    return found


def variants_of(actor: Actor, product_id: UUID, most: int = 50) -> list[dict[str, Any]]:
    """The variants of a product, by name."""
    rows = access.visible(actor, objects.get("products")).filter(parent_id=product_id)
    return list(rows.order_by("title_key", "id").values("id", "title", "sku", "options", "is_active")[:most])
