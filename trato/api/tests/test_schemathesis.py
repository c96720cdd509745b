"""The API keeps its own document, whatever is sent: no call that the document allows, or forbids, ends in a 5xx."""

from __future__ import annotations

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from trato.engine import objects

#: A record of people, one that stands on timelines, a toy with a field of every kind, and what belongs to no object.
TRIED = ("contacts", "notes", "things", "")
FEW = settings(
    max_examples=6,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def try_out(owner):
    """Sends one generated call through the whole site and notes it when it ends in an error of ours."""

    def send(case, failures):
        kwargs = case.as_transport_kwargs(base_url="http://testserver/api/v1")
        kwargs.pop("cookies", None)
        sent = requests.Request(
            **{name: kwargs.get(name) for name in ("method", "url", "headers", "params", "data", "json", "files")}
        ).prepare()
        headers = {name: value for name, value in sent.headers.items() if name.lower() != "content-length"}
        body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
        response = owner.send(sent.method, sent.path_url.removeprefix("/api/v1/"), body, headers)
        if response.status_code >= 500:
            failures.append((sent.method, sent.path_url, headers, body[:300]))

    return send


@pytest.mark.slow
@pytest.mark.parametrize("plural", TRIED)
def test_no_call_ends_in_an_error_of_ours(owner, try_out, plural, settings):
    settings.TRATO_API_PER_MINUTE = 10**6
    document = owner.get("openapi.json").json()
    others = {obj.plural for obj in objects.all_objects()}
    heads = {path: path.split("/")[1] for path in document["paths"]}
    document["paths"] = {
        path: item
        for path, item in document["paths"].items()
        if (heads[path] == plural if plural else heads[path] not in others)
    }
    failures = []
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            FEW(given(result.ok().as_strategy(generation_mode=mode))(lambda case: try_out(case, failures)))()
    assert failures == []
