"""The story of the demo: outreach is seen alive, and no mail leaves by it."""

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from trato.engine import access, objects, seeding
from trato.engine.outbox.models import Mail
from trato.modules.outreach import demo, queries
from trato.modules.outreach.actions import sequences
from trato.modules.outreach.models import Answer, CallListEntry, Enrolment, Promise
from trato.modules.people.demo import fill


def test_there_is_something_to_see_and_nothing_is_mailed(owner, cast):
    fill(owner)
    demo.tell(owner)
    assert Counter(Enrolment.objects.values_list("status", flat=True)) == {
        "active": 4,
        "finished": 2,
        "replied": 1,
        "stopped": 1,
    }
    assert Counter(CallListEntry.objects.values_list("status", flat=True)) == {
        "open": 9,
        "reached": 2,
        "missed": 2,
        "later": 1,
    }
    assert Answer.objects.count() == 4 + 2
    # Kept two days early and on the day, three days late, one day early; three are open.
    assert Counter(Promise.objects.values_list("status", flat=True)) == {"kept": 3, "broken": 1, "open": 3}
    for days in (30, 60, 90):
        while sequences.advance(cast.acme, timezone.now() + timedelta(days=days)):
            pass
    assert not Mail.objects.exists() and not Enrolment.objects.filter(status="active").exists()
    assert not queries.overdue(queries.today(cast.acme))
    for plural in ("enrolments", "call-list-entries", "promises", "scripts"):
        first = access.visible(owner, objects.get(plural)).first()
        assert seeding._forget(owner, plural, first.id), plural


def test_nobody_known_nothing_told(owner):
    demo.tell(owner)
    assert not Enrolment.objects.exists()
