"""Named reads of the catalogue."""

from .limits import Off, TakenOff, limit_of, price_of, taken_off
from .prices import items, own_terms, parts_of, prices_of, shelf_for, variants_of
from .taxes import holds_on, in_currency, rate_of, rates_on, tax_table, today, usual_tax_class
from .verifying import book_problem, bundle_problem, currency_of, currency_problem, product_problem, role_problem

__all__ = [
    "Off",
    "TakenOff",
    "book_problem",
    "bundle_problem",
    "currency_of",
    "currency_problem",
    "holds_on",
    "in_currency",
    "items",
    "limit_of",
    "own_terms",
    "parts_of",
    "price_of",
    "prices_of",
    "product_problem",
    "rate_of",
    "rates_on",
    "role_problem",
    "shelf_for",
    "taken_off",
    "tax_table",
    "today",
    "usual_tax_class",
    "variants_of",
]
