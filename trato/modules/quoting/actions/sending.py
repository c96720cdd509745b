"""A quote goes out: its number, its PDF, the secret address, the mail."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import access, actions, doors, files, inbox, numbers, objects, outbox
from trato.engine.actions import Problem, Refused
from trato.engine.kinds import Email, LongText
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.ids import uuid7
from trato.engine.workspaces.members import people_of
from trato.engine.workspaces.models import digest_of
from trato.modules.sales.models import Deal

from .. import queries, rules
from ..models import Quote
from ..queries import paper
from .approving import reasons

PURPOSE = "quote"
#: Who sends the same words to the same address within this time pressed the button twice.
TWICE = timedelta(minutes=2)
SENDABLE = ("draft", "approved", *rules.OPEN)


@actions.action(
    "quotes",
    label=_("Send"),
    icon="send",
    prominent=True,
    undo=_("Withdraw it: the customer's page says so. The mail itself can't be called back."),
    text=_("Mails the PDF and the address of the page where the customer reads, answers and signs it."),
    begins=lambda actor, quote: {"email": queries.reach(quote.contact_id)[1]},
    applies=lambda quote: quote.status in SENDABLE,
)
def send(actor: Actor, record: Quote, *, email: Email() = "", message: LongText() = "") -> Record:
    """Mail the customer the PDF and the address of the page where they read, answer and sign it. Left empty, the mail
    goes to the contact's address.
    """
    _require_sendable(actor, record)
    name, address = _receiver(record, email)
    key = _key(record, address, message)
    if outbox.is_lately(key, TWICE):
        return record
    quote = record if record.status in rules.OPEN else issue(actor, record)
    language = paper.language_of(quote, actor.workspace)
    _door, link = doors.make(
        actor, objects.get("quotes"), quote.id, PURPOSE, name=name or address, email=address, language=language
    )
    _mail(actor, quote, (name, address), link, message, key=f"{key}{uuid7().hex}")
    return quote


def _key(quote: Quote, address: str, message: str) -> str:
    """What mails of the same words to the same address have in common."""
    return f"quote:{quote.id}:{digest_of(address + message)[:24]}:"


def _require_sendable(actor: Actor, quote: Quote) -> None:
    """Raise Refused for what can't go out: nothing on it, a line without a price, over, or not approved."""
    problems = []
    lines = queries.lines(quote.id)
    if quote.status not in SENDABLE:
        problems.append(Problem("", "status", rules.frozen({"status": quote.status})))
    if not any(not line.is_optional for line in lines):
        problems.append(Problem("", "lines", _now("Add a line first: there is nothing on this quote.")))
    for line in lines:
        if line.price is None:
            words = _now("“%(line)s” has no price. Set one, or add it to a price book.")
            problems.append(Problem("", "price", words % {"line": line.title or line.position}))
    if quote.valid_until and quote.valid_until < queries.today(actor.workspace):
        problems.append(Problem("valid_until", "past", _now("Choose a day to come until which it is valid.")))
    if not problems and quote.status == "draft" and reasons(actor, quote):
        words = _now("It has to be approved first: choose “Ask for approval”.")
        problems.append(Problem("", "approval", words))
    if problems:
        raise Refused(problems)


def _receiver(quote: Quote, email: str) -> tuple[str, str]:
    name, known = queries.reach(quote.contact_id)
    address = email or known
    if not address:
        words = _now("Say to which address it goes: the contact has none.")
        raise Refused([Problem("email", "required", words)])
    return name, address


def issue(actor: Actor, quote: Quote) -> Quote:
    """The quote with its number and its document, as the customer gets it."""
    now = timezone.now()
    quotes = objects.get("quotes")
    number = quote.number or numbers.next_number("quotes", queries.today(actor.workspace))
    actions.write(actor, quotes, quote, {"number": number, "status": "sent", "sent_at": now}, verb="sent")
    return keep_document(actor, quote)


def keep_document(actor: Actor, quote: Quote) -> Quote:
    """Make the PDF of a quote as it is now and keep it with it; its SHA-256 is what is signed."""
    content = paper.document(actor.workspace, quote, made_at=timezone.now())
    stored = files.store(actor, f"{rules.label(quote.number, quote.revision)}.pdf", BytesIO(content))
    actions.write(actor, objects.get("quotes"), quote, {"document": files.described(stored)}, verb="document made")
    return quote


def _mail(actor: Actor, quote: Quote, to: tuple[str, str], link: str, message: str, *, key: str) -> None:
    language = paper.language_of(quote, actor.workspace)
    owner = people_of([quote.owner_id]).get(quote.owner_id) if quote.owner_id else None
    with translation.override(language):
        title = paper.title_of(quote)
        reader = paper.reader_of(actor.workspace, language)
        day = quote.valid_until and paper.day(quote.valid_until, reader)
        hello = _now("Hello %(name)s,") % {"name": to[0]} if to[0] else _now("Hello,")
        usual = _now("here is our offer: %(subject)s.") % {"subject": quote.name}
        after = [_now("It is valid until %(day)s.") % {"day": day}] if day else []
        after.append(
            _now("On that page you can ask, choose, decline, or accept and sign it. The document is attached too.")
        )
        before = [hello, *(paper.paragraphs(message) or [usual])]
        text, html = outbox.written(language, before, (_now("Open the quote"), link), [*after, *_closing(owner)])
        subject = f"{title}: {quote.name}"
    outbox.put(
        actor,
        key=key,
        to=[to],
        subject=subject,
        text=text,
        html=html,
        reply_to=inbox.answers_to(owner.email if owner else ""),
        attachments=[quote.document] if quote.document else [],
        about=(objects.get("quotes"), quote.id),
    )


def _closing(owner: Any) -> list[str]:
    return [str(owner)] if owner and owner.name else []


@actions.action(
    "quotes",
    label=_("Withdraw"),
    icon="file-off",
    undo=_("It can't be undone; make a new version."),
    applies=lambda quote: quote.status in rules.OPEN,
)
def withdraw(actor: Actor, record: Quote) -> Record:
    """The customer can't accept it any more, and their page says so."""
    if record.status not in rules.OPEN:
        raise Refused([Problem("", "status", _now("Only what waits for an answer can be withdrawn."))])
    return actions.write(actor, objects.get("quotes"), record, {"status": "withdrawn"}, verb="withdrawn")


@actions.action(
    "deals",
    label=_("Make a quote"),
    icon="file-description",
    prominent=True,
    undo=_("Delete the quote."),
    opens=True,
    applies=lambda deal: deal.account_id is not None and deal.status == "open",
)
def quote(actor: Actor, record: Deal) -> Record:
    """A quote for the deal's account, with the deal's lines."""
    if record.account_id is None:
        raise Refused([Problem("account", "required", _now("Say first whose deal this is: a quote needs an account."))])
    lines = objects.get("deal-lines")
    kept = ("position", "product", "description", "quantity", "unit", "price", "discount_percent", "tax_class")
    rows = access.visible(actor, lines).filter(deal_id=record.id).order_by("position", "id")
    given = {
        "name": record.name,
        "account": record.account_id,
        "contact": record.contact_id,
        "deal": record.id,
        "quote-lines": [{name: lines.builtin[name].read_from(row) for name in (*kept, "is_optional")} for row in rows],
    }
    given |= {"currency": record.value_currency} if record.value_currency else {}
    return actions.create(actor, objects.get("quotes"), given | {"owner": record.owner_id or actor.user_id})
