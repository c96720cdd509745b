"""What people inside do with quotes: approve, send, version, withdraw."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.papers import text_of
from trato.engine import access, actions, doors, files, merging, objects, undo
from trato.engine.doors.models import Door
from trato.engine.models import HistoryEntry
from trato.engine.outbox.models import Mail
from trato.engine.together.models import Notification
from trato.engine.values import Refused
from trato.modules.quoting.actions import expire
from trato.modules.quoting.actions.answering import choose
from trato.modules.quoting.models import Approval, Quote, QuoteLine

pytestmark = pytest.mark.django_db


def run(actor, name, quote, **given):
    actions.run(actor, objects.get("quotes"), name, quote.id, given)
    return Quote.objects.get(id=quote.id)


def refused(actor, name, quote, **given) -> str:
    before = Quote.objects.values().get(id=quote.id)
    with pytest.raises(Refused) as told:
        run(actor, name, quote, **given)
    assert Quote.objects.values().get(id=quote.id) == before
    return str(told.value)


def test_a_quote_sums_what_is_not_optional(owner, shop):
    quote = Quote.objects.get(id=shop(owner).quote.id)
    # 2 x 1,000.00 + 250.50 = 2,250.50; Spain's 21 % of it = 472.605, half up 472.61
    assert (quote.net, quote.tax, quote.total) == (Decimal("2250.50"), Decimal("472.61"), Decimal("2723.11"))
    assert (quote.status, quote.number) == ("draft", None)
    assert quote.valid_until == timezone.localdate() + timedelta(days=30)


def test_sending_gives_a_number_a_document_an_address_and_one_mail(owner, shop):
    quote = run(owner, "send", shop(owner).quote)
    year = timezone.localdate().year
    assert (quote.number, quote.status, quote.title) == (f"Q-{year}-0001", "sent", f"Q-{year}-0001 · Machines for Luna")
    content = files.open_file(quote.document["id"])[1].read()
    found = text_of(content)
    for words in (
        "Espresso machine",
        "€2,723.11",
        "€2,250.50",
        "Service for a year",
        "Café Luna",
        "Ana García",
        f"Q-{year}-0001",
    ):
        assert words in found, words
    mail = Mail.objects.get()
    assert mail.to == [["Ana García", "ana@luna.example"]] and mail.attachments[0]["id"] == quote.document["id"]
    assert mail.reply_to == "owner@acme.example"
    address = next(word for word in mail.text.split() if "/p/acme/" in word)
    assert address in mail.html
    door = Door.objects.get()
    assert doors.place_of("acme", address.rpartition("/")[2])[1] == door.digest
    assert (door.email, door.object, door.record_id) == ("ana@luna.example", "quotes", quote.id)


def test_a_second_click_sends_no_second_mail(owner, shop):
    quote = run(owner, "send", shop(owner).quote)
    again = run(owner, "send", quote)
    assert (Mail.objects.count(), Door.objects.count(), again.version) == (1, 1, quote.version)
    run(owner, "send", quote, email="luis@luna.example", message="For Luis too")
    assert sorted(mail.to[0][1] for mail in Mail.objects.all()) == ["ana@luna.example", "luis@luna.example"]


def test_numbers_follow_one_another_and_versions_keep_theirs(owner, shop):
    first, second = shop(owner).quote, shop(owner).quote
    first, second = run(owner, "send", first), run(owner, "send", second)
    assert [int(one.number[-4:]) for one in (first, second)] == [1, 2]


@pytest.mark.parametrize(
    ("given", "lines", "words"),
    [
        ({}, [], "Add a line"),
        ({}, [{"description": "x", "is_optional": True, "price": {"amount": "1", "currency": "EUR"}}], "Add a line"),
        ({}, [{"description": "Thing without"}], "Thing without” has no price"),
        ({"contact": None}, None, "Say to which address"),
    ],
)
def test_what_can_not_go_out_says_why_and_stays(owner, shop, given, lines, words):
    given = given | ({} if lines is None else {"quote-lines": lines})
    assert words in refused(owner, "send", shop(owner, **given).quote)
    assert not Mail.objects.exists()


def test_what_went_out_is_frozen_with_its_lines(owner, shop):
    quote = run(owner, "send", shop(owner).quote)
    quotes, lines = objects.get("quotes"), objects.get("quote-lines")
    line = access.visible(owner, lines).first()
    for attempt in (
        lambda: actions.update(owner, quotes, quote.id, {"name": "Other"}),
        lambda: actions.update(owner, lines, line.id, {"quantity": 3}),
        lambda: actions.delete(owner, lines, line.id),
        lambda: actions.delete(owner, quotes, quote.id),
        lambda: actions.create(owner, lines, {"quote": quote.id, "description": "x"}),
    ):
        with pytest.raises(Refused) as told:
            attempt()
        assert "new version" in str(told.value)
    actions.update(owner, quotes, quote.id, {"tags": ["big"]})
    with pytest.raises(Refused):
        actions.update(owner, quotes, quote.id, {"status": "accepted"})


def test_a_new_version_replaces_the_old_one(owner, shop):
    old = run(owner, "send", shop(owner).quote)
    run(owner, "revise", old)
    new = Quote.objects.get(previous=old)
    old = Quote.objects.get(id=old.id)
    assert (old.status, new.status, new.number, new.revision) == ("superseded", "draft", old.number, 2)
    assert new.title == f"{old.number} v2 · Machines for Luna"
    assert (new.total, new.valid_until) == (old.total, timezone.localdate() + timedelta(days=30))
    assert "newer version" in refused(owner, "reinstate", old)
    assert "Only what was sent" in refused(owner, "revise", old)
    sent = run(owner, "send", new)
    assert (sent.number, sent.status) == (old.number, "sent")
    assert text_of(files.open_file(sent.document["id"])[1].read()).count("v2") >= 1


def test_an_old_version_counts_again_once_the_new_one_is_gone(owner, shop):
    old = run(owner, "send", shop(owner).quote)
    run(owner, "revise", old)
    actions.delete(owner, objects.get("quotes"), Quote.objects.get(previous=old).id)
    assert run(owner, "reinstate", old).status == "sent"
    run(owner, "revise", old)
    assert Quote.objects.filter(number=old.number, deleted_at=None).order_by("-revision").first().revision == 3


def test_a_copy_is_another_quote(owner, shop):
    quote = run(owner, "send", shop(owner).quote)
    run(owner, "duplicate", quote)
    copy = Quote.objects.order_by("-id").first()
    assert (copy.number, copy.status, copy.previous_id, copy.total) == (None, "draft", None, quote.total)


def test_a_withdrawn_quote_is_sent_no_more(owner, shop):
    quote = run(owner, "withdraw", run(owner, "send", shop(owner).quote))
    assert quote.status == "withdrawn"
    refused(owner, "send", quote)
    refused(owner, "withdraw", quote)


def test_quotes_end_with_their_last_day(owner, shop):
    quote = run(owner, "send", shop(owner).quote)
    assert expire(owner.workspace) == 0
    Quote.objects.filter(id=quote.id).update(valid_until=timezone.localdate() - timedelta(days=1))
    assert (expire(owner.workspace), expire(owner.workspace)) == (1, 0)
    assert Quote.objects.get(id=quote.id).status == "expired"
    with pytest.raises(Refused):
        actions.update(owner, objects.get("quotes"), shop(owner).quote.id, {"valid_until": "2020-01-01"})


def test_a_deal_becomes_a_quote_with_its_lines(owner, shop):
    made = shop(owner)
    deal_line = {
        "deal": made.deal.id,
        "description": "Grinder",
        "quantity": 3,
        "price": {"amount": "10", "currency": "EUR"},
    }
    made.put("deal-lines", **deal_line)
    actions.run(owner, objects.get("deals"), "quote", made.deal.id, {})
    quote = Quote.objects.order_by("-id").first()
    assert (quote.net, quote.deal_id, quote.account_id) == (Decimal("30.00"), made.deal.id, made.account.id)


# -- approval -------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(cast, as_, shop, settings):
    """A quote of the manager's that falls under two rules: the teammate's, then the owner's."""
    with as_(cast.owner) as admin:
        for place, (name, who, more) in enumerate(
            (
                ("From 2,000", cast.manager, {"amount": {"amount": "2000", "currency": "EUR"}}),
                ("Steep", cast.owner, {"discount": 15}),
                ("Dollars", cast.owner, {"amount": {"amount": "1", "currency": "USD"}}),
                ("Large", cast.owner, {"amount": {"amount": "9000", "currency": "EUR"}}),
            )
        ):
            given = {"name": name, "position": place, "approver": str(who.id), **more}
            actions.create(admin, objects.get("approval-rules"), given)

    def make(actor, **values):
        return shop(actor, **values).quote

    return make


