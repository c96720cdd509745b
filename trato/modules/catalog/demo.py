"""What the roastery of the demo sells: coffee, machines, service, boxes by subscription; to whom at which price."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product as pairs
from typing import Any

from trato.engine import access, actions, objects, seeding
from trato.engine.workspaces.actors import Actor
from trato.modules.people.demo import fill as people

#: The story this one goes on from.
BEFORE = people
#: Name, code, list price of 250 g and of a kilo, cost of a kilo, words.
COFFEES = (
    ("Huila", "HUI", "8.90", "29.50", "13.20", "Colombia, washed: red apple, panela, a long finish."),
    ("Sidamo", "SID", "9.80", "32.00", "14.90", "Ethiopia, natural: blueberry, jasmine."),
    ("Antigua", "ANT", "8.60", "28.00", "12.40", "Guatemala, washed: cocoa, orange peel."),
    ("Alba house blend", "ALB", "7.40", "23.50", "9.80", "Two thirds Brazil, one third Colombia: made for milk."),
    ("Decaf Cauca", "DEC", "9.20", "30.00", "14.10", "Sugar cane process: caramel, and a quiet night."),
)
SIZES, GRINDS = (("250 g", "250"), ("1 kg", "1000")), (("whole", "W"), ("ground", "G"))
#: Name, code, type, category, unit, list price, cost, how it is charged, words.
OTHERS = (
    ("Duo espresso machine, two groups", "DUO", "goods", "Machines", "piece", "6900", "4750", "none", "Dual boiler."),
    ("Uno filter brewer", "UNO", "goods", "Machines", "piece", "420", "265", "none", "1.8 litres, thermos jug."),
    ("Burr grinder M58", "M58", "goods", "Machines", "piece", "980", "640", "none", "58 mm, by weight."),
    ("Paper filters, 500", "FIL", "goods", "Accessories", "pack", "12.50", "5.10", "none", ""),
    ("Cleaning tablets, 100", "CLN", "goods", "Accessories", "tin", "16.00", "7.20", "none", ""),
    ("Cup and saucer", "CUP", "goods", "Accessories", "piece", "6.80", "2.90", "none", "Stoneware, 180 ml."),
    (
        "Installation on site",
        "INS",
        "service",
        "Services",
        "visit",
        "180",
        "95",
        "none",
        "Half a day, within 60 miles.",
    ),
    ("Barista course", "CRS", "service", "Services", "person", "95", "38", "none", "Half a day, at most eight people."),
    ("Machine care", "CAR", "service", "Services", "machine", "380", "170", "year", "One visit, wear parts included."),
    ("Machine rental, Duo", "RNT", "service", "Services", "machine", "165", "88", "month", "With coffee from us."),
)
#: Machines that want care, and after how many months.
SERVICED = (("DUO", 12), ("UNO", 12), ("M58", 6))
#: Industries that buy at wholesale prices.
TRADE = ["Café", "Bakery", "Restaurant", "Hospitality", "Wholesale"]
#: Currencies and what one pound was worth at the end of the story; in other workspaces one of their own currency.
FOREIGN = (("EUR", "1.1500"), ("USD", "1.3300"), ("RON", "5.8500"), ("CHF", "1.0700"), ("GBP", "0.8700"))
MONTHS = 24


@seeding.story
def fill(actor: Actor) -> None:
    """Tell what is sold, in the workspace's own currency."""
    _Story(actor.via("web", seeding.SOURCE), datetime.now(UTC)).tell()


