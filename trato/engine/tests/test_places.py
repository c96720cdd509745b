"""The map: towns are found where they are, points follow addresses, clusters hold what a person would count."""

from __future__ import annotations

import random
from collections import Counter

from trato.engine import access, actions, custom, jobs, objects
from trato.engine.bulk.writer import Row, Writer
from trato.engine.models import Job
from trato.engine.places import clusters, gazetteer, locating
from trato.engine.places.clusters import Box
from trato.engine.places.gazetteer import Place
from trato.engine.places.models import Point
from trato.engine.postgres.scope import noted
from trato.engine.workspaces.ids import uuid7

WORLD = Box(-180, -85, 180, 85)
#: From an atlas, to a tenth of a degree.
ATLAS = {
    ("Madrid", "ES"): (40.4, -3.7),
    ("Seville", "ES"): (37.4, -6.0),
    ("IAȘI", "RO"): (47.2, 27.6),
    ("Cluj Napoca", "RO"): (46.8, 23.6),
    ("München", "DE"): (48.1, 11.6),
    ("Munich", "DE"): (48.1, 11.6),
    ("Buenos Aires", "AR"): (-34.6, -58.4),
    ("東京", "JP"): (35.7, 139.7),
}


def address(city="", country="", region="", line1="1 Street"):
    return {"line1": line1, "city": city, "country": country, "region": region}


def made(actor, *addresses, **values):
    return actions.create(actor, objects.get("things"), {"name": "T", "addresses": list(addresses)} | values)


def work(actor):
    """Run what waits, as a worker would."""
    for row in Job.objects.filter(name=locating.LOCATE, state="waiting").order_by("id"):
        jobs.run_job(str(actor.workspace.id), str(row.id))
    noted().clear()  # the transaction in which the jobs were added is over


def rows(actor):
    return access.visible(actor, objects.get("things"))


def test_towns_are_where_an_atlas_has_them():
    found = gazetteer.find(Place(city, "", country) for city, country in ATLAS)
    for (city, country), (latitude, longitude) in ATLAS.items():
        position = found[Place(city, "", country)]
        assert position.precision == "city"
        assert abs(position.latitude - latitude) < 0.1 and abs(position.longitude - longitude) < 0.1, city


def test_a_name_that_several_towns_have_goes_by_region_home_and_people():
    illinois, missouri, cordoba, anywhere = (
        Place("Springfield", "US-IL", "US"),
        Place("Springfield", "US-MO", "US"),
        Place("Córdoba", "", ""),
        Place("Birmingham", "", ""),
    )
    found = gazetteer.find([illinois, missouri, cordoba, anywhere], home="ES")
    assert round(found[illinois].latitude) == 40 and round(found[missouri].latitude) == 37
    assert round(found[cordoba].longitude) == -5  # the one in Spain, though Argentina's is larger
    assert round(found[anywhere].longitude) == -2  # England's, not Alabama's


def test_an_unknown_town_is_its_country_and_nothing_at_all_is_nowhere():
    found = gazetteer.find([Place("Villa Inventada de Arriba", "", "ES"), Place("Xqzzy", "", ""), Place("", "", "FR")])
    assert {place.city: position.precision for place, position in found.items()} == {
        "Villa Inventada de Arriba": "country",
        "": "country",
    }


def test_points_follow_addresses(owner):
    thing = made(owner, address("Madrid", "ES"), address("Iași", "RO"))
    assert Point.objects.count() == 0  # the work of a job, not of the write
    work(owner)
    assert set(Point.objects.values_list("record_id", "city")) == {(thing.id, "Madrid"), (thing.id, "Iași")}
    actions.update(owner, objects.get("things"), thing.id, {"addresses": [address("Oradea", "RO")]})
    work(owner)
    work(owner)
    assert list(Point.objects.values_list("city", "precision")) == [("Oradea", "city")]
    actions.update(owner, objects.get("things"), thing.id, {"note": "x"})
    assert not Job.objects.filter(state="waiting").exists()


