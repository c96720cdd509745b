"""The story of the demo: visits that were made, are made today and are planned."""

from django.utils import timezone

from trato.engine import access
from trato.engine.places.models import Point
from trato.modules.field import demo
from trato.modules.field.models import Visit
from trato.modules.people.demo import fill
from trato.modules.people.models import Account


def test_visits_before_today_are_done_and_those_to_come_are_planned(owner):
    fill(owner)
    town = {"city": "London", "country": "GB", "latitude": 51.50853, "longitude": -0.12574, "precision": "city"}
    for account in Account.objects.all():
        Point.objects.create(object="accounts", record_id=account.id, field="addresses", **town)
    demo.tell(owner)
    today = timezone.localdate()
    done, planned = Visit.objects.filter(status="done"), Visit.objects.filter(status="planned")
    sellers = min(access.members(owner).count(), 3)
    assert planned.filter(planned_at__date=today).count() == 3 * sellers
    assert done.exists() and planned.filter(planned_at__date__gt=today).exists()
    assert not done.filter(planned_at__date__gte=today).exists()
    assert not planned.filter(planned_at__date__lt=today).exists()
    assert not done.filter(report="").exists() and not done.filter(outcome="").exists()
    # The story strays by two hundredths of a degree: at most 2.2 km to the north and 1.4 to the east of London.
    assert all(0 <= visit.distance < 2.7 for visit in done)


def test_nobody_to_visit_nothing_told(owner):
    demo.tell(owner)
    assert not Visit.objects.exists()
