"""Browsers of the cast, and records made through the one write path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.providers import running


@pytest.fixture
def browser(cast: Any, signed_in: Callable[[Any], Client]) -> Client:
    """The administrator's browser."""
    return signed_in(cast.owner)


@pytest.fixture
def make(cast: Any, as_: Any) -> Callable[..., Any]:
    """``make("things", name="A")``: a record, made by the administrator unless ``by`` says who."""
    from trato.engine import actions, objects

    def one(plural: str, by: Any = None, **values: Any) -> Any:
        with as_(by or cast.owner) as actor:
            return actions.create(actor, objects.get(plural), values)

    return one


@pytest.fixture(scope="module")
def openid():
    """A real OpenID Connect provider, as its address."""
    with running("oidc_provider_mock", ready="/.well-known/openid-configuration") as base:
        yield base


@pytest.fixture(scope="module")
def saml():
    """A real SAML provider, as its address."""
    with running("tests.providers.saml", ready="/metadata") as base:
        yield base


@pytest.fixture
def inside(settings):
    """Providers of this machine may be asked."""
    settings.TRATO_INTERNAL_HOSTS = {"127.0.0.1"}


@pytest.fixture
def set_up(browser, as_, cast, openid, saml):
    """``set_up("oidc", is_open="1")``: Acme's sign-in, made on its page."""
    from trato.engine.workspaces.models import Role

    def make(kind, **more):
        with as_(cast.owner):
            role = str(Role.objects.get(name="Reader").id)
        own = (
            {"issuer": openid, "client_id": "trato", "secret": "s3cret"}
            if kind == "oidc"
            else {"metadata": f"{saml}/metadata"}
        )
        form = {"label": "Acme ID", "domains": "acme.example", "role": role} | own | more
        answer = browser.post(f"/w/acme/settings/sign-in/company?kind={kind}", form)
        assert answer.status_code == 303, answer.content.decode()

    return make
