"""Objects an administrator makes in settings."""

from __future__ import annotations

import pytest

from tests.toys import apps  # noqa: F401

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
