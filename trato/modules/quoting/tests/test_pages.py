"""The customer's page over HTTP: what is read, answered and signed there, and what is refused, nothing half done."""

from __future__ import annotations

import hashlib
import html
import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.papers import pages_of, text_of
from trato.engine import actions, files, objects
from trato.engine.models import HistoryEntry, StoredFile
from trato.engine.outbox.models import Mail
from trato.engine.printing import certificates
from trato.engine.together import comments
from trato.engine.together.models import Notification
from trato.modules.quoting.models import Quote, QuoteLine, QuoteSettings, Signature
from trato.modules.sales.models import Deal

pytestmark = pytest.mark.django_db
STROKE = "M10 10" + "".join(f"L{20 + 10 * step} {30 + step}.5" for step in range(12))


@pytest.fixture
def sent(cast, as_, shop):
    """A quote that the owner sent, and the path of its page."""

    def make(**values):
        with as_(cast.owner) as actor:
            made = shop(actor, **values)
            actions.run(actor, objects.get("quotes"), "send", made.quote.id, {})
            mail = Mail.objects.filter(record_id=made.quote.id).latest("id")
            made.path = re.search(r"/p/acme/[\w-]{43}", mail.text)[0]
            return made

    return make


def page(path: str) -> str:
    answer = Client().get(path)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def digest_on(path: str) -> str:
    return re.search(r'name="digest" value="([0-9a-f]{64})"', page(path))[1]


def sign(made, client=None, **values):
    given = {"name": "Ana García", "agree": "1", "way": "typed"} | values
    given["digest"] = values["digest"] if "digest" in values else digest_on(made.path)
    given = {name: value for name, value in given.items() if value is not None}
    return (client or Client()).post(f"{made.path}/sign", given, headers={"User-Agent": "Test browser <1>"})


@pytest.fixture
def state(cast, as_):
    """Everything that an answer could change."""

    def read(made):
        with as_(cast.owner):
            rows = [Quote, QuoteLine, Deal, Signature, Mail, StoredFile, HistoryEntry, Notification]
            return [list(model.objects.order_by("id").values()) for model in rows]

    return read


# -- reading --------------------------------------------------------------------------------------------------------


def test_the_page_says_what_is_offered_in_the_customer_s_language(sent):
    made = sent(language="es", country="ES", intro="Hola <script>alert(1)</script>", terms="Pago a 30 días")
    text = page(made.path)
    for words in ("Espresso machine", "2.723,11 €", "2.250,50 €", "Service for a year", "Pago a 30 días", "Acme"):
        assert words in text.replace("\xa0", " "), words
    raw = Client().get(made.path).content.decode()
    assert 'lang="es"' in raw and "<script>alert" not in raw
    for secret in ("cost", "margin", "explanation", "owner@acme.example"):
        assert secret not in raw


def test_the_document_is_the_one_that_is_signed(sent):
    made = sent()
    answer = Client().get(f"{made.path}/pdf")
    content = b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "application/pdf" and "no-store" in answer["Cache-Control"]
    assert hashlib.sha256(content).hexdigest() == digest_on(made.path)


def test_the_first_look_is_told_and_all_are_counted(cast, as_, sent, signed_in):
    made = sent()
    page(made.path)
    with as_(cast.owner):
        assert Quote.objects.get(id=made.quote.id).status == "sent"  # fetching is not looking
    for _turn in range(2):
        assert Client().post(f"{made.path}/seen").status_code == 204
    member = signed_in(cast.owner)
    member.post(f"{made.path}/seen")
    assert "not counted" in html.unescape(member.get(made.path).content.decode())
    with as_(cast.owner):
        quote = Quote.objects.get(id=made.quote.id)
        assert (quote.status, quote.seen_count) == ("seen", 2)
        assert quote.seen_at is not None
        told = Notification.objects.get(kind="answered")
        assert (told.user_id, told.details["what"], told.by_name) == (cast.owner.id, "seen", "Ana García")


# -- answering ------------------------------------------------------------------------------------------------------


