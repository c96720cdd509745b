"""How accounts stand and pay."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from trato.engine import access, objects
from trato.engine.workspaces.actors import Actor
from trato.modules.people.models import Account, Contact

from ..rules import sums
from .base import LATEST, OWED, ZERO


def accounts(ids: Iterable[UUID]) -> dict[UUID, Account]:
    """Accounts by id, whoever asks: who may see an invoice sees whose it is."""
    return {each.id: each for each in Account.objects.filter(id__in=set(ids)).defer("search", "title_key")}


def no_customer_yet(account_id: UUID) -> Account | None:
    """The account, locked, where it is no customer so far."""
    rows = Account.objects.exclude(lifecycle__in=("customer", "advocate")).filter(id=account_id)
    return rows.select_for_update(of=("self",), no_key=True).defer("search", "title_key").first()


def contacts(ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """The same of contacts."""
    return {each.id: each for each in Contact.objects.filter(id__in=set(ids)).defer("search", "title_key")}


@dataclass(frozen=True)
class Standing:
    """How an account stands with us in one currency."""

    currency: str
    open: Decimal
    overdue: Decimal
    credit: Decimal
    aged: list[Decimal]


def standing(actor: Actor, account_id: UUID, today: date) -> list[Standing]:
    """What an account owes and has to its credit, by currency, as far as the actor may see invoices and payments."""
    debts: dict[str, list[sums.Debt]] = defaultdict(list)
    seen = access.visible(actor, objects.get("invoices")).filter(account_id=account_id, kind="invoice")
    for invoice_id, currency, due, left in seen.filter(status__in=OWED).values_list("id", "currency", "due_on", "open"):
        debts[currency].append(sums.Debt(invoice_id, due, left))
    payments = access.visible(actor, objects.get("payments")).filter(account_id=account_id, credit__gt=0)
    credits = dict(payments.order_by().values_list("amount_currency").annotate(n=Sum("credit")))
    return [
        Standing(
            currency,
            sum((debt.open for debt in debts[currency]), ZERO),
            sum((debt.open for debt in debts[currency] if debt.due < today), ZERO),
            credits.get(currency, ZERO),
            sums.aged(debts[currency], today),
        )
        for currency in sorted(debts.keys() | credits.keys())
    ]


def punctuality(actor: Actor, account_id: UUID) -> sums.Punctuality | None:
    """How an account paid its latest invoices, as far as the actor may see them; None where it paid none yet."""
    rows = access.visible(actor, objects.get("invoices")).filter(account_id=account_id, kind="invoice", status="paid")
    paid_ones = rows.exclude(paid_on=None).order_by("-paid_on")[:LATEST]
    return sums.punctuality(paid_ones.values_list("due_on", "paid_on"))


@dataclass(frozen=True)
class Entry:
    """One line of a statement of account: ``amount`` is what it adds to what is owed."""

    day: date
    what: str
    ref: str
    title: str
    amount: Decimal
    balance: Decimal = ZERO


def statement(actor: Actor, account_id: UUID, currency: str, since: date, until: date) -> tuple[Decimal, list[Entry]]:
    """What was owed at the beginning of ``since``, and what came and went up to ``until``, with the balance after
    each; as far as the actor may see invoices and payments.
    """
    found: list[Entry] = []
    invoices = access.visible(actor, objects.get("invoices")).filter(account_id=account_id, currency=currency)
    wanted = ("id", "kind", "title", "issued_on", "total", "written_off", "written_off_on")
    for row in invoices.exclude(status="draft").filter(issued_on__lte=until).values(*wanted):
        ref = f"invoices/{row['id']}"
        sign = 1 if row["kind"] == "invoice" else -1
        found.append(Entry(row["issued_on"], row["kind"], ref, row["title"], sign * row["total"]))
        if row["written_off_on"] and row["written_off_on"] <= until:
            found.append(Entry(row["written_off_on"], "write_off", ref, row["title"], -row["written_off"]))
    payments = access.visible(actor, objects.get("payments")).filter(account_id=account_id, amount_currency=currency)
    payments = payments.filter(received_on__lte=until, voided_on=None)
    for row in payments.values("id", "kind", "title", "received_on", "amount"):
        sign = -1 if row["kind"] == "payment" else 1
        found.append(
            Entry(row["received_on"], row["kind"], f"payments/{row['id']}", row["title"], sign * row["amount"])
        )
    found.sort(key=lambda entry: (entry.day, entry.ref))
    opening = sum((entry.amount for entry in found if entry.day < since), ZERO)
    balance, told = opening, []
    for entry in found:
        if entry.day >= since:
            balance += entry.amount
            told.append(Entry(entry.day, entry.what, entry.ref, entry.title, entry.amount, balance))
    return opening, told


def currencies_of(actor: Actor, account_id: UUID) -> list[str]:
    """The currencies that an account's invoices and payments are in, as far as the actor may see them."""
    invoices = access.visible(actor, objects.get("invoices")).filter(account_id=account_id).exclude(status="draft")
    payments = access.visible(actor, objects.get("payments")).filter(account_id=account_id)
    found = {*invoices.order_by().values_list("currency", flat=True).distinct()}
    return sorted(found | {*payments.order_by().values_list("amount_currency", flat=True).distinct()})
