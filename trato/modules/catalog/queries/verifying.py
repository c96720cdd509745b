"""What can only be said of a record with a look at others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from trato.engine.kinds.money import Money
from trato.engine.objects import Object
from trato.engine.workspaces.models import Role

from ..models import BundleItem, PriceBook, Product
from .prices import parts_of

Problems = dict[str, str]


def product_problem(
    record_id: UUID,
    values: Mapping[str, Any],
    old: Mapping[str, Any] | None,
    pending: Callable[[UUID], Mapping[str, Any] | None],
) -> Problems:
    """A variant is of a product that is none itself; what has variants is none; what holds something is a bundle."""
    parent = values.get("parent")
    if parent and not (old and old.get("parent") == parent):
        if parent == record_id:
            return {"parent": _("Choose another product: none is a variant of itself.")}
        changed = pending(parent)
        if changed["parent"] if changed else _column(parent, "parent"):
            return {"parent": _("Choose the product that this one is a variant of: there are no variants of variants.")}
        if old and Product.objects.filter(parent_id=record_id, deleted_at=None).exists():
            return {"parent": _("This product has variants, so it can't be a variant itself.")}
    unbundled = old and old.get("kind") == "bundle" and values.get("kind") != "bundle"
    if unbundled and BundleItem.objects.filter(bundle_id=record_id, deleted_at=None).exists():
        return {"kind": _("This bundle holds products; take them out before you change what it is.")}
    return {}


def _column(product_id: UUID, name: str) -> Any:
    return Product.objects.filter(id=product_id).values_list(name, flat=True).first()


def bundle_problem(bundle_id: UUID, product_id: UUID) -> Problems:
    """Only bundles hold something, and no bundle is in itself, at whatever level."""
    if _column(bundle_id, "kind") != "bundle":
        return {"product": _("Only a bundle holds other products; make its type “Bundle” first.")}
    parts, held = parts_of({product_id})
    if bundle_id == product_id or bundle_id in held or bundle_id in parts:
        return {"product": _("Choose another product: a bundle can't be in itself, nor in what is in it.")}
    return {}


def book_problem(book_id: UUID, price: Money) -> Problems:
    """A price is in the currency of its book."""
    currency = PriceBook.objects.filter(id=book_id).values_list("currency", flat=True).first()
    if currency == price.currency:
        return {}
    words = _("This price book is in %(currency)s; give the price in it, or choose another book.")
    return {"price": words % {"currency": currency}}


def role_problem(role: str) -> Problems:
    """There is a role called so."""
    if not role or Role.objects.filter(name=role).exists():
        return {}
    names = ", ".join(Role.objects.filter(is_admin=False).order_by("name").values_list("name", flat=True))
    return {"role": _("There is no such role. Roles: %(names)s.") % {"names": names}}


def currency_of(line_obj: Object, document_id: Any) -> str:
    """The currency of the document that a line is part of; "" for what has none."""
    whole = line_obj.whole
    if whole is None or "currency" not in whole.builtin:
        return ""
    return whole.rows().filter(id=document_id).values_list("currency", flat=True).first() or ""


def currency_problem(line_obj: Object, document_id: UUID, currency: str) -> Problems:
    """A document takes another currency only when the prices of its lines follow: those set by hand don't."""
    rows = line_obj.rows().filter(**{f"{line_obj.within}_id": document_id}, deleted_at=None, price__isnull=False)
    fixed = rows.exclude(explanation__by="catalogue").exclude(price_currency=currency).count()
    if not fixed:
        return {}
    words = _("%(n)s lines have prices set by hand in another currency. Empty or take out these prices first.")
    return {"currency": words % {"n": fixed}}
