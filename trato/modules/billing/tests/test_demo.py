"""The story of the demo: a year of orders that are delivered, invoiced and paid, or not yet."""

from django.db.models import Sum

from trato.engine import seeding
from trato.modules.billing.demo import tell
from trato.modules.billing.models import Delivery, Invoice, Order, Payment
from trato.modules.catalog.demo import fill
from trato.modules.people.demo import fill as people


def test_the_demo_tells_a_year_of_orders_and_its_sums_agree(owner):
    people(owner)
    fill(owner)
    tell(owner)
    assert Order.objects.count() == 24
    assert {*Order.objects.values_list("status", flat=True)} >= {"confirmed"}
    issued = Invoice.objects.exclude(status="draft")
    assert issued.count() > 15
    assert Delivery.objects.filter(status="delivered").count() == issued.count()
    paid = issued.filter(status="paid").aggregate(n=Sum("total"))["n"]
    assert paid == Payment.objects.aggregate(n=Sum("amount"))["n"]
    assert issued.exclude(status="paid").exists()
    obj = "invoices"
    first = issued.first()
    assert seeding._forget(owner, obj, first.id)  # samples go, frozen or not
