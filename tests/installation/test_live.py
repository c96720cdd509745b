"""A page that is open hears of a change within the second, over the real servers."""

import http.client
import json
import re
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from .machine import Machine, until

pytestmark = pytest.mark.slow


def sign_in(machine: Machine) -> str:
    """Signs in through the form and returns the Cookie header of that browser."""
    base, (email, password) = machine.url, machine.login
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    page = browser.open(f"{base}/accounts/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = urlencode({"csrfmiddlewaretoken": token, "login": email, "password": password}).encode()
    answer = browser.open(Request(f"{base}/accounts/login/", form, {"Origin": base}))
    assert "/w/my-company/" in answer.url
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def listen(machine: Machine, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", machine.port + 1, timeout=20)
    connection.request("GET", "/live/events?workspace=my-company", headers=headers)
    return connection.getresponse()


def test_a_change_is_heard_and_a_stranger_is_refused(machine: Machine) -> None:
    machine.up()
    cookie, base, email = sign_in(machine), machine.url, machine.login[0]
    assert listen(machine).status == 403
    assert listen(machine, Cookie=cookie, Origin="http://elsewhere.example").status == 403

    stream = listen(machine, Cookie=cookie, Origin=base)
    assert (stream.status, stream.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    assert stream.headers["Access-Control-Allow-Origin"] == base
    assert stream.readline().startswith(b"retry:")

    token = machine.command("token", "create", "--workspace", "my-company", "--user", email).stdout.strip()
    connection = http.client.HTTPConnection("127.0.0.1", machine.port)
    connection.request(
        "POST",
        "/api/v1/contacts",
        json.dumps({"last_name": "García"}),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    made = json.loads(connection.getresponse().read())
    while (line := stream.readline()) != b"event: change\n":
        assert line == b"\n" or line.startswith(b":"), line  # nothing but signs of life before it
    heard = json.loads(stream.readline().removeprefix(b"data: "))
    assert (heard["object"], heard["ref"]) == ("contacts", f"contacts/{made['id']}")


def test_an_open_page_does_not_hold_up_the_end(machine: Machine) -> None:
    machine.up()
    stream = listen(machine, Cookie=sign_in(machine))
    assert stream.readline().startswith(b"retry:")
    machine.down()
    assert until(lambda: stream.readline() == b"", 5)
