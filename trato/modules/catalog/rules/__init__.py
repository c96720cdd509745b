"""Pure rules of the catalogue."""

from .checks import discount_problem, line_problem, price_problem, product_problem, rate_problem
from .pricing import Book, Cut, Item, Quoted, Shelf, convert, quote, reduction
from .totals import Line, TaxSum, Totals, apportion, document_totals, rounded
from .vat import RATES
from .words import told

__all__ = [
    "RATES",
    "Book",
    "Cut",
    "Item",
    "Line",
    "Quoted",
    "Shelf",
    "TaxSum",
    "Totals",
    "apportion",
    "convert",
    "discount_problem",
    "document_totals",
    "line_problem",
    "price_problem",
    "product_problem",
    "quote",
    "rate_problem",
    "reduction",
    "rounded",
    "told",
]
