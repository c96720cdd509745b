"""Tables of billing: orders, deliveries, invoices, payments, reminders, and how customers pay online."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trato.engine.documents import SearchField
from trato.engine.kinds.fields import AddressesField, CurrencyField, FileField, MoneyField, coloured
from trato.engine.models import Record, board_index
from trato.engine.workspaces.base import WorkspaceForeignKey, WorkspaceModel
from trato.modules.catalog.models import PricedDocument, PricedLine, quantity_field
from trato.modules.people.models import Account
from trato.modules.quoting.models import Quote
from trato.modules.sales.models import Deal

ORDER_STATUS = [
    ("draft", _("Draft")),
    ("confirmed", _("Confirmed")),
    ("in_delivery", _("In delivery")),
    ("delivered", _("Delivered")),
    ("invoiced", _("Invoiced")),
    ("closed", _("Closed")),
    ("cancelled", _("Cancelled")),
]
DELIVERY_STATUS = [
    ("planned", _("Planned")),
    ("shipped", _("On its way")),
    ("delivered", _("Delivered")),
    ("cancelled", _("Cancelled")),
]
INVOICE_KINDS = [("invoice", _("Invoice")), ("credit_note", _("Credit note"))]
INVOICE_STATUS = [
    ("draft", _("Draft")),
    ("issued", _("Issued")),
    ("partly_paid", _("Partly paid")),
    ("paid", _("Paid")),
    ("overdue", _("Overdue")),
    ("credited", _("Credited")),
    ("written_off", _("Written off")),
]
PAYMENT_KINDS = [("payment", _("Payment")), ("refund", _("Refund"))]
METHODS = [
    ("transfer", _("Bank transfer")),
    ("card", _("Card")),
    ("direct_debit", _("Direct debit")),
    ("cash", _("Cash")),
    ("online", _("Online")),
    ("other", _("Other")),
]
REMINDER_STATUS = [("proposed", _("Proposed")), ("sent", _("Sent")), ("dismissed", _("Dismissed"))]
IN_USE = Q(deleted_at__isnull=True)


def number_field() -> models.CharField:
    """A number that is drawn from its series, or brought along from elsewhere; NULL until there is one."""
    return models.CharField(_("Number"), max_length=60, null=True, blank=True)


def unique(name: str, *fields: str) -> models.UniqueConstraint:
    """Once in a workspace, among what is not deleted."""
    return models.UniqueConstraint(fields=["workspace", *fields], condition=IN_USE, name=name)


class Order(PricedDocument):
    """What a customer ordered."""

    number = number_field()
    external_key = models.CharField(
        _("External key"), max_length=120, null=True, blank=True, help_text=_("What the shop or ERP calls it.")
    )
    ordered_on = models.DateField(_("Ordered"), default=timezone.localdate)
    status = coloured(
        models.CharField(_("Status"), max_length=12, choices=ORDER_STATUS, default="draft"),
        confirmed="azure",
        in_delivery="blue",
        delivered="teal",
        invoiced="green",
        cancelled="red",
    )
    wanted_on = models.DateField(_("Wanted by"), null=True, blank=True)
    ship_to = AddressesField(_("Ship to"))
    ship_by = models.CharField(_("Shipped by"), max_length=80, blank=True, help_text=_("The kind of shipping."))
    reference = models.CharField(_("Their reference"), max_length=100, blank=True)
    quote = WorkspaceForeignKey(Quote, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Quote"))
    deal = WorkspaceForeignKey(Deal, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Deal"))
    notes = models.TextField(_("Notes"), blank=True)
    search = SearchField(A=("title", "number"), B=("external_key", "reference"), C=("ship_to", "notes"))

    class Meta(PricedDocument.Meta):
        indexes = [
            *PricedDocument.Meta.indexes,
            models.Index(fields=["workspace", "ordered_on", "id"], name="order_ordered"),
            board_index("order_board", "status"),
        ]
        constraints = [unique("order_number", "number"), unique("order_external_key", "external_key")]


class OrderLine(PricedLine):
    """One line of an order, with what became of it."""

    order = WorkspaceForeignKey(Order, models.CASCADE, related_name="+", verbose_name=_("Order"))
    external_key = models.CharField(_("External key"), max_length=120, null=True, blank=True)
    cost = MoneyField(_("Cost"), help_text=_("What the whole line costs us."))
    worth = MoneyField(
        _("Before rounding"), editable=False, help_text=_("Quantity × price less discount, with every digit.")
    )
    margin = MoneyField(_("Margin"), editable=False)
    delivered = quantity_field(_("Delivered"), default=0, editable=False)
    invoiced = quantity_field(_("Invoiced"), default=0, editable=False)

    class Meta(PricedLine.Meta):
        indexes = [
            *PricedLine.Meta.indexes,
            models.Index(fields=["workspace", "order", "position"], name="order_line_order"),
        ]
        constraints = [unique("order_line_external_key", "external_key")]


class Delivery(Record):
    """Goods of an order on their way, or a service rendered."""

    order = WorkspaceForeignKey(Order, models.PROTECT, related_name="+", verbose_name=_("Order"))
    number = number_field()
    external_key = models.CharField(_("External key"), max_length=120, null=True, blank=True)
    status = coloured(
        models.CharField(_("Status"), max_length=10, choices=DELIVERY_STATUS, default="planned"),
        shipped="blue",
        delivered="green",
        cancelled="red",
    )
    carrier = models.CharField(_("Carrier"), max_length=80, blank=True)
    tracking_number = models.CharField(_("Tracking number"), max_length=100, blank=True)
    tracking_url = models.URLField(_("Tracking page"), max_length=300, blank=True)
    shipped_on = models.DateField(_("Shipped"), null=True, blank=True)
    delivered_on = models.DateField(_("Delivered"), null=True, blank=True)
    notes = models.TextField(_("Notes"), blank=True)
    search = SearchField(A=("title", "number"), B=("tracking_number", "external_key"), C=("carrier", "notes"))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "order", "id"], name="delivery_order")]
        constraints = [
            unique("delivery_number", "number"),
            unique("delivery_external_key", "external_key"),
            models.CheckConstraint(
                condition=Q(delivered_on__isnull=True)
                | Q(shipped_on__isnull=True)
                | Q(delivered_on__gte=F("shipped_on")),
                name="delivery_dates",
                violation_error_code="dates",
                violation_error_message=_("It can't arrive before it was shipped."),
            ),
        ]


class DeliveryLine(Record):
    """How much of an order's line a delivery brings."""

    delivery = WorkspaceForeignKey(Delivery, models.CASCADE, related_name="+", verbose_name=_("Delivery"))
    position = models.IntegerField(_("Position"), default=0)
    order_line = WorkspaceForeignKey(OrderLine, models.PROTECT, related_name="+", verbose_name=_("Line of the order"))
    quantity = quantity_field(_("Quantity"))

    class Meta(Record.Meta):
        constraints = [
            unique("delivery_line_once", "delivery", "order_line"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="delivery_line_quantity",
                violation_error_code="quantity",
                violation_error_message=_("Give a quantity above zero."),
            ),
        ]