def test_those_whom_the_rules_name_are_asked_one_after_the_other(cast, as_, set_role, asked):
    set_role(cast.member, "Manager")
    with as_(cast.member) as member:
        # 2,250.50 and the option of 300 less 22 % are 1,989.39: under the first rule no more
        quote = asked(member, discount_percent=22)
        assert "approved first" in refused(member, "send", quote)
        assert run(member, "ask_approval", quote).status == "approval"
        assert [one.because for one in Approval.objects.all()] == ["Steep"]
        assert "Take it back" in refused(member, "send", quote)
        run(member, "take_back", quote)
        actions.update(member, objects.get("quotes"), quote.id, {"discount_percent": 10})
        line = access.visible(member, objects.get("quote-lines")).order_by("position", "id").first()
        actions.update(member, objects.get("quote-lines"), line.id, {"discount_percent": 6, "quantity": 3})
        # 3 x 1,000 less 6 % = 2,820 and 250.50, less 10 %: 2,763.45; the line has 1 - 0.94 x 0.9 = 15.4 % off
        assert run(member, "ask_approval", quote).net == Decimal("2763.45")
        assert [(one.because, one.approver_id) for one in Approval.objects.order_by("position")] == [
            ("From 2,000", cast.manager.id),
            ("Steep", cast.owner.id),
        ]
        told = Notification.objects.filter(kind="approval").order_by("id")
        assert [row.user_id for row in told] == [cast.owner.id, cast.manager.id]  # the owner of the first time
        assert "Max Manager" in refused(member, "approve", quote)
    with as_(cast.manager) as manager:
        assert run(manager, "approve", quote, words="Fine").status == "approval"
        assert {row.user_id for row in Notification.objects.filter(kind="approval")} == {cast.manager.id, cast.owner.id}
        assert "Olga Owner" in refused(manager, "approve", quote)
    with as_(cast.owner) as admin:
        assert run(admin, "approve", quote).status == "approved"
        assert "Nobody" not in str(Notification.objects.get(kind="approved").by_name)
    with as_(cast.member) as member:
        with pytest.raises(Refused):
            actions.update(member, objects.get("quotes"), quote.id, {"discount_percent": 50})
        assert run(member, "send", quote).status == "sent"


