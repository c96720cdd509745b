"""Asking those inside before a quote goes out: one after the other, as the rules say."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.actions import Problem, Refused
from trato.engine.kinds import LongText
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog import actions as catalog

from .. import queries, rules
from ..models import Approval, Quote
from . import telling

WORDS = LongText()


def reasons(actor: Actor, quote: Quote) -> list[Approval]:
    """Who has to approve a quote and why, in order and not kept yet; what the actor decides themselves is not asked.

    Options count as if they were chosen, since the customer may take them without asking anybody. What is more than the
    actor's discount limit, and under no rule, any administrator may approve.
    """
    steep = rules.steepest([line.discount_percent for line in queries.lines(quote.id)], quote.discount_percent)
    net = catalog.most(actor, objects.get("quotes"), quote)
    found = [
        Approval(quote=quote, position=place, approver_id=rule.approver_id, because=rule.name)
        for place, rule in enumerate(rules.needed(queries.approval_rules(), net, steep))
        if rule.approver_id != actor.user_id
    ]
    if not found and (why := catalog.approvals_needed(actor, objects.get("quotes"), quote)):
        found = [Approval(quote=quote, approver_id=None, because=" ".join(why)[:300])]
    return found


@actions.action(
    "quotes",
    label=_("Ask for approval"),
    icon="shield-question",
    undo=_("Take it back, as long as it is not sent."),
    applies=lambda quote: quote.status == "draft",
)
def ask_approval(actor: Actor, record: Quote) -> Record:
    """Those whom the rules name are asked one after the other; where nobody has to, it is approved at once."""
    _require(record, ("draft",))
    asked = reasons(actor, record)
    Approval.objects.filter(quote=record).delete()
    catalog.forget_approvals(actor, objects.get("quotes"), record)
    for one in asked:
        one.asked_by_id = actor.user_id
    Approval.objects.bulk_create(asked)
    quote = _write(actor, record, "approval" if asked else "approved")
    _ask_next(actor, quote)
    return quote


@actions.action(
    "quotes",
    label=_("Approve"),
    icon="shield-check",
    prominent=True,
    undo=_("Take the quote back; everybody is asked again."),
    applies=lambda quote: quote.status == "approval",
)
def approve(actor: Actor, record: Quote, *, words: WORDS = "") -> Record:
    """Say yes as the one who is asked now, or in their stead as an administrator; the next is asked, or the quote may
    go out.
    """
    waiting = _mine(actor, record)
    if waiting.approver_id is None:
        catalog.approve_discounts(actor, objects.get("quotes"), record)
    _decide(actor, waiting, "approved", words)
    if any(one.decision == "waiting" for one in queries.approvals(record.id)):
        _ask_next(actor, record)
        return record
    telling.decided(actor, record, waiting.asked_by_id, refused=False)
    return _write(actor, record, "approved")


@actions.action(
    "quotes",
    label=_("Refuse to approve"),
    icon="shield-x",
    undo=_("Nothing is lost: the quote is a draft again, and can be given to approve anew."),
    applies=lambda quote: quote.status == "approval",
)
def refuse(actor: Actor, record: Quote, *, words: LongText(required=True)) -> Record:
    """Say no, and why: the quote is a draft again."""
    waiting = _mine(actor, record)
    _decide(actor, waiting, "refused", words)
    telling.decided(actor, record, waiting.asked_by_id, refused=True)
    return _write(actor, record, "draft")


@actions.action(
    "quotes",
    label=_("Take back"),
    icon="arrow-back-up",
    undo=_("Ask for approval again."),
    applies=lambda quote: quote.status in ("approval", "approved"),
)
def take_back(actor: Actor, record: Quote) -> Record:
    """The quote is a draft again; what was approved counts no more."""
    _require(record, ("approval", "approved"))
    Approval.objects.filter(quote=record).delete()
    catalog.forget_approvals(actor, objects.get("quotes"), record)
    return _write(actor, record, "draft")


def _mine(actor: Actor, quote: Quote) -> Approval:
    """The approval that is asked now, if it is the actor's to give; raises Refused."""
    _require(quote, ("approval",))
    waiting = next((one for one in queries.approvals(quote.id) if one.decision == "waiting"), None)
    if waiting is None:
        raise Refused([Problem("", "status", _now("Nobody is asked to approve this quote."))])
    if waiting.approver_id != actor.user_id and not actor.rights.admin:
        name = str(waiting.approver or _now("an administrator"))
        raise Refused([Problem("", "approver", _now("This is for %(name)s to decide.") % {"name": name})])
    return waiting


def _decide(actor: Actor, approval: Approval, decision: str, words: str) -> None:
    values = {"decision": decision, "words": words or "", "decided_by": actor.user_id, "decided_at": timezone.now()}
    Approval.objects.filter(id=approval.id).update(**values)


def _ask_next(actor: Actor, quote: Quote) -> None:
    waiting = next((one for one in queries.approvals(quote.id) if one.decision == "waiting"), None)
    if waiting is not None and waiting.approver_id:
        telling.ask(actor, quote, waiting.approver_id)


def _require(quote: Quote, statuses: tuple[str, ...]) -> None:
    if quote.status not in statuses:
        words = _now("The quote is not in that state any more. Load the page again.")
        raise Refused([Problem("", "status", words)])


def _write(actor: Actor, quote: Quote, status: str) -> Record:
    return actions.write(actor, objects.get("quotes"), quote, {"status": status})