class Invoice(PricedDocument):
    """What a customer owes, or with a credit note gets back. Issued ones stay as they are."""

    kind = models.CharField(_("Type"), max_length=11, choices=INVOICE_KINDS, default="invoice")
    number = models.CharField(_("Number"), max_length=60, null=True, editable=False)
    external_key = models.CharField(_("External key"), max_length=120, null=True, blank=True)
    order = WorkspaceForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Order"))
    corrects = WorkspaceForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Corrects")
    )
    is_advance = models.BooleanField(_("In advance"), default=False)
    deducted = models.JSONField(_("Billed in advance"), default=list, editable=False)
    status = coloured(
        models.CharField(_("Status"), max_length=11, choices=INVOICE_STATUS, default="draft", editable=False),
        issued="azure",
        partly_paid="blue",
        paid="green",
        overdue="red",
        credited="purple",
        written_off="yellow",
    )
    issued_on = models.DateField(_("Issued"), null=True, editable=False)
    days = models.PositiveIntegerField(_("Days to pay"), null=True, blank=True, help_text=_("From the day of issue."))
    due_on = models.DateField(_("Due"), null=True, editable=False)
    delivered_on = models.DateField(_("Supplied"), null=True, blank=True)
    reference = models.CharField(_("Their reference"), max_length=100, blank=True)
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    parties = models.JSONField(_("Seller and buyer"), default=dict, editable=False)
    document = FileField(_("Document"), blank=True, editable=False)
    paid = MoneyField(_("Paid"), editable=False)
    credited = MoneyField(_("Credited"), editable=False)
    written_off = MoneyField(_("Written off"), editable=False)
    open = MoneyField(_("Open"), editable=False)
    paid_on = models.DateField(_("Paid on"), null=True, editable=False)
    written_off_on = models.DateField(_("Written off on"), null=True, editable=False)
    reminded = models.PositiveIntegerField(_("Reminders"), default=0, editable=False)
    reminded_on = models.DateField(_("Reminded"), null=True, editable=False)
    search = SearchField(A=("title", "number"), B=("external_key", "reference"), C=("reason",))

    @property
    def supplied_on(self) -> date | None:
        """The day whose taxes hold: that of the supply, else that of issue."""
        return self.delivered_on or self.issued_on

    class Meta(PricedDocument.Meta):
        indexes = [
            *PricedDocument.Meta.indexes,
            models.Index(fields=["workspace", "account", "id"], name="invoice_account"),
            models.Index(fields=["workspace", "order"], name="invoice_order"),
            models.Index(fields=["workspace", "due_on", "id"], name="invoice_due"),
            board_index("invoice_board", "status"),
        ]
        constraints = [
            unique("invoice_number", "number"),
            unique("invoice_external_key", "external_key"),
        ]


