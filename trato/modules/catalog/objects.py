"""How products, prices, taxes and discounts are called and laid out, and what documents with prices share."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import objects
from trato.engine.models import Record
from trato.engine.objects import Object, register
from trato.engine.workspaces.actors import Actor

from . import actions, queries, rules
from .models import (
    BundleItem,
    Discount,
    DiscountLimit,
    ExchangeRate,
    Price,
    PriceBook,
    Product,
    TaxClass,
    TaxRate,
)

CATALOGUE = _("Catalogue")
Pending = Callable[[UUID], Mapping[str, Any] | None]
UPKEEP = (_("Record details"), ("owner", "created_at", "updated_at"))
IN_USE = {"field": "is_active", "op": "is", "value": True}
NOW = {
    "and": [
        {"or": [{"field": "since", "op": "empty"}, {"field": "since", "op": "lte", "value": "today"}]},
        {"or": [{"field": "until", "op": "empty"}, {"field": "until", "op": "gte", "value": "today"}]},
    ]
}


class PricedDocumentObject(Object):
    """What quotes, orders and invoices share. ``dated_by``: the field of the day whose prices and taxes they have."""

    dated_by: ClassVar[str] = ""
    settles_on = ("account", "currency", "prices", "rounding", "country", "reverse_charge", "discount_percent")

    def settle(self, actor: Actor, record: Record) -> None:
        """Fill prices and bring the sums up to date."""
        actions.settle(actor, self, record)

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Pending,
    ) -> dict[str, str]:
        """The currency changes only while no line has a price that was set by hand in the other."""
        if old is None or old["currency"] == values["currency"]:
            return {}
        return queries.currency_problem(actions.lines_object(self), record_id, values["currency"])


class PricedLineObject(Object):
    """What the lines of such documents share."""

    title_from = ("description",)
    columns = (
        "position",
        "product",
        "description",
        "quantity",
        "price",
        "discount_percent",
        "tax_class",
        "net",
    )
    order = "position"

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """Nothing is sold of nothing, and no price is less than nothing."""
        return rules.line_problem(values)

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Pending,
    ) -> dict[str, str]:
        """A price is in the currency of its document."""
        if values.get("price") is None or (old and old.get("price") == values["price"]):
            return {}
        document = pending(values[self.within])  # where it is made together with its lines
        currency = document.get("currency", "") if document else queries.currency_of(self, values[self.within])
        return rules.line_problem(values, currency)


@register
class Products(Object):
    """What is sold."""

    model, name, plural = Product, "product", "products"
    label, label_plural, icon, group = _("Product"), _("Products"), "package", CATALOGUE
    help = _("Goods, services and bundles; variants of a product have its values where their own are empty.")
    columns = ("title", "sku", "kind", "category", "price", "unit", "recurring", "is_active", "updated_at")
    head = ("sku", "kind", "price", "is_active")
    order = "title"
    sections = (
        (_("Product"), ("name", "sku", "kind", "category", "is_active", "description", "picture")),
        (_("Variant"), ("parent", "options")),
        (_("Price"), ("price", "cost", "unit", "recurring", "tax_class")),
        (_("Service"), ("service_every", "service")),
        (_("More"), ("tags", "owner", "created_at", "updated_at")),
    )
    duplicate_keys = ("sku",)
    backwards = {"parent": _("Variants"), "service": _("Services for")}
    filters = {
        "on_sale": (_("On sale"), IN_USE),
        "products": (_("Without variants"), {"field": "parent", "op": "empty"}),
        "services": (_("Services"), {"field": "kind", "op": "is", "value": "service"}),
        "recurring": (_("Recurring"), {"field": "recurring", "op": "in", "value": ["month", "quarter", "year"]}),
    }

    def title(self, values: Mapping[str, Any], language: str) -> str:
        """The name, and of a variant what tells it from its sisters, as far as the name does not say so."""
        name = " ".join((values.get("name") or "").split())
        options = (values.get("options") or {}).values()
        more = [str(option) for option in options if str(option).casefold() not in name.casefold()]
        return ", ".join([name, *more])[: objects.LONGEST_TITLE]

    def prepare(self, values: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        """What is no variant has a type and a way it is charged."""
        if values.get("parent") is None:
            values["kind"] = values.get("kind") or "goods"
            values["recurring"] = values.get("recurring") or "none"

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """Prices are not negative."""
        return rules.product_problem(values)

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Pending,
    ) -> dict[str, str]:
        """A variant is no variant of a variant; a bundle that holds something stays one."""
        return queries.product_problem(record_id, values, old, pending)


@register
class BundleItems(Object):
    """What bundles hold."""

    model, name, plural = BundleItem, "bundle item", "bundle-items"
    label, label_plural, icon, group = _("Part of the bundle"), _("In the bundle"), "packages", CATALOGUE
    within = "bundle"
    columns = ("position", "product", "quantity")
    sections = ((_("Part of the bundle"), ("product", "quantity", "position")),)
    title_from, named_by = ("position",), ("product",)
    order = "position"

    @staticmethod
    def fits(whole: Any) -> bool:
        """Goods and services hold nothing."""
        return bool(whole.kind == "bundle")

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Pending,
    ) -> dict[str, str]:
        """Only bundles hold something, and none holds itself."""
        return queries.bundle_problem(values["bundle"], values["product"])


@register
class TaxClasses(Object):
    """What is taxed alike."""

    model, name, plural = TaxClass, "tax class", "tax-classes"
    label, label_plural, icon, group = _("Tax class"), _("Tax classes"), "receipt-tax", CATALOGUE
    help = _("What is taxed alike, with the rate of each country while it holds.")
    columns = ("title", "category", "is_default", "reason")
    sections = ((_("Tax class"), ("name", "category", "is_default", "reason")), UPKEEP)
    order = "title"
    in_navigation, in_settings = False, True


@register
class TaxRates(Object):
    """Rates of tax classes by country."""

    model, name, plural = TaxRate, "tax rate", "tax-rates"
    label, label_plural, icon, group = _("Tax rate"), _("Tax rates"), "percentage", CATALOGUE
    within = "tax_class"
    columns = ("country", "region", "rate", "since", "until", "source")
    sections = ((_("Tax rate"), ("country", "region", "rate", "since", "until", "source")),)
    title_from = ("country",)
    order = "country"


@register
class PriceBooks(Object):
    """Prices of some customers."""

    model, name, plural = PriceBook, "price book", "price-books"
    label, label_plural, icon, group = _("Price book"), _("Price books"), "book", CATALOGUE
    help = _("Prices in one currency, for everybody, for some customers or for one, for a time.")
    columns = ("title", "currency", "account", "segment", "priority", "since", "until", "is_active")
    head = ("currency", "account", "since", "until", "is_active")
    order = "title"
    sections = (
        (_("Price book"), ("name", "currency", "prices", "converts", "is_active", "description")),
        (_("For whom and when"), ("account", "segment", "priority", "since", "until")),
        UPKEEP,
    )
    filters = {"in_force": (_("In force"), {"and": [IN_USE, NOW]})}


@register
class Prices(Object):
    """What products cost in price books."""

    model, name, plural = Price, "price", "prices"
    label, label_plural, icon, group = _("Price"), _("Prices"), "tag", CATALOGUE
    help = _("What a product costs in a price book, from a quantity on.")
    columns = ("product", "book", "quantity", "price", "updated_at")
    sections = ((_("Price"), ("product", "book", "quantity", "price")), UPKEEP)
    title_from, named_by = ("price",), ("product", "price")
    backwards = {"product": _("Prices"), "book": _("Prices")}

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """A price is of something, and not less than nothing."""
        return rules.price_problem(values)

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Pending,
    ) -> dict[str, str]:
        """A price is in the currency of its book."""
        return queries.book_problem(values["book"], values["price"])


@register
class Discounts(Object):
    """What comes off prices by rule."""

    model, name, plural = Discount, "discount", "discounts"
    label, label_plural, icon, group = _("Discount"), _("Discounts"), "rosette-discount", CATALOGUE
    help = _("Something off the price by rule: for products, customers, quantities and days.")
    columns = ("title", "percent", "amount", "product", "category", "account", "since", "until", "is_active")
    order = "title"
    sections = (
        (_("Discount"), ("name", "percent", "amount", "stacks", "is_active")),
        (_("For what"), ("product", "category", "quantity")),
        (_("For whom and when"), ("account", "segment", "since", "until")),
        UPKEEP,
    )
    filters = {"in_force": (_("In force"), {"and": [IN_USE, NOW]})}

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """Either a percentage or an amount."""
        return rules.discount_problem(values)


@register
class DiscountLimits(Object):
    """What sellers may take off by themselves."""

    model, name, plural = DiscountLimit, "discount limit", "discount-limits"
    label, label_plural, icon, group = _("Discount limit"), _("Discount limits"), "rosette-discount-check", CATALOGUE
    help = _("What sellers of a role may take off by hand; more needs an approval.")
    columns = ("role", "percent", "amount")
    sections = ((_("Discount limit"), ("role", "percent", "amount")), UPKEEP)
    in_navigation, in_settings = False, True

    def title(self, values: Mapping[str, Any], language: str) -> str:
        """The role it is of."""
        return values.get("role") or _now("Everybody")

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Pending,
    ) -> dict[str, str]:
        """There is such a role."""
        return queries.role_problem(values.get("role") or "")


@register
class ExchangeRates(Object):
    """What currencies were worth."""

    model, name, plural = ExchangeRate, "exchange rate", "exchange-rates"
    label, label_plural, icon, group = _("Exchange rate"), _("Exchange rates"), "currency", CATALOGUE
    help = _("What one unit of the base currency is worth in others, from a day on.")
    columns = ("currency", "day", "rate", "base", "source")
    sections = ((_("Exchange rate"), ("currency", "day", "rate", "base", "source")), UPKEEP)
    title_from = ("currency",)
    order = "-day"
    in_navigation, in_settings = False, True

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """A rate is between two currencies, and more than nothing."""
        return rules.rate_problem(values)