def test_who_refuses_says_why_and_the_quote_is_a_draft_again(cast, as_, set_role, asked):
    set_role(cast.member, "Manager")
    with as_(cast.member) as member:
        quote = asked(member)
        run(member, "ask_approval", quote)
    with as_(cast.manager) as manager:
        assert "words" in refused(manager, "refuse", quote)
        assert run(manager, "refuse", quote, words="Too cheap").status == "draft"
        row = Approval.objects.get()
        assert (row.decision, row.words, row.decided_by_id) == ("refused", "Too cheap", cast.manager.id)
        told = Notification.objects.get(kind="approved")
        assert (told.user_id, told.details) == (cast.member.id, {"refused": True})


def test_what_one_decides_oneself_is_not_asked(cast, as_, asked):
    with as_(cast.manager) as manager:
        assert run(manager, "ask_approval", asked(manager)).status == "approved"
        assert not Approval.objects.exists()


def test_more_off_than_the_role_may_give_waits_for_an_administrator(cast, as_, shop):
    with as_(cast.owner) as admin:
        actions.create(admin, objects.get("discount-limits"), {"role": "Manager", "percent": 5})
    with as_(cast.manager) as manager:
        quote = shop(manager, discount_percent=20).quote
        assert "approved first" in refused(manager, "send", quote)
        run(manager, "ask_approval", quote)
        assert Approval.objects.get().approver_id is None
        assert "administrator" in refused(manager, "approve", quote)
    with as_(cast.owner) as admin:
        assert run(admin, "approve", quote).status == "approved"


@pytest.mark.parametrize(
    "limits",
    [
        {"approval-rules": {"name": "Steep", "discount": 15}},
        {"approval-rules": {"name": "Large", "amount": {"amount": "5000", "currency": "EUR"}}},
        {"discount-limits": {"role": "Manager", "percent": 15}},
        {"discount-limits": {"role": "Manager", "amount": {"amount": "1000", "currency": "EUR"}}},
    ],
)
def test_what_the_customer_may_choose_is_approved_too(cast, as_, shop, limits):
    with as_(cast.owner) as admin:
        for plural, given in limits.items():
            who = {"approver": str(cast.owner.id)} if plural == "approval-rules" else {}
            actions.create(admin, objects.get(plural), given | who)
    option = {"description": "Roaster", "price": {"amount": "50000", "currency": "EUR"}, "is_optional": True}
    with as_(cast.manager) as manager:
        quote = shop(manager).quote
        assert run(manager, "ask_approval", quote).status == "approved"  # 2,550.50 at most, and nothing off
        run(manager, "take_back", quote)
        given = option | {"quote": str(quote.id), "discount_percent": 80}  # 10,000 more, 40,000 off
        actions.create(manager, objects.get("quote-lines"), given)
        assert "approved first" in refused(manager, "send", quote)
        assert run(manager, "ask_approval", quote).status == "approval"


