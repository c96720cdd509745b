"""Every page with nonsense in its address and its forms: never a 500, never a change."""

import pytest
from django.db import DataError

from trato.engine import actions
from trato.engine.models import HistoryEntry

pytestmark = pytest.mark.django_db

NO_ID = "00000000-0000-7000-8000-000000000000"
SURROGATE = b"\xed\xa0\x80"
JUNK = [
    "",
    "\0",
    SURROGATE,
    "x" * 3000,
    "-1",
    "1e400",
    "{}",
    '{"and":[[]]}',
    "[]",
    "../..",
    "%",
    "'",
    "null",
    "9" * 400,
]
BUILDER = [f"filter-{word}" for word in ("do", "mode", "at", "what", "how", "of", "op", "was", "value")]
LIST = ["filter", "sort", "cursor", "columns", "q", "view", "count", "format", *BUILDER]


@pytest.mark.parametrize("parameter", LIST)
@pytest.mark.parametrize("page", ["things/", "things/export"])
def test_lists(browser, make, page, parameter):
    make("things", name="Lamp")
    for junk in JUNK:
        for more in ({}, {"field": "count", "op": "lt", "apply": "1"}, {"field": "crate", "apply": "1"}):
            answer = browser.get(f"/w/acme/{page}", {**more, parameter: junk})
            # A view there is not: a list says so and shows all, an export is of nothing.
            known = (200, 303, 400, 404) if (page, parameter) == ("things/export", "view") else (200, 303, 400)
            assert answer.status_code in known, (junk, answer.status_code)
            if answer.streaming:
                list(answer.streaming_content)


FIELDS = [
    *("name", "crate", "count", "weight", "price", "made_on", "used_at", "state", "story"),
    *("emails-0-address", "phones-0-number", "addresses-0-country", "handles-0-network", "tags"),
    *("sizes", "related", "partner", "site", "phone", "country", "zone", "rule", "owner"),
]
TYPED = ["\0", "x" * 20_000, "-1", "1e400", '{"id":1}', "[[[", "<script>", "9" * 400, f"things/{NO_ID}", SURROGATE]


@pytest.mark.parametrize("name", FIELDS)
def test_forms(browser, make, as_, cast, name):
    for junk in TYPED:
        thing = make("things", name="Lamp")
        form = {"version": "1", "only": name.split("-")[0], name: junk}
        answer = browser.post(f"/w/acme/things/{thing.id}/edit", form)
        assert answer.status_code in (303, 422), (junk, answer.status_code)
        if answer.status_code == 422:
            assert "notice-danger" in answer.content.decode()
            with as_(cast.owner):
                assert HistoryEntry.objects.filter(record_id=thing.id).count() == 1


@pytest.mark.parametrize(
    "address",
    [
        "things/bulk",
        "settings/profile",
        "settings/workspace",
        "settings/members/invite",
        "settings/roles/new",
        "settings/teams/new",
        "settings/tokens/new",
        "settings/fields/things/new?kind=number",
        "settings/fields/things/new?kind=choice",
        "settings/fields/things/new?kind=link",
        "import",
        "export",
        "things/look-alikes",
        f"undo/{NO_ID}",
        f"things/{NO_ID}/edit",
        f"things/{NO_ID}/delete",
        f"things/{NO_ID}/share/new",
        f"settings/members/{NO_ID}/role",
        f"settings/jobs/{NO_ID}/retry",
        f"import/{NO_ID}",
    ],
)
def test_posts(browser, address):
    names = [
        *("name", "action", "id", "email", "role", "members", "days", "objects", "verbs", "label", "option-choices"),
        *(
            "option-to",
            "option-digits",
            "format",
            "object",
            "language",
            "time_zone",
            "country",
            "currency",
            "version",
            "things.see",
            "file",
        ),
    ]
    for junk in ["\0", "x" * 5000, "-1", "{}", "9" * 300, SURROGATE]:
        answer = browser.post(f"/w/acme/{address}", dict.fromkeys(names, junk))
        assert answer.status_code in (200, 303, 400, 404, 422), (junk, answer.status_code)


@pytest.mark.parametrize("junk", ["0", "%ff", "x" * 400, "a/b", "%00", "..%2f"])
def test_addresses(browser, junk):
    for start in (
        "/w/acme/",
        "/w/",
        "/join/",
        "/w/acme/things/",
        "/w/acme/settings/",
        "/w/acme/import/",
        "/w/acme/download/",
    ):
        assert browser.get(start + junk).status_code in (302, 404, 410), start + junk


def test_what_the_database_can_not_hold_is_said(browser, make, monkeypatch):
    thing = make("things", name="Lamp")

    def overflow(*arguments, **values):
        raise DataError("numeric field overflow")

    monkeypatch.setattr(actions, "update", overflow)
    answer = browser.post(f"/w/acme/things/{thing.id}/edit", {"version": "1", "only": "name", "name": "Lantern"})
    assert answer.status_code == 400
    assert "larger than can be written down" in answer.text
