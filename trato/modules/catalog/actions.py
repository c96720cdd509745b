"""Writes of the catalogue that are more than create or update: sums and prices of documents, approvals, what a new
workspace begins with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import access, actions, history, objects, values
from trato.engine.bulk import create_all
from trato.engine.kinds.money import Money, MoneyKind
from trato.engine.models import Record
from trato.engine.objects import Object
from trato.engine.workspaces.actors import Actor, system_actor
from trato.engine.workspaces.members import starts_with
from trato.engine.workspaces.models import Workspace

from . import queries, rules
from .models import PricedLine, Product

#: What a new workspace begins with: the class, how it stands on invoices, whether it is the usual one.
TAX_CLASSES = (
    ("standard", _("Standard"), "S", True),
    ("reduced", _("Reduced"), "S", False),
    ("zero", _("Zero"), "Z", False),
)
_dump = MoneyKind().dump


# -- documents ------------------------------------------------------------------------------------------------------


def lines_object(document_obj: Object) -> Object:
    """The object whose records are the priced lines of a document."""
    return next(part for part in objects.parts_of(document_obj.plural) if issubclass(part.model, PricedLine))


def lines_of(document_obj: Object, record: Record) -> list[PricedLine]:
    """The lines of a document in their order, whoever asks: who may see it may see them."""
    obj = lines_object(document_obj)
    rows = obj.rows().filter(**{f"{obj.within}_id": record.id}, deleted_at=None)
    return list(rows.order_by("position", "id").defer("search", "title_key"))


def settle(
    actor: Actor, document_obj: Object, record: Any, counts: Callable[[PricedLine], bool] = lambda line: True
) -> None:
    """Fill the prices of a document's lines that have none of their own, and bring its sums up to date; only lines that
    ``counts`` says yes to are part of the sums.

    Never refuses: a line that has no price says why in its explanation, and counts for nothing.
    """
    line_obj, lines = lines_object(document_obj), lines_of(document_obj, record)
    if not lines and record.net is None:  # nothing was ever in it
        return
    fields = line_obj.stored(actor.workspace)
    before = {line.id: values.of_record(line_obj, line, fields) for line in lines}
    day = day_of(actor, document_obj, record)
    table = queries.tax_table(record.country, day, record.reverse_charge)
    sums = reckon(actor, record, lines, day=day, rate_of=table, counts=counts)
    write_lines(actor, line_obj, lines, before)
    actions.bring_up_to_date(actor, document_obj, record, sums)


def reckon(
    actor: Actor,
    record: Any,
    lines: Sequence[PricedLine],
    *,
    day: date,
    rate_of: Callable[[Any], Decimal | None],
    counts: Callable[[PricedLine], bool] = lambda line: True,
) -> dict[str, Any]:
    """What ``settle`` writes, worked out in memory: the lines have their prices and nets afterwards, and the document's
    net, tax, total and taxes are given back.
    """
    of_whom = {"account": record.account_id, "agreed": record.is_agreed}
    fill(actor, lines, **of_whom, currency=record.currency, day=day, document=record)
    totals = rules.document_totals(
        [line_for_totals(line) if counts(line) else line_for_totals(line)._replace(is_optional=True) for line in lines],
        currency=record.currency,
        prices=record.prices,
        rounding=record.rounding,
        discount_percent=record.discount_percent,
        rate_of=rate_of,
    )
    for line, net in zip(lines, totals.line_nets, strict=True):
        line.net, line.net_currency = net, record.currency
    taxes = [
        {
            "class": str(each.tax_class) if each.tax_class else None,
            "rate": None if each.rate is None else str(each.rate),
            "net": str(each.net),
            "tax": str(each.tax),
            "discount": str(each.discount),
        }
        for each in totals.taxes
    ]
    sums = {name: Money(getattr(totals, name), record.currency) for name in ("net", "tax", "total")}
    return {**sums, "taxes": taxes}


def most(actor: Actor, document_obj: Object, record: Any) -> Money:
    """The net amount of a document whose options are all taken."""
    table = queries.tax_table(record.country, day_of(actor, document_obj, record), record.reverse_charge)
    totals = rules.document_totals(
        [line_for_totals(line)._replace(is_optional=False) for line in lines_of(document_obj, record)],
        currency=record.currency,
        prices=record.prices,
        rounding=record.rounding,
        discount_percent=record.discount_percent,
        rate_of=table,
    )
    return Money(totals.net, record.currency)


def day_of(actor: Actor, document_obj: Object, record: Record) -> date:
    """The day whose prices, taxes and exchange rates a document has: its own, else the day it was made."""
    name = getattr(document_obj, "dated_by", "")
    own = getattr(record, name) if name else None
    return own or timezone.localtime(record.created_at, ZoneInfo(actor.workspace.time_zone)).date()


def line_for_totals(line: PricedLine) -> rules.Line:
    """What a line brings to the sums; one without a price brings nothing."""
    price = line.price if line.price is not None else Decimal(0)
    return rules.Line(line.quantity, price, line.discount_percent, line.tax_class_id, line.is_beside)


def fill(
    actor: Actor,
    lines: Sequence[PricedLine],
    *,
    account: Any,
    currency: str,
    day: date,
    document: Any = None,
    agreed: bool = False,
) -> None:
    """Give the lines of products what they leave empty (not written yet): price with its explanation, description,
    unit, tax class. A price that was filled in before is made anew when product, quantity, customer or currency
    changed; one that was set by hand stays, but what it was instead of, and who approved it, no longer holds. Where the
    customer ``agreed`` to the prices, another customer changes none: theirs is what another one became part of.
    """
    prices = getattr(document, "prices", "exclusive")
    asking = []
    for line in lines:
        basis = [str(line.product_id), str(line.quantity.normalize()), str(account), currency, prices]
        kept = line.explanation or {}
        own = line.price is not None and kept.get("price") != _dump(Money(line.price, line.price_currency))
        holds = _holds(kept.get("for"), basis, agreed)
        if own and line.product_id and not (holds and kept.get("by") == "hand"):
            usual = kept.get("price") if holds else None
            steps = [{"step": "hand", "instead": usual}]
            line.explanation = {"by": "hand", "for": basis, "usual": usual, "steps": steps}
        if line.product_id and not own and (line.price is None or not holds):
            asking.append((line, basis))
    wanted = {line.product_id for line, _basis in asking}
    wanted |= {line.product_id for line in lines if line.product_id and not (line.description and line.tax_class_id)}
    if wanted:
        seen = access.visible(actor, objects.get("products"))
        shelf = queries.shelf_for(
            actor,
            seen.filter(id__in=wanted).values_list("id", flat=True),
            account=account,
            currency=currency,
            day=day,
            prices=prices,
            country=getattr(document, "country", ""),
        )
        for line, basis in asking:
            if line.product_id in shelf.items:
                _put_price(line, rules.quote(shelf.items[line.product_id], line.quantity, shelf), basis)
        for line in lines:
            if line.product_id in shelf.items:
                _put_rest(line, shelf.items[line.product_id])
    if any(line.tax_class_id is None for line in lines):
        usual = queries.usual_tax_class()
        for line in lines:
            line.tax_class_id = line.tax_class_id or usual


def _holds(made_for: Any, basis: list[str], agreed: bool) -> bool:
    """Whether a price was made for the same as it is for now; of what is agreed, whoever the customer is."""
    return bool(made_for) and [*made_for[:2], *made_for[2 + agreed :]] == [*basis[:2], *basis[2 + agreed :]]


def _put_price(line: PricedLine, quoted: rules.Quoted, basis: list[str]) -> None:
    line.price = quoted.price.amount if quoted.price else None
    line.price_currency = quoted.price.currency if quoted.price else ""
    line.explanation = {
        "by": "catalogue" if quoted.price else "gap",
        "for": basis,
        "price": _dump(quoted.price),
        "list": _dump(quoted.list_price),
        "steps": quoted.steps,
    }


def _put_rest(line: PricedLine, item: rules.Item) -> None:
    line.description = line.description or item.title
    line.unit = line.unit or item.unit
    line.tax_class_id = line.tax_class_id or item.tax_class_id


def write_lines(
    actor: Actor, obj: Object, lines: Sequence[PricedLine], before: Mapping[Any, Mapping[str, Any]], verb: str = ""
) -> None:
    """Write what came of lines in one statement; with ``verb`` it stands in their history, without it follows from what
    stands there.
    """
    fields = obj.stored(actor.workspace)
    written: list[history.Written] = []
    changed_lines, columns = [], {"title", "version"}
    for line in lines:
        new = values.of_record(obj, line, fields)
        if not (changed := values.changes(fields, before[line.id], new)):
            continue
        line.title = obj.title(new, actor.language)
        line.version += 1 if verb else 0
        columns |= {column for name in changed for column in fields[name].written}
        changed_lines.append(line)
        written.append(history.Written(line.id, changed, line.version))
    if changed_lines:
        obj.model.objects.bulk_update(changed_lines, sorted(columns))
    if written and verb:
        history.write(actor, obj, verb, written)


# -- what sellers take off by hand ----------------------------------------------------------------------------------


def approvals_needed(actor: Actor, document_obj: Object, record: Any) -> list[str]:
    """Why somebody else has to approve what was taken off a document by hand, in words; empty where nobody has to."""
    limit = queries.limit_of(actor)
    if limit is None:
        return []
    reader = access.reader(actor)
    day = day_of(actor, document_obj, record)
    off = queries.taken_off(actor, lines_of(document_obj, record), record, day)
    steps = [
        {"step": "limit", "off": str(each.percent), "limit": str(limit.percent), "line": each.title}
        for each in off.lines
        if limit.percent is not None and each.percent > limit.percent and each.percent > each.approved
    ]
    if limit.amount is not None and not off.approved:
        most = Money(limit.amount, limit.amount_currency)
        given = queries.in_currency(actor, off.amount, most.currency, day)
        if given is None or given.amount > most.amount:
            steps.append({"step": "limit_amount", "off": _dump(off.amount), "limit": _dump(most)})
    return rules.told(steps, reader)


def approve_discounts(actor: Actor, document_obj: Object, record: Any) -> None:
    """Say that what was taken off a document's lines by hand is approved by the actor; raises Refused where it is more
    than their own role may give.
    """
    if problems := approvals_needed(actor, document_obj, record):
        words = _now("This is more than you may approve yourself. %(why)s") % {"why": " ".join(problems)}
        raise actions.Refused([actions.Problem("", "approval", words)])
    line_obj, lines = lines_object(document_obj), lines_of(document_obj, record)
    fields = line_obj.stored(actor.workspace)
    before = {line.id: values.of_record(line_obj, line, fields) for line in lines}
    off = queries.taken_off(actor, lines, record, day_of(actor, document_obj, record))
    for line, each in zip(lines, off.lines, strict=True):
        if each.percent:
            steps = [step for step in (line.explanation or {}).get("steps", ()) if step["step"] != "approved"]
            told = {"step": "approved", "by": actor.name, "off": str(each.percent), "at": timezone.now().isoformat()}
            line.explanation = {**(line.explanation or {}), "approved": str(each.percent), "steps": [*steps, told]}
    write_lines(actor, line_obj, lines, before, "approved")


def forget_approvals(actor: Actor, document_obj: Object, record: Any) -> None:
    """What was approved of a document's lines counts no more: they can be changed now."""
    line_obj, lines = lines_object(document_obj), lines_of(document_obj, record)
    fields = line_obj.stored(actor.workspace)
    before = {line.id: values.of_record(line_obj, line, fields) for line in lines}
    for line in lines:
        told = dict(line.explanation or {})
        if told.pop("approved", None) is not None:
            line.explanation = told | {"steps": [step for step in told["steps"] if step["step"] != "approved"]}
    write_lines(actor, line_obj, lines, before)


