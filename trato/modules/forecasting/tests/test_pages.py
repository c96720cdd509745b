"""The pages of the forecast, as people see them."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import Make

if TYPE_CHECKING:
    from django.test import Client

    from tests.cast import Cast

pytestmark = pytest.mark.django_db
QUARTER = "/w/acme/forecast?length=quarter&from=2026-07"


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return unescape(answer.content.decode())


def line(html: str, name: str) -> list[str]:
    """What stands in the cells of one row of the table, with what is hidden left out."""
    row = re.search(rf'<th scope="row">(?:<svg.*?</svg>)?{name}</th>(.*?)</tr>', html, re.DOTALL)[1]
    return [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.DOTALL)]


def test_the_forecast_stands_by_seller_and_team(browser: Client, deal: Make, make: Make, cast: Cast) -> None:
    deal(1000, "2026-08-15", category="commit", owner=cast.member, probability=50)
    deal(3000, "2026-08-15", category="pipeline", owner=cast.teammate, probability=10)
    deal(500, None, stage="Signed", on="2026-07-10", owner=cast.member)
    deal(70, "2026-08-15", category="best_case", probability=100)
    money = {"amount": "2000", "currency": "EUR"}
    make("quotas", person=cast.member.id, length="quarter", starts_on="2026-07-01", amount=money)
    call = {"amount": "1200", "currency": "EUR"}
    make("forecast-calls", person=cast.member.id, starts_on="2026-08-01", amount=call, reason="The big one slips")
    html = page(browser, QUARTER)
    assert line(html, "Mia Member") == ["€500", "€1,000", "", "", "€1,000", "€1,200", "€2,000", "25\xa0%"]
    assert line(html, "Sales") == ["€500", "€1,000", "", "€3,000", "€1,300", "", "€2,000", "25\xa0%"]
    assert line(html, "All together") == ["€500", "€1,000", "€70", "€3,000", "€1,370", "", "€2,000", "25\xa0%"]
    assert 'title="The big one slips"' in html and "Q3 2026" in html


def test_every_number_opens_its_records(browser: Client, deal: Make, cast: Cast) -> None:
    deal(1000, "2026-09-30", category="commit", owner=cast.member)
    deal(1, "2026-10-01", category="commit", owner=cast.member)
    deal(2, "2026-09-30", category="commit", owner=cast.teammate)
    deal(40, None, stage="Signed", on="2026-09-30", owner=cast.member)
    html = page(browser, QUARTER)
    row = re.search(r'<th scope="row">Mia Member</th>(.*?)</tr>', html, re.DOTALL)[1]
    addresses = re.findall(r'href="([^"]*/deals/[^"]*)"', row)
    assert len(addresses) == 2
    won, commit = (page(browser, address) for address in addresses)
    assert "Deal of 40" in won and "Deal of 1000" not in won
    assert "Deal of 1000" in commit and "Deal of 2<" not in commit and "Deal of 1<" not in commit
    everybody = re.findall(r'href="([^"]*/deals/[^"]*)"', html.partition("<tfoot>")[2])[1]
    tree = json.loads(parse_qs(urlsplit(everybody).query)["filter"][0])
    assert "owner" not in {part.get("field") for part in tree["and"]}


def test_one_team_alone(browser: Client, deal: Make, cast: Cast) -> None:
    deal(1000, "2026-09-30", category="commit", owner=cast.member)
    deal(70, "2026-09-30", category="commit")
    html = page(browser, f"{QUARTER}&team={cast.sales.id}")
    assert "Olga Owner</th>" not in html and line(html, "All together")[1] == "€1,000"


def test_a_seller_sees_no_others_numbers(signed_in: Any, deal: Make, make: Make, cast: Cast) -> None:
    deal(1234, "2026-09-30", category="commit", owner=cast.member)
    deal(55, "2026-09-30", category="commit", owner=cast.limited)
    money = {"amount": "9876", "currency": "EUR"}
    make("quotas", person=cast.member.id, length="quarter", starts_on="2026-07-01", amount=money)
    for address in (QUARTER, QUARTER.replace("?", "/months?")):
        html = page(signed_in(cast.limited), address)
        assert "1,234" not in html and "9,876" not in html and "Mia Member" not in html and "€55" in html
    stranger = signed_in(cast.stranger)
    assert stranger.get(QUARTER).status_code == 404
    assert "€55" not in page(stranger, QUARTER.replace("acme", "globex"))


def test_who_may_see_no_values_is_refused(signed_in: Any, set_role: Any, cast: Cast) -> None:
    set_role(cast.member, {"objects": {"*": {"see": "all"}, "deals": {"fields": {"value": "hidden"}}}})
    member = signed_in(cast.member)
    assert member.get(QUARTER).status_code == 403
    assert "/forecast" not in page(member, "/w/acme/")
    assert "/w/acme/forecast" in page(signed_in(cast.teammate), "/w/acme/")


@pytest.mark.parametrize(
    "query", ["length=week", "from=never", "from=9999-01", "from=2026-13", "team=everyone", "team=%00", "length=%F0%9F"]
)
def test_nonsense_is_told_and_the_present_quarter_shown(browser: Client, query: str) -> None:
    html = page(browser, f"/w/acme/forecast?{query}")
    assert "There is no such" in html
    assert browser.get(f"/w/acme/forecast/months?{query}").status_code == 200


def test_the_months_are_drawn_with_their_records(browser: Client, deal: Make) -> None:
    deal(1000, "2026-08-15", category="commit")
    deal(500, None, stage="Signed", on="2026-05-10")
    html = page(browser, QUARTER.replace("?", "/months?"))
    assert "Jan" in html and "Dec" in html and "January 2026 – December 2026" in html
    assert 'aria-label="Aug, Commit: €1,000"' in html and 'aria-label="May, Won: €500"' in html


def test_nobody_sets_their_own_quota(signed_in: Any, cast: Cast) -> None:
    member = signed_in(cast.member)
    values = {
        "length": "quarter",
        "starts_on": "2026-07-01",
        "amount": "10",
        "amount_currency": "EUR",
        "covers": "person",
    }
    own = member.post("/w/acme/quotas/new", values | {"person": str(cast.member.id)})
    assert own.status_code == 422 and "set by somebody else" in own.content.decode()


def test_the_page_costs_no_more_with_more_sellers(
    browser: Client, deal: Make, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for seller in (cast.owner, cast.member, cast.teammate, cast.manager):
        deal(1000, "2026-08-15", category="commit", owner=seller)
    browser.get(QUARTER)
    with django_assert_max_num_queries(26):
        page(browser, QUARTER)
