"""The API keeps its own document, whatever is sent: no call that the document allows, or forbids, ends in a 5xx."""

from __future__ import annotations

from functools import partial

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from tests.contract.samples import make
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


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """What is generated for a bulk call, as its body."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture
def try_out(owner):
    """Sends one generated call through the whole site and notes it when it ends in an error of ours."""

    def send(case, failures, record_id):
        if record_id:
            case.path_parameters = {**(case.path_parameters or {}), "id": record_id}
        kwargs = case.as_transport_kwargs(base_url="http://testserver/api/v1")
        kwargs.pop("cookies", None)
        sent = requests.Request(
            **{name: kwargs.get(name) for name in ("method", "url", "headers", "params", "data", "json", "files")}
        ).prepare()
        ours = {"authorization", "content-length"}
        headers = {name: value for name, value in sent.headers.items() if name.lower() not in ours}
        body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
        response = owner.send(sent.method, sent.path_url.removeprefix("/api/v1/"), body, headers)
        if response.status_code >= 500:
            failures.append((sent.method, sent.path_url, headers, body[:300]))

    return send


def each(strategy, send):
    """Send a few generated calls."""

    @FEW
    @given(case=strategy)
    def run(case):
        send(case)

    run()


@pytest.mark.slow
@pytest.mark.parametrize("plural", TRIED)
def test_no_call_ends_in_an_error_of_ours(owner, try_out, plural, settings, as_, cast):
    settings.TRATO_API_PER_MINUTE = 10**6
    document = owner.get("openapi.json").json()
    others = {obj.plural for obj in objects.all_objects()}
    heads = {path: path.split("/")[1] for path in document["paths"]}
    document["paths"] = {
        path: item
        for path, item in document["paths"].items()
        if (heads[path] == plural if plural else heads[path] not in others)
    }
    record_id = ""
    if plural:
        with as_(cast.owner) as actor:
            record_id = str(make(actor, objects.get(plural)).id)
    failures = []
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            known = record_id if mode is GenerationMode.POSITIVE else ""
            each(result.ok().as_strategy(generation_mode=mode), partial(try_out, failures=failures, record_id=known))
    assert failures == []
