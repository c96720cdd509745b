"""Months whose statements are closed: as they were, and what became of them since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from dateutil.relativedelta import relativedelta

from trato.engine.workspaces.actors import Actor, system_actor

from ..models import ClosedMonth, ClosedStatement
from ..rules.commissions import Earned, Rate, Sort
from ..rules.periods import Period, period_of
from .commissions import Correction, Part, Sale, Statement, parts, sees_all, standing, worked_out
from .exchange import Exchange
from .figures import today

#: Closed months that are looked at again, counted back from the last one.
LOOKED_AT = 12


def last_closed() -> ClosedMonth | None:
    """The last month that was closed."""
    return ClosedMonth.objects.select_related("closed_by").order_by("-month").first()


def closed(month: Period) -> ClosedMonth | None:
    """The closing of a month, where it was closed itself and not with those before it."""
    return ClosedMonth.objects.filter(month=month.first).first()


def may_close(actor: Actor, month: Period, last: ClosedMonth | None) -> bool:
    """Whether the month can be closed now: it is over, and the one before is closed, or none is yet."""
    follows = last is None or month.first == last.month + relativedelta(months=1)
    return follows and month.last < system_today(actor)


def system_today(actor: Actor) -> date:
    """The day by the clock of the workspace."""
    return today(system_actor(actor.workspace))


def statements(actor: Actor, month: Period) -> tuple[list[Statement], set[str]]:
    """The statements of a month that the actor may see, and the currencies without a rate: of a closed month as they
    were closed, else by the plans as they are now; the first month that is not closed has the corrections of those
    before it.
    """
    last = last_closed()
    if last is not None and month.first <= last.month:
        found, missing = _closed(month.first), set()
    else:
        found, missing = of_open(actor, month, last)
    return [one for one in found if sees_all(actor) or one.person == actor.user_id], missing


def of_open(actor: Actor, month: Period, last: ClosedMonth | None) -> tuple[list[Statement], set[str]]:
    """Everybody's statements of a month that is not closed, and the currencies without a rate."""
    found, missing = standing(actor, month)
    if last is None or month.first != last.month + relativedelta(months=1):
        return found, missing
    owed, without = _corrections(actor, last)
    told = []
    for one in found:
        more = owed.pop((one.person, one.plan_id), None)
        told.append(replace(one, corrections=more.corrections) if more else one)
    return [*told, *owed.values()], missing | without


def _corrections(actor: Actor, last: ClosedMonth) -> tuple[dict[tuple[UUID, UUID], Statement], set[str]]:
    """By person and plan a statement of nothing but what closed months are worth more than was stated for them, by the
    terms they were closed with; and the currencies without a rate.
    """
    months = ClosedMonth.objects.filter(currency=actor.workspace.currency).order_by("month")
    months = months.filter(month__gt=last.month - relativedelta(months=LOOKED_AT))
    rows = list(ClosedStatement.objects.filter(closed__in=months.values("id")).order_by("closed__month", "id"))
    if not rows:
        return {}, set()
    by_month = dict(months.values_list("id", "month"))
    stated: dict[tuple[UUID, UUID, date], Decimal] = defaultdict(Decimal)
    for row in rows:
        held = _statement(row)
        stated[row.person_id, row.plan_id, by_month[row.closed_id]] += held.own
        for correction in held.corrections:
            stated[row.person_id, row.plan_id, correction.month] += correction.commission
    sold, exchange = _sold(actor, rows, min(by_month.values()), last)
    owed: dict[tuple[UUID, UUID], Statement] = {}
    for row in rows:
        month, terms = by_month[row.closed_id], _statement(row)
        now = worked_out(terms, sold[row.counts, row.person_id, month], exchange).own
        if more := now - stated[row.person_id, row.plan_id, month]:
            empty = replace(terms, earned=[], sales=[], corrections=[])
            owed.setdefault((row.person_id, row.plan_id), empty).corrections.append(Correction(month, more))
    return owed, exchange.missing


def _sold(
    actor: Actor, rows: Iterable[ClosedStatement], first: date, last: ClosedMonth
) -> tuple[Mapping[tuple[str, UUID | None, date], list[Part]], Exchange]:
    """What counts now in the months since the first, by what it is counted by, person and month."""
    everything, after = system_actor(actor.workspace), Period("month", last.month).after
    found: dict[tuple[str, UUID | None, date], list[Part]] = defaultdict(list)
    for counts in {row.counts for row in rows}:
        for part in parts(everything, counts, first, after):
            found[counts, part.person, period_of("month", part.day).first].append(part)
    currencies = {part.currency for each in found.values() for part in each}
    return found, Exchange(everything, currencies)


def _closed(month: date) -> list[Statement]:
    rows = ClosedStatement.objects.filter(closed__month=month).order_by("plan", "id")
    return [_statement(row) for row in rows]


def _statement(row: ClosedStatement) -> Statement:
    """A statement as it was closed."""
    return Statement(
        row.person_id,
        row.plan_id,
        row.plan,
        row.counts,
        row.share,
        tuple(Rate(_sort(kind, what), Decimal(start), Decimal(percent)) for kind, what, start, percent in row.rates),
        [Earned(_sort(kind, what), Decimal(sold), Decimal(paid)) for kind, what, sold, paid in row.lines],
        [Sale(plural, UUID(id), title, Decimal(amount)) for plural, id, title, amount in row.sales],
        [Correction(date.fromisoformat(month), Decimal(amount)) for month, amount in row.corrections],
    )


def kept(statement: Statement) -> dict[str, object]:
    """The fields of a closed statement."""
    return {
        "person_id": statement.person,
        "plan_id": statement.plan_id,
        "plan": statement.plan,
        "counts": statement.counts,
        "share": statement.share,
        "rates": [[*_plain(rate.sort), str(rate.start), str(rate.percent)] for rate in statement.rates],
        "lines": [[*_plain(line.sort), str(line.sold), str(line.commission)] for line in statement.earned],
        "sales": [[sale.plural, str(sale.id), sale.title, str(sale.amount)] for sale in statement.sales],
        "corrections": [[each.month.isoformat(), str(each.commission)] for each in statement.corrections],
    }


def _plain(sort: Sort) -> tuple[str, str]:
    return sort[0], str(sort[1] or "")


def _sort(kind: str, what: str) -> Sort:
    return kind, UUID(what) if kind == "product" else what or None