class InvoiceLine(PricedLine):
    """One line of an invoice or credit note."""

    invoice = WorkspaceForeignKey(Invoice, models.CASCADE, related_name="+", verbose_name=_("Invoice"))
    order_line = WorkspaceForeignKey(
        OrderLine, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Line of the order")
    )
    corrects = WorkspaceForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Corrects the line")
    )

    class Meta(PricedLine.Meta):
        indexes = [
            *PricedLine.Meta.indexes,
            models.Index(fields=["workspace", "invoice", "position"], name="invoice_line_invoice"),
            models.Index(fields=["workspace", "order_line"], name="invoice_line_order_line"),
        ]


class Payment(Record):
    """Money that came in, or went back."""

    account = WorkspaceForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("Account"))
    kind = models.CharField(_("Type"), max_length=8, choices=PAYMENT_KINDS, default="payment", editable=False)
    amount = MoneyField(_("Amount"), null=False, blank=False)
    received_on = models.DateField(_("Day"), default=timezone.localdate)
    method = models.CharField(_("Method"), max_length=12, choices=METHODS, default="transfer")
    reference = models.CharField(
        _("Reference"), max_length=140, null=True, blank=True, help_text=_("What the bank says; each only once.")
    )
    external_key = models.CharField(_("External key"), max_length=120, null=True, blank=True)
    invoice = WorkspaceForeignKey(
        Invoice,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("For"),
        help_text=_("Empty: for the oldest open invoices."),
    )
    refunds = WorkspaceForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("Gives back")
    )
    refunded = MoneyField(_("Given back"), editable=False)
    credit = MoneyField(_("Not allocated"), editable=False, help_text=_("The customer's credit with us."))
    voided_on = models.DateField(_("Voided"), null=True, editable=False)
    notes = models.TextField(_("Notes"), blank=True)
    search = SearchField(A=("title",), B=("reference", "external_key"), C=("notes",))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "account", "id"], name="payment_account")]
        constraints = [
            unique("payment_reference", "account", "reference"),
            unique("payment_external_key", "external_key"),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="payment_amount",
                violation_error_code="amount",
                violation_error_message=_("Give an amount above zero; what goes back is a refund."),
            ),
        ]


class PaymentAllocation(Record):
    """How much of a payment settles an invoice."""

    payment = WorkspaceForeignKey(Payment, models.CASCADE, related_name="+", verbose_name=_("Payment"))
    invoice = WorkspaceForeignKey(Invoice, models.PROTECT, related_name="+", verbose_name=_("Invoice"))
    amount = MoneyField(_("Amount"), null=False, blank=False)

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "payment"], name="allocation_payment"),
            models.Index(fields=["workspace", "invoice"], name="allocation_invoice"),
        ]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="allocation_amount")]


class DunningLevel(Record):
    """One step of reminding: when it comes, and what it says."""

    rank = models.PositiveIntegerField(_("Step"))
    name = models.CharField(_("Name"), max_length=80)
    days = models.PositiveIntegerField(_("Days overdue"))
    fee = MoneyField(_("Fee"), help_text=_("Named in the letter; it becomes a debt only on an invoice."))
    grace = models.PositiveIntegerField(_("New term in days"), default=7)
    text = models.TextField(_("Text"), help_text=_("You can write {number}, {due}, {open} and {until}."))
    is_automatic = models.BooleanField(_("Sent by itself"), default=False, help_text=_("Else somebody sends it."))

    class Meta(Record.Meta):
        constraints = [unique("dunning_level_rank", "rank")]


class Reminder(Record):
    """A reminder of one invoice: proposed, sent or dismissed."""

    invoice = WorkspaceForeignKey(Invoice, models.PROTECT, related_name="+", verbose_name=_("Invoice"))
    level = WorkspaceForeignKey(DunningLevel, models.PROTECT, related_name="+", verbose_name=_("Step"))
    status = coloured(
        models.CharField(_("Status"), max_length=9, choices=REMINDER_STATUS, default="proposed", editable=False),
        proposed="azure",
        sent="green",
    )
    sent_on = models.DateField(_("Sent"), null=True, editable=False)

    class Meta(Record.Meta):
        constraints = [unique("reminder_once", "invoice", "level")]


class Settings(WorkspaceModel):
    """What a workspace decided about billing; one row, or none while all is as usual."""

    days = models.PositiveIntegerField(_("Days to pay"), default=14)
    provider = models.CharField(_("Payments online"), max_length=20, blank=True, choices=[("stripe", "Stripe")])
    key = models.TextField(blank=True)
    hook_secret = models.TextField(blank=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="billing_settings_once")]


class Checkout(WorkspaceModel):
    """A page of a payment provider that was opened for an invoice."""

    invoice = WorkspaceForeignKey(Invoice, models.CASCADE, related_name="+")
    provider = models.CharField(max_length=20)
    key = models.CharField(max_length=255)
    amount = models.DecimalField(max_digits=19, decimal_places=4)
    currency = CurrencyField()
    url = models.TextField()
    state = models.CharField(max_length=10, default="open")  # open, paid, expired, refused
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "provider", "key"], name="checkout_key")]
        indexes = [models.Index(fields=["workspace", "invoice", "id"], name="checkout_invoice")]