class _Story:
    """A catalogue of some forty products, with who pays what."""

    def __init__(self, actor: Actor, now: datetime) -> None:
        self.actor, self.now, self.currency = actor, now, actor.workspace.currency
        self.ids: dict[str, Any] = {}

    def tell(self) -> None:
        """Everything, in the order in which it could have happened."""
        classes = access.visible(self.actor, objects.get("tax-classes")).order_by("name")
        by_use = {"" if each.is_default else each.category: each.id for each in classes}
        self.standard, self.food = by_use.get(""), by_use.get("Z")
        self._coffees()
        self._others()
        self._boxes()
        self._books()
        self._discounts()
        self._rates()

    def _put(self, plural: str, **values: Any) -> Any:
        record = actions.create(self.actor, objects.get(plural), values).id
        seeding.backdate(objects.get(plural), record, self.now - timedelta(days=365 * 3))
        return record

    def _money(self, amount: Any) -> dict[str, str]:
        return {"amount": str(amount), "currency": self.currency}

    def _coffees(self) -> None:
        for name, code, small, kilo, cost, words in COFFEES:
            values = {"category": "Coffee", "unit": "bag", "tax_class": self.food, "description": words, "sku": code}
            parent = self._put("products", name=name, kind="goods", **values, price=self._money(kilo))
            for (size, digits), (grind, letter) in pairs(SIZES, GRINDS):
                of_bag = (small, Decimal(cost) / 4) if digits == "250" else (kilo, Decimal(cost))
                self.ids[f"{code}-{digits}-{letter}"] = self._put(
                    "products",
                    name=name,
                    parent=parent,
                    sku=f"{code}-{digits}-{letter}",
                    options={"size": size, "grind": grind},
                    price=self._money(of_bag[0]),
                    cost=self._money(of_bag[1].quantize(Decimal("0.01"))),
                )

    def _others(self) -> None:
        for name, code, kind, category, unit, price, cost, recurring, words in OTHERS:
            values = {"name": name, "sku": code, "kind": kind, "category": category, "unit": unit}
            values |= {"recurring": recurring, "description": words, "tax_class": self.standard}
            self.ids[code] = self._put("products", **values, price=self._money(price), cost=self._money(cost))
        for machine, months in SERVICED:
            serviced = {"service_every": months, "service": self.ids["CAR"]}
            actions.update(self.actor, objects.get("products"), self.ids[machine], serviced)

    def _boxes(self) -> None:
        """One box with a price of its own, and one that costs what is in it."""
        tasted = [{"product": self.ids[f"{code}-250-W"], "position": n} for n, code in enumerate(("HUI", "SID", "ANT"))]
        office = [("ALB-1000-G", 4), ("DEC-1000-G", 1), ("FIL", 1)]
        held = [{"product": self.ids[code], "quantity": count} for code, count in office]
        common = {"kind": "bundle", "category": "Subscriptions", "unit": "box", "recurring": "month"}
        common |= {"tax_class": self.food}
        self._put(
            "products", name="Taster box", sku="BOX-T", **common, price=self._money(24), **{"bundle-items": tasted}
        )
        self._put("products", name="Office box", sku="BOX-O", **common, **{"bundle-items": held})

    def _books(self) -> None:
        segment = {"field": "industry", "op": "in", "value": TRADE}
        wholesale = self._put("price-books", name="Wholesale", segment=segment, priority=10)
        for (_name, code, _small, kilo, *_rest), (_grind, letter) in pairs(COFFEES, GRINDS):
            for quantity, share in ((1, "0.82"), (20, "0.75"), (100, "0.70")):
                amount = (Decimal(kilo) * Decimal(share)).quantize(Decimal("0.01"))
                bag = self.ids[f"{code}-1000-{letter}"]
                self._put("prices", product=bag, book=wholesale, quantity=quantity, price=self._money(amount))
        account = access.visible(self.actor, objects.get("accounts")).filter(title="Grupo Almendro").first()
        if account:
            year = self.now.year
            words = {"account": account.id, "since": f"{year}-01-01", "until": f"{year}-12-31"}
            own = self._put("price-books", name=f"Grupo Almendro {year}", **words, priority=20)
            for letter in ("W", "G"):
                bag = self.ids[f"ALB-1000-{letter}"]
                self._put("prices", product=bag, book=own, quantity=1, price=self._money("15.50"))
        abroad = "EUR" if self.currency != "EUR" else "USD"
        self._put("price-books", name=f"Abroad ({abroad})", currency=abroad, converts=True)

    def _discounts(self) -> None:
        first = date(self.now.year, self.now.month, 1)
        self._put("discounts", name="Roast of the month", percent=10, category="Coffee", quantity=5, since=first)
        loyal = {"field": "lifecycle", "op": "is", "value": "advocate"}
        self._put("discounts", name="Thank you", percent=2, segment=loyal, stacks=True)
        self._put("discounts", name="Course for six", amount=self._money(15), product=self.ids["CRS"], quantity=6)
        self._put("discount-limits", role="Member", percent=10, amount=self._money(500))
        self._put("discount-limits", role="Manager", percent=25)

    def _rates(self) -> None:
        """The first of each month, swinging around what they are now."""
        for (currency, rate), (n, day) in pairs(FOREIGN, enumerate(self._months())):
            if currency != self.currency:
                swing = Decimal(1) + Decimal((n * 7) % 11 - 5) / Decimal(250)
                value = (Decimal(rate) * swing).quantize(Decimal("0.0001"))
                self._put("exchange-rates", currency=currency, day=day, rate=value, source="Sample")

    def _months(self) -> Iterator[date]:
        year, month = self.now.year, self.now.month
        for _n in range(MONTHS):
            yield date(year, month, 1)
            year, month = (year - 1, 12) if month == 1 else (year, month - 1)
