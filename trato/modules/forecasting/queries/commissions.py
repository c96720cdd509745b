"""What counts for whom in a month by the plans that hold: won deals or paid invoices, by their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from trato.engine import access, objects
from trato.engine.kinds.currency import digits
from trato.engine.kinds.datetime import zone_of
from trato.engine.workspaces.actors import Actor, system_actor
from trato.modules.billing.models import InvoiceLine
from trato.modules.sales.models import DealLine, DealSplit

from ..models import CommissionMember, CommissionPlan, CommissionRate
from ..rules.commissions import EVERYTHING, Earned, Rate, Sold, earned
from ..rules.periods import Period
from .exchange import Exchange
from .figures import won_deals


@dataclass(frozen=True)
class Sale:
    """What of one deal or invoice counts for a person, in the base currency."""

    plural: str
    id: UUID
    title: str
    amount: Decimal


@dataclass(frozen=True)
class Correction:
    """What a closed month turned out to be worth more (or less) than was stated until now."""

    month: date
    commission: Decimal


@dataclass(frozen=True)
class Statement:
    """What a person earns by one plan in a month, on what, and from which deals or invoices; ``rates`` and ``share``
    are the terms it is made by.
    """

    person: UUID
    plan_id: UUID
    plan: str
    counts: str
    share: Decimal
    rates: tuple[Rate, ...]
    earned: list[Earned] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)

    @property
    def sold(self) -> Decimal:
        """All that counted."""
        return sum((one.sold for one in self.earned), Decimal(0))

    @property
    def own(self) -> Decimal:
        """What is earned in the month itself."""
        return sum((one.commission for one in self.earned), Decimal(0))

    @property
    def commission(self) -> Decimal:
        """All that is earned, with what earlier months are corrected by."""
        return self.own + sum((one.commission for one in self.corrections), Decimal(0))


@dataclass(frozen=True)
class Part:
    """One line of a sale, of whoever it counts for."""

    person: UUID | None
    sale: tuple[str, UUID, str]
    product: UUID | None
    category: str
    amount: Decimal
    currency: str
    day: date


def sees_all(actor: Actor) -> bool:
    """Whether the actor sees everybody's statements, and closes months: whoever may change all plans does."""
    return actor.rights.scope("commission-plans", "change") == "all"


def may_look(actor: Actor) -> bool:
    """Whether statements are shown to the actor at all."""
    return access.may_see_any(actor, objects.get("commission-plans"))


def standing(actor: Actor, month: Period) -> tuple[list[Statement], set[str]]:
    """Everybody's statements of a month by the plans as they are now, by plan, and the currencies without a rate. They
    are made of all deals and invoices, whoever looks: what somebody earns does not depend on what they may open.
    """
    everything = system_actor(actor.workspace)
    plans = CommissionPlan.objects.filter(deleted_at=None).order_by("name", "id")
    plans = plans.filter(Q(since=None) | Q(since__lt=month.after), Q(until=None) | Q(until__gte=month.first))
    found: list[Statement] = []
    missing: set[str] = set()
    for plan in plans:
        members = CommissionMember.objects.filter(plan=plan, deleted_at=None).order_by("position", "id")
        rates = list(CommissionRate.objects.filter(plan=plan, deleted_at=None).order_by("position", "id"))
        sold = list(parts(everything, plan.counts, month.first, month.after))
        exchange = Exchange(everything, {part.currency for part in sold} | {rate.start_currency for rate in rates})
        ladder = tuple(_rate(rate, exchange, month.last) for rate in rates)
        for person, share in members.values_list("person_id", "share"):
            empty = Statement(person, plan.id, plan.name, plan.counts, share, ladder)
            found.append(worked_out(empty, [part for part in sold if part.person == person], exchange))
        missing |= exchange.missing
    return found, missing


def _rate(rate: CommissionRate, exchange: Exchange, day: date) -> Rate:
    sort = ("product", rate.product_id) if rate.product_id else ("category", rate.category)
    start = exchange.to_base(rate.start, rate.start_currency, day) if rate.start else Decimal(0)
    return Rate(sort if sort[1] else EVERYTHING, start, rate.percent)


def worked_out(terms: Statement, own: Iterable[Part], exchange: Exchange) -> Statement:
    """A statement by the terms of another, of these parts of sales."""
    amounts: dict[tuple[str, UUID, str], Decimal] = defaultdict(Decimal)
    sold = []
    for part in own:
        amount = exchange.to_base(part.amount, part.currency, part.day)
        sold.append(Sold(part.product, part.category, amount))
        amounts[part.sale] += amount
    sales = [Sale(*sale, amount) for sale, amount in amounts.items()]
    lines = earned(sold, terms.rates, terms.share, digits(exchange.base))
    said = (terms.person, terms.plan_id, terms.plan, terms.counts, terms.share, terms.rates)
    return Statement(*said, lines, sorted(sales, key=lambda sale: -sale.amount))


def parts(actor: Actor, counts: str, first: date, after: date) -> Iterable[Part]:
    """What counts for somebody in [first, after): of deals that are won, or of invoices that are paid."""
    return _won(actor, first, after) if counts == "won" else _paid(actor, first, after)


def _won(actor: Actor, first: date, after: date) -> Iterator[Part]:
    """The deals won: each line (without lines the whole) for the owner, or for whom it is shared."""
    deals, zone = won_deals(actor, first, after), zone_of(actor.time_zone)
    lines, splits = defaultdict(list), defaultdict(list)
    ids = deals.values("id")
    of_lines = DealLine.objects.filter(deal__in=ids, deleted_at=None, is_optional=False)
    for deal, *line in of_lines.values_list("deal_id", "product_id", "product__category", "net", "net_currency"):
        lines[deal].append(line)
    of_splits = DealSplit.objects.filter(deal__in=ids, deleted_at=None)
    for deal, seller, percent in of_splits.values_list("deal_id", "seller_id", "percent"):
        splits[deal].append((seller, percent))
    names = ("id", "title", "owner_id", "value", "value_currency", "closed_at")
    for id, title, owner, value, currency, closed in deals.values_list(*names):
        shares, day = splits[id], closed.astimezone(zone).date()
        rest = 100 - sum(percent for _seller, percent in shares)
        for product, category, amount, code in lines[id] or [(None, "", value, currency)]:
            for person, percent in [*shares, (owner, rest)]:
                if amount and percent:
                    part = amount * percent / 100
                    yield Part(person, ("deals", id, title), product, category or "", part, code, day)


def _paid(actor: Actor, first: date, after: date) -> Iterator[Part]:
    """The invoices paid to the end, and the credit notes issued, for their owners."""
    rows = access.visible(actor, objects.get("invoices"))
    paid = Q(kind="invoice", status="paid", paid_on__gte=first, paid_on__lt=after)
    back = Q(kind="credit_note", issued_on__gte=first, issued_on__lt=after)
    lines = InvoiceLine.objects.filter(deleted_at=None, invoice__in=rows.filter(paid | back).values("id"))
    names = ("invoice_id", "invoice__title", "invoice__owner_id", "invoice__kind", "invoice__paid_on")
    more = ("invoice__issued_on", "product_id", "product__category", "net", "net_currency")
    for id, title, owner, kind, paid_on, issued_on, product, category, amount, code in lines.values_list(*names, *more):
        if amount:
            signed, day = (-abs(amount), issued_on) if kind == "credit_note" else (amount, paid_on)
            yield Part(owner, ("invoices", id, title), product, category or "", signed, code, day)
