"""What counts for whom in a month by the plans that hold: won deals or paid invoices, by their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet

from trato.engine import access, objects
from trato.engine.kinds.currency import digits
from trato.engine.workspaces.actors import Actor
from trato.modules.billing.models import InvoiceLine
from trato.modules.sales.models import DealLine, DealSplit

from ..models import CommissionMember, CommissionPlan, CommissionRate
from ..rules.commissions import EVERYTHING, Earned, Rate, Sold, earned
from ..rules.periods import Period
from .exchange import Exchange
from .figures import MADE_OF, won_deals


@dataclass(frozen=True)
class Sale:
    """What of one deal or invoice counts for a person, in the base currency."""

    plural: str
    id: UUID
    title: str
    amount: Decimal


@dataclass(frozen=True)
class Statement:
    """What a person earns by one plan in a month, on what, and from which deals or invoices."""

    person: UUID
    plan: str
    counts: str
    share: Decimal
    earned: list[Earned]
    sales: list[Sale]

    @property
    def sold(self) -> Decimal:
        """All that counted."""
        return sum((one.sold for one in self.earned), Decimal(0))

    @property
    def commission(self) -> Decimal:
        """All that is earned."""
        return sum((one.commission for one in self.earned), Decimal(0))


@dataclass(frozen=True)
class _Part:
    """One line of a sale, of whoever it counts for."""

    person: UUID | None
    sale: tuple[str, UUID, str]
    product: UUID | None
    category: str
    amount: Decimal
    currency: str
    day: date


def sees_all(actor: Actor) -> bool:
    """Whether the actor sees everybody's statements: whoever may change all plans does."""
    return actor.rights.scope("commission-plans", "change") == "all"


def may_look(actor: Actor) -> bool:
    """Whether statements are shown to the actor at all."""
    return access.may_see_any(actor, objects.get("commission-plans"))


def statements(actor: Actor, month: Period) -> tuple[list[Statement], set[str]]:
    """The statements of a month that the actor may see, by plan, and the currencies without a rate. They are made of
    the deals and invoices the actor may see: a person sees their own, and so their whole statement.
    """
    plans = CommissionPlan.objects.filter(deleted_at=None).order_by("name", "id")
    plans = plans.filter(Q(since=None) | Q(since__lt=month.after), Q(until=None) | Q(until__gte=month.first))
    found: list[Statement] = []
    missing: set[str] = set()
    for plan in plans:
        members = CommissionMember.objects.filter(plan=plan, deleted_at=None).order_by("position", "id")
        shares = dict(members.values_list("person_id", "share"))
        if not sees_all(actor):
            shares = {person: share for person, share in shares.items() if person == actor.user_id}
        if not shares:
            continue
        parts = [part for part in _parts(actor, plan.counts, month) if part.person in shares]
        rates = list(CommissionRate.objects.filter(plan=plan, deleted_at=None))
        exchange = Exchange(actor, {part.currency for part in parts} | {rate.start_currency for rate in rates})
        ladder = [_rate(rate, exchange, month.last) for rate in rates]
        for person, share in shares.items():
            own = [part for part in parts if part.person == person]
            found.append(_statement(plan, person, share, own, ladder, exchange))
        missing |= exchange.missing
    return found, missing


def _rate(rate: CommissionRate, exchange: Exchange, day: date) -> Rate:
    sort = ("product", rate.product_id) if rate.product_id else ("category", rate.category)
    start = exchange.to_base(rate.start, rate.start_currency, day) if rate.start else Decimal(0)
    return Rate(sort if sort[1] else EVERYTHING, start, rate.percent)


def _statement(  # noqa: PLR0917 - one of the plan, the person and what is known of them
    plan: CommissionPlan, person: UUID, share: Decimal, parts: list[_Part], rates: list[Rate], exchange: Exchange
) -> Statement:
    amounts: dict[tuple[str, UUID, str], Decimal] = defaultdict(Decimal)
    sold = []
    for part in parts:
        amount = exchange.to_base(part.amount, part.currency, part.day)
        sold.append(Sold(part.product, part.category, amount))
        amounts[part.sale] += amount
    sales = [Sale(*sale, amount) for sale, amount in amounts.items()]
    lines = earned(sold, rates, share, digits(exchange.base))
    return Statement(person, plan.name, plan.counts, share, lines, sorted(sales, key=lambda sale: -sale.amount))


def _parts(actor: Actor, counts: str, month: Period) -> Iterable[_Part]:
    return _won(actor, month) if counts == "won" else _paid(actor, month)


def _won(actor: Actor, month: Period) -> Iterator[_Part]:
    """The deals won in the month: each line (without lines the whole) for the owner, or for whom it is shared."""
    if not access.fields(actor, objects.get("deals")).keys() >= MADE_OF:
        return
    deals = won_deals(actor, month.first, month.after)
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
        shares = splits[id]
        rest = 100 - sum(percent for _seller, percent in shares)
        for product, category, amount, code in lines[id] or [(None, "", value, currency)]:
            for person, percent in [*shares, (owner, rest)]:
                if amount and percent:
                    part = amount * percent / 100
                    yield _Part(person, ("deals", id, title), product, category or "", part, code, closed.date())


def _paid(actor: Actor, month: Period) -> Iterator[_Part]:
    """The invoices paid to the end in the month, and the credit notes issued in it, for their owners."""
    obj = objects.get("invoices")
    if not access.fields(actor, obj).keys() >= {"owner", "status", "paid_on", "net"}:
        return
    rows: QuerySet = access.visible(actor, obj)
    inside = (month.first, month.last)
    paid = Q(kind="invoice", status="paid", paid_on__range=inside)
    back = Q(kind="credit_note", issued_on__range=inside)
    lines = InvoiceLine.objects.filter(deleted_at=None, invoice__in=rows.filter(paid | back).values("id"))
    names = ("invoice_id", "invoice__title", "invoice__owner_id", "invoice__kind", "invoice__paid_on")
    more = ("invoice__issued_on", "product_id", "product__category", "net", "net_currency")
    for id, title, owner, kind, paid_on, issued_on, product, category, amount, code in lines.values_list(*names, *more):
        if amount:
            signed, day = (-abs(amount), issued_on) if kind == "credit_note" else (amount, paid_on)
            yield _Part(owner, ("invoices", id, title), product, category or "", signed, code, day)
