"""Saved views over HTTP: tabs, addresses, what differs, what is shared, and what a table comes to."""

import html
import json
import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.test import Client

from trato.engine import custom, objects, views
from trato.engine.views.models import SavedView

from .test_lists import titles_of

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}
BIG = {"field": "count", "op": "gt", "value": 5}
FILTER = quote(json.dumps(BIG))


def text_of(answer) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def lamps(make):
    crate = make("crates", name="Big crate")
    return [
        make("things", name=f"Lamp {n}", count=n, state=("new", "used")[n % 2], crate=str(crate.id) if n > 6 else None)
        for n in range(10)
    ]


@pytest.fixture
def keep(as_, cast):
    """``keep(name="A", settings={...})``: a view of things, the manager's unless ``by`` says whose."""

    def one(by=None, **given):
        with as_(by or cast.manager) as actor:
            return views.create(actor, objects.get("things"), {"name": "A view", "visibility": "everyone"} | given)

    return one


def test_what_is_on_the_screen_is_saved_and_found_at_its_address(browser, lamps):
    address = f"/w/acme/things/?filter={FILTER}&sort=-count&columns=title&columns=state&group=&totals=count:sum"
    shown = browser.get(address)
    assert "Save as a view" in shown.content.decode()
    made = browser.post(
        f"/w/acme/things/views?{urlsplit(address).query}", {"name": "Big ones", "pin": "1"}, follow=True
    )
    view = _only_view()
    assert made.redirect_chain == [(f"/w/acme/things/?view={view.id}", 303)]
    assert titles_of(made) == titles_of(shown) == ["Lamp 9", "Lamp 8", "Lamp 7", "Lamp 6"]
    assert "The view “Big ones” is saved." in text_of(made)
    assert view.settings == {"filter": BIG, "columns": ["title", "state"], "sort": "-count", "totals": {"count": "sum"}}
    assert "Save as a view" not in made.content.decode().replace("Save as …", "")
    assert f'href="/w/acme/things/?view={view.id}"' in browser.get("/w/acme/").content.decode(), "pinned in the menu"


def _only_view() -> SavedView:
    from trato.engine.postgres.scope import in_workspace
    from trato.engine.workspaces.models import Workspace

    with in_workspace(Workspace.objects.get(slug="acme").id):
        return SavedView.objects.get()


def test_a_view_opens_as_it_was_kept_and_an_address_says_only_what_differs(browser, lamps, keep):
    view = keep(settings={"filter": BIG, "sort": "count", "columns": ["title", "count"]})
    base = f"/w/acme/things/?view={view.id}"
    opened = browser.get(base)
    assert titles_of(opened) == ["Lamp 6", "Lamp 7", "Lamp 8", "Lamp 9"]
    assert ">Reset<" not in opened.content.decode()
    turned = browser.get(f"{base}&sort=-count")
    assert titles_of(turned) == ["Lamp 9", "Lamp 8", "Lamp 7", "Lamp 6"]
    assert f'href="{base}">Reset<' in turned.content.decode()
    without = browser.get(f"{base}&filter=")
    assert len(titles_of(without)) == 10 and ">Reset<" in without.content.decode()
    said = parse_qs(urlsplit(link_to(turned, "Name")).query, keep_blank_values=True)
    assert said == {"view": [str(view.id)], "sort": ["title"]}


def link_to(answer, label: str) -> str:
    found = re.search(rf'<th[^>]*>\s*<a href="([^"]+)"[^>]*>{label}', answer.content.decode())
    return html.unescape(found[1])


def test_saving_changes_the_view_and_undo_brings_it_back(browser, cast, lamps, keep):
    view = keep(by=cast.owner, settings={"sort": "count"})
    base = f"/w/acme/things/views/{view.id}"
    saved = browser.post(f"{base}/save?view={view.id}&sort=-count&columns=title&columns=state", follow=True)
    assert titles_of(saved)[0] == "Lamp 9"
    assert _only_view().settings == {"sort": "-count", "columns": ["title", "state"]}
    undo = re.search(r'action="(/w/acme/undo/[^"]+)"', saved.content.decode())[1]
    browser.post(undo)
    assert _only_view().settings == {"sort": "count"}
    gone = browser.post(f"{base}/delete", follow=True)
    assert "was deleted" in text_of(gone)
    lost = browser.get(f"/w/acme/things/?view={view.id}", follow=True)
    assert lost.redirect_chain == [("/w/acme/things/?view=all", 303)] and "There is no such view" in text_of(lost)


def test_nobody_changes_a_view_that_is_not_theirs(signed_in, cast, lamps, keep):
    view = keep()
    place = f"/w/acme/things/views/{view.id}"
    other = signed_in(cast.member)
    assert other.get(f"/w/acme/things/?view={view.id}").status_code == 200
    for path in ("", "/save", "/delete"):
        assert other.post(place + path, {"name": "Mine"}).status_code == 403
    assert other.post("/w/acme/things/views", {"name": "X", "visibility": "everyone"}).status_code == 403
    assert _only_view().name == "A view"
    stranger = signed_in(cast.stranger)
    for path in (place, f"/w/globex/things/views/{view.id}"):
        for verb in ("", "/save", "/delete", "/pin", "/open"):
            assert stranger.post(path + verb, {"name": "X"}).status_code in (403, 404)
    assert stranger.get(f"/w/globex/things/export?view={view.id}").status_code == 404


