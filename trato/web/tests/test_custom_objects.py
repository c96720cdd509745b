"""Objects an administrator makes in settings."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from trato.engine.models import Job

pytestmark = pytest.mark.django_db
PROPERTY = {"label": "Property", "label_plural": "Properties", "plural": "", "icon": "home", "name_label": "Address"}


def test_an_object_made_in_settings_has_every_page(browser):
    answer = browser.post("/w/acme/settings/objects/new", PROPERTY, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/w/acme/settings/fields/properties")
    field = {"label": "Area", "name": "area", "option-digits": "0"}
    browser.post("/w/acme/settings/fields/properties/new?kind=number", field)
    assert "Properties" in browser.get("/w/acme/").content.decode()
    form = browser.get("/w/acme/properties/new").content.decode()
    assert "Address" in form and "Area" in form
    answer = browser.post("/w/acme/properties/new", {"name": "Calle Mayor 1", "custom.area": "90"}, follow=True)
    page = answer.content.decode()
    assert "Calle Mayor 1" in page and "90" in page
    listed = browser.get("/w/acme/properties/?columns=title&columns=custom.area&sort=custom.area").content.decode()
    assert "Calle Mayor 1" in listed
    assert "Calle Mayor 1" in browser.get("/w/acme/search?q=mayor").content.decode()


def test_a_deleted_object_is_brought_back_and_one_is_deleted_for_good_only_by_its_name(browser, cast, as_):
    browser.post("/w/acme/settings/objects/new", PROPERTY)
    assert browser.get("/w/acme/properties/").status_code == 200
    browser.post("/w/acme/settings/objects/properties/delete")
    assert browser.get("/w/acme/properties/").status_code == 404
    assert "in the recycle bin" in browser.get("/w/acme/settings/objects").content.decode()
    browser.post("/w/acme/settings/objects/properties/restore")
    assert browser.get("/w/acme/properties/").status_code == 200
    browser.post("/w/acme/settings/objects/properties/delete")
    refused = browser.post("/w/acme/settings/objects/properties/destroy", {"confirm": "x"})
    assert refused.status_code == 422
    browser.post("/w/acme/settings/objects/properties/destroy", {"confirm": "properties"})
    with as_(cast.owner):
        assert Job.objects.filter(name="destroy object", state="waiting").count() == 1


def test_an_object_is_renamed_and_translated(browser):
    browser.post("/w/acme/settings/objects/new", PROPERTY)
    changed = PROPERTY | {
        "label_plural": "Estates",
        "label-es": "inmueble / inmuebles",
    }
    answer = browser.post("/w/acme/settings/objects/properties", changed)
    assert answer.status_code == 303, answer.content.decode()
    page = browser.get("/w/acme/settings/objects/properties").content.decode()
    assert "inmueble / inmuebles" in page


@pytest.mark.parametrize("wrong", [{"plural": "settings"}, {"label": ""}, {"icon": "nothing"}, {"label_plural": "!!!"}])
def test_what_can_not_be_is_said_at_the_form(browser, wrong):
    answer = browser.post("/w/acme/settings/objects/new", PROPERTY | wrong)
    assert answer.status_code == 422
    assert "No objects of your own" in browser.get("/w/acme/settings/objects").content.decode()


def test_a_configuration_is_fetched_compared_and_taken_over(browser, signed_in, cast):
    browser.post("/w/acme/settings/objects/new", PROPERTY)
    file = browser.get("/w/acme/settings/configuration/file")
    assert file["Content-Disposition"] == 'attachment; filename="trato-acme.json"'
    other, place = signed_in(cast.stranger), "/w/globex/settings/configuration"
    upload = SimpleUploadedFile("acme.json", file.content, "application/json")
    compared = other.post(place, {"file": upload}).content.decode()
    assert "properties" in compared
    assert other.get("/w/globex/properties/").status_code == 404
    assert other.post(place, {"text": file.content.decode(), "apply": "1"}).status_code == 303
    assert other.get("/w/globex/properties/").status_code == 200
    again = other.post(place, {"file": SimpleUploadedFile("acme.json", file.content)}).content.decode()
    assert "Nothing differs" in again


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"format": "x"}', b"[" * 100_000])
def test_a_file_that_is_no_configuration_is_refused_with_words(browser, content):
    upload = SimpleUploadedFile("x.json", content, "application/json")
    answer = browser.post("/w/acme/settings/configuration", {"file": upload})
    assert answer.status_code == 422
    assert browser.post("/w/acme/settings/configuration", {}).status_code == 422


def test_only_administrators_come_to_these_pages(signed_in, cast):
    for place in ("objects", "objects/new", "configuration", "configuration/file"):
        assert signed_in(cast.manager).get(f"/w/acme/settings/{place}").status_code == 403
