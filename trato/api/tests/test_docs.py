"""The API describes itself, and what is kept with the source is what it says."""

import pytest
import schemathesis
from django.core.management import call_command
from django.test import Client

from trato.engine import objects


def test_the_document_is_valid_for_everybody(db):
    document = Client().get("/api/v1/openapi.json").json()
    schemathesis.openapi.from_dict(document).validate()
    assert document["openapi"].startswith("3.1")
    assert set(document["components"]["schemas"]) >= {obj.plural for obj in objects.all_objects()}


def test_a_token_sees_the_fields_of_its_workspace_and_role(call, cast):
    owner = call(cast.owner)
    made = owner.post("custom-fields/contacts", {"name": "size", "label": "Shoe size", "kind": "number"})
    assert made.status_code == 201, made.content
    document = owner.get("openapi.json").json()
    schemathesis.openapi.from_dict(document).validate()
    contact = document["components"]["schemas"]["contacts"]["properties"]
    assert contact["custom"]["properties"]["size"]["title"] == "Shoe size"
    assert "birthday" in contact
    limited = call(cast.limited).get("openapi.json").json()["components"]["schemas"]
    assert "birthday" not in limited["contacts"]["properties"]
    assert "job_title" in limited["contacts"]["properties"]
    assert "job_title" not in limited["contacts-change"]["properties"]
    anybody = Client().get("/api/v1/openapi.json").json()["components"]["schemas"]
    assert anybody["contacts"]["properties"]["custom"]["properties"] == {}


def test_people_read_a_page(db):
    page = Client().get("/api/v1/docs")
    assert page.status_code == 200
    text = page.content.decode()
    assert "<code>last_name</code>" in text
    assert "script-src" not in page["Content-Security-Policy"] or "unsafe" not in page["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_kept_documents_are_up_to_date():
    call_command("document", "--check")
