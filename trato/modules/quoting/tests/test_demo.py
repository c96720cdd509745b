"""The demo: quotes in every state, and none of them mailed."""

import pytest

from trato.engine import actions, objects
from trato.engine.outbox.models import Mail
from trato.modules.quoting.demo import BECOMES, OFFERS, tell
from trato.modules.quoting.models import Quote

pytestmark = pytest.mark.django_db


def test_the_demo_has_quotes_in_every_state_and_mails_none(owner, shop):
    for code in {code for offer in OFFERS for code, _count in offer}:
        given = {"name": code, "sku": code, "price": {"amount": "100", "currency": "EUR"}}
        actions.create(owner, objects.get("products"), given)
    for _turn in BECOMES:
        shop(owner)
    tell(owner)
    found = sorted(Quote.objects.exclude(intro="").values_list("status", flat=True))
    assert found == ["accepted", "declined", "draft", "draft", "seen", "sent"]
    assert Quote.objects.get(status="accepted").signed
    assert not Mail.objects.exists()


def test_without_deals_nothing_is_told(owner):
    tell(owner)
    assert not Quote.objects.exists()