def test_a_private_view_is_not_there_for_others_and_nothing_is_exported_in_its_place(signed_in, cast, lamps, keep):
    view = keep(by=cast.member, visibility="private", settings={"filter": BIG})
    other = signed_in(cast.manager)
    assert other.get(f"/w/acme/things/?view={view.id}").status_code == 303
    assert other.get(f"/w/acme/things/export?view={view.id}").status_code == 404
    assert other.get(f"/w/acme/things/?view={view.id}&count=1", headers=PART).status_code == 404


def test_a_view_whose_field_is_gone_says_so_and_works_without_it(browser, as_, cast, lamps, keep):
    with as_(cast.owner) as actor:
        custom.add(actor, objects.get("things"), {"name": "n", "label": "Nth", "kind": "number"})
    gone = {"field": "custom.n", "op": "gt", "value": 1}
    settings = {
        "filter": {"and": [BIG, gone]},
        "columns": ["title", "custom.n"],
        "sort": "custom.n",
        "group_by": "state",
    }
    view = keep(by=cast.owner, settings=settings)
    with as_(cast.owner) as actor:
        custom.archive(actor, objects.get("things"), "n")
    answer = browser.get(f"/w/acme/things/?view={view.id}")
    assert sorted(titles_of(answer)) == ["Lamp 6", "Lamp 7", "Lamp 8", "Lamp 9"]
    assert "3 parts of this view are left out" in text_of(answer) and "custom.n" not in answer.content.decode()


def test_a_view_shows_its_reader_nothing_that_is_hidden_from_them(signed_in, cast, make, keep):
    make("things", name="Mine", secret="s3cret", owner=str(cast.limited.id))
    make("things", name="Hers", secret="s3cret")
    settings = {"columns": ["title", "secret"], "filter": {"field": "secret", "op": "is", "value": "s3cret"}}
    view = keep(by=cast.owner, settings=settings | {"totals": {"secret": "count"}, "group_by": "secret"})
    answer = signed_in(cast.limited).get(f"/w/acme/things/?view={view.id}")
    assert titles_of(answer) == ["Mine"]
    assert "s3cret" not in answer.content.decode() and "Secret" not in answer.content.decode()
    assert "parts of this view are left out" in text_of(answer)


def test_groups_show_what_they_come_to_over_all_records_and_their_rows_page_by_page(browser, make):
    for n in range(30):
        make("things", name=f"Lamp {n:02}", count=n, state="used" if n % 3 else "new")
    answer = browser.get("/w/acme/things/?group=state&totals=count:sum&sort=title")
    words = text_of(answer)
    assert "New 10" in words and "Used 20" in words
    assert f"Sum {sum(range(0, 30, 3))}" in words and f"Sum {sum(n for n in range(30) if n % 3)}" in words
    assert len(titles_of(answer)) == 30, "ten, and the first twenty of twenty"
    make("things", name="Lamp 30", state="used")
    answer = browser.get("/w/acme/things/?group=state&sort=title")
    more = html.unescape(re.search(r'hx-get="([^"]+in=used[^"]+cursor[^"]+)"', answer.content.decode())[1])
    assert titles_of(browser.get(more, headers=PART)) == ["Lamp 30"]
    only = html.unescape(re.search(r'class="group-label" href="([^"]+)"', answer.content.decode())[1])
    assert len(titles_of(browser.get(only))) == 10


def test_totals_are_asked_for_after_the_page(browser, make):
    for amount, currency in ((5, "EUR"), (7, "EUR"), (3, "USD")):
        make("things", name="X", price={"amount": amount, "currency": currency}, count=amount)
    page = browser.get("/w/acme/things/?columns=title&columns=price&columns=count&totals=price:sum&totals=count:avg")
    asked = html.unescape(re.search(r'<tfoot[^>]*hx-get="([^"]+)"', page.content.decode())[1])
    words = text_of(browser.get(asked, headers=PART))
    assert "€12.00 · US$3.00" in words or "€12.00 · $3.00" in words
    assert "Average 5.00" in words


def test_columns_order_and_groups_are_chosen_in_dialogs(browser, lamps):
    for part, words in (("columns", "Find a column"), ("sort", "First by"), ("group", "No groups")):
        alone = browser.get(f"/w/acme/things/?part={part}&sort=-count", headers=PART).content.decode()
        assert alone.lstrip().startswith("<dialog") and words in alone
        whole = browser.get(f"/w/acme/things/?part={part}")
        assert whole.status_code == 200 and words in whole.content.decode(), "without a script it is in the page"
    several = browser.get("/w/acme/things/?sort=state&sort=-count&sort=&sort=")
    assert titles_of(several)[0] == "Lamp 8"
    assert "sort-place" in several.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "group=story",
        "group=made_on:eon",
        "sort=a,b,c,d,e",
        "sort=title,title,nope",
        "group=made_on&in=x",
        "group=owner&in=x",
    ],
)
def test_what_cannot_be_is_400(browser, lamps, query):
    assert browser.get(f"/w/acme/things/?{query}", headers=PART if "in=" in query else {}).status_code == 400


