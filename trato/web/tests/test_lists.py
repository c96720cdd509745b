"""Lists over HTTP: what they show, how they are narrowed, ordered and paged, and what they cost."""

import json
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db


def test_a_list_shows_titles_links_and_choices(browser, make):
    crate = make("crates", name="Big crate")
    thing = make("things", name="Red lamp", crate=str(crate.id), count=12)
    html = browser.get("/w/acme/things/").content.decode()
    assert f'href="/w/acme/things/{thing.id}"' in html
    assert "Red lamp" in html
    assert f'<a href="/w/acme/crates/{crate.id}">Big crate</a>' in html


def test_a_list_is_narrowed_by_the_filter_in_its_address(browser, make):
    make("things", name="Red lamp", count=12)
    make("things", name="Blue lamp", count=3)
    tree = quote(json.dumps({"field": "count", "op": "gt", "value": 5}))
    html = browser.get(f"/w/acme/things/?filter={tree}").content.decode()
    assert "Red lamp" in html and "Blue lamp" not in html
    assert "Count is more than 5" in html


SAVED = {"filter-do": "save", "filter-mode": "add", "filter-at": "", "filter-what": "count", "filter-op": "lt"}
HTMX = {"HX-Request": "true"}


def test_a_condition_made_in_the_builder_becomes_an_address(browser, make):
    make("things", name="Red lamp", count=12)
    make("things", name="Blue lamp", count=3)
    answer = browser.get("/w/acme/things/", SAVED | {"filter-value": "5", "sort": "title"}, follow=True)
    html = answer.content.decode()
    assert "Blue lamp" in html and "Red lamp" not in html
    tree = quote('{"field":"count","op":"lt","value":5}')
    assert answer.redirect_chain == [(f"/w/acme/things/?filter={tree}&sort=title", 303)]
    part = browser.get("/w/acme/things/", SAVED | {"filter-value": "5", "sort": "title"}, headers=HTMX)
    assert part.headers["HX-Push-Url"] == f"/w/acme/things/?filter={tree}&sort=title"
    assert "Blue lamp" in part.content.decode() and "<html" not in part.content.decode()


def test_a_condition_that_makes_no_sense_is_explained_beside_its_form(browser, make):
    make("things", name="Red lamp")
    wrong = SAVED | {"filter-value": "many", "filter-was": "lt"}
    answer = browser.get("/w/acme/things/", wrong)
    assert answer.status_code == 200
    assert "Red lamp" in answer.content.decode()
    assert 'value="many"' in answer.content.decode()
    part = browser.get("/w/acme/things/", wrong, headers=HTMX)
    assert part.headers["HX-Retarget"] == "#filter-builder"
    assert 'value="many"' in part.content.decode() and "HX-Push-Url" not in part.headers


def test_a_filter_that_can_be_used_no_more_says_so_and_is_taken_out(browser, make):
    make("things", name="Red lamp")
    tree = quote('{"field":"custom.gone","op":"is","value":1}')
    answer = browser.get(f"/w/acme/things/?filter={tree}")
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "This filter can't be used" in html and "custom.gone" in html and "Red lamp" not in html
    left = browser.get(f"/w/acme/things/?filter={tree}&filter-do=remove%20", follow=True)
    assert left.redirect_chain == [("/w/acme/things/", 303)]
    assert "Red lamp" in left.content.decode()


@pytest.mark.parametrize(
    "query", ["filter=nonsense", 'filter={"field":"nothing","op":"is","value":1}', "sort=story", "cursor=x"]
)
def test_damaged_addresses_are_400_and_never_500(browser, query):
    assert browser.get(f"/w/acme/things/?{query}").status_code == 400


def test_pages_go_on_where_the_last_ended_and_back(browser, make):
    for n in range(53):
        make("crates", name=f"Crate {n:02}")
    first = browser.get("/w/acme/crates/?sort=title")
    assert titles_of(first) == [f"Crate {n:02}" for n in range(50)]
    next_url = link_of(first, "next")
    second = browser.get(next_url)
    assert titles_of(second) == ["Crate 50", "Crate 51", "Crate 52"]
    assert titles_of(browser.get(link_of(second, "prev"))) == titles_of(first)


def test_a_list_costs_the_same_queries_however_many_rows_it_has(browser, make, cast):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert browser.get("/w/acme/things/").status_code == 200
        return len(caught)

    crates = [make("crates", name=f"Crate {n}") for n in range(5)]
    make("things", name="First", crate=str(crates[0].id))
    browser.get("/w/acme/things/")
    few = queries()
    for n in range(20):
        make("things", name=f"Thing {n}", crate=str(crates[n % 5].id))
    assert queries() == few
    assert few <= 13, "session, workspace, scope, membership, views, widths, rows, titles, workspaces, nothing else"


def test_hidden_columns_are_not_there_even_when_named(signed_in, cast, make):
    make("things", name="Mine", secret="s3cret", owner=str(cast.limited.id))
    html = signed_in(cast.limited).get("/w/acme/things/?columns=title&columns=secret").content.decode()
    assert "Mine" in html
    assert "s3cret" not in html and "Secret" not in html


def test_only_the_own_records_are_listed_where_the_role_says_so(signed_in, cast, make):
    make("things", name="Hers")
    make("things", by=cast.limited, name="Mine")
    assert titles_of(signed_in(cast.limited).get("/w/acme/things/")) == ["Mine"]


def test_an_htmx_request_gets_the_list_alone(browser, make):
    make("crates", name="One")
    html = browser.get("/w/acme/crates/", headers={"HX-Request": "true"}).content.decode()
    assert html.lstrip().startswith("<section") and "<html" not in html


def test_records_are_counted_on_demand(browser, make):
    for n in range(3):
        make("crates", name=f"Crate {n}")
    assert browser.get("/w/acme/crates/?count=1", headers={"HX-Request": "true"}).content.decode().startswith("3")


def titles_of(answer) -> list[str]:
    import re

    assert answer.status_code == 200
    return re.findall(
        r'class="row-title"[^>]*>(?:<span class="avatar[^>]*>[^<]*</span>)?<span>([^<]*)</span>',
        answer.content.decode(),
    )


def link_of(answer, rel: str) -> str:
    import html
    import re

    found = re.search(rf'href="([^"]+)"[^>]*rel="{rel}"', answer.content.decode())
    assert found, f"no {rel} link"
    return html.unescape(found[1])