def test_options_are_part_of_the_total_once_they_are_chosen(cast, as_, sent):
    made = sent()
    before = digest_on(made.path)
    with as_(cast.owner):
        option = QuoteLine.objects.get(quote_id=made.quote.id, is_optional=True)
    answer = Client().post(f"{made.path}/choose", {"option": [str(option.id)]})
    assert (answer.status_code, answer["Location"]) == (303, f"{made.path}?done=chosen")
    with as_(cast.owner):
        quote = Quote.objects.get(id=made.quote.id)
        # 2,550.50 and 21 % of it, 535.605, half up 535.61
        assert (quote.net, quote.total) == (Decimal("2550.50"), Decimal("3086.11"))
        rows = HistoryEntry.objects.filter(record_id=quote.id, face="public")
        assert {(row.actor_kind, row.actor_name) for row in rows} == {("customer", "Ana García")}
        assert "€3,086.11" in text_of(files.open_file(quote.document["id"])[1].read())
    assert digest_on(made.path) != before
    assert sign(made, digest=before).status_code == 422
    Client().post(f"{made.path}/choose", {})
    with as_(cast.owner):
        assert Quote.objects.get(id=made.quote.id).total == Decimal("2723.11")


def test_options_of_another_quote_are_refused(cast, as_, sent, state):
    made, other = sent(), sent()
    with as_(cast.owner):
        foreign = QuoteLine.objects.get(quote_id=other.quote.id, is_optional=True)
        fixed = QuoteLine.objects.filter(quote_id=made.quote.id, is_optional=False).first()
    before = state(made)
    for wrong in (str(foreign.id), str(fixed.id), "x", "' OR 1=1"):
        assert Client().post(f"{made.path}/choose", {"option": [wrong]}).status_code == 422
    assert state(made) == before


def test_a_question_stands_on_the_quote_and_its_owner_is_told(cast, as_, sent):
    made = sent()
    answer = Client().post(f"{made.path}/say", {"text": "Is <b>delivery</b> in?\nThank you\n\nAna"})
    assert answer["Location"].endswith("?done=said")
    with as_(cast.owner) as actor:
        (said,) = comments.of_record(actor, objects.get("quotes"), made.quote.id)
        assert said.author_name == "Ana García"
        assert said.text == "<p>Is &lt;b&gt;delivery&lt;/b&gt; in?<br>Thank you</p><p>Ana</p>"
        assert Notification.objects.filter(user=cast.owner, details__what="commented").exists()
    assert "Is <b>" not in page(made.path)
    for nothing in ("", "   ", "x" * 30_000, "\0"):
        assert Client().post(f"{made.path}/say", {"text": nothing}).status_code == 422


def test_who_declines_says_why(cast, as_, sent, state):
    made = sent()
    assert Client().post(f"{made.path}/decline", {"reason": "x" * 2001}).status_code == 422
    assert Client().post(f"{made.path}/decline", {"reason": "Too expensive"})["Location"].endswith("?done=declined")
    with as_(cast.owner):
        quote = Quote.objects.get(id=made.quote.id)
        assert (quote.status, quote.decline_reason, quote.answered_by) == ("declined", "Too expensive", "Ana García")
    before = state(made)
    assert sign(made, digest="0" * 64).status_code == 422
    assert Client().post(f"{made.path}/decline", {"reason": "again"}).status_code == 422
    assert state(made) == before


# -- signing --------------------------------------------------------------------------------------------------------


def test_a_signature_seals_the_document_with_its_evidence_and_wins_the_deal(cast, as_, sent):
    made = sent()
    digest = digest_on(made.path)
    answer = sign(made, way="drawn", drawing=STROKE)
    assert (answer.status_code, answer["Location"]) == (303, f"{made.path}?done=accepted")
    with as_(cast.owner) as actor:
        quote, signed = Quote.objects.get(id=made.quote.id), Signature.objects.get()
        assert (quote.status, quote.answered_by) == ("accepted", "Ana García")
        assert (signed.digest, signed.drawing, signed.email) == (digest, STROKE, "ana@luna.example")
        assert (signed.address, signed.agent) == ("127.0.0.1", "Test browser <1>")
        shown = files.open_file(quote.document["id"])[1].read()
        sealed = files.open_file(quote.signed["id"])[1].read()
        assert sealed.startswith(shown) and hashlib.sha256(shown).hexdigest() == digest
        assert pages_of(sealed) == pages_of(shown) + 1
        found = text_of(sealed)
        for words in (
            digest,
            "Ana García",
            "ana@luna.example",
            "127.0.0.1",
            "Test browser <1>",
            f"{signed.at:%Y-%m-%d %H:%M}",
        ):
            assert words in found.replace("\n", "") or words in found, words
        reader = PdfFileReader(BytesIO(sealed))
        roots = list(load_certs_from_pemder_data(certificates.current(actor.workspace).certificates.encode()))
        status = validate_pdf_signature(reader.embedded_signatures[0], ValidationContext(trust_roots=roots))
        assert status.bottom_line and status.coverage.name == "ENTIRE_FILE"
        deal = Deal.objects.get(id=made.deal.id)
        assert (deal.value, deal.value_currency, deal.status) == (Decimal("2250.50"), "EUR", "won")
        mail = Mail.objects.get(key=f"quote:{quote.id}:signed")
        assert mail.to == [["Ana García", "ana@luna.example"]] and mail.attachments[0]["id"] == quote.signed["id"]
        entry = HistoryEntry.objects.filter(record_id=quote.id, action="signed by the customer").latest("id")
        assert (entry.actor_kind, entry.face, entry.actor_name) == ("customer", "public", "Ana García")
        assert Notification.objects.filter(user=cast.owner, details__what="accepted").exists()
    sealed_again = b"".join(Client().get(f"{made.path}/pdf").streaming_content)
    assert sealed_again == sealed