@pytest.mark.parametrize("changed", ["quantity", "product"])
def test_an_approval_holds_for_what_was_approved(cast, as_, shop, changed):
    with as_(cast.owner) as admin:
        actions.create(admin, objects.get("discount-limits"), {"role": "Manager", "percent": 15})
        cup, roaster = (
            actions.create(
                admin, objects.get("products"), {"name": name, "price": {"amount": amount, "currency": "EUR"}}
            )
            for name, amount in (("Cup", "5"), ("Roaster", "9000"))
        )
    lines = objects.get("quote-lines")
    with as_(cast.manager) as manager:
        quote = shop(manager).quote
        price = {"amount": "1", "currency": "EUR"}
        line = actions.create(manager, lines, {"quote": str(quote.id), "product": str(cup.id), "price": price})
        run(manager, "ask_approval", quote)
    with as_(cast.owner) as admin:
        assert run(admin, "approve", quote).status == "approved"
    with as_(cast.manager) as manager:
        run(manager, "take_back", quote)
        actions.update(
            manager, lines, line.id, {"quantity": 1000} if changed == "quantity" else {"product": roaster.id}
        )
        assert "approved first" in refused(manager, "send", quote)


def test_a_price_set_by_hand_is_measured_by_its_own_product(cast, as_, shop):
    with as_(cast.owner) as admin:
        actions.create(admin, objects.get("discount-limits"), {"role": "Manager", "percent": 15})
        cup, roaster = (
            actions.create(
                admin, objects.get("products"), {"name": name, "price": {"amount": amount, "currency": "EUR"}}
            )
            for name, amount in (("Cup", "5"), ("Roaster", "9000"))
        )
    lines = objects.get("quote-lines")
    with as_(cast.manager) as manager:
        quote = shop(manager).quote
        line = actions.create(manager, lines, {"quote": str(quote.id), "product": str(cup.id)})
        actions.update(manager, lines, line.id, {"price": {"amount": "5.01", "currency": "EUR"}})
        actions.update(manager, lines, line.id, {"product": str(roaster.id)})
        assert "approved first" in refused(manager, "send", quote)


def test_no_undo_brings_an_approval_back(cast, as_, asked):
    with as_(cast.manager) as manager:
        quote = asked(manager)
        run(manager, "ask_approval", quote)
        run(manager, "take_back", quote)
        actions.update(manager, objects.get("quotes"), quote.id, {"discount_percent": 60})
        batch = HistoryEntry.objects.filter(record_id=quote.id, action="take_back").latest("id").batch_id
        with pytest.raises(Refused):
            undo.undo(manager, batch)
        assert Quote.objects.get(id=quote.id).status == "draft"


# -- rights ---------------------------------------------------------------------------------------------------------


def test_who_may_not_change_quotes_sends_none(cast, as_, shop):
    with as_(cast.owner) as admin:
        quote = shop(admin).quote
    with as_(cast.reader) as reader, pytest.raises(access.Forbidden):
        run(reader, "send", quote)
    with as_(cast.limited) as limited, pytest.raises(access.Absent):
        run(limited, "send", quote)
    with as_(cast.stranger) as stranger, pytest.raises(access.Absent):
        actions.run(stranger, objects.get("quotes"), "send", quote.id, {})
    with as_(cast.owner):
        assert not Mail.objects.exists() and not Door.objects.exists()


def test_the_history_says_what_was_done(owner, shop):
    quote = run(owner, "send", shop(owner).quote)
    rows = HistoryEntry.objects.filter(record_id=quote.id).values_list("action", flat=True)
    assert "send" in rows


# -- customers that become part of others ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["sent", "chosen"])
def test_what_was_offered_stays_when_the_customer_becomes_part_of_another(owner, shop, status):
    made = shop(owner)
    product = made.put("products", name="Roaster", price={"amount": "100", "currency": "EUR"})
    made.put("quote-lines", quote=str(made.quote.id), product=str(product.id))
    other = made.put("accounts", name="Luna Group")
    book = made.put("price-books", name="Group", account=str(other.id))
    made.put("prices", product=str(product.id), book=str(book.id), price={"amount": "10", "currency": "EUR"})
    quote = run(owner, "send", made.quote)
    assert quote.net == Decimal("2350.50")
    merging.merge(owner, objects.get("accounts"), other.id, [made.account.id])
    quote = Quote.objects.get(id=quote.id)
    assert (quote.account_id, quote.net) == (other.id, Decimal("2350.50"))
    if status == "chosen":
        (option,) = QuoteLine.objects.filter(quote=quote, is_optional=True)
        assert choose(owner, quote.id, [str(option.id)]).net == Decimal("2650.50")
