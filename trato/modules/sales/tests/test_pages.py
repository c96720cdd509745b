"""What sales shows beside leads and deals, on My day, and to strangers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from trato.engine import actions, objects
from trato.modules.sales.actions import scoring
from trato.modules.sales.models import Lead, Question

from .kit import reason


@pytest.fixture
def page(cast, signed_in):
    """``page(person, "deals/...")``: the text of a page."""

    def read(person, place: str, status: int = 200) -> str:
        answer = signed_in(person).get(f"/w/acme/{place}")
        assert answer.status_code == status, place
        return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())

    return read


def test_a_deal_tells_its_way_its_checklist_and_why_it_has_no_chance_yet(as_, cast, page):
    with as_(cast.owner) as owner:
        deal = actions.create(owner, objects.get("deals"), {"name": "Beans", "owner": str(cast.member.id)})
        point = {"stage": str(deal.stage_id), "name": "Who signs?"}
        actions.create(owner, objects.get("stage-checks"), point)
    text = page(cast.member, f"deals/{deal.id}")
    assert "Time in stages" in text and "Who signs?" in text
    assert "So far 0 were won and 0 lost." in text


def test_a_lead_shows_its_questions_and_who_is_known_already(as_, cast, page, signed_in):
    mail = [{"address": "ana@casa.example", "primary": True}]
    with as_(cast.owner) as owner:
        known = actions.create(owner, objects.get("contacts"), {"first_name": "Ana", "emails": mail})
        lead = actions.create(owner, objects.get("leads"), {"first_name": "Ana", "emails": mail, "company": "Casa"})
        question = Question.objects.filter(is_on=True).first()
    text = page(cast.owner, f"leads/{lead.id}")
    assert question.name in text and "Known already?" in text
    client = signed_in(cast.owner)
    answer = client.post(f"/w/acme/leads/{lead.id}/answer", {"question": str(question.id), "met": "yes"})
    assert answer.status_code == 303
    answer = client.post(f"/w/acme/leads/{lead.id}/convert", {"contact": f"contacts/{known.id}"})
    assert answer.status_code == 303
    with as_(cast.owner):
        done = Lead.objects.get(id=lead.id)
        assert (done.status, done.contact_id) == ("converted", known.id)
        assert done.answers[str(question.id)]["met"] is True


def test_my_day_has_leads_to_touch_and_next_steps_of_mine_only(as_, cast, page):
    soon = (timezone.now() - timedelta(hours=1)).isoformat()
    with as_(cast.owner) as owner:
        for person, name in ((cast.member, "Mine"), (cast.teammate, "Theirs")):
            given = {"owner": str(person.id)}
            actions.create(owner, objects.get("leads"), {"last_name": f"{name} Lead", **given})
            step = {"name": f"{name} Deal", "next_step": "Call them", "next_step_at": soon}
            actions.create(owner, objects.get("deals"), step | given)
    text = page(cast.member, "")
    assert "Mine Lead" in text and "Mine Deal" in text and "Call them" in text
    assert "Theirs Lead" not in text and "Theirs Deal" not in text


def test_how_far_chances_hold_is_for_who_sees_all_deals(as_, cast, page, signed_in):
    with as_(cast.owner):
        scoring.relearn(cast.acme)
    assert "at least: with fewer, luck alone" in page(cast.member, "sales/chances")
    assert signed_in(cast.limited).get("/w/acme/sales/chances").status_code in (403, 404)
    assert signed_in(cast.member).post("/w/acme/sales/chances/learn").status_code in (403, 404)
    assert signed_in(cast.owner).post("/w/acme/sales/chances/learn").status_code == 303


# -- strangers ------------------------------------------------------------------------------------------------------


@pytest.fixture
def form(as_, cast, signed_in):
    """A form and the path of its secret address."""
    with as_(cast.owner) as owner:
        made = actions.create(owner, objects.get("lead-forms"), {"name": "Samples", "heading": "Ask for samples"})
    answer = signed_in(cast.owner).post(f"/w/acme/sales/forms/{made.id}/address")
    return made, re.search(r"/p/acme/[\w-]{43}", answer.content.decode())[0]


def test_a_stranger_fills_in_the_form_and_becomes_a_lead(as_, cast, form, client):
    _made, path = form
    assert "Ask for samples" in client.get(path).content.decode()
    given = {"first_name": "Ana", "last_name": "García", "email": "ana@casa.example", "wish": "Beans", "owner": "x"}
    assert "Thank you" in client.post(f"{path}/send", given).content.decode()
    with as_(cast.owner):
        lead = Lead.objects.get()
        assert (lead.first_name, lead.wish, lead.source, lead.owner_id) == ("Ana", "Beans", "Samples", None)


def test_bad_input_and_programs_make_no_lead(as_, cast, form, client):
    _made, path = form
    for given in ({}, {"last_name": "x"}, {"last_name": "x", "email": "nonsense"}, {"phone": "not a phone"}):
        assert client.post(f"{path}/send", given).status_code == 422, given
    caught = client.post(f"{path}/send", {"email": "a@b.example", "homepage": "https://spam.example"})
    assert caught.status_code == 200 and "Thank you" in caught.content.decode()
    assert (
        client.post(f"{path[:-1]}{'A' if path[-1] != 'A' else 'B'}/send", {"email": "a@b.example"}).status_code == 404
    )
    with as_(cast.owner):
        assert not Lead.objects.exists()


def test_a_form_that_is_off_or_closed_opens_nothing(as_, cast, form, client, signed_in):
    made, path = form
    assert signed_in(cast.member).post(f"/w/acme/sales/forms/{made.id}/close").status_code in (403, 404)
    with as_(cast.owner) as owner:
        actions.update(owner, objects.get("lead-forms"), made.id, {"is_on": False})
    assert client.get(path).status_code == 404
    with as_(cast.owner) as owner:
        actions.update(owner, objects.get("lead-forms"), made.id, {"is_on": True})
    assert client.get(path).status_code == 200
    assert signed_in(cast.owner).post(f"/w/acme/sales/forms/{made.id}/close").status_code == 303
    assert client.get(path).status_code == 404


def test_lost_through_the_page_needs_a_reason(as_, cast, signed_in):
    with as_(cast.owner) as owner:
        deal = actions.create(owner, objects.get("deals"), {"name": "Beans"})
        why = reason()
    client = signed_in(cast.owner)
    assert client.post(f"/w/acme/deals/{deal.id}/lose", {"reason": ""}).status_code == 422
    assert client.post(f"/w/acme/deals/{deal.id}/lose", {"reason": f"loss-reasons/{why}"}).status_code == 303
