"""Record pages and forms over HTTP: showing, creating, changing, undoing, and who changed what meanwhile."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db


def version_of(answer) -> str:
    return re.search(r'name="version" value="(\d+)"', answer.content.decode())[1]


def test_a_record_is_made_changed_and_deleted_with_forms(browser):
    answer = browser.post("/w/acme/things/new", {"name": "Red lamp", "count": "12", "state": "new"}, follow=True)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "Red lamp" in html and "was created" in html
    record = re.search(r'data-ref="things/([0-9a-f-]{36})"', html)[1]
    address = f"/w/acme/things/{record}"

    version = version_of(browser.get(f"{address}/edit"))
    answer = browser.post(
        f"{address}/edit", {"name": "Blue lamp", "count": "13", "state": "used", "version": version}, follow=True
    )
    assert "Blue lamp" in answer.content.decode()

    browser.post(f"{address}/delete")
    assert "Blue lamp" not in browser.get("/w/acme/things/").content.decode().split("<trato-toasts")[0]
    html = browser.get(address).content.decode()
    assert "Olga Owner deleted this record" in html
    browser.post(f"{address}/restore")
    assert "Blue lamp" in browser.get("/w/acme/things/").content.decode()


def test_wrong_input_is_explained_at_its_field_and_kept_and_nothing_is_saved(browser):
    answer = browser.post("/w/acme/things/new", {"name": "", "count": "many", "state": "new", "note": "Keep me"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#input-name"' in html and 'href="#input-count"' in html
    assert 'id="input-count-error"' in html and 'aria-invalid="true"' in html
    assert 'value="many"' in html and "Keep me" in html
    assert "No records yet" in browser.get("/w/acme/things/").content.decode()


def test_undo_from_the_notice_takes_a_change_back(browser, make):
    thing = make("things", name="Red lamp", count=1)
    address = f"/w/acme/things/{thing.id}"
    version = version_of(browser.get(f"{address}/edit"))
    html = browser.post(
        f"{address}/edit", {"name": "Blue lamp", "count": "1", "state": "new", "version": version}, follow=True
    ).content.decode()
    undo = re.search(r'action="(/w/acme/undo/[0-9a-f-]{36})"', html)[1]
    html = browser.post(undo, follow=True).content.decode()
    assert "Undone" in html
    assert "Red lamp" in browser.get(address).content.decode()


def test_changes_of_different_fields_meanwhile_both_stay(browser, signed_in, cast, make):
    thing = make("things", name="Lamp", count=1, colour="red")
    address = f"/w/acme/things/{thing.id}"
    version = version_of(browser.get(f"{address}/edit"))
    form = {"name": "Lamp", "count": "1", "colour": "red", "state": "new", "version": version}
    assert signed_in(cast.manager).post(f"{address}/edit", form | {"count": "7"}).status_code == 303
    assert browser.post(f"{address}/edit", form | {"colour": "blue"}).status_code == 303
    html = browser.get(f"{address}/edit").content.decode()
    assert 'value="7"' in html and 'value="blue"' in html


def test_who_changed_the_same_field_meanwhile_is_said_and_each_may_be_kept(browser, signed_in, cast, make):
    thing = make("things", name="Lamp", count=1)
    address = f"/w/acme/things/{thing.id}"
    version = version_of(browser.get(f"{address}/edit"))
    form = {"name": "Lamp", "count": "1", "state": "new", "version": version}
    signed_in(cast.manager).post(f"{address}/edit", form | {"count": "7", "name": "Theirs"})
    answer = browser.post(f"{address}/edit", form | {"count": "9", "name": "Mine"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Max Manager changed this record meanwhile" in html
    assert 'value="9"' in html and ">7<" in html.replace("</span>", "<")
    again = form | {"count": "9", "name": "Mine", "version": version_of(answer), "keep-count": "theirs"}
    assert browser.post(f"{address}/edit", again).status_code == 303
    html = browser.get(f"{address}/edit").content.decode()
    assert 'value="7"' in html and 'value="Mine"' in html


def test_a_form_leaves_alone_what_it_did_not_hold(browser, make, cast):
    thing = make("things", name="Lamp", colour="red", emails=["ana@x.example"])
    address = f"/w/acme/things/{thing.id}/edit"
    html = browser.get(address).content.decode()
    assert 'name="only"' in html
    form = {"name": "Lamp 2", "version": "1", "only": "name,colour", "colour": ""}
    assert browser.post(address, form).status_code == 303
    html = browser.get(address).content.decode()
    assert 'value="Lamp 2"' in html and 'value="ana@x.example"' in html and 'value="red"' not in html


def test_one_value_is_changed_in_its_place(browser, make):
    thing = make("things", name="Lamp", count=1)
    address, part = f"/w/acme/things/{thing.id}/field/count", {"HX-Request": "true"}
    form = browser.get(address, headers=part)
    assert 'name="count"' in form.content.decode() and "<html" not in form.content.decode()
    wrong = browser.post(address, {"count": "x", "version": version_of(form)}, headers=part)
    assert wrong.status_code == 422 and 'value="x"' in wrong.content.decode()
    saved = browser.post(address, {"count": "5", "version": version_of(form)}, headers=part)
    assert saved.status_code == 200 and ">5" in saved.content.decode()
    assert "undo" in saved.headers["HX-Trigger"]


def test_duplicates_are_shown_before_a_second_record_is_made(browser, make):
    make("things", name="First", emails=["ana@x.example"])
    form = {"name": "Second", "state": "new", "emails-0-address": "Ana@X.example", "emails-primary": "0"}
    typed = browser.post("/w/acme/things/look-alikes", form, headers={"HX-Request": "true"}).content.decode()
    assert "First" in typed and "Create anyway" not in typed
    answer = browser.post("/w/acme/things/new", form)
    assert answer.status_code == 422
    assert "First" in answer.content.decode() and "Create anyway" in answer.content.decode()
    assert browser.post("/w/acme/things/new", form | {"anyway": "1"}).status_code == 303


def test_a_record_page_costs_the_same_queries_however_much_happened(browser, make):
    thing = make("things", name="Lamp")

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert browser.get(f"/w/acme/things/{thing.id}").status_code == 200
        return len(caught)

    make("trips", name="Trip", about=[f"things/{thing.id}"])
    queries()
    few = queries()
    for n in range(20):
        make("trips", name=f"Trip {n}", about=[f"things/{thing.id}"])
    assert queries() == few
    assert few <= 20


def test_the_timeline_shows_what_happened_and_its_pages_go_on(browser, make):
    thing = make("things", name="Lamp")
    for n in range(35):
        day = {"happened_at": f"2026-01-{n % 28 + 1:02}T{10 + n // 28}:00:00+00:00"}
        make("trips", name=f"Trip number {n:02}", about=[f"things/{thing.id}"], **day)
    html = browser.get(f"/w/acme/things/{thing.id}").content.decode()
    more = re.search(r'hx-get="(/w/acme/things/[^"]*after=[^"]+)"', html)[1].replace("&amp;", "&")
    rest = browser.get(more, headers={"HX-Request": "true"}).content.decode()
    shown = re.findall(r"Trip number \d\d", html) + re.findall(r"Trip number \d\d", rest)
    assert len(set(shown)) == 35


def test_related_records_stand_beside_with_their_number(browser, make):
    crate = make("crates", name="Box")
    for n in range(7):
        make("things", name=f"Thing {n}", crate=str(crate.id))
    html = browser.get(f"/w/acme/crates/{crate.id}").content.decode()
    assert len(re.findall(r">Thing \d<", html)) == 5
    assert re.search(r'class="count number">7<', html)


def test_an_action_with_parameters_has_a_form_and_can_be_undone(browser, make):
    thing = make("things", name="Lamp", count=1)
    address = f"/w/acme/things/{thing.id}"
    assert browser.get(f"{address}/add").status_code == 200
    assert browser.post(f"{address}/add", {"by": "x"}).status_code == 422
    html = browser.post(f"{address}/add", {"by": "4"}, follow=True).content.decode()
    assert ">5" in html
    undo = re.search(r'action="(/w/acme/undo/[0-9a-f-]{36})"', html)[1]
    browser.post(undo)
    assert 'value="1"' in browser.get(f"{address}/edit").content.decode()


def test_history_tells_who_changed_what(browser, signed_in, cast, make):
    thing = make("things", name="Lamp", count=1)
    address = f"/w/acme/things/{thing.id}"
    signed_in(cast.manager).post(f"{address}/field/count", {"count": "8"})
    html = browser.get(f"{address}/history").content.decode()
    assert "Max Manager" in html and "<del>1</del> <ins>8</ins>" in html and "in the browser" in html


def test_many_ticked_rows_are_deleted_as_one_and_brought_back_as_one(browser, make):
    ids = [str(make("crates", name=f"Crate {n}").id) for n in range(3)]
    html = browser.post("/w/acme/crates/bulk", {"action": "delete", "id": ids[:2]}, follow=True).content.decode()
    assert "2 records done" in html and "Crate 2" in html and "Crate 0" not in html
    browser.post(re.search(r'action="(/w/acme/undo/[0-9a-f-]{36})"', html)[1])
    assert "Crate 0" in browser.get("/w/acme/crates/").content.decode()


def test_a_record_is_shared_and_the_share_is_taken_back(browser, signed_in, cast, make):
    thing = make("things", name="Lamp")
    address, limited = f"/w/acme/things/{thing.id}", signed_in(cast.limited)
    assert limited.get(address).status_code == 404
    assert browser.post(f"{address}/share/new", {"with": f"user {cast.limited.id}"}).status_code == 303
    assert limited.get(address).status_code == 200
    html = browser.get(f"{address}/share").content.decode()
    browser.post(re.search(rf'action="({address}/share/[0-9a-f-]{{36}}/end)"', html)[1])
    assert limited.get(address).status_code == 404


def test_a_note_is_written_down_on_the_record_page_of_people(browser, make):
    contact = make("contacts", first_name="Ana", last_name="García")
    address = f"/w/acme/contacts/{contact.id}"
    html = browser.get(address).content.decode()
    assert 'id="composer"' in html
    form = {"subject": "Called", "body": "<p>She likes it.</p>", "about": f"contacts/{contact.id}", "back": address}
    answer = browser.post("/w/acme/notes/new", form | {"only": "subject,body,about"}, follow=True)
    assert answer.redirect_chain[0][0] == address
    assert "She likes it." in answer.content.decode()


def test_what_was_typed_stays_when_it_turns_out_to_be_a_call(browser, make, cast):
    contact = make("contacts", first_name="Ana", last_name="García")
    typed = {"subject": 'Asked for "prices"', "body": "<p>Soon</p><script>alert(1)</script>"}
    html = browser.post(f"/w/acme/contacts/{contact.id}/composer/calls", typed).content.decode()
    assert 'value="Asked for &#34;prices&#34;"' in html
    assert "Soon" in html
    assert "<script>alert(1)" not in html
    assert "/w/acme/calls/new" in html
    task = browser.post(f"/w/acme/contacts/{contact.id}/composer/tasks", typed | {"owner": f"users/{cast.member.id}"})
    assert str(cast.member) in task.content.decode()


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_what_people_write_is_shown_and_never_run(browser, make, as_, cast):
    thing = make("things", name=HOSTILE, note=HOSTILE, colour="<b>", tags=["<i>x</i>"], story=f"<p>Fine</p>{HOSTILE}")
    make("trips", name=HOSTILE, about=[f"things/{thing.id}"])
    address = f"/w/acme/things/{thing.id}"
    browser.post(f"{address}/field/colour", {"colour": "<svg onload=alert(1)>"[:20]})
    pages = [address, f"{address}/edit", f"{address}/history", f"{address}/share", "/w/acme/things/", "/w/acme/trips/"]
    pages += [
        "/w/acme/search?q=alert",
        "/w/acme/",
        "/w/acme/things/?columns=title&columns=note&columns=tags&columns=story",
    ]
    pages += ['/w/acme/things/?filter={"field":"name","op":"is","value":"<script>alert(1)</script>"}']
    for page in pages:
        html = browser.get(page).content.decode()
        assert "<script>alert" not in html and "<img src=x" not in html and "<svg onload" not in html, page
    assert "&lt;script&gt;" in browser.get(address).content.decode()


def test_without_script_a_link_is_written_by_its_name(browser, make):
    crate = make("crates", name="Big crate")
    form = {"name": "Lamp", "state": "new", "crate": "", "crate-was": "", "crate-text": "Big crate"}
    answer = browser.post("/w/acme/things/new", form)
    assert f'href="/w/acme/crates/{crate.id}"' in browser.get(answer["Location"]).content.decode()
    wrong = browser.post("/w/acme/things/new", form | {"crate-text": "No such crate"})
    assert wrong.status_code == 422
    assert "Nothing is called “No such crate”" in wrong.content.decode()
    assert 'value="No such crate"' in wrong.content.decode()


def test_a_link_to_what_one_may_not_see_is_nothing(signed_in, cast, make):
    crate = make("crates", name="Secret crate")
    thing = make("things", name="Mine", crate=str(crate.id), owner=str(cast.limited.id))
    limited = signed_in(cast.limited)
    for page in ("", "/edit", "/history", "/timeline"):
        html = limited.get(f"/w/acme/things/{thing.id}{page}").content.decode()
        assert "Secret crate" not in html, page
    assert "Secret crate" not in limited.get("/w/acme/things/").content.decode()
    assert limited.post(f"/w/acme/things/{thing.id}/field/crate", {"crate": f"crates/{crate.id}"}).status_code in (
        303,
        422,
    )


def test_an_unseen_link_stays_when_the_rest_of_the_form_is_saved(browser, signed_in, cast, make):
    crate = make("crates", name="Secret crate")
    thing = make("things", name="Mine", crate=str(crate.id), owner=str(cast.limited.id))
    limited, address = signed_in(cast.limited), f"/w/acme/things/{thing.id}"
    posted = {"name": "Mine too", "version": "1", "only": "name,crate", "crate": ""}
    assert limited.post(f"{address}/edit", posted).status_code == 303
    html = browser.get(address).content.decode()
    assert "Mine too" in html and "Secret crate" in html
    assert str(crate.id) not in limited.get(f"{address}/edit").content.decode()


def test_unseen_links_of_a_list_stay_beside_those_that_are_seen(signed_in, cast, make, as_):
    secret, mine = make("crates", name="Secret"), make("crates", name="Mine", owner=str(cast.limited.id))
    thing = make(
        "things", name="Lamp", owner=str(cast.limited.id), related=[f"crates/{secret.id}", f"crates/{mine.id}"]
    )
    limited, address = signed_in(cast.limited), f"/w/acme/things/{thing.id}"
    html = limited.get(f"{address}/edit").content.decode()
    assert str(secret.id) not in html and str(mine.id) in html
    form = {"version": "1", "only": "related", "related": "", "related-was": "Mine", "related-text": ""}
    assert limited.post(f"{address}/edit", form).status_code == 303
    with as_(cast.owner):
        from tests.toys.models import Thing

        assert Thing.objects.get(id=thing.id).related == [f"crates/{secret.id}"]
