"""Records over the API: what a program writes it reads again, and nothing else happens."""

ANA = {"first_name": "Ana", "last_name": "García", "emails": [{"address": "Ana@X.com"}], "phones": ["600 123 456"]}


def test_a_contact_is_created_read_and_listed(owner):
    made = owner.post("contacts", ANA)
    assert made.status_code == 201, made.content
    record = made.json()
    assert made["Location"] == f"/api/v1/contacts/{record['id']}"
    assert made["ETag"] == '"1"'
    assert record["first_name"] == "Ana"
    assert record["emails"] == [{"address": "Ana@x.com", "primary": True}]
    assert record["phones"][0]["number"] == "+34600123456"  # Acme is in Spain
    assert record["account"] is None
    assert record["owner"]["title"] == "Olga Owner"
    assert owner.get(f"contacts/{record['id']}").json() == record
    listed = owner.get("contacts").json()
    assert listed == {"data": [record], "next": None, "count": None}


def test_a_link_carries_its_title_and_can_be_included(owner):
    account = owner.post("accounts", {"name": "Acme SL", "industry": "Bakery"}).json()
    contact = owner.post("contacts", ANA | {"account": account["id"]}).json()
    assert contact["account"] == {"id": account["id"], "title": "Acme SL"}
    included = owner.get(f"contacts/{contact['id']}", include="account").json()["account"]
    assert included["title"] == "Acme SL"
    assert included["industry"] == "Bakery"


def test_unknown_fields_are_refused_and_change_nothing(owner):
    refused = owner.post("contacts", ANA | {"nickname": "Anita", "version": 7})
    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    assert {error["field"] for error in refused.json()["errors"]} == {"nickname", "version"}
    assert owner.get("contacts").json()["data"] == []
