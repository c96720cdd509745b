"""Objects an administrator adds: offices, journalists, consortia, properties and cases, as others made them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import Person, Site, Visitor, words

pytestmark = pytest.mark.slow


def choices(*values: str) -> dict[str, Any]:
    return {"choices": [{"value": value} for value in values]}


def to(*plurals: str) -> dict[str, Any]:
    return {"to": list(plurals)}


#: plural -> the words, and the fields as (name, kind, options)
OBJECTS: dict[str, tuple[str, str, list[tuple[str, str, dict[str, Any]]]]] = {
    "offices": (
        "Government office",
        "Government offices",
        [("level", "choice", choices("city", "region", "state")), ("head", "link", to("contacts"))],
    ),
    "journalists": (
        "Journalist",
        "Journalists",
        [("media", "link", to("accounts")), ("beat", "choices", choices("economy", "sport")), ("mail", "email", {})],
    ),
    "consortia": (
        "Consortium",
        "Consortia",
        [("members", "links", to("accounts")), ("lead", "link", to("accounts")), ("since", "date", {})],
    ),
    "properties": (
        "Property",
        "Properties",
        [
            ("area", "number", {"digits": 1}),
            ("rent", "money", {}),
            ("built", "date", {}),
            ("owners", "links", to("contacts", "accounts")),
            ("let", "bool", {}),
        ],
    ),
    "cases": (
        "Case",
        "Cases",
        [("number", "text", {}), ("court", "link", to("offices")), ("about", "links", to("properties", "consortia"))],
    ),
}


@pytest.fixture(scope="module")
def bureau(site: Site) -> tuple[str, Person]:
    return site.workspace("Bureau", "olga@bureau.example")


@pytest.fixture(scope="module")
def api(bureau: tuple[str, Person], program: Callable[..., Visitor]) -> Visitor:
    """A program in a workspace where each object was added over the API."""
    visitor = program(*bureau)
    for plural, (label, label_plural, fields) in OBJECTS.items():
        made = visitor.post(
            "/api/v1/custom-objects", json={"plural": plural, "label": label, "label_plural": label_plural}
        )
        assert made.status_code == 201, made.text
        for name, kind, options in fields:
            field = {"name": name, "label": name.capitalize(), "kind": kind, "options": options}
            made = visitor.post(f"/api/v1/custom-fields/{plural}", json=field)
            assert made.status_code == 201, made.text
    return visitor


def create(api: Visitor, plural: str, **values: Any) -> dict[str, Any]:
    made = api.post(f"/api/v1/{plural}", json=values)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def titles(api: Visitor, plural: str, **tree: Any) -> list[str]:
    answer = api.get(f"/api/v1/{plural}", params={"filter": json.dumps(tree)})
    assert answer.status_code == 200, answer.text
    return sorted(row["title"] for row in answer.json()["data"])


@pytest.fixture(scope="module")
def tower(api: Visitor) -> dict[str, Any]:
    """A property with two owners, a person and a company, beside one without."""
    ana = create(api, "contacts", first_name="Ana", last_name="Ruiz")
    lumbre = create(api, "accounts", name="Lumbre SL")
    create(api, "properties", name="Empty plot", custom={"area": 500})
    owners = [f"contacts/{ana['id']}", f"accounts/{lumbre['id']}"]
    rent = {"amount": "1250.00", "currency": "EUR"}
    custom = {"area": 90.5, "rent": rent, "built": "1931-04-14", "owners": owners, "let": True}
    return create(api, "properties", name="Torre Alta", custom=custom)


def test_a_property_has_many_owners_and_each_owner_shows_it(
    site: Site, bureau: tuple[str, Person], api: Visitor, tower: dict[str, Any]
) -> None:
    assert [owner["title"] for owner in tower["custom"]["owners"]] == ["Ana Ruiz", "Lumbre SL"]
    for owner in tower["custom"]["owners"]:
        ref = f"{owner['object']}/{owner['id']}"
        assert titles(api, "properties", field="custom.owners", op="has", value=ref) == ["Torre Alta"]
        page = words(site.visitor(bureau[1]).get(f"/w/{bureau[0]}/{ref}"))
        assert "Properties" in page and "Torre Alta" in page
    page = words(site.visitor(bureau[1]).get(f"/w/{bureau[0]}/properties/{tower['id']}"))
    assert "Ana Ruiz" in page and "Lumbre SL" in page


def test_objects_of_ones_own_point_at_each_other(
    site: Site, bureau: tuple[str, Person], api: Visitor, tower: Any
) -> None:
    office = create(api, "offices", name="Town hall", custom={"level": "city"})
    consortium = create(api, "consortia", name="Alta Partners", custom={"since": "2026-01-01"})
    about = [f"properties/{tower['id']}", f"consortia/{consortium['id']}"]
    create(api, "cases", name="Ruiz v. Town", custom={"number": "1/2026", "court": office["id"], "about": about})
    assert titles(api, "cases", field="custom.court", op="is", value=f"offices/{office['id']}") == ["Ruiz v. Town"]
    for plural, record in (("properties", tower), ("consortia", consortium), ("offices", office)):
        assert "Ruiz v. Town" in words(site.visitor(bureau[1]).get(f"/w/{bureau[0]}/{plural}/{record['id']}"))


def test_notes_are_about_them_and_stand_on_their_timeline(api: Visitor, tower: Any) -> None:
    create(api, "notes", body="<p>The roof leaks.</p>", about=[f"properties/{tower['id']}"])
    entries = api.get(f"/api/v1/properties/{tower['id']}/timeline").json()["data"]
    assert [entry["object"] for entry in entries if entry.get("object") == "notes"] == ["notes"]


def test_they_filter_sort_search_and_are_described(api: Visitor, tower: Any) -> None:
    assert titles(api, "properties", field="custom.rent", op="gt", value="1000") == ["Torre Alta"]
    assert titles(api, "properties", field="custom.built", op="lt", value="1950-01-01") == ["Torre Alta"]
    assert titles(api, "properties", field="custom.let", op="is", value=True) == ["Torre Alta"]
    order = api.get("/api/v1/properties", params={"sort": "-custom.area"}).json()["data"]
    assert [row["title"] for row in order][:2] == ["Empty plot", "Torre Alta"]
    found = api.get("/api/v1/search", params={"q": "torre"}).json()["data"]
    assert [hit["id"] for hit in found] == [tower["id"]]
    document = api.get("/api/v1/openapi.json").json()
    assert (
        "/properties" in document["paths"] and "custom" in document["components"]["schemas"]["properties"]["properties"]
    )
    history = api.get(f"/api/v1/properties/{tower['id']}/history").json()["data"]
    assert [entry["action"] for entry in history] == ["created"]
    changed = api.patch(f"/api/v1/properties/{tower['id']}", json={"custom": {"area": 91}}, headers={"If-Match": '"9"'})
    assert changed.status_code == 412


def test_a_file_comes_in_with_its_owners_and_goes_out_again(
    site: Site, bureau: Any, api: Visitor, tmp_path: Path
) -> None:
    file = tmp_path / "properties.csv"
    file.write_text("Name,Area,Built,Owners\nCalle Mayor 1,45.5,2001-02-03,Ana Ruiz\nRua Nova 2,60,,\n,7,,\n")
    said = site.run("import", "properties", str(file), "--workspace", bureau[0])
    assert said.split()[:1] == ["created=2"] and "failed=1" in said
    assert titles(api, "properties", field="custom.built", op="is", value="2001-02-03") == ["Calle Mayor 1"]
    [row] = [r for r in api.get("/api/v1/properties?limit=100").json()["data"] if r["title"] == "Calle Mayor 1"]
    assert [owner["title"] for owner in row["custom"]["owners"]] == ["Ana Ruiz"]
    out = tmp_path / "out.csv"
    site.run("export", "properties", str(out), "--workspace", bureau[0])
    assert "Calle Mayor 1" in out.read_text(encoding="utf-8-sig")


def test_rights_are_given_by_role_as_for_any_object(
    site: Site, bureau: Any, api: Visitor, program: Callable[..., Visitor]
) -> None:
    names = [row["name"] for row in api.get("/api/v1/objects").json()["data"]]
    assert set(OBJECTS) <= set(names)
    _slug, stranger = site.workspace("Elsewhere", "sam@elsewhere.example")
    outside = program("elsewhere", stranger)
    assert outside.get("/api/v1/properties").status_code == 404
    assert outside.post("/api/v1/custom-objects", json={"plural": "properties", "label": "P", "label_plural": "Ps"}).ok
    assert outside.get("/api/v1/properties").json()["data"] == []


def test_the_configuration_moves_to_another_workspace(
    site: Site, bureau: Any, api: Visitor, tmp_path: Path, program: Any
) -> None:
    slug, sam = site.workspace("Second bureau", "sam@second.example")
    file = tmp_path / "bureau.json"
    site.run("config", "export", str(file), "--workspace", bureau[0])
    tried = site.run("config", "import", str(file), "--workspace", slug, "--dry-run")
    assert "add objects properties" in tried and "add fields cases/court" in tried
    second = program(slug, sam)
    assert second.get("/api/v1/properties").status_code == 404
    assert site.run("config", "import", str(file), "--workspace", slug) == tried
    assert second.get("/api/v1/properties").json()["data"] == []
    ours, theirs = (one.get("/api/v1/configuration").json()["sections"] for one in (api, second))
    assert ours == theirs
    compared = second.post("/api/v1/configuration/compare", json=api.get("/api/v1/configuration").json())
    assert compared.json()["data"] == []
    assert second.post("/api/v1/configuration", json={"format": "x"}).status_code == 422
