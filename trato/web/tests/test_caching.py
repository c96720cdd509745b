"""What of a person's account is kept by no browser and no proxy."""

import pytest

pytestmark = pytest.mark.django_db

PAGES = (
    "/accounts/2fa/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/email/",
    "/workspaces/new",
)


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_an_account_are_not_kept(browser, page):
    answer = browser.get(page)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
