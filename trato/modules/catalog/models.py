"""Tables of the catalogue, and what every document with prices is made of."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from trato.engine.documents import SearchField
from trato.engine.kinds.fields import (
    CountryField,
    CurrencyField,
    FileField,
    FilterField,
    LanguageField,
    MoneyField,
    PairsField,
    PercentField,
    TagsField,
)
from trato.engine.kinds.number import Number, ShortNumber
from trato.engine.models import Record
from trato.engine.workspaces import defaults
from trato.engine.workspaces.base import WorkspaceForeignKey
from trato.modules.people.models import Account, Contact

PRODUCT_KINDS = [("goods", _("Goods")), ("service", _("Service")), ("bundle", _("Bundle"))]
RECURRING = [
    ("none", _("Once")),
    ("month", _("Every month")),
    ("quarter", _("Every quarter")),
    ("year", _("Every year")),
]
#: How a rate stands on an invoice: the codes of UNTDID 5305 that EN 16931 allows, for what has no rate of its own.
TAX_CATEGORIES = [
    ("S", _("Taxed")),
    ("Z", _("Zero rated")),
    ("E", _("Exempt")),
    ("O", _("Outside the scope of tax")),
]
PRICES = [("exclusive", _("Without tax")), ("inclusive", _("With tax"))]
ROUNDING = [("line", _("Each line")), ("document", _("The whole document"))]
IN_USE = Q(deleted_at__isnull=True)


def quantity_field(label: Any, **options: Any) -> models.DecimalField:
    """A quantity with four digits after the point, shown without needless zeros."""
    field = models.DecimalField(label, max_digits=14, decimal_places=4, **options)
    field.kind = ShortNumber(required=not field.blank, digits=4, whole=10)  # type: ignore[attr-defined]
    return field


def months_field(label: Any, **options: Any) -> models.PositiveSmallIntegerField:
    """A number of months, from one to twenty years; may be empty."""
    field = models.PositiveSmallIntegerField(label, null=True, blank=True, **options)
    field.kind = Number(minimum=1, maximum=240)  # type: ignore[attr-defined]
    return field


def period_fields() -> tuple[models.DateField, models.DateField]:
    """The first and the last day something holds; open where empty."""
    return models.DateField(_("Since"), null=True, blank=True), models.DateField(_("Until"), null=True, blank=True)


def period_rule(name: str) -> models.CheckConstraint:
    """Nothing ends before it begins."""
    return models.CheckConstraint(
        condition=Q(until__isnull=True) | Q(since__isnull=True) | Q(until__gte=F("since")),
        name=name,
        violation_error_code="dates",
        violation_error_message=_("It can't end before it begins."),
    )


class TaxClass(Record):
    """What is taxed alike: standard, reduced, zero."""

    name = models.CharField(_("Name"), max_length=80)
    category = models.CharField(_("On invoices"), max_length=1, choices=TAX_CATEGORIES, default="S")
    is_default = models.BooleanField(
        _("Usual"), default=False, help_text=_("What products and lines have that name no other.")
    )
    reason = models.CharField(
        _("Reason for no tax"), max_length=200, blank=True, help_text=_("Stands on invoices where no tax is due.")
    )

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], condition=IN_USE, name="tax_class_name")]


class TaxRate(Record):
    """The rate of a tax class in a country, or a region of it, while it holds."""

    tax_class = WorkspaceForeignKey(TaxClass, models.PROTECT, related_name="+", verbose_name=_("Tax class"))
    country = CountryField(_("Country"))
    region = models.CharField(_("Region"), max_length=80, blank=True, help_text=_("Empty: the whole country."))
    rate = PercentField(_("Rate"))
    since, until = period_fields()
    source = models.CharField(
        _("Source"), max_length=200, blank=True, help_text=_("Where the rate was read, and when.")
    )

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "tax_class", "country", "region", "since"],
                condition=IN_USE,
                nulls_distinct=False,
                name="tax_rate_once",
            ),
            period_rule("tax_rate_dates"),
        ]


class Product(Record):
    """What is sold: goods, a service, or a bundle of others; also one variant of a product.

    A variant has the values of its product wherever its own are empty.
    """

    name = models.CharField(_("Name"), max_length=200)
    sku = models.CharField(_("Code"), max_length=60, null=True, blank=True, help_text=_("The article number (SKU)."))
    kind = models.CharField(_("Type"), max_length=8, choices=PRODUCT_KINDS, blank=True)
    parent = WorkspaceForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Variant of")
    )
    options = PairsField(_("Options"), help_text=_("What tells a variant from its sisters: size, grind, colour."))
    unit = models.CharField(
        _("Unit"), max_length=30, blank=True, help_text=_("What it is counted in: kg, hour, piece.")
    )
    tax_class = WorkspaceForeignKey(
        TaxClass, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Tax class")
    )
    price = MoneyField(_("List price"), help_text=_("Without tax, where no price book has another."))
    cost = MoneyField(_("Cost"), help_text=_("What one costs us."))
    recurring = models.CharField(_("Charged"), max_length=8, choices=RECURRING, blank=True)
    service_every = months_field(
        _("Service every (months)"), help_text=_("Who bought it is then offered a service; empty: it needs none.")
    )
    service = WorkspaceForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Serviced by"),
        help_text=_("The product that is then offered, and whose sale counts as the service; empty: itself."),
    )
    is_active = models.BooleanField(_("On sale"), default=True)
    category = models.CharField(_("Category"), max_length=100, blank=True)
    description = models.TextField(_("Description"), blank=True)
    picture = FileField(_("Picture"), blank=True)
    tags = TagsField(_("Tags"))
    search = SearchField(A=("title", "name"), B=("sku",), C=("category", "tags", "options", "description"))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "sku"], condition=IN_USE, name="product_sku")]
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "category", "id"], name="product_category"),
        ]


class BundleItem(Record):
    """What one of a bundle holds of another product."""

    bundle = WorkspaceForeignKey(Product, models.CASCADE, related_name="+", verbose_name=_("Bundle"))
    position = models.IntegerField(_("Position"), default=0)
    product = WorkspaceForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("Product"))
    quantity = quantity_field(_("Quantity"), default=Decimal(1))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "bundle", "product"], condition=IN_USE, name="bundle_item_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="bundle_item_quantity",
                violation_error_message=_("A bundle holds more than nothing of each product."),
            ),
        ]


class PriceBook(Record):
    """Prices of some customers, in one currency, for a time."""

    name = models.CharField(_("Name"), max_length=120)
    currency = CurrencyField(_("Currency"), default=defaults.currency)
    prices = models.CharField(_("Prices"), max_length=9, choices=PRICES, default="exclusive")
    account = WorkspaceForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Only for"),
        help_text=_("Empty: for everybody, or for the customers of the filter."),
    )
    segment = FilterField(_("Customers that"), about=("accounts",), help_text=_("Without a condition: all of them."))
    priority = models.IntegerField(_("Priority"), default=0, help_text=_("Of two books that fit, the higher one."))
    since, until = period_fields()
    converts = models.BooleanField(
        _("Converts list prices"),
        default=False,
        help_text=_("A product without a price here takes its list price, at the day's exchange rate."),
    )
    is_active = models.BooleanField(_("In use"), default=True)
    description = models.TextField(_("Description"), blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], condition=IN_USE, name="price_book_name"),
            period_rule("price_book_dates"),
        ]


class Price(Record):
    """What one of a product costs in a price book, from a quantity on."""

    product = WorkspaceForeignKey(Product, models.CASCADE, related_name="+", verbose_name=_("Product"))
    book = WorkspaceForeignKey(PriceBook, models.CASCADE, related_name="+", verbose_name=_("Price book"))
    quantity = quantity_field(_("From quantity"), default=Decimal(1))
    price = MoneyField(_("Price"), null=False, blank=False)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "product", "book", "quantity"], condition=IN_USE, name="price_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="price_quantity",
                violation_error_message=_("A quantity is more than nothing."),
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0),
                name="price_amount",
                violation_error_message=_("A price can't be less than nothing."),
            ),
        ]


class Discount(Record):
    """Something off the price, for some products, customers, quantities and days."""

    name = models.CharField(_("Name"), max_length=120)
    product = WorkspaceForeignKey(
        Product, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Product")
    )
    category = models.CharField(_("Category"), max_length=100, blank=True, help_text=_("Of products; empty: all."))
    account = WorkspaceForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Only for")
    )
    segment = FilterField(_("Customers that"), about=("accounts",), help_text=_("Without a condition: all of them."))
    quantity = quantity_field(_("From quantity"), null=True, blank=True)
    since, until = period_fields()
    percent = PercentField(_("Percent off"), blank=True)
    amount = MoneyField(_("Amount off"), help_text=_("Off the price of one."))
    stacks = models.BooleanField(
        _("Adds to others"),
        default=False,
        help_text=_("Of those that don't add, the customer has the best one; those that do come off after it."),
    )
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], condition=IN_USE, name="discount_name"),
            period_rule("discount_dates"),
        ]


class DiscountLimit(Record):
    """What sellers may take off by themselves; more needs an approval."""

    role = models.CharField(
        _("Role"), max_length=80, blank=True, help_text=_("Empty: everybody whose role has no limit of its own.")
    )
    percent = PercentField(_("Percent off the price"), blank=True)
    amount = MoneyField(_("Amount off a document"))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "role"], condition=IN_USE, name="discount_limit_role")
        ]


class ExchangeRate(Record):
    """What one unit of the base currency was worth in another on a day; it holds until the next one."""

    base = CurrencyField(_("Base currency"), default=defaults.currency)
    currency = CurrencyField(_("Currency"))
    day = models.DateField(_("Day"))
    rate = models.DecimalField(
        _("Rate"), max_digits=18, decimal_places=8, help_text=_("How much of the currency one of the base is worth.")
    )
    source = models.CharField(_("Source"), max_length=100, blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "base", "currency", "day"], condition=IN_USE, name="exchange_rate_once"
            ),
            models.CheckConstraint(
                condition=Q(rate__gt=0),
                name="exchange_rate_more",
                violation_error_code="rate",
                violation_error_message=_("A rate is more than nothing."),
            ),
        ]


class PricedDocument(Record):
    """What quotes, orders and invoices share: whose they are, how they are taxed, and what they come to."""

    account = WorkspaceForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("Account"))
    contact = WorkspaceForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Contact")
    )
    currency = CurrencyField(_("Currency"), default=defaults.currency)
    prices = models.CharField(_("Prices"), max_length=9, choices=PRICES, default="exclusive")
    rounding = models.CharField(_("Tax is rounded for"), max_length=8, choices=ROUNDING, default="document")
    country = CountryField(
        _("Country of supply"), blank=True, default=defaults.country, help_text=_("Whose taxes are charged.")
    )
    reverse_charge = models.BooleanField(
        _("Reverse charge"), default=False, help_text=_("The customer owes the tax; none is charged.")
    )
    discount_percent = PercentField(_("Discount"), blank=True)
    language = LanguageField(_("Language"), blank=True, default=defaults.language)
    terms = models.TextField(_("Terms"), blank=True)
    net = MoneyField(_("Net"), editable=False)
    tax = MoneyField(_("Tax"), editable=False)
    total = MoneyField(_("Total"), editable=False)
    taxes = models.JSONField(_("Taxes"), default=list, blank=True, editable=False)

    class Meta(Record.Meta):
        abstract = True

    @property
    def is_agreed(self) -> bool:
        """Whether the customer knows its prices, which then stay, whoever it becomes part of."""
        return getattr(self, "status", "draft") != "draft"


class PricedLine(Record):
    """What the lines of such documents share; the link to the document is each one's own."""

    position = models.IntegerField(_("Position"), default=0)
    product = WorkspaceForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Product")
    )
    description = models.TextField(_("Description"), blank=True)
    quantity = quantity_field(_("Quantity"), default=Decimal(1))
    unit = models.CharField(_("Unit"), max_length=30, blank=True)
    price = MoneyField(_("Price"), help_text=_("Of one. Empty: what the price books say."))
    discount_percent = PercentField(_("Discount"), blank=True)
    tax_class = WorkspaceForeignKey(
        TaxClass, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Tax class")
    )
    is_optional = models.BooleanField(
        _("Optional"), default=False, help_text=_("Offered beside the rest: no part of the total.")
    )
    net = MoneyField(_("Net"), editable=False)
    explanation = models.JSONField(_("How the price came about"), default=dict, blank=True, editable=False)

    class Meta(Record.Meta):
        abstract = True

    @property
    def is_beside(self) -> bool:
        """Whether it is offered beside the rest, and no part of the total."""
        return self.is_optional