@pytest.mark.parametrize(
    "query",
    ["totals=nope:sum", "totals=title:sum", "totals=::", "columns=nope", "as=pie", "groups=-1", "groups=9999999"],
)
def test_what_is_meaningless_changes_nothing(browser, lamps, query):
    assert len(titles_of(browser.get(f"/w/acme/things/?{query}"))) == 10


def test_widths_and_density_are_remembered(browser, signed_in, cast, lamps, keep):
    look = "/w/acme/things/look"
    assert browser.post(look, {"width.title": "300", "width.count": "90"}, headers=PART).status_code == 204
    assert browser.post(look, {"density": "compact"}).status_code == 303
    page = browser.get("/w/acme/things/").content.decode()
    assert 'data-column="title" width="300"' in page and "density-compact" in page
    assert 'width="300"' not in signed_in(cast.member).get("/w/acme/things/").content.decode()
    for wrong in ({"width.title": "wide"}, {"width.title": "-1"}, {"width.title": "9" * 30}):
        assert browser.post(look, wrong).status_code == 404
    refused = browser.post(look, {"density": "tight"}, follow=True)
    assert "Choose one of: compact" in text_of(refused)
    view = keep(by=cast.owner)
    browser.post(f"{look}?view={view.id}", {"width.title": "400"})
    assert _only_view().settings == {"widths": {"title": 400}}


def test_the_list_opens_with_the_view_chosen_for_the_role_and_all_can_still_be_seen(
    browser, signed_in, cast, as_, lamps, keep
):
    view = keep(by=cast.owner, settings={"filter": BIG})
    role = re.search(
        r'<option value="([0-9a-f-]+)">Member<', browser.get(f"/w/acme/things/?view={view.id}").content.decode()
    )[1]
    browser.post(f"/w/acme/things/views/{view.id}/open", {"role": role})
    member = signed_in(cast.member)
    opened = member.get("/w/acme/things/")
    assert len(titles_of(opened)) == 4
    assert len(titles_of(member.get("/w/acme/things/?view=all"))) == 10
    assert len(titles_of(browser.get("/w/acme/things/"))) == 10
    assert member.post(f"/w/acme/things/views/{view.id}/open", {"role": role}).status_code == 403


def test_an_export_of_a_view_is_what_it_shows(browser, lamps, keep):
    view = keep(settings={"filter": BIG, "columns": ["title", "count"], "sort": "-count,title"})
    lines = (
        b"".join(browser.get(f"/w/acme/things/export?view={view.id}&format=csv").streaming_content)
        .decode()
        .splitlines()
    )
    assert [line.partition(",")[2] for line in lines[1:]] == ["Lamp 9,9", "Lamp 8,8", "Lamp 7,7", "Lamp 6,6"]


def test_nonsense_in_the_forms_is_explained(browser, lamps):
    answer = browser.post("/w/acme/things/views?sort=-count", {"name": " "}, follow=True)
    assert "Fill in this field." in text_of(answer) and titles_of(answer)[0] == "Lamp 9"
    assert Client().post("/w/acme/things/views", {"name": "X"}).status_code == 302


def test_a_board_is_kept_with_its_columns_and_can_still_be_seen_as_a_table(browser, lamps):
    shown = "as=board&by=state&sum=count"
    made = browser.post(f"/w/acme/things/views?{shown}", {"name": "Board"}, follow=True)
    view = _only_view()
    assert (view.kind, view.settings) == ("board", {"board": {"by": ["state"], "sum": ["count"]}})
    assert "board-column" in made.content.decode() and ">Reset<" not in made.content.decode()
    address = f"/w/acme/things/?view={view.id}"
    table = browser.get(f"{address}&as=table&by=&sum=")
    assert len(titles_of(table)) == 10 and f'href="{address}">Reset<' in table.content.decode()
    other = browser.get(f"{address}&by=broken").content.decode()
    assert "board-column" in other and ">Reset<" in other


def test_a_board_whose_field_is_gone_is_made_by_another(browser, as_, cast, lamps, keep):
    with as_(cast.owner) as actor:
        choices = {"choices": [{"value": "a"}, {"value": "b"}]}
        custom.add(actor, objects.get("things"), {"name": "c", "label": "C", "kind": "choice", "options": choices})
    view = keep(by=cast.owner, kind="board", settings={"board": {"by": ["custom.c"]}})
    with as_(cast.owner) as actor:
        custom.archive(actor, objects.get("things"), "c")
    answer = browser.get(f"/w/acme/things/?view={view.id}")
    assert answer.status_code == 200 and "board-column" in answer.content.decode()
    assert "1 part of this view is left out" in text_of(answer)
