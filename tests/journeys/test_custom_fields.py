"""An administrator adds fields of several kinds, and from then on they are everywhere, with nothing else done."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.running import Person, Site, Visitor, words

pytestmark = pytest.mark.slow

#: name -> kind, and what the form of settings is given besides
FIELDS: dict[str, tuple[str, dict[str, str]]] = {
    "segment": ("choice", {"label": "Segment", "option-choices": "gold = Gold\nsilver = Silver", "required": ""}),
    "score": ("number", {"label": "Score", "option-digits": "2"}),
    "since": ("date", {"label": "Customer since"}),
    "newsletter": ("bool", {"label": "Newsletter"}),
    "referrer": ("link", {"label": "Referred by", "option-to": "accounts"}),
    "member_number": ("text", {"label": "Member number", "unique": "true"}),
}
#: What a person types (in Spain, so with a comma), and what a program reads
TYPED = {"segment": "gold", "score": "12.50", "since": "2026-03-01", "newsletter": "true", "member_number": "M-1"}
READ = {"segment": "gold", "score": 12.5, "since": "2026-03-01", "newsletter": True, "member_number": "M-1"}


@pytest.fixture(scope="module")
def club(site: Site) -> tuple[str, Person]:
    """A workspace with one field of each kind, added in its settings."""
    slug, olga = site.workspace("Field Club", "olga@club.example")
    place = f"/w/{slug}/settings/fields/contacts"
    for name, (kind, settings) in FIELDS.items():
        answer = site.visitor(olga).post(f"{place}/new?kind={kind}", {"name": name} | settings)
        assert answer.url == site.base + place, words(answer)
        assert settings["label"] in words(answer)
    return slug, olga


@pytest.fixture(scope="module")
def api(club: tuple[str, Person], program: Callable[..., Visitor]) -> Visitor:
    return program(*club)


@pytest.fixture(scope="module")
def ana(site: Site, club: tuple[str, Person], api: Visitor) -> dict[str, Any]:
    """A contact written in the form of the page, beside one of whom nothing is known."""
    slug, olga = club
    assert api.post("/api/v1/accounts", json={"name": "Acme"}).status_code == 201
    assert api.post("/api/v1/contacts", json={"last_name": "Nobody"}).status_code == 201
    form = site.visitor(olga).get(f"/w/{slug}/contacts/new")
    for name, (_kind, settings) in FIELDS.items():
        assert f'name="custom.{name}"' in form.text
        assert settings["label"] in words(form)
    typed = {f"custom.{name}": text for name, text in TYPED.items()}
    given = typed | {"last_name": "Núñez", "custom.referrer": "", "custom.referrer-text": "Acme"}
    page = site.visitor(olga).post(f"/w/{slug}/contacts/new", given)
    assert page.status_code == 200, words(page)
    return api.get(f"/api/v1/contacts/{page.url.rpartition('/')[2]}").json()


def test_they_are_on_the_record_and_in_the_api(
    site: Site, club: tuple[str, Person], api: Visitor, ana: dict[str, Any]
) -> None:
    assert {name: ana["custom"][name] for name in READ} == READ
    assert ana["custom"]["referrer"]["title"] == "Acme"
    page = words(site.visitor(club[1]).get(f"/w/{club[0]}/contacts/{ana['id']}"))
    for shown in ("Segment Gold", "Score 12.5", "Customer since Mar 1, 2026", "Newsletter", "Referred by Acme"):
        assert shown in page


def test_they_are_columns_and_filters_of_the_list(site: Site, club: tuple[str, Person], ana: dict[str, Any]) -> None:
    visitor, base = site.visitor(club[1]), f"/w/{club[0]}/contacts/"
    columns = "&".join(f"columns=custom.{name}" for name in FIELDS)
    page = words(visitor.get(f"{base}?columns=title&{columns}&sort=-custom.score"))
    assert "Nobody" in page
    assert all(settings["label"] in page for _kind, settings in FIELDS.values())
    for field, op, value, narrowed in (
        ("score", "gte", "12.5", True),
        ("score", "gt", "12.5", False),
        ("since", "lt", "2026-03-02", True),
        ("segment", "is", "silver", False),
        ("newsletter", "is", True, True),
        ("member_number", "starts", "M-", True),
    ):
        condition = {"field": f"custom.{field}", "op": op, "value": value}
        found = visitor.get(base, params={"filter": json.dumps(condition)})
        assert FIELDS[field][1]["label"] in words(found)
        assert ("Núñez" in words(found)) is narrowed, (field, op, value)
        assert "Nobody" not in words(found)


def test_the_api_filters_sorts_and_refuses_by_them(api: Visitor, ana: dict[str, Any]) -> None:
    def found(**tree: Any) -> list[str]:
        answer = api.get("/api/v1/contacts", params={"filter": json.dumps(tree)})
        return [row["title"] for row in answer.json()["data"]]

    assert found(field="custom.segment", op="is", value="gold") == ["Núñez"]
    assert found(field="custom.referrer", op="empty") == ["Nobody"]
    order = api.get("/api/v1/contacts", params={"sort": "-custom.score"}).json()["data"]
    assert [row["title"] for row in order] == ["Núñez", "Nobody"]
    for custom, field in (
        ({"segment": "bronze"}, "custom.segment"),
        ({"score": "many"}, "custom.score"),
        ({"member_number": "M-1"}, "custom.member_number"),
        ({"unknown": 1}, "custom.unknown"),
    ):
        refused = api.post("/api/v1/contacts", json={"last_name": "Wrong", "custom": custom})
        assert refused.status_code == 422
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert found(field="last_name", op="is", value="Wrong") == []


def test_openapi_describes_them(api: Visitor, club: tuple[str, Person]) -> None:
    schemas = api.get("/api/v1/openapi.json").json()["components"]["schemas"]
    custom = schemas["contacts"]["properties"]["custom"]["properties"]
    assert set(custom) == set(FIELDS)
    assert {"gold", "silver"} <= set(re.findall(r"\w+", json.dumps(custom["segment"])))
    assert custom["since"]["anyOf"][0] == {"type": "string", "format": "date"} or custom["since"]["format"] == "date"


def test_they_are_in_what_is_exported(site: Site, club: tuple[str, Person], ana: dict[str, Any]) -> None:
    columns = "&".join(f"columns=custom.{name}" for name in FIELDS)
    file = site.visitor(club[1]).get(f"/w/{club[0]}/contacts/export?format=csv&columns=title&{columns}&sort=title")
    rows = list(csv.DictReader(file.content.decode("utf-8-sig").splitlines()))
    assert [row["Name"] for row in rows] == ["Nobody", "Núñez"]
    shown = {name: rows[1][FIELDS[name][1]["label"]] for name in FIELDS}
    assert shown["score"] == "12.50"
    assert (shown["since"], shown["member_number"], shown["referrer"]) == ("2026-03-01", "M-1", "Acme")
    assert (shown["segment"], rows[0]["Segment"]) == ("gold", "")


def test_history_tells_of_them_and_search_finds_them(
    site: Site, club: tuple[str, Person], api: Visitor, ana: dict[str, Any]
) -> None:
    changed = api.patch(f"/api/v1/contacts/{ana['id']}", json={"custom": {"segment": "silver"}})
    assert (changed.json()["custom"]["segment"], changed.json()["custom"]["score"]) == ("silver", 12.5)
    page = words(site.visitor(club[1]).get(f"/w/{club[0]}/contacts/{ana['id']}/history"))
    assert "Segment Gold Silver" in page.replace(" → ", " ")
    found = api.get("/api/v1/search", params={"q": "M-1"}).json()["data"]
    assert [hit["title"] for hit in found] == ["Núñez"]


def test_an_archived_field_is_gone_and_comes_back_with_its_values(
    site: Site, club: tuple[str, Person], api: Visitor, ana: dict[str, Any]
) -> None:
    visitor, place = site.visitor(club[1]), f"/w/{club[0]}/settings/fields/contacts/member_number"
    visitor.post(f"{place}/archive")
    assert "member_number" not in api.get(f"/api/v1/contacts/{ana['id']}").json()["custom"]
    assert "Member number" not in words(visitor.get(f"/w/{club[0]}/contacts/{ana['id']}"))
    visitor.post(f"{place}/restore")
    assert api.get(f"/api/v1/contacts/{ana['id']}").json()["custom"]["member_number"] == "M-1"
