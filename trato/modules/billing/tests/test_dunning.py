"""Reminders: proposed in their time, sent once, in the customer's words."""

from datetime import timedelta

import pytest

from trato.engine import actions, objects
from trato.engine.outbox.models import Mail
from trato.engine.values import Refused
from trato.modules.billing.actions import propose_reminders, turn_overdue
from trato.modules.billing.models import DunningLevel, Reminder

from .conftest import again, run


@pytest.fixture
def overdue(owner, order):
    """An invoice that is due, and the day it is overdue for five days."""
    made = run(owner, run(owner, order(("1", "100.00", "21")), "invoice_rest"), "issue")
    day = made.due_on + timedelta(5)
    turn_overdue(owner, day)
    return again(made), day


def test_a_new_workspace_has_three_steps(owner):
    assert list(DunningLevel.objects.order_by("rank").values_list("rank", "days")) == [(1, 5), (2, 19), (3, 33)]


def test_reminders_are_proposed_once_and_in_their_time(owner, overdue):
    invoice, day = overdue
    assert propose_reminders(owner, day - timedelta(1)) == 0
    assert [propose_reminders(owner, day), propose_reminders(owner, day)] == [1, 0]
    assert propose_reminders(owner, day + timedelta(40)) == 0  # the first still waits
    waiting = Reminder.objects.get()
    run(owner, waiting, "send")
    assert again(invoice).reminded == 1
    with pytest.raises(Refused, match="sent or dismissed already"):
        run(owner, waiting, "send")
    assert Mail.objects.count() == 1


def test_the_letter_says_what_is_open_and_until_when(owner, overdue):
    invoice, day = overdue
    run(owner, invoice, "record_payment", amount={"amount": "21", "currency": "EUR"})
    propose_reminders(owner, day)
    run(owner, Reminder.objects.get(), "send")
    mail = Mail.objects.get()
    assert invoice.number in mail.subject
    assert "100.00" in mail.text
    assert "{" not in mail.text
    assert len(mail.attachments) == 2  # the letter and the invoice
    assert "/p/acme/" in mail.text


def test_what_was_paid_is_not_reminded_of(owner, overdue):
    invoice, day = overdue
    propose_reminders(owner, day)
    run(owner, invoice, "record_payment")
    with pytest.raises(Refused, match="Nothing is open"):
        run(owner, Reminder.objects.get(), "send")
    assert Mail.objects.count() == 0
    assert propose_reminders(owner, day + timedelta(90)) == 0


def test_a_dismissed_step_is_passed_over(owner, overdue):
    invoice, day = overdue
    propose_reminders(owner, day)
    run(owner, Reminder.objects.get(), "dismiss")
    assert propose_reminders(owner, day + timedelta(20)) == 1
    ranks = Reminder.objects.order_by("id").values_list("level__rank", "status")
    assert list(ranks) == [(1, "dismissed"), (2, "proposed")]
    assert again(invoice).reminded == 1


def test_steps_that_go_by_themselves_go_and_without_an_address_they_wait(owner, customer, overdue):
    _invoice, day = overdue
    level = DunningLevel.objects.get(rank=1)
    actions.update(owner, objects.get("dunning-levels"), level.id, {"is_automatic": True})
    actions.update(owner, objects.get("accounts"), customer.id, {"emails": []})
    assert propose_reminders(owner, day) == 1
    assert Reminder.objects.get().status == "proposed"
    with pytest.raises(Refused, match="no e-mail address"):
        run(owner, Reminder.objects.get(), "send")
    actions.delete(owner, objects.get("reminders"), Reminder.objects.get().id)
    emails = [{"address": "pagos@acme-iberia.example", "primary": True}]
    actions.update(owner, objects.get("accounts"), customer.id, {"emails": emails})
    assert propose_reminders(owner, day) == 1
    assert Reminder.objects.get(deleted_at=None).status == "sent"
    assert Mail.objects.count() == 1


def test_a_person_reminds_at_once(owner, overdue):
    invoice, _day = overdue
    for _n in range(3):
        run(owner, invoice, "send_reminder")
    with pytest.raises(Refused, match="All reminders"):
        run(owner, invoice, "send_reminder")
    assert Mail.objects.count() == 3