def test_a_second_click_signs_nothing_again(cast, as_, sent, state):
    made = sent()
    digest = digest_on(made.path)
    assert sign(made, digest=digest).status_code == 303
    before = state(made)
    assert sign(made, digest=digest).status_code == 303
    assert sign(made, digest=digest, name="Somebody Else").status_code == 422
    assert state(made) == before


def test_a_deal_is_left_open_where_the_workspace_says_so(cast, as_, sent):
    with as_(cast.owner):
        QuoteSettings.objects.create(wins_deal=False)
    made = sent()
    assert sign(made).status_code == 303
    with as_(cast.owner):
        deal = Deal.objects.get(id=made.deal.id)
        assert (deal.status, deal.value) == ("open", Decimal("2250.50"))


def test_a_deal_with_lines_takes_over_what_was_accepted(cast, as_, sent):
    made = sent()
    with as_(cast.owner) as actor:
        given = {"deal": made.deal.id, "description": "Old", "price": {"amount": "1", "currency": "EUR"}}
        actions.create(actor, objects.get("deal-lines"), given)
    assert sign(made).status_code == 303
    with as_(cast.owner) as actor:
        lines = (
            objects.get("deal-lines").rows().filter(deal_id=made.deal.id, deleted_at=None).order_by("position", "id")
        )
        assert sorted(line.description for line in lines) == ["Espresso machine", "Installation"]
        assert Deal.objects.get(id=made.deal.id).value == Decimal("2250.50")


@pytest.mark.parametrize(
    "values",
    [
        {"agree": None},
        {"name": ""},
        {"name": "x"},
        {"name": "1234"},
        {"name": "x" * 201},
        {"digest": "0" * 64},
        {"digest": ""},
        {"way": "drawn", "drawing": "M10 10L20 20"},
        {"way": "drawn", "drawing": STROKE + '"/><script>alert(1)</script>'},
        {"way": "drawn", "drawing": "M10 10" + "L900 10" * 9},
        {"way": "drawn", "drawing": "M1 1" + "L1 1" * 20_000},
        {"name": "A\0na"},
    ],
)
def test_a_signature_that_is_none_changes_nothing(sent, state, values):
    made = sent()
    before = state(made)
    answer = sign(made, **values)
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.content.decode()
    assert state(made) == before


@pytest.mark.parametrize("why", ["withdrawn", "expired", "outdated", "over"])
def test_a_quote_that_does_not_hold_any_more_is_not_signed(cast, as_, sent, state, why):
    made = sent()
    digest = digest_on(made.path)
    with as_(cast.owner) as actor:
        quotes, rows = objects.get("quotes"), Quote.objects.filter(id=made.quote.id)
        if why == "withdrawn":
            actions.run(actor, quotes, "withdraw", made.quote.id, {})
        elif why == "outdated":
            actions.run(actor, quotes, "revise", made.quote.id, {})
        else:
            rows.update(valid_until=timezone.localdate() - timedelta(days=1))
            rows.update(status="expired" if why == "expired" else "sent")
    before = state(made)
    answer = sign(made, digest=digest)
    assert answer.status_code == 422
    words = {"withdrawn": "withdrawn", "outdated": "newer version"}.get(why, "valid until")
    assert words in html.unescape(answer.content.decode())
    for part, given in (("choose", {}), ("decline", {"reason": "x"})):
        assert Client().post(f"{made.path}/{part}", given).status_code == 422
    assert state(made) == before
    assert 'name="digest"' not in page(made.path)


