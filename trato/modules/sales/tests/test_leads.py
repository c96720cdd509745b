"""Leads: given away, touched in time, asked, converted, put aside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from trato.engine import access, actions, history, objects, undo
from trato.engine.values import Refused
from trato.modules.people.models import Account, Contact
from trato.modules.sales.actions import leads
from trato.modules.sales.models import Deal, Lead, LeadRuleMember, Question

from .kit import act, again, put, reason

MAIL = [{"address": "ana@casa.example", "primary": True}]
MADRID = [{"line1": "Calle Mayor 1", "postcode": "28013", "country": "ES", "primary": True}]


def lead_of(make, **values):
    return make("leads", **{"first_name": "Ana", "last_name": "García", "company": "Casa Ana"} | values)


# -- who gets it ----------------------------------------------------------------------------------------------------


@pytest.fixture
def turns(make, cast):
    """A rule that gives leads from the web to two people in turns, to be touched within the hour."""
    web = {"field": "source", "op": "is", "value": "Web"}
    rule = make("lead-rules", name="Web", condition=web, method="turns", minutes=60)
    for place, person in enumerate((cast.member, cast.teammate), 1):
        make("lead-rule-members", rule=str(rule.id), person=str(person.id), position=place)
    return rule


def came(cast, owner, lead, **how):
    return leads.arrive(cast.acme, [lead.id], how.get("by", owner.user_id), how.get("by_hand", False))


def test_leads_are_given_in_turns_and_their_clocks_start(owner, make, cast, turns):
    given = []
    for _ in range(4):
        lead = lead_of(make, source="Web")
        assert came(cast, owner, lead) == 1
        found = again(owner, "leads", lead)
        given.append(found.owner_id)
        assert timedelta(minutes=59) < found.due_at - timezone.now() <= timedelta(minutes=60)
    assert given == [cast.member.id, cast.teammate.id] * 2
    assert list(LeadRuleMember.objects.order_by("position").values_list("given", flat=True)) == [2, 2]


def test_run_twice_a_lead_is_given_once(owner, make, cast, turns):
    lead = lead_of(make, source="Web")
    assert [came(cast, owner, lead), came(cast, owner, lead)] == [1, 0]
    assert again(owner, "leads", lead).version == 2


def test_no_rule_holds_it_no_owner_changes(owner, make, cast, turns):
    lead = lead_of(make, source="Fair")
    assert came(cast, owner, lead) == 0
    assert again(owner, "leads", lead).owner_id == cast.owner.id


def test_what_is_written_by_hand_or_named_stays_with_its_owner(owner, make, cast, turns):
    mine, named = lead_of(make, source="Web"), lead_of(make, source="Web", owner=str(cast.manager.id))
    came(cast, owner, mine, by_hand=True)
    came(cast, owner, named)
    assert again(owner, "leads", mine).owner_id == cast.owner.id
    assert again(owner, "leads", mine).due_at is not None
    assert again(owner, "leads", named).owner_id == cast.manager.id


def test_who_is_away_gets_no_leads(owner, make, cast, turns):
    today = timezone.localdate().isoformat()
    make("absences", owner=str(cast.member.id), since=today, until=today)
    for _ in range(2):
        lead = lead_of(make, source="Web")
        came(cast, owner, lead)
        assert again(owner, "leads", lead).owner_id == cast.teammate.id


def test_territories_by_the_address_of_the_lead(owner, make, cast):
    rule = make("lead-rules", name="Spain", method="territory")
    make("lead-rule-members", rule=str(rule.id), person=str(cast.member.id), countries="ES")
    make("lead-rule-members", rule=str(rule.id), person=str(cast.teammate.id), countries="ES", postcodes="28")
    lead = lead_of(make, addresses=MADRID)
    assert act(owner, "leads", lead, "assign").owner_id == cast.teammate.id


def test_the_one_with_the_fewest_open_leads(owner, make, cast):
    rule = make("lead-rules", name="All", method="load")
    for person in (cast.member, cast.teammate):
        make("lead-rule-members", rule=str(rule.id), person=str(person.id))
    lead_of(make, owner=str(cast.member.id))
    lead_of(make, owner=str(cast.teammate.id), status="disqualified", loss_reason=reason("leads"))
    assert act(owner, "leads", lead_of(make), "assign").owner_id == cast.teammate.id


def test_a_filter_that_can_not_be_read_is_refused(make):
    for condition in ({"field": "nonsense", "op": "is", "value": 1}, {"x": 1}, [1]):
        with pytest.raises(Refused) as refused:
            make("lead-rules", name="x", condition=condition)
        assert refused.value.problems[0].field == "condition"


# -- the clock ------------------------------------------------------------------------------------------------------


def test_the_first_call_stops_the_clock_and_the_lead_is_worked_on(owner, make, cast, turns):
    lead = lead_of(make, source="Web")
    came(cast, owner, lead)
    make("tasks", subject="Call", about=[f"leads/{lead.id}"])
    assert leads.touch(cast.acme, [lead.id]) == 0
    make("calls", subject="Hello", about=[f"leads/{lead.id}"])
    leads.touch(cast.acme, [lead.id])
    found = again(owner, "leads", lead)
    assert found.status == "working" and found.touched_at <= timezone.now()
    first = found.touched_at
    make("calls", subject="Again", about=[f"leads/{lead.id}"])
    leads.touch(cast.acme, [lead.id])
    assert again(owner, "leads", lead).touched_at == first


# -- what is found out ----------------------------------------------------------------------------------------------


def test_nothing_is_left_to_be_asked_of_a_qualified_lead(owner, make):
    lead, asked = lead_of(make), list(Question.objects.filter(is_on=True).order_by("position"))
    for question in asked[:-1]:
        act(owner, "leads", lead, "answer", question=str(question.id), met="yes")
    with pytest.raises(Refused) as refused:
        act(owner, "leads", lead, "qualify")
    assert asked[-1].name in refused.value.problems[0].message and asked[0].name not in str(refused.value)
    act(owner, "leads", lead, "answer", question=str(asked[-1].id), met="no", note="Next year")
    assert act(owner, "leads", lead, "qualify").status == "qualified"
    assert again(owner, "leads", lead).answers[str(asked[-1].id)]["note"] == "Next year"
    with pytest.raises(Refused):
        act(owner, "leads", lead, "answer", question=str(lead.id), met="yes")


# -- what it becomes ------------------------------------------------------------------------------------------------


def test_a_lead_becomes_an_account_a_contact_and_a_deal(owner, make, cast):
    lead = lead_of(make, emails=MAIL, addresses=MADRID, source="Web", campaign="May", owner=str(cast.member.id))
    worth = {"amount": "900", "currency": "EUR"}
    done = act(owner, "leads", lead, "convert", deal_name="Beans for Casa Ana", value=worth)
    account, contact, deal = done.account, done.contact, done.deal
    assert (account.name, account.source, account.addresses[0]["postcode"]) == ("Casa Ana", "Web", "28013")
    assert (contact.first_name, contact.account_id, contact.emails[0]["address"]) == (
        "Ana",
        account.id,
        "ana@casa.example",
    )
    assert (deal.name, deal.value, deal.account_id, deal.contact_id) == (
        "Beans for Casa Ana",
        900,
        account.id,
        contact.id,
    )
    assert (deal.lead_id, deal.source, deal.campaign, deal.owner_id) == (lead.id, "Web", "May", cast.member.id)
    assert done.status == "converted" and done.converted_at
    with pytest.raises(Refused):
        act(owner, "leads", lead, "convert")
    with pytest.raises(Refused):
        put(owner, "leads", done, status="new")


def test_a_lead_joins_what_is_there(owner, make):
    account, contact = make("accounts", name="Casa Ana SL"), make("contacts", first_name="Ana")
    deal = make("deals", name="Beans", account=str(account.id))
    lead = lead_of(make)
    done = act(owner, "leads", lead, "convert", account=str(account.id), contact=str(contact.id), deal=str(deal.id))
    assert (done.account_id, done.contact_id, done.deal_id) == (account.id, contact.id, deal.id)
    assert (Account.objects.count(), Contact.objects.count(), Deal.objects.count()) == (1, 1, 1)


def test_a_person_without_a_company_becomes_no_account(owner, make):
    done = act(owner, "leads", lead_of(make, company=""), "convert", without_deal=True)
    assert (done.account_id, done.deal_id) == (None, None) and done.contact.last_name == "García"


def test_a_conversion_is_undone_whole(owner, make):
    lead = lead_of(make)
    with history.batch("convert") as batch:
        act(owner, "leads", lead, "convert")
    undo.undo(owner, batch.id)
    back = again(owner, "leads", lead)
    assert (back.status, back.account_id, back.deal_id, back.converted_at) == ("new", None, None, None)
    for model in (Account, Contact, Deal):
        assert not model.objects.filter(deleted_at=None).exists()


def test_half_a_conversion_is_none(owner, make):
    with pytest.raises(Refused):
        act(owner, "leads", lead_of(make), "convert", pipeline="00000000-0000-7000-8000-000000000000")
    assert not Account.objects.exists() and not Contact.objects.exists()


def test_nobody_joins_a_lead_to_what_they_may_not_see(as_, cast):
    with as_(cast.owner) as owner:
        account = actions.create(owner, objects.get("accounts"), {"name": "Secret"})
    with as_(cast.limited) as limited:
        lead = actions.create(limited, objects.get("leads"), {"last_name": "Mine"})
        with pytest.raises(Refused):
            act(limited, "leads", lead, "convert", account=str(account.id))
    with as_(cast.reader) as reader, pytest.raises(access.Forbidden):
        act(reader, "leads", lead, "convert")
    with as_(cast.stranger) as stranger, pytest.raises(access.Absent):
        act(stranger, "leads", lead, "convert")


# -- not now --------------------------------------------------------------------------------------------------------


def test_a_lead_put_aside_is_taken_up_again_on_its_day(owner, make, cast):
    lead = lead_of(make)
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(Refused):
        act(owner, "leads", lead, "disqualify", reason=reason("leads"), recycle_on=timezone.localdate().isoformat())
    act(owner, "leads", lead, "disqualify", reason=reason("leads"), recycle_on=tomorrow.isoformat())
    assert leads.recycle_due(cast.acme) == 0
    Lead.objects.filter(id=lead.id).update(recycle_on=timezone.localdate())
    assert [leads.recycle_due(cast.acme), leads.recycle_due(cast.acme)] == [1, 0]
    back = again(owner, "leads", lead)
    assert (back.status, back.loss_reason_id, back.recycle_on) == ("new", None, None)


def test_a_lead_needs_a_name_or_a_way_to_be_reached(make):
    with pytest.raises(Refused):
        make("leads", source="Web")
    assert make("leads", emails=MAIL).title == "ana@casa.example"
    assert make("leads", company="Casa Ana").title == "Casa Ana"