def test_one_transaction_makes_one_job(owner):
    for _number in range(5):
        made(owner, address("Madrid", "ES"))
    (row,) = Job.objects.filter(name=locating.LOCATE)
    assert len(row.arguments["records"]) == 5


def test_added_address_fields_have_points_too_until_they_are_hidden(owner, cast, as_, set_role):
    custom.add(owner, objects.get("things"), {"label": "Site", "name": "site_address", "kind": "address"})
    thing = made(owner, **{"custom.site_address": address("Madrid", "ES")})
    work(owner)
    assert Point.objects.get().record_id == thing.id
    hidden = {"see": "all", "fields": {"custom.site_address": "hidden"}}
    set_role(cast.reader, {"objects": {"things": hidden}})
    with as_(cast.reader) as reader:
        assert clusters.places(reader, objects.get("things"), rows(reader)) == []


def test_clusters_hold_every_point_once_as_a_person_would_count(owner):
    dice, obj = random.Random(5), objects.get("things")
    things = [made(owner, name=str(number)) for number in range(60)]
    where = {thing.id: (dice.uniform(36, 44), dice.uniform(-9, 3)) for thing in things}
    Point.objects.bulk_create(
        Point(object="things", record_id=id, field="addresses", latitude=lat, longitude=lon, precision="city")
        for id, (lat, lon) in where.items()
    )
    box = Box(-8, 37, 2, 43)
    inside = {id for id, (lat, lon) in where.items() if 37 <= lat <= 43 and -8 <= lon <= 2}
    for zoom in (0, 3, 6, 12):
        found = clusters.clusters(owner, obj, rows(owner), box, zoom)
        assert sum(one.count for one in found) == len(inside), zoom
        cell = clusters.WIDEST / 2**zoom
        cells = Counter((where[id][1] // cell, where[id][0] // (cell / 2)) for id in inside)
        assert sorted(one.count for one in found) == sorted(cells.values()), zoom


def test_a_part_of_the_map_goes_over_the_date_line(owner):
    made(owner, address("Suva", "FJ"))
    made(owner, address("Honolulu", "US", "US-HI"))
    made(owner, address("Madrid", "ES"))
    work(owner)
    found = clusters.places(owner, objects.get("things"), rows(owner), Box(170, -40, -150, 40))
    assert {place["city"] for place in found} == {"Suva", "Honolulu"}


def test_only_visible_records_are_on_the_map(owner, cast, as_):
    made(owner, address("Madrid", "ES"))
    mine = made(owner, address("Sevilla", "ES"), owner=str(cast.limited.id))
    work(owner)
    obj = objects.get("things")
    with as_(cast.limited) as limited:
        assert [place["city"] for place in clusters.places(limited, obj, rows(limited))] == ["Sevilla"]
        assert list(clusters.at(limited, obj, rows(limited), "ES|Madrid")) == []
        assert [row.id for row in clusters.at(limited, obj, rows(limited), "ES|Sevilla")] == [mine.id]
    actions.delete(owner, obj, mine.id)
    assert [place["city"] for place in clusters.places(owner, obj, rows(owner))] == ["Madrid"]


def test_addresses_nobody_knows_are_counted(owner):
    made(owner, address("Xqzzy"))
    made(owner, address("Madrid", "ES"))
    work(owner)
    assert clusters.unknown(owner, objects.get("things"), rows(owner)) == 1


def test_what_is_imported_is_located_once_for_the_whole_batch(owner):
    batch = uuid7()
    writer = Writer(owner, objects.get("things"), batch)
    for start in (0, 10):
        rows = [
            Row(line, {"name": f"T{line}", "addresses": [address("Madrid", "ES") | {"line2": "", "postcode": ""}]})
            for line in range(start, start + 10)
        ]
        assert {outcome.result for outcome in writer.write(rows)} == {"created"}
    (job,) = Job.objects.filter(name=locating.LOCATE)
    assert job.arguments == {"object": "things", "batch": str(batch)}
    work(owner)
    assert Point.objects.filter(city="Madrid", precision="city").count() == 20
