"""Administrators see how the installation is; what is ill is said with what to do."""

import pytest
from django.db import connection


def test_everything_that_has_to_be_well_is_there(browser):
    html = browser.get("/w/acme/settings/health").content.decode()
    for seen in ("row-level security on every workspace table", "up to date", "GB free"):
        assert seen in html
    assert "no worker runs" in html  # none does in the tests
    assert "Something has to be done." in html


def test_a_worker_that_lives_is_seen(browser):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert "1 worker runs" in browser.get("/w/acme/settings/health").content.decode()


def test_only_administrators_see_it_and_an_operator_may_keep_it(signed_in, cast, browser, settings):
    assert signed_in(cast.manager).get("/w/acme/settings/health").status_code == 403
    assert "settings/health" not in signed_in(cast.manager).get("/w/acme/settings/profile").content.decode()
    settings.TRATO_HEALTH_PAGE = False
    assert browser.get("/w/acme/settings/health").status_code == 404
    assert "settings/health" not in browser.get("/w/acme/settings/profile").content.decode()


@pytest.mark.parametrize("language", ["es", "ro"])
def test_it_opens_in_every_language(browser, cast, language):
    type(cast.owner).objects.filter(id=cast.owner.id).update(language=language)
    assert browser.get("/w/acme/settings/health").status_code == 200
