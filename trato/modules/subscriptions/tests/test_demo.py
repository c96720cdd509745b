"""The subscriptions of the demo, told after the orders."""

from trato.engine import access, objects
from trato.modules.catalog import demo as catalog
from trato.modules.people import demo as people
from trato.modules.subscriptions import demo, jobs
from trato.modules.subscriptions.models import Contract, Subscription


def test_customers_have_subscriptions_that_went_their_ways(owner) -> None:
    people.fill(owner)
    catalog.fill(owner)
    demo.tell(owner)
    statuses = list(Subscription.objects.values_list("status", flat=True))
    assert len(statuses) == len(demo.COURSES)
    assert not Subscription.objects.filter(billed_until=None).exists()
    assert Contract.objects.get().status == "active"
    assert jobs.invoice_due(owner.workspace) > 0
    assert access.visible(owner, objects.get("invoices")).filter(status="draft").count() == 0
