"""The settings of what customers meet: letterhead, seal and mails."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from trato.engine import outbox
from trato.engine.outbox.models import Mail
from trato.engine.postgres.scope import in_workspace
from trato.engine.printing import certificates, letterhead

pytestmark = pytest.mark.django_db
SHAPE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20"/></svg>'
PLACES = ["letterhead", "seal", "mails"]


@pytest.mark.parametrize("place", PLACES)
def test_administrators_only(cast, signed_in, place):
    assert signed_in(cast.owner).get(f"/w/acme/settings/{place}").status_code == 200
    for who in (cast.manager, cast.reader):
        assert signed_in(who).get(f"/w/acme/settings/{place}").status_code == 403
    assert signed_in(cast.stranger).get(f"/w/acme/settings/{place}").status_code == 404


def test_a_letterhead_is_kept_with_its_logo(cast, browser):
    address = "/w/acme/settings/letterhead"
    given = {"name": "Acme S.L.", "address": "Gran Vía 1\nMadrid", "colour": "#0F6E66"}
    upload = SimpleUploadedFile("logo.svg", SHAPE, "image/svg+xml")
    assert browser.post(address, given | {"logo": upload}).status_code == 303
    with in_workspace(cast.acme.id):
        kept = letterhead.own()
        assert (kept.name, kept.colour, bool(kept.logo)) == ("Acme S.L.", "#0f6e66", True)
    assert "data:image/png;base64," in browser.get(address).content.decode()
    assert browser.post(address, given).status_code == 303
    with in_workspace(cast.acme.id):
        assert letterhead.own().logo
    assert browser.post(address, given | {"no_logo": "true"}).status_code == 303
    with in_workspace(cast.acme.id):
        assert not letterhead.own().logo
    bad = SimpleUploadedFile("logo.svg", b"<svg><script/></svg>", "image/svg+xml")
    answer = browser.post(address, given | {"logo": bad})
    assert answer.status_code == 422 and "no picture" in answer.content.decode()


def test_a_certificate_that_is_none_is_refused_and_a_new_one_made(cast, browser):
    address = "/w/acme/settings/seal"
    assert "when the first document is sealed" in browser.get(address).content.decode()
    with in_workspace(cast.acme.id):
        first = certificates.shown(certificates.current(cast.acme)).fingerprint
    answer = browser.post(address, {"file": SimpleUploadedFile("a.p12", b"nothing"), "password": "x"})
    assert answer.status_code == 422
    assert browser.post(address, {"password": "x"}).status_code == 422
    assert "CN=Acme" in browser.get(address).content.decode()
    assert browser.post(f"{address}/renew").status_code == 303
    with in_workspace(cast.acme.id):
        assert certificates.shown(certificates.current(cast.acme)).fingerprint != first


def test_mails_are_seen_taken_back_and_tried_again(cast, as_, browser, signed_in):
    with as_(cast.owner) as actor:
        mail = outbox.put(actor, key="a", to=[("Ana", "ana@x.example")], subject="Your <quote>", text="x")
    address = "/w/acme/settings/mails"
    assert "Your &lt;quote&gt;" in browser.get(address).content.decode()
    assert browser.post(f"{address}/{mail.id}/cancel").status_code == 303
    with as_(cast.owner):
        assert Mail.objects.get().state == "cancelled"
    assert "Your" not in browser.get(f"{address}?state=waiting").content.decode().partition('id="mails"')[2]
    assert browser.post(f"{address}/{mail.id}/retry").status_code == 303
    with as_(cast.owner):
        assert Mail.objects.get().state == "waiting"
    assert browser.post(f"{address}/{mail.id}/retry").status_code == 303  # and says that it is in another state
    assert signed_in(cast.manager).post(f"{address}/{mail.id}/cancel").status_code == 403
