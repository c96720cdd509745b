"""The address a person signs in with: changed by who knows the password, once who reads the new one says so.

The link that is mailed carries its own proof, signed: who, from which address to which, and that the password is still
the same. Nothing is kept before it is used, it works once, and only for the person it was made for, so that a typing
error in an address gives an account to nobody. A page never says whether an address has an account already; its
owner's mail does.
"""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from trato.engine import limits
from trato.engine.kinds import Email, Reader, Typed
from trato.engine.values import Problem, Refused
from trato.engine.workspaces.members import change_address, person_at
from trato.engine.workspaces.models import User

from .. import forms, mails, queries
from ..respond import sign_in
from . import errors
from .joining import Password
from .settings.frame import ask

logger = logging.getLogger("trato.accounts")
SALT = "trato.address"
VALID = 24 * 3600
#: How often a person may ask in a minute.
OFTEN = 5


class Known(Password):
    """The password a person has."""

    completion = "current-password"


@never_cache
def change(request: HttpRequest) -> HttpResponse:
    """The form; posted, a link is on its way to the new address."""
    if not request.user.is_authenticated:
        return sign_in(request)
    user = request.user
    if request.method != "POST":
        return _page(request, user, [])
    given, problems = forms.read(request.POST, _questions(), Reader())
    email = given.get("email", "").lower()
    if limits.count(f"address:{user.id}").used > OFTEN:
        problems = [Problem("", "often", _("That was too often; wait a minute and try again."))]
    elif not problems:
        problems = _refusals(user, email, given["password"])
    if not problems:
        try:
            _mail(user, email)
            return render(request, "entrance.html", _sent(email))
        except Refused as refused:
            problems = refused.problems
    return _page(request, user, problems)


def _refusals(user: User, email: str, password: str) -> list[Problem]:
    if not user.check_password(password):
        return [Problem("password", "password", _("This is not your password."))]
    if email == user.email:
        return [Problem("email", "same", _("This is your address already."))]
    return []


def _mail(user: User, email: str) -> None:
    """One mail, whoever has the address: so that neither the answer nor its time tells."""
    owner = person_at(email)
    if owner is not None:
        mails.address_taken(owner)
        return
    proof = signing.dumps([str(user.id), user.email, email, _mark(user)], salt=SALT)
    mails.new_address(user, email, f"{settings.TRATO_URL}{reverse(confirm)}?{urlencode({'proof': proof})}")


def _mark(user: User) -> str:
    """Changes with the password."""
    return user.get_session_auth_hash()[:16]


@never_cache
def confirm(request: HttpRequest) -> HttpResponse:
    """The page of the link; posted, the person signs in with the new address from now on.

    The proof names addresses, so it stands in the query, which no log has.
    """
    user_id, old, new, mark = _read(request.GET.get("proof", ""))
    if not request.user.is_authenticated:
        return sign_in(request)
    if user_id and user_id != str(request.user.id):
        words = _("Sign out first, sign in as the one who asked for the change, then open the link again.")
        return errors.answer(request, 409, _("This is for somebody else"), words)
    if not constant_time_compare(f"{old} {mark}", f"{request.user.email} {_mark(request.user)}"):
        return _over(request)
    if request.method != "POST":
        return render(request, "entrance.html", _question(request.get_full_path(), old, new))
    with transaction.atomic():
        changed = change_address(user_id, old, new)
        if changed:
            queries.forget_addresses(user_id)
    if not changed:
        return _over(request)
    logger.info("address changed: %s", user_id)
    mails.address_changed(request.user, old, new)
    return HttpResponseRedirect("/", status=303)


def _read(proof: str) -> tuple[str, str, str, str]:
    """Who, from which address, to which, and the mark of the password; all empty for a forged or old link."""
    try:
        user_id, old, new, mark = signing.loads(proof, salt=SALT, max_age=VALID)
    except (signing.BadSignature, ValueError):
        return "", "", "", ""
    return user_id, old, new, mark


def _over(request: HttpRequest) -> HttpResponse:
    words = _("It was used already, it is older than a day, or your password changed since. Your address is as it was.")
    return errors.answer(request, 410, _("This link no longer works"), words)


def _questions() -> list[Any]:
    return [
        ask("email", _("New address"), Email(required=True)),
        ask("password", _("Your password"), Known(required=True)),
    ]


def _page(request: HttpRequest, user: User, problems: list[Problem]) -> HttpResponse:
    fields = _questions()
    shown: Any = Typed(request.POST) if problems else None
    rows = [forms.row(one, shown or one.kind.empty, Reader(), forms.errors_of(problems, one.name)) for one in fields]
    text = _("You sign in with %(email)s. A link goes to the new address; it counts once you have opened that.")
    context = _frame(_("Change the e-mail address"), text % {"email": user.email}) | {
        "action": reverse(change),
        "submit": _("Send the link"),
        "fields": rows,
        "problems": forms.summary(problems, {one.name: one for one in fields}),
    }
    return render(request, "entrance.html", context, status=422 if problems else 200)


def _sent(email: str) -> dict[str, Any]:
    text = _(
        "If nobody else signs in with %(email)s, a link is on its way there. Open it in this browser within a day."
    )
    return _frame(_("Look into your mail"), text % {"email": email}) | {"cancel": _("Back")}


def _question(action: str, old: str, new: str) -> dict[str, Any]:
    text = _("You sign in with %(new)s from then on, and no longer with %(old)s.") % {"new": new, "old": old}
    return _frame(_("Change your address?"), text) | {"action": action, "submit": _("Change it")}


def _frame(heading: str, text: str) -> dict[str, Any]:
    """What templates/entrance.html needs, without a form."""
    return {"title": heading, "heading": heading, "text": text, "cancel_url": "/", "fields": [], "problems": []}
