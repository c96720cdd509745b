"""What a role may not see is nowhere: not in lists, search, timelines, files or the API; and absence looks the same."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.running import Site, Visitor, words

pytestmark = pytest.mark.slow
OBJECTS = (
    "accounts",
    "contacts",
    "relationship-types",
    "relationships",
    "notes",
    "tasks",
    "calls",
    "meetings",
    "files",
)
NOWHERE = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def bank(site: Site) -> dict[str, Any]:
    """A workspace with an administrator, somebody limited to their own without birthdays, and a stranger elsewhere."""
    slug, olga = site.workspace("Rights Bank", "olga@rights.example")
    page = site.visitor(olga).post(
        f"/w/{slug}/settings/roles/new",
        {"name": "Limited", "*.see": "own", "*.change": "own", "*.create": "1", "*.export": "1"},
    )
    assert "Saved." in words(page)
    form = site.visitor(olga).get(f"{page.url.removeprefix(site.base)}/fields/contacts").text
    levels = dict.fromkeys(re.findall(r'<select[^>]* name="([a-z_]+)"', form), "write")
    limited = levels | {"birthday": "hidden", "job_title": "read"}
    answer = site.visitor(olga).post(f"{page.url.removeprefix(site.base)}/fields/contacts", limited)
    assert "2 limited" in words(answer)
    _elsewhere, stranger = site.workspace("Rights Elsewhere", "stan@elsewhere.example")
    return {
        "slug": slug,
        "olga": olga,
        "lia": site.person("lia@rights.example", slug, "Limited"),
        "stranger": stranger,
    }


@pytest.fixture(scope="module")
def records(bank: dict[str, Any], program: Callable[..., Visitor]) -> dict[str, Any]:
    """Olga's Acme with her contact and note; Lia's contact of Acme and her note about both."""
    olga, lia = program(bank["slug"], bank["olga"]), program(bank["slug"], bank["lia"])

    def make(who: Visitor, plural: str, **values: Any) -> dict[str, Any]:
        made = who.post(f"/api/v1/{plural}", json=values)
        assert made.status_code == 201, made.text
        return made.json()

    acme = make(olga, "accounts", name="Secret Acme")
    hers = make(olga, "contacts", last_name="Secretova", account=acme["id"], birthday="1980-05-17")
    lias = make(lia, "contacts", last_name="Ownova", emails=[{"address": "own@x.example"}])
    olga.patch(f"/api/v1/contacts/{lias['id']}", json={"account": acme["id"], "birthday": "1990-01-31"})
    make(olga, "notes", body="Secret plan of Secretova", about=[f"contacts/{hers['id']}", f"contacts/{lias['id']}"])
    make(lia, "notes", body="Own remark", about=[f"contacts/{lias['id']}"])
    return {"acme": acme, "hers": hers, "lias": lias, "olga": olga, "lia": lia}


def test_lists_search_and_my_day_hold_only_what_is_ones_own(
    site: Site, bank: dict[str, Any], records: dict[str, Any]
) -> None:
    lia, base = site.visitor(bank["lia"]), f"/w/{bank['slug']}"
    contacts = words(lia.get(f"{base}/contacts/"))
    assert "Ownova" in contacts
    assert "Secret" not in contacts, "nor as the account of her own contact"
    for page in ("/", "/accounts/", "/notes/", "/contacts/?q=secretova", "/search?q=secret", "/pick?q=secret"):
        answer = lia.get(base + page)
        assert answer.status_code == 200
        assert "Secret" not in answer.text, page
    assert [row["title"] for row in records["lia"].get("/api/v1/contacts").json()["data"]] == ["Ownova"]
    assert records["lia"].get("/api/v1/search", params={"q": "secret"}).json()["data"] == []


def test_a_record_shows_no_hidden_link_note_or_field(site: Site, bank: dict[str, Any], records: dict[str, Any]) -> None:
    address = f"/w/{bank['slug']}/contacts/{records['lias']['id']}"
    mine, whole = site.visitor(bank["lia"]).get(address), site.visitor(bank["olga"]).get(address)
    for shown in ("Secret Acme", "Secret plan", "Birthday", "Jan 31, 1990", "Own remark"):
        assert shown in words(whole)
    assert "Own remark" in words(mine)
    for hidden in ("Secret", "Birthday", "1990", records["acme"]["id"]):
        assert hidden not in mine.text
        assert hidden not in site.visitor(bank["lia"]).get(f"{address}/history").text
        assert hidden not in site.visitor(bank["lia"]).get(f"{address}/edit").text


def test_what_is_denied_looks_like_what_is_not_there(site: Site, bank: dict[str, Any], records: dict[str, Any]) -> None:
    def seen(answer: Any) -> tuple[int, str]:
        reference = re.sub(r"[0-9a-f]{32}", "", words(answer))
        return answer.status_code, reference

    base = f"/w/{bank['slug']}/contacts"
    lia = site.visitor(bank["lia"])
    for below in ("", "/edit", "/history", "/timeline", "/field/last_name", "/share"):
        denied = lia.get(f"{base}/{records['hers']['id']}{below}")
        absent = lia.get(f"{base}/{NOWHERE}{below}")
        assert seen(denied) == seen(absent)
        assert denied.status_code == 404, below
    for below, data, status in (
        ("/edit", {"last_name": "Mine"}, 404),
        ("/field/last_name", {"last_name": "Mine"}, 404),
        ("/delete", {}, 403),  # the role deletes nothing at all, which is no secret
    ):
        denied = lia.post(f"{base}/{records['hers']['id']}{below}", data)
        absent = lia.post(f"{base}/{NOWHERE}{below}", data)
        assert seen(denied) == seen(absent), below
        assert denied.status_code == status, below
    for method in ("get", "patch", "delete"):
        answers = [
            getattr(records["lia"], method)(f"/api/v1/contacts/{key}", json={"last_name": "Mine"})
            for key in (records["hers"]["id"], NOWHERE)
        ]
        assert answers[0].json() == answers[1].json()
    assert records["olga"].get(f"/api/v1/contacts/{records['hers']['id']}").json()["title"] == "Secretova"


def test_a_field_that_is_hidden_or_only_read_can_not_be_written_or_asked_for(records: dict[str, Any]) -> None:
    address = f"/api/v1/contacts/{records['lias']['id']}"
    lia, olga = records["lia"], records["olga"]
    assert "birthday" not in lia.get(address).json()
    for values in ({"birthday": "2000-01-01"}, {"job_title": "Boss"}):
        assert lia.patch(address, json=values).status_code == 422
    for name, value, answer in (("birthday", "1990-01-31", 400), ("account.name", "Secret Acme", 200)):
        tree = {"field": name, "op": "is", "value": value}
        found = lia.get("/api/v1/contacts", params={"filter": json.dumps(tree)})
        assert found.status_code == answer, name
        assert found.json().get("data", []) == [], name
    assert lia.get("/api/v1/contacts", params={"sort": "birthday"}).status_code == 400
    kept = olga.get(address).json()
    assert (kept["birthday"], kept["job_title"]) == ("1990-01-31", "")


def test_an_export_holds_what_is_on_screen_and_no_more(
    site: Site, bank: dict[str, Any], records: dict[str, Any]
) -> None:
    address = f"/w/{bank['slug']}/contacts/export?format=csv&columns=title&columns=birthday&columns=account"
    mine = site.visitor(bank["lia"]).get(address)
    assert mine.headers["Content-Disposition"] == 'attachment; filename="contacts.csv"'
    rows = list(csv.DictReader(mine.content.decode("utf-8-sig").splitlines()))
    assert [{name: value for name, value in row.items() if name != "Id"} for row in rows] == [
        {"Name": "Ownova", "Account": ""}
    ]
    whole = list(csv.DictReader(site.visitor(bank["olga"]).get(address).content.decode("utf-8-sig").splitlines()))
    assert {(row["Name"], row["Birthday"], row["Account"]) for row in whole} == {
        ("Ownova", "1990-01-31", "Secret Acme"),
        ("Secretova", "1980-05-17", "Secret Acme"),
    }


def test_the_pages_of_administrators_are_closed_to_others(site: Site, bank: dict[str, Any]) -> None:
    lia, settings = site.visitor(bank["lia"]), f"/w/{bank['slug']}/settings"
    for page in ("/workspace", "/members", "/members/invite", "/teams", "/roles", "/fields", "/jobs"):
        answer = lia.get(settings + page)
        assert answer.status_code == 403, page
        assert f'href="{settings}{page}"' not in lia.get(f"{settings}/profile").text
    assert lia.get(f"/w/{bank['slug']}/import").status_code == 403


def test_a_stranger_finds_no_workspace_at_all(site: Site, bank: dict[str, Any], records: dict[str, Any]) -> None:
    stranger = site.visitor(bank["stranger"])
    for path in ("/", "/contacts/", f"/contacts/{records['hers']['id']}", "/search?q=secret", "/settings/members"):
        there, nowhere = stranger.get(f"/w/{bank['slug']}{path}"), stranger.get(f"/w/no-such-workspace{path}")
        assert (there.status_code, nowhere.status_code) == (404, 404)
        assert "Secret" not in there.text
        assert "Rights Bank" not in there.text
    assert site.visitor().get(f"/w/{bank['slug']}/contacts/").url.startswith(f"{site.base}/accounts/login/")