# -- what a new workspace begins with -------------------------------------------------------------------------------


@starts_with
def usual_catalogue(workspace: Workspace) -> None:
    """Give a new workspace its tax classes with the rates of its country, where they are known, and a price book in its
    currency.
    """
    actor = system_actor(workspace)
    rates = rules.RATES.get(workspace.country, {})
    with translation.override(workspace.language):
        of_country = {"country": workspace.country, "source": _now("Known to Trato; check it before you use it.")}
        usual = [
            {
                "name": str(label),
                "category": category,
                "is_default": is_default,
                "tax-rates": [
                    {**of_country, "rate": rate.percent, "since": rate.since, "until": rate.until}
                    for rate in rates.get(name, ())
                ],
            }
            for name, label, category, is_default in TAX_CLASSES
        ]
        create_all(actor, objects.get("tax-classes"), usual)
        book = {"name": _now("Standard prices"), "currency": workspace.currency}
        actions.create(actor, objects.get("price-books"), book)


# -- products -------------------------------------------------------------------------------------------------------


@actions.action(
    "products",
    label=_("Take off sale"),
    icon="archive",
    undo=_("Puts it on sale again."),
    applies=lambda product: product.is_active,
)
def retire(actor: Actor, record: Product) -> Record:
    """A product is sold no more; documents that have it keep it."""
    return actions.update(actor, objects.get("products"), record.id, {"is_active": False})


@actions.action(
    "products",
    label=_("Put on sale"),
    icon="archive-off",
    undo=_("Takes it off sale again."),
    applies=lambda product: not product.is_active,
)
def offer(actor: Actor, record: Product) -> Record:
    """A product is sold again."""
    return actions.update(actor, objects.get("products"), record.id, {"is_active": True})