def test_an_old_version_s_page_leads_to_the_new_one_once_it_is_sent(cast, as_, sent):
    made = sent()
    with as_(cast.owner) as actor:
        actions.run(actor, objects.get("quotes"), "revise", made.quote.id, {})
        new = Quote.objects.get(previous=made.quote.id)
    assert "as soon as it is ready" in page(made.path)
    assert Client().get(f"{made.path}/current").status_code == 404
    with as_(cast.owner) as actor:
        actions.run(actor, objects.get("quotes"), "send", new.id, {})
    assert f"{made.path}/current" in page(made.path)
    answer = Client().get(f"{made.path}/current")
    path = re.search(r"/p/acme/[\w-]{43}", answer["Location"])[0]
    assert path != made.path and "v2" in page(path)
    made.path = path
    assert sign(made).status_code == 303


def test_nobody_signs_from_elsewhere(sent, state):
    made = sent()
    before = state(made)
    digest = digest_on(made.path)
    assert sign(made, Client(enforce_csrf_checks=True), digest=digest).status_code == 403
    other = Client().post(made.path.replace("/acme/", "/globex/") + "/sign", {"name": "Ana", "agree": "1"})
    assert other.status_code == 404
    assert state(made) == before


# -- inside ---------------------------------------------------------------------------------------------------------


def test_the_quote_s_own_page_says_what_became_of_it(cast, sent, signed_in):
    made = sent()
    sign(made, way="drawn", drawing=STROKE)
    text = html.unescape(signed_in(cast.owner).get(f"/w/acme/quotes/{made.quote.id}").content.decode())
    for words in ("Signed PDF", "ana@luna.example", "127.0.0.1", STROKE[:20]):
        assert words in text
    assert signed_in(cast.stranger).get(f"/w/acme/quotes/{made.quote.id}/pdf").status_code == 404


def test_a_draft_is_seen_as_it_would_go_out(cast, as_, shop, signed_in):
    with as_(cast.owner) as actor:
        quote = shop(actor).quote
    answer = signed_in(cast.reader).get(f"/w/acme/quotes/{quote.id}/pdf")
    assert "draft" in text_of(answer.content)
    assert signed_in(cast.limited).get(f"/w/acme/quotes/{quote.id}/pdf").status_code == 404


def test_my_day_has_what_waits_for_my_approval(cast, as_, shop, signed_in):
    with as_(cast.owner) as actor:
        actions.create(actor, objects.get("approval-rules"), {"name": "All", "approver": str(cast.manager.id)})
        quote = shop(actor).quote
        actions.run(actor, objects.get("quotes"), "ask_approval", quote.id, {})
    assert f"/w/acme/quotes/{quote.id}" in signed_in(cast.manager).get("/w/acme/").content.decode()
    assert "to-approve" not in signed_in(cast.owner).get("/w/acme/").content.decode()


def test_only_administrators_change_the_settings(cast, signed_in):
    address = "/w/acme/settings/quotes"
    assert signed_in(cast.manager).get(address).status_code == 403
    browser = signed_in(cast.owner)
    assert browser.get(address).status_code == 200
    assert browser.post(address, {"valid_days": "14", "terms": "30 days", "wins_deal": ""}).status_code == 303
    assert browser.post(address, {"valid_days": "-1", "terms": ""}).status_code == 422
    assert browser.post(address, {"valid_days": "many", "terms": ""}).status_code == 422


def test_who_may_not_see_amounts_gets_no_paper_of_them(cast, as_, shop, signed_in, set_role):
    with as_(cast.owner) as actor:
        quote = shop(actor).quote
    see = {"see": "all", "change": "none"}
    set_role(cast.member, {"objects": {"*": see, "quotes": see | {"fields": {"total": "hidden"}}}})
    browser = signed_in(cast.member)
    assert f"{quote.id}/pdf" not in browser.get(f"/w/acme/quotes/{quote.id}").text
    assert browser.get(f"/w/acme/quotes/{quote.id}/pdf").status_code == 403
