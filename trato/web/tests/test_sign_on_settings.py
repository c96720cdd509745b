"""The settings of a company's sign-in: what is kept, what is refused, and what it demands of whom."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from trato.engine.workspaces.models import Role, SignOn, Workspace

from .company import come, is_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inside")]
PAGE = "/w/acme/settings/sign-in"
HOST = {"host": "testserver"}


def test_the_secret_is_kept_sealed_and_never_shown(openid, set_up, browser, cast, as_):
    set_up("oidc")
    with as_(cast.owner):
        kept = SignOn.objects.get()
        assert "s3cret" not in json.dumps(kept.settings) and "s3cret" not in str(kept.__dict__)
        before = kept.settings
    assert "s3cret" not in browser.get(f"{PAGE}/company").content.decode()
    set_up("oidc", secret="", label="Other name")
    with as_(cast.owner):
        assert SignOn.objects.get().settings == before, "left empty, it stays"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"issuer": "https://nothing.invalid"}, "does not answer"),
        ({"domains": "acme"}, "is no domain"),
        ({"domains": ""}, "Fill in this field"),
        ({"is_open": "1", "role": ""}, "role that new members get"),
        ({"secret": ""}, "Fill in this field"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(openid, browser, cast, as_, more, words):
    with as_(cast.owner):
        role = str(Role.objects.get(name="Reader").id)
    form = {
        "label": "Acme ID",
        "domains": "acme.example",
        "role": role,
        "issuer": openid,
        "client_id": "a",
        "secret": "b",
    }
    answer = browser.post(f"{PAGE}/company?kind=oidc", form | more)
    assert answer.status_code == 422 and words in answer.content.decode()
    with as_(cast.owner):
        assert not SignOn.objects.exists()


@pytest.mark.parametrize(
    "metadata", ["<x/>", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "nonsense"]
)
def test_metadata_that_are_none_are_refused(browser, cast, as_, metadata):
    form = {"label": "Acme ID", "domains": "acme.example", "metadata": metadata}
    answer = browser.post(f"{PAGE}/company?kind=saml", form)
    assert answer.status_code == 422 and "root:" not in answer.content.decode()


def test_only_through_the_company_but_for_one(openid, set_up, browser, signed_in, cast):
    form = {"only": "1", "spare": str(cast.owner.id), "days": "0"}
    assert browser.post(PAGE, form).status_code == 422, "there is no sign-in yet"
    set_up("oidc")
    assert browser.post(PAGE, {"only": "1", "days": "0"}).status_code == 422, "nobody for the day it is out of order"
    assert browser.post(PAGE, form).status_code == 303
    manager = signed_in(cast.manager)
    assert manager.get("/w/acme/things/")["Location"].startswith("/accounts/company/?next=")
    assert is_in(browser)
    assert is_in(come(openid, "max", email="manager@acme.example", email_verified=True)[0])
    browser.post(f"{PAGE}/company/remove")
    assert is_in(manager)


def test_a_second_factor_is_asked_for_after_the_days_of_grace(browser, signed_in, cast, token_for):
    from allauth.mfa.totp.internal import auth as totp

    manager = signed_in(cast.manager)
    assert browser.post(PAGE, {"factor": "1", "days": "7"}).status_code == 303
    html = manager.get("/w/acme/things/").content.decode()
    assert "this workspace asks for a second factor" in html
    Workspace.objects.filter(id=cast.acme.id).update(second_factor_from=timezone.localdate())
    assert manager.get("/w/acme/things/")["Location"].startswith("/accounts/2fa/")
    assert manager.post("/w/acme/things/new", {"name": "X"}).status_code == 403
    assert manager.get("/accounts/2fa/").status_code == 200
    text = token_for(cast.manager)
    assert Client().get("/api/v1/things", headers={"authorization": f"Bearer {text}"}).status_code == 200
    totp.TOTP.activate(cast.manager, "JBSWY3DPEHPK3PXP")
    assert is_in(manager)


@pytest.mark.parametrize("page", ["", "/company"])
def test_only_administrators_decide(signed_in, cast, page):
    assert signed_in(cast.manager).get(f"{PAGE}{page}").status_code == 403
    assert signed_in(cast.manager).post(f"{PAGE}{page}", {}).status_code == 403
