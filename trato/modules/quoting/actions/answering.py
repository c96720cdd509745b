"""What customers do on the page behind the secret address: they open, ask, choose, decline, accept and sign.

Their actor sees one quote and changes nothing by itself; these functions write for them, each locking the quote first,
so that a second click finds what the first did.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from trato.engine import actions, files, history, objects, outbox, printing, wholes
from trato.engine.actions import Problem, Refused
from trato.engine.kinds.money import Money
from trato.engine.printing import certificates
from trato.engine.together import comments
from trato.engine.workspaces.actors import Actor, system_actor
from trato.modules.sales.models import Deal

from .. import queries, rules
from ..models import Quote, Signature
from ..queries import paper
from . import telling
from .sending import keep_document
from .versions import LINE

LONGEST_REASON = 2_000


@dataclass(frozen=True)
class Signing:
    """What a customer signs with: their name, the strokes of it where they drew it, the SHA-256 of the document they
    had before them, and where they came from.
    """

    name: str
    drawing: str
    digest: str
    address: str
    agent: str
    email: str = ""


def opened(actor: Actor, quote_id: Any) -> None:
    """Somebody looks at the page: counted, and told the owner the first time; raises Absent."""
    quote = queries.locked(actor, quote_id)
    Quote.objects.filter(id=quote.id).update(seen_count=F("seen_count") + 1)
    if quote.seen_at is not None:
        return
    given: dict[str, Any] = {"seen_at": timezone.now()} | ({"status": "seen"} if quote.status == "sent" else {})
    with history.batch("opened by the customer"):
        actions.write(actor, objects.get("quotes"), quote, given)
    telling.answered(actor, quote, "seen")


def choose(actor: Actor, quote_id: Any, chosen: Iterable[str]) -> Quote:
    """Take these of the optional lines and no others: the sums follow, and the document is made anew; raises Absent,
    Refused.
    """
    quote = _open(actor, quote_id)
    wanted, lines_obj = set(chosen), objects.get("quote-lines")
    options = [line for line in queries.lines(quote.id) if line.is_optional]
    if wanted - {str(line.id) for line in options}:
        raise Refused([Problem("options", "absent", _("One of these options is not on this quote. Load it again."))])
    changed = [line for line in options if line.is_chosen != (str(line.id) in wanted)]
    if not changed:
        return quote
    with history.batch("chosen by the customer"), wholes.settling(actor):
        for line in changed:
            actions.write(actor, lines_obj, line, {"is_chosen": not line.is_chosen})
        objects.get("quotes").settle(actor, quote)
        quote.refresh_from_db()
        keep_document(actor, quote)
    telling.answered(actor, quote, "chosen")
    return quote


def say(actor: Actor, quote_id: Any, text: str) -> None:
    """Ask or tell something: a comment on the quote, of which its owner is told; raises Absent, Refused."""
    quote = queries.locked(actor, quote_id)
    html = Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in part.splitlines()))
        for part in paper.paragraphs(text)
    )
    comments.create(actor, objects.get("quotes"), quote.id, str(html))
    telling.answered(actor, quote, "commented")


def decline(actor: Actor, quote_id: Any, reason: str) -> Quote:
    """Say no, and why; raises Absent, Refused."""
    quote = _open(actor, quote_id)
    reason = reason.strip()
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise Refused([Problem("reason", "too_long", _("At most %(n)s characters.") % {"n": LONGEST_REASON})])
    given = _answer(actor, "declined") | {"decline_reason": reason}
    with history.batch("declined by the customer"):
        actions.write(actor, objects.get("quotes"), quote, given)
    telling.answered(actor, quote, "declined")
    return quote


def sign(actor: Actor, quote_id: Any, signing: Signing) -> Quote:
    """Accept the quote with a signature: the evidence is put behind the document that was signed, and sealed; the deal
    follows. Who signed already gets the same quote again. Raises Absent, Refused, and then nothing is done.
    """
    quote = queries.locked(actor, quote_id)
    kept = queries.signature(quote.id)
    if kept is not None and (kept.digest, kept.name) == (signing.digest, signing.name):
        return quote
    _require_open(actor, quote)
    problems = rules.signature_problems(signing.name, signing.drawing)
    if problems:
        raise Refused([Problem(field, "signature", words) for field, words in problems.items()])
    content = _document(quote)
    stored_digest = files.open_file(quote.document["id"])[0].digest
    if signing.digest != stored_digest:
        words = _("The quote changed since you opened the page. Read it again, then sign it.")
        raise Refused([Problem("", "changed", words)])
    signed = Signature.objects.create(
        quote=quote,
        name=signing.name,
        email=signing.email[:254],
        drawing=signing.drawing,
        digest=stored_digest,
        address=signing.address[:64],
        agent=signing.agent[:400],
    )
    with history.batch("signed by the customer"):
        _accept(actor, quote, signed, content)
    return quote


def _document(quote: Quote) -> bytes:
    """The bytes of the document as the customer has it; raises Refused where there is none."""
    if not quote.document:
        raise Refused([Problem("", "document", _("This quote has no document to sign. Ask for a new one."))])
    _stored, content = files.open_file(quote.document["id"])
    with content:
        return content.read()


def _accept(actor: Actor, quote: Quote, signed: Signature, content: bytes) -> None:
    """Seal the document with its evidence, write the answer, let the deal follow, tell both sides."""
    sealed = _sealed(actor, quote, signed, content)
    name = f"{rules.label(quote.number, quote.revision)} ({_('signed')}).pdf"
    stored = files.store(actor, name, BytesIO(sealed))
    given = _answer(actor, "accepted") | {"answered_by": signed.name, "signed": files.described(stored)}
    actions.write(actor, objects.get("quotes"), quote, given)
    _follow(actor, quote)
    telling.answered(actor, quote, "accepted")
    if signed.email:
        _confirm(actor, quote, signed)


def _sealed(actor: Actor, quote: Quote, signed: Signature, content: bytes) -> bytes:
    fingerprint = certificates.shown(certificates.current(actor.workspace)).fingerprint
    chosen = [line.description or line.title for line in queries.lines(quote.id) if line.is_chosen]
    page = paper.evidence(actor.workspace, quote, signed, fingerprint, chosen)
    with translation.override(paper.language_of(quote, actor.workspace)):
        reason = _("Accepted by %(name)s") % {"name": signed.name}
    return printing.seal(printing.attach(content, page), actor, reason=reason)


def _answer(actor: Actor, status: str) -> dict[str, Any]:
    return {"status": status, "answered_at": timezone.now(), "answered_by": actor.name[:200]}


def _open(actor: Actor, quote_id: Any) -> Quote:
    """The quote, locked, while it can be answered; raises Absent, Refused."""
    quote = queries.locked(actor, quote_id)
    _require_open(actor, quote)
    return quote


def _require_open(actor: Actor, quote: Quote) -> None:
    today = queries.today(actor.workspace)
    words = rules.closed_because(quote.status, quote.valid_until, today)
    if words:
        reader = paper.reader_of(actor.workspace, translation.get_language() or actor.language)
        day = paper.day(quote.valid_until, reader) if quote.valid_until else ""
        raise Refused([Problem("", quote.status, words % {"day": day} if "%(day)s" in words else words)])


def _follow(actor: Actor, quote: Quote) -> None:
    """What was accepted is what the deal is worth; where the workspace says so, the deal is won."""
    deals, system = objects.get("deals"), system_actor(actor.workspace, "public", f"quotes/{quote.id}")
    rows = Deal.objects.filter(id=quote.deal_id, deleted_at=None).defer("search", "title_key")
    deal = rows.select_for_update(of=("self",), no_key=True).first()
    if deal is None:
        return
    _take_over(system, quote, deal)
    if queries.settings().wins_deal and deal.status == "open":
        try:
            with transaction.atomic():
                actions.run(system, deals, "win", deal.id, {})
        except Refused as refused:
            why = " ".join(str(problem.message) for problem in refused.problems)
            words = _("%(quote)s was signed, but the deal could not be won: %(why)s") % {
                "quote": quote.title,
                "why": why,
            }
            comments.create(system, deals, deal.id, str(Markup("<p>{}</p>").format(words)))


def _take_over(actor: Actor, quote: Quote, deal: Deal) -> None:
    """The deal's value is the quote's net amount; a deal with lines has those that were accepted instead."""
    deal_lines, quote_lines = objects.get("deal-lines"), objects.get("quote-lines")
    old = list(deal_lines.rows().filter(deal_id=deal.id, deleted_at=None).values_list("id", flat=True))
    if not old:
        actions.write(actor, objects.get("deals"), deal, {"value": Money(quote.net or 0, quote.currency)})
        return
    with wholes.settling(actor):
        for line_id in old:
            actions.delete(actor, deal_lines, line_id)
        for line in queries.lines(quote.id):
            if not line.is_beside:
                given = {name: quote_lines.builtin[name].read_from(line) for name in LINE if name != "is_optional"}
                actions.create(actor, deal_lines, given | {"deal": deal.id})
    deal.refresh_from_db()


def _confirm(actor: Actor, quote: Quote, signed: Signature) -> None:
    """Mail the customer what they signed, once."""
    language = paper.language_of(quote, actor.workspace)
    with translation.override(language):
        title = paper.title_of(quote)
        before = [
            _("Hello %(name)s,") % {"name": signed.name},
            _("thank you. You accepted %(title)s: %(subject)s.") % {"title": title, "subject": quote.name},
            _("The signed document with its evidence is attached. Keep it."),
        ]
        text, html = outbox.written(language, before)
        subject = _("Signed: %(title)s") % {"title": title}
    outbox.put(
        actor,
        key=f"quote:{quote.id}:signed",
        to=[(signed.name, signed.email)],
        subject=subject,
        text=text,
        html=html,
        attachments=[quote.signed],
        about=(objects.get("quotes"), quote.id),
    )
