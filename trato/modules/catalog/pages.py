"""The price check, and the boxes that say what things cost and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET
from markupsafe import Markup

from trato.engine import access, objects, values
from trato.engine.kinds import Currency, Date, Invalid, Link, MoneyKind, Number, Percent, Reader, Typed
from trato.engine.objects import Field
from trato.engine.workspaces.actors import Actor
from trato.web import forms, respond
from trato.web.panels import destination, panel
from trato.web.respond import base_of

from . import actions, queries, rules
from .models import PricedDocument

_MONEY, _PERCENT = MoneyKind(), Percent(digits=2)


def may_check(actor: Actor) -> bool:
    """Whether somebody sees what products cost."""
    return access.sees(actor, objects.get("products"), "price")


destination(
    group=gettext_lazy("Catalogue"),
    label=gettext_lazy("Price check"),
    icon="zoom-money",
    place="price-check",
    may=may_check,
)


def _asked() -> dict[str, Field]:
    """What the price check asks for."""
    link = {"by_id": True}
    kinds = {
        "product": (gettext_lazy("Product"), Link(to=("products",), required=True, **link)),
        "account": (gettext_lazy("Account"), Link(to=("accounts",), **link)),
        "quantity": (gettext_lazy("Quantity"), Number(digits=4, required=True)),
        "currency": (gettext_lazy("Currency"), Currency(required=True)),
        "day": (gettext_lazy("Day"), Date(required=True)),
        "discount_percent": (gettext_lazy("Discount by hand, %"), Percent(digits=2, minimum=0, maximum=100)),
    }
    return {name: Field(name, label, kind, (name,), required=kind.required) for name, (label, kind) in kinds.items()}


@require_GET
def price_check(request: HttpRequest) -> HttpResponse:
    """What a product costs an account on a day, and why: ``product``, ``account``, ``quantity``, ``currency``, ``day``
    and ``discount_percent``; without a product the empty form.
    """
    actor, fields = request.actor, _asked()
    if not may_check(actor):
        raise access.Forbidden("products", "see")
    usual = {"quantity": "1", "currency": actor.workspace.currency, "day": queries.today(actor).isoformat()}
    data = usual | {name: value for name, value in request.GET.items() if value.strip()}
    reader = access.reader(actor, [data[name] for name in ("product", "account") if "/" in data.get(name, "")])
    given, problems = _read(actor, data, fields, reader)
    asked = any(data.get(name) for name in ("product", "product-text"))
    quoted = queries.price_of(actor, **given) if asked and not problems else None
    errors = {problem.field: [problem.message] for problem in problems} if asked else {}
    context = {
        "fields": [forms.row(field, Typed(data), reader, errors.get(name, ())) for name, field in fields.items()],
        "problems": forms.summary(problems, fields) if asked else [],
        "quoted": _told(quoted, reader) if quoted else None,
        "check_url": f"{base_of(request)}/price-check",
    }
    return respond.page(request, "catalog/price_check.html", context, title=_("Price check"))


def _read(
    actor: Actor, data: dict[str, str], fields: dict[str, Field], reader: Reader
) -> tuple[dict[str, Any], list[values.Problem]]:
    """The values asked for, links by name as their records; and what is wrong with them."""
    given, problems = forms.read(data, fields.values(), reader)
    for name in ("product", "account"):
        try:
            given[name] = values.by_title(actor, fields[name].kind, given.get(name))
            refs = fields[name].kind.refs(given[name])
            if refs and not access.titles(actor, refs):
                raise Invalid("absent", _("There is no such record, or you may not see it."))
        except Invalid as problem:
            problems.append(values.Problem(name, problem.code, str(problem)))
    if given.get("quantity") is not None:
        problems += [values.Problem(name, "rule", words) for name, words in rules.line_problem(given).items()]
    return given, problems


def _told(quoted: rules.Quoted, reader: Reader) -> dict[str, Any]:
    """A price in words."""
    return {
        "title": quoted.item.title,
        "url": f"{reader.base}/products/{quoted.item.id}",
        "price": _MONEY.plain(quoted.price, reader),
        "list_price": _MONEY.plain(quoted.list_price, reader) if quoted.list_price != quoted.price else "",
        "unit": quoted.item.unit,
        "words": rules.told(quoted.steps, reader),
        "approval_needed": quoted.approval_needed,
    }


def _box(template: str) -> Callable[[HttpRequest, dict[str, Any]], Markup]:
    def draw(request: HttpRequest, context: dict[str, Any]) -> Markup:
        html = render_to_string(f"catalog/{template}.html", context, request)
        return Markup(html)  # noqa: S704 - a template of ours, escaped there

    return draw


_product_box, _account_box, _lines_box = _box("product_price"), _box("account_books"), _box("explained")


@panel("products")
def price_of_product(request: HttpRequest, record: Any) -> Markup | None:
    """What the product costs anybody today and why, what is earned by it, and the way to the price check."""
    actor = request.actor
    if not may_check(actor):
        return None
    reader = access.reader(actor)
    quoted = queries.price_of(actor, record.id, None, actor.workspace.currency)
    context = {
        "quoted": _told(quoted, reader),
        "margin": _margin(quoted, reader) if access.sees(actor, objects.get("products"), "cost") else "",
        "check_url": _check(reader, product=f"products/{record.id}"),
    }
    return _product_box(request, context)


def _margin(quoted: rules.Quoted, reader: Reader) -> str:
    """What is left of the price after the cost, in both: "€8.00 (40 %)"; "" where they can't be compared."""
    price, cost = quoted.price, quoted.item.cost
    if price is None or cost is None or price.currency != cost.currency:
        return ""
    left = type(price)(price.amount - cost.amount, price.currency)
    share = f" ({_PERCENT.plain(left.amount * 100 / price.amount, reader)})" if price.amount else ""
    return f"{_MONEY.plain(left, reader)}{share}"


@panel("accounts")
def books_of_account(request: HttpRequest, record: Any) -> Markup | None:
    """The price books and discounts that are for this account and not for everybody; no box where there are none."""
    actor = request.actor
    if not may_check(actor):
        return None
    books, cuts = queries.own_terms(actor, record.id, queries.today(actor))
    if not books and not cuts:
        return None
    reader = access.reader(actor)
    context = {
        "books": books,
        "cuts": cuts,
        "base": reader.base,
        "check_url": _check(reader, account=f"accounts/{record.id}"),
    }
    return _account_box(request, context)


def _check(reader: Reader, **asked: str) -> str:
    return f"{reader.base}/price-check?{urlencode(asked)}"


def explained(request: HttpRequest, record: Any) -> Markup | None:
    """How the prices of a document's lines came about; no box where no line has a price of the catalogue."""
    actor, obj = request.actor, objects.of_record(record)
    if not access.sees(actor, actions.lines_object(obj), "price", "explanation"):
        return None
    reader = access.reader(actor)
    lines = [
        {"title": line.title, "words": rules.told((line.explanation or {}).get("steps", ()), reader)}
        for line in actions.lines_of(obj, record)
    ]
    lines = [line for line in lines if line["words"]]
    return _lines_box(request, {"lines": lines}) if lines else None


for _document in objects.registered():  # those of the modules above, too: pages are loaded when all of them are there
    if issubclass(_document.model, PricedDocument):
        panel(_document.plural)(explained)

urlpatterns = [path("price-check", price_check)]
