"""Maps over HTTP: towns and their records, parts of the map, and what is refused."""

import json
from urllib.parse import quote

import pytest

from trato.engine import jobs
from trato.engine.models import Job

pytestmark = pytest.mark.django_db
MAP = "/w/acme/things/?as=map"


@pytest.fixture
def located(cast, as_, make):
    """``located("Red lamp", "Madrid", "ES")``: a thing at an address that was looked up."""

    def one(name, city, country, **values):
        address = {"line1": "1 Street", "city": city, "country": country}
        thing = make("things", name=name, addresses=[address], **values)
        with as_(cast.owner):
            waiting = list(Job.objects.filter(state="waiting").values_list("id", flat=True))
        for job_id in waiting:
            jobs.run_job(str(cast.acme.id), str(job_id))
        return thing

    return one


def part(browser, box="-180,-85,180,85", zoom=4, more=""):
    return browser.get(f"{MAP}&box={box}&zoom={zoom}{more}").json()


def test_the_page_lists_the_towns_with_their_records(browser, located):
    located("Red lamp", "Madrid", "ES")
    located("Blue lamp", "Madrid", "ES")
    located("Chair", "Iași", "RO")
    html = browser.get(MAP).content.decode()
    assert html.index("Madrid, Spain") < html.index("Iași, Romania")
    town = browser.get(f"{MAP}&place={quote('ES|Madrid')}").content.decode()
    assert "Red lamp" in town and "Blue lamp" in town and "Chair" not in town


def test_a_part_of_the_map_holds_what_is_there(browser, located):
    located("Red lamp", "Madrid", "ES")
    located("Chair", "Iași", "RO")
    spain = part(browser, "-10,35,5,45")
    (cluster,) = spain["clusters"]
    assert cluster["label"] == "Madrid, Spain" and cluster["count"] == 1
    assert abs(cluster["at"][0] - 40.4) < 0.1 and abs(cluster["at"][1] + 3.7) < 0.1
    assert [town["label"] for town in spain["places"]] == ["Madrid, Spain"]
    assert sum(one["count"] for one in part(browser, zoom=0)["clusters"]) == 2


def test_the_filter_of_the_list_holds_for_the_map(browser, located):
    located("Red lamp", "Madrid", "ES", count=5)
    located("Chair", "Iași", "RO")
    tree = quote(json.dumps({"field": "count", "op": "is", "value": 5}))
    assert [town["label"] for town in part(browser, more=f"&filter={tree}")["places"]] == ["Madrid, Spain"]


def test_nobody_sees_where_records_are_that_they_may_not_see(signed_in, cast, located):
    located("Red lamp", "Madrid", "ES")
    assert part(signed_in(cast.limited)) == {"clusters": [], "places": []}
    town = signed_in(cast.limited).get(f"{MAP}&place={quote('ES|Madrid')}").content.decode()
    assert "Red lamp" not in town
    assert signed_in(cast.stranger).get(MAP).status_code == 404


def test_all_addresses_are_looked_up_anew_by_who_may_import(browser, signed_in, cast, located, as_):
    from trato.engine.places.models import Point

    located("Red lamp", "Madrid", "ES")
    with as_(cast.owner):
        Point.objects.all().delete()
    assert signed_in(cast.reader).post("/w/acme/things/locate").status_code == 403
    assert "Nothing on the map" in browser.get(MAP).content.decode()
    assert browser.post("/w/acme/things/locate").status_code == 303
    located("Chair", "Iași", "RO")  # runs what waits
    assert "Madrid, Spain" in browser.get(MAP).content.decode()


@pytest.mark.parametrize(
    "said",
    [
        "box=1,2,3&zoom=1",
        "box=a,b,c,d&zoom=1",
        "box=nan,nan,nan,nan&zoom=1",
        "box=0,50,10,40&zoom=1",
        "box=-180,-85,180,85&zoom=x",
        "box=-180,-85,180,85&zoom=99",
        "box=-180,-85,180,inf&zoom=1",
        "place=%00",
        "place=nothing",
        "place=ES|Madrid&after=x",
        "place=" + "x" * 5000,
    ],
)
def test_damaged_addresses_are_400_and_never_500(browser, located, said):
    located("Red lamp", "Madrid", "ES")
    assert browser.get(f"{MAP}&{said}").status_code in (200, 400)
