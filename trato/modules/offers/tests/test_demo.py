"""The story of the demo: a new user finds offers of every reason."""

from trato.modules.billing import demo as billing
from trato.modules.catalog import demo as catalog
from trato.modules.offers import demo
from trato.modules.offers.models import Offer
from trato.modules.people.demo import fill


def test_there_is_something_to_offer(owner):
    fill(owner)
    catalog.fill(owner)
    billing.tell(owner)
    demo.tell(owner)
    found = Offer.objects.filter(answer="")
    assert {"service", "again", "together"} <= set(found.values_list("kind", flat=True))
    care = found.filter(kind="service").first()
    assert care.product.sku == "CAR" and care.facts["months"] in (6, 12)
    assert found.filter(kind="service").count() >= 3


def test_nobody_buys_nothing_is_offered(owner):
    demo.tell(owner)
    assert not Offer.objects.exists()
