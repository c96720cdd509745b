"""What stands beside records: fields of a role, search, files, imports, custom fields, undo, timelines."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from trato.engine import files, objects
from trato.engine.exports import runs
from trato.engine.models import ExportRun

ANA = {
    "last_name": "García",
    "first_name": "Ana",
    "emails": ["ana@x.com"],
    "birthday": "1990-05-04",
    "job_title": "Cook",
}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def form(caller, path, **parts):
    body = encode_multipart(BOUNDARY, parts)
    return caller.send("POST", path, body, {"Content-Type": MULTIPART_CONTENT})


def file(name, content):
    return SimpleUploadedFile(name, content)


# -- fields of a role ----------------------------------------------------------------------------------------------


def test_a_hidden_field_is_not_there_in_any_way(call, cast, owner):
    limited = call(cast.limited)
    record = owner.post("contacts", ANA | {"owner": str(cast.limited.id)}).json()
    seen = limited.get(f"contacts/{record['id']}").json()
    assert "birthday" not in seen
    assert "phones" not in seen
    assert seen["job_title"] == "Cook"
    assert limited.get("contacts", fields="birthday").status_code == 400
    assert limited.get("contacts", **{"birthday[filled]": "true"}).status_code == 400
    assert limited.get("contacts", sort="birthday").status_code == 400
    assert limited.get("contacts", filter='{"field": "birthday", "op": "filled"}').status_code == 400
    entries = limited.get(f"contacts/{record['id']}/history").json()["data"]
    assert {"last_name", "job_title"} <= entries[0]["changes"].keys()
    assert not {"birthday", "phones"} & entries[0]["changes"].keys()
    names = [field["name"] for field in limited.get("objects/contacts").json()["fields"]]
    assert "birthday" not in names
    refused = limited.patch(f"contacts/{record['id']}", {"birthday": "2000-01-01", "job_title": "Chef"})
    assert refused.status_code == 422
    told = {error["field"]: error["code"] for error in refused.json()["errors"]}
    assert told == {"birthday": "unknown", "job_title": "read_only"}
    assert owner.get(f"contacts/{record['id']}").json()["birthday"] == "1990-05-04"


def test_a_link_to_what_may_not_be_seen_is_null_and_cannot_be_filtered_over(call, cast, owner):
    account = owner.post("accounts", {"name": "Secret SL", "industry": "Spies"}).json()
    record = owner.post("contacts", ANA | {"account": account["id"], "owner": str(cast.limited.id)}).json()
    limited = call(cast.limited)
    assert limited.get(f"contacts/{record['id']}").json()["account"] is None
    assert limited.get(f"contacts/{record['id']}", include="account").json()["account"] is None
    assert limited.get("contacts", **{"account.industry": "Spies"}).json()["data"] == []
    assert limited.get("contacts", sort="account").status_code == 400
    history = limited.get(f"contacts/{record['id']}/history").content.decode()
    assert account["id"] not in history
    assert "Secret" not in history
    assert len(owner.get("contacts", **{"account.industry": "Spies"}).json()["data"]) == 1
    assert len(owner.get("contacts", **{"account.industry[starts]": "spi"}).json()["data"]) == 1


# -- lists ---------------------------------------------------------------------------------------------------------


def test_conditions_compare_as_they_say(owner):
    for name, job in (("García", "Cook"), ("Gárate", "Cook"), ("Pérez", "Baker, senior"), ("Zola", "")):
        owner.post("contacts", {"last_name": name, "job_title": job, "tags": ["vip", name.lower()]})

    def names(**query):
        answer = owner.get("contacts", sort="last_name", fields="last_name", **query)
        assert answer.status_code == 200, answer.content
        return [record["last_name"] for record in answer.json()["data"]]

    assert names(last_name="garcía") == ["García"]
    assert names(**{"last_name[starts]": "G"}) == ["García", "Gárate"]
    assert names(**{"last_name[in]": "Zola,Pérez"}) == ["Pérez", "Zola"]
    assert names(**{"last_name[not_in]": "Zola,Pérez"}) == ["García", "Gárate"]
    assert names(**{"job_title[contains]": "baker, s"}) == ["Pérez"]
    assert names(**{"job_title[empty]": "true"}) == ["Zola"]
    assert names(**{"job_title[empty]": "false", "last_name[starts]": "P"}) == ["Pérez"]
    assert names(tags="vip") == ["García", "Gárate", "Pérez", "Zola"]
    assert names(**{"tags[has_any]": "zola,pérez"}) == ["Pérez", "Zola"]
    assert names(filter='{"not": {"field": "job_title", "op": "is", "value": "Cook"}}') == ["Pérez", "Zola"]
    assert names(filter='{"field": "last_name", "op": "starts", "value": "P"}', job_title="Cook") == []


def test_a_list_sorted_by_a_link_and_deep_pages(owner):
    accounts = [owner.post("accounts", {"name": name}).json()["id"] for name in ("Zeta", "Alfa")]
    for n in range(6):
        owner.post("contacts", {"last_name": f"N{n}", **({"account": accounts[n % 2]} if n < 4 else {})})
    seen, cursor = [], ""
    while cursor is not None:
        page = owner.get(
            "contacts", sort="account", limit=2, fields="account", **({"cursor": cursor} if cursor else {})
        )
        seen += [(record["account"] or {}).get("title") for record in page.json()["data"]]
        cursor = page.json()["next"]
    assert seen == ["Alfa", "Alfa", "Zeta", "Zeta", None, None]


# -- search, timeline, undo ----------------------------------------------------------------------------------------


def test_search_finds_what_may_be_seen(call, cast, owner):
    owner.post("contacts", ANA)
    found = owner.get("search", q="garci").json()["data"]
    assert [(hit["object"], hit["title"]) for hit in found] == [("contacts", "Ana García")]
    assert owner.get("search", q="ana@x.com").json()["data"][0]["title"] == "Ana García"
    assert owner.get("search", q="garci", object="accounts").json()["data"] == []
    assert call(cast.limited).get("search", q="garci").json()["data"] == []
    assert call(cast.stranger).get("search", q="garci").json()["data"] == []
    assert call(cast.owner, "accounts:see").get("search", q="garci").json()["data"] == []
    for query in ({}, {"q": " "}, {"q": "a", "object": "nothing"}, {"q": "a", "limit": "x"}, {"q": "a", "x": "y"}):
        assert owner.get("search", **query).status_code == 400
    assert owner.get("search", q="\x00' OR 1=1 & | ! :*").status_code == 200


def test_the_timeline_tells_activities_and_changes(owner, call, cast):
    person = owner.post("contacts", ANA).json()
    note = owner.post("notes", {"body": "<p>Likes tea</p>", "about": [f"contacts/{person['id']}"]})
    assert note.status_code == 201, note.content
    owner.patch(f"contacts/{person['id']}", {"job_title": "Chef"})
    entries = owner.get(f"contacts/{person['id']}/timeline").json()["data"]
    told = [(entry["object"], entry.get("change", {}).get("action")) for entry in entries]
    assert told == [("contacts", "updated"), ("notes", None), ("contacts", "created")]
    assert entries[0]["change"]["changes"] == {"job_title": {"old": "Cook", "new": "Chef"}}
    assert entries[1]["title"] == "Likes tea"
    only = owner.get(f"contacts/{person['id']}/timeline", only="notes").json()["data"]
    assert [entry["id"] for entry in only] == [note.json()["id"]]
    assert owner.get(f"contacts/{person['id']}/timeline", only="nothing").status_code == 400
    paged = owner.get(f"contacts/{person['id']}/timeline", limit=2).json()
    rest = owner.get(f"contacts/{person['id']}/timeline", cursor=paged["next"]).json()
    assert paged["data"] + rest["data"] == entries


def test_a_write_is_undone_by_its_batch(owner, call, cast):
    person = owner.post("contacts", ANA).json()
    owner.patch(f"contacts/{person['id']}", {"job_title": "Chef"})
    batch = owner.get(f"contacts/{person['id']}/history").json()["data"][0]["batch"]
    assert call(cast.stranger).post(f"undo/{batch}").status_code == 404
    assert call(cast.owner, "contacts:see").post(f"undo/{batch}").status_code in (403, 422)
    assert owner.get(f"contacts/{person['id']}").json()["job_title"] == "Chef"
    assert owner.post(f"undo/{batch}").status_code == 200
    assert owner.get(f"contacts/{person['id']}").json()["job_title"] == "Cook"
    assert owner.post(f"undo/{batch}").status_code == 422


# -- files ---------------------------------------------------------------------------------------------------------


def test_a_file_is_sent_kept_and_fetched_by_those_who_see_its_record(owner, call, cast):
    sent = form(owner, "uploads", file=file("Bericht é.png", PNG))
    assert sent.status_code == 201, sent.content
    value = sent.json()
    assert (value["name"], value["size"], value["type"]) == ("Bericht é.png", len(PNG), "image/png")
    member = call(cast.member)
    assert owner.get(f"uploads/{value['id']}").status_code == 200
    assert member.get(f"uploads/{value['id']}").status_code == 404  # no record they see has it
    stolen = member.post("files", {"file": value})
    assert stolen.status_code == 422  # and they can't make one
    made = owner.post("files", {"file": value, "subject": "Report"})
    assert made.status_code == 201, made.content
    fetched = member.get(f"uploads/{value['id']}")
    assert b"".join(fetched.streaming_content) == PNG
    assert fetched["Content-Disposition"].startswith("attachment")
    assert "sandbox" in fetched["Content-Security-Policy"]
    assert call(cast.limited).get(f"uploads/{value['id']}").status_code == 404
    assert call(cast.stranger).get(f"uploads/{value['id']}").status_code == 404
    owner.delete(f"files/{made.json()['id']}")
    assert member.get(f"uploads/{value['id']}").status_code == 404


def test_uploads_that_are_none_are_refused(owner, call, cast, monkeypatch):
    assert owner.post("uploads", {"file": "x"}).status_code == 415
    assert form(owner, "uploads", other="x").status_code == 400
    assert form(owner, "uploads", file="no file").status_code == 400
    assert form(owner, "uploads", file=file("a.txt", b"")).status_code in (400, 422)
    assert form(owner, "uploads", file=file("a.exe", b"MZ" + b"\0" * 100)).status_code == 422
    assert owner.send("POST", "uploads", b"--x\r\nbroken", {"Content-Type": MULTIPART_CONTENT}).status_code == 400
    assert owner.send("POST", "uploads", b"x", {"Content-Type": "multipart/form-data"}).status_code in (400, 415)
    assert form(call(cast.owner, "contacts:see"), "uploads", file=file("a.txt", b"a")).status_code == 403
    monkeypatch.setattr("trato.engine.files.LARGEST", 10)
    assert form(owner, "uploads", file=file("a.txt", b"a" * 100_000)).status_code == 413


# -- custom fields -------------------------------------------------------------------------------------------------


def test_an_administrators_field_is_on_the_whole_api(owner, call, cast):
    made = owner.post("custom-fields/contacts", {"name": "size", "label": "Shoe size", "kind": "number"})
    assert made.status_code == 201, made.content
    for last, size in (("A", 41), ("B", 38), ("C", None)):
        answer = owner.post("contacts", {"last_name": last, "custom": {"size": size}})
        assert answer.status_code == 201, answer.content
        assert answer.json()["custom"] == {"size": size}
    listed = owner.get("contacts", sort="-custom.size", fields="last_name,custom.size").json()["data"]
    assert [(one["last_name"], one["custom"]["size"]) for one in listed] == [("A", 41), ("B", 38), ("C", None)]
    assert len(owner.get("contacts", **{"custom.size[gte]": "40"}).json()["data"]) == 1
    assert owner.post("contacts", {"last_name": "D", "custom": {"size": "big"}}).status_code == 422
    changed = owner.patch("custom-fields/contacts/size", {"label": "Shoes"})
    assert changed.json()["label"] == "Shoes"
    assert owner.delete("custom-fields/contacts/size").status_code == 204
    assert owner.get("contacts").json()["data"][0]["custom"] == {}
    assert [field["name"] for field in owner.get("custom-fields/contacts", archived="true").json()["data"]] == ["size"]
    assert owner.patch("custom-fields/contacts/size", {"archived": False}).status_code == 200
    assert owner.get("contacts", sort="last_name").json()["data"][0]["custom"] == {"size": 41}


def test_only_administrators_shape_the_workspace(owner, call, cast):
    field = {"name": "size", "label": "Shoe size", "kind": "number"}
    for caller in (call(cast.manager), call(cast.owner, "contacts:*")):
        assert caller.post("custom-fields/contacts", field).status_code == 403
        assert caller.get("custom-fields/contacts").status_code == 403
    for wrong in (
        {},
        field | {"kind": "nothing"},
        field | {"name": "Size"},
        field | {"name": 5},
        field | {"options": "x"},
        field | {"options": [1]},
        field | {"position": "first"},
        field | {"required": "yes"},
        field | {"default": "big"},
        field | {"label": {"a": 1}},
        field | {"extra": 1},
        field | {"kind": ["number"]},
        field | {"label": "a\x00b"},
        field | {"position": 10**12},
    ):
        refused = owner.post("custom-fields/contacts", wrong)
        assert refused.status_code == 422, (wrong, refused.content)
    assert owner.get("custom-fields/contacts").json()["data"] == []


# -- imports -------------------------------------------------------------------------------------------------------

CSV = "First name,Last name,E-mail\nAna,García,ana@x.com\nLuis,Pérez,luis@x.com\n".encode()


def test_an_import_is_sent_looked_at_and_started(owner, call, cast):
    sent = form(owner, "imports", file=file("people.csv", CSV), object="contacts", start="false")
    assert sent.status_code == 201, sent.content
    run = sent.json()
    assert run["state"] == "draft"
    assert run["read_as"]["header"] == ["First name", "Last name", "E-mail"]
    assert run["mapping"] == {"First name": "first_name", "Last name": "last_name", "E-mail": "emails"}
    assert call(cast.stranger).get(f"imports/{run['id']}").status_code == 404
    assert call(cast.member).get(f"imports/{run['id']}").status_code == 404
    assert owner.post(f"imports/{run['id']}/start", {"mapping": {"Nothing": "emails"}}).status_code == 422
    assert owner.post(f"imports/{run['id']}/start", {"mapping": 5}).status_code == 422
    assert (run["numbers"], run["dates"], run["country"]) == ("1,234.56", "dmy", "ES")
    assert owner.post(f"imports/{run['id']}/start", {"numbers": "1_000"}).status_code == 422
    assert owner.post(f"imports/{run['id']}/start", {"dates": 5}).status_code == 422
    written = {"numbers": "1.234,56", "dates": "mdy", "country": "RO"}
    started = owner.post(f"imports/{run['id']}/start", {"match": ["emails"], "on_match": "fill", **written})
    assert started.status_code == 202, started.content
    assert {name: started.json()[name] for name in written} == written
    assert owner.get(f"imports/{run['id']}").json()["state"] == "waiting"
    assert owner.get(f"imports/{run['id']}/problems").json() == {"data": [], "next": None}
    assert [one["id"] for one in owner.get("imports").json()["data"]] == [run["id"]]
    assert owner.post(f"imports/{run['id']}/cancel").json()["state"] == "cancelled"


def test_a_token_limited_to_other_records_knows_nothing_of_imports_and_exports(owner, call, cast):
    run = form(owner, "imports", file=file("people.csv", CSV), object="contacts", start="false").json()
    made = owner.post("exports", {"object": "contacts"}).json()
    narrow = call(cast.owner, "notes:*", "contacts:see")
    for place, one in (("imports", run), ("exports", made)):
        assert narrow.get(place).json()["data"] == []
        assert narrow.get(f"{place}/{one['id']}").status_code == 404
        assert narrow.post(f"{place}/{one['id']}/cancel").status_code == 404
    assert narrow.get(f"imports/{run['id']}/problems").status_code == 404
    assert call(cast.owner, "contacts:import").get(f"imports/{run['id']}").json()["state"] == "draft"
    assert owner.get(f"exports/{made['id']}").json()["state"] == "waiting"


def test_an_import_sent_twice_with_its_key_is_one(owner):
    body = encode_multipart(BOUNDARY, {"file": file("people.csv", CSV), "object": "contacts", "start": "false"})
    headers = {"Content-Type": MULTIPART_CONTENT, "Idempotency-Key": "i-1"}
    first = owner.send("POST", "imports", body, headers)
    again = owner.send("POST", "imports", body, headers)
    assert first.json()["id"] == again.json()["id"]
    assert len(owner.get("imports").json()["data"]) == 1


def test_imports_that_make_no_sense_leave_nothing(owner, call, cast):
    people = {"object": "contacts"}
    assert form(owner, "imports", object="contacts").status_code == 400
    assert form(owner, "imports", file=file("p.csv", CSV)).status_code == 422
    assert form(owner, "imports", file=file("p.csv", CSV), object="nothing").status_code in (404, 422)
    assert form(owner, "imports", file=file("p.csv", CSV), **people, header="perhaps").status_code == 400
    assert form(owner, "imports", file=file("p.csv", CSV), **people, mapping="{").status_code == 422
    assert form(owner, "imports", file=file("p.csv", CSV), **people, on_match="explode").status_code == 422
    assert form(owner, "imports", file=file("p.csv", CSV), **people, match="nothing").status_code == 422
    assert form(owner, "imports", file=file("p.csv", CSV), **people, extra="1").status_code == 422
    assert form(owner, "imports", file=file("p.csv", CSV), **people, encoding="klingon").status_code == 422
    assert form(owner, "imports", file=file("p.bin", bytes(range(256)) * 9), **people).status_code == 422
    assert form(call(cast.member), "imports", file=file("p.csv", CSV), **people).status_code == 403
    assert form(call(cast.owner, "contacts:create"), "imports", file=file("p.csv", CSV), **people).status_code == 403
    assert owner.get("imports").json()["data"] == []


def test_people_and_teams_are_named(owner, cast):
    people = owner.get("users").json()["data"]
    assert [one["title"] for one in people][:2] == ["Lia Limited", "Max Manager"]
    assert "stranger@globex.example" not in {one["email"] for one in people}
    assert [one["title"] for one in owner.get("teams").json()["data"]] == ["Sales"]


def test_the_anonymous_learn_nothing_of_a_workspace(db):
    assert Client().get("/api/v1/objects").status_code == 401


# -- exports -------------------------------------------------------------------------------------------------------


def test_an_export_is_made_in_the_background_and_fetched_by_its_maker(owner, call, cast, as_):
    owner.post("contacts", ANA)
    owner.post("contacts", {"last_name": "Zola"})
    narrow = {"field": "last_name", "op": "starts", "value": "G"}
    asked = owner.post("exports", {"object": "contacts", "fields": ["last_name", "emails"], "filter": narrow})
    assert asked.status_code == 202, asked.content
    run = asked.json()
    assert (run["state"], run["file"]) == ("waiting", None)
    assert owner.get(f"exports/{run['id']}/file").status_code == 409
    with as_(cast.owner) as actor:  # as the worker would
        made = ExportRun.objects.get(id=run["id"])
        whole = b"".join(runs.stream(runs.plan(actor, objects.get("contacts"), made.format, **made.options)))
        made.file, made.state = files.store(actor, "contacts.csv", io.BytesIO(whole)), "done"
        made.save()
    told = owner.get(f"exports/{run['id']}").json()
    fetched = owner.get(told["file"].removeprefix("/api/v1/"))
    rows = b"".join(fetched.streaming_content).decode("utf-8-sig").splitlines()
    assert rows == ["Last name,E-mails", "García,ana@x.com"]
    assert call(cast.manager).get(f"exports/{run['id']}/file").status_code == 404
    assert call(cast.stranger).get(f"exports/{run['id']}").status_code == 404
    assert call(cast.owner, "contacts:see").get(f"exports/{run['id']}/file").status_code == 404
    assert [one["id"] for one in owner.get("exports").json()["data"]] == [run["id"]]


def test_exports_that_make_no_sense_are_refused(owner, call, cast):
    for wrong, status in (
        ({}, 422),
        ({"object": "nothing"}, 404),
        ({"object": 5}, 422),
        ({"object": "contacts", "format": "exe"}, 422),
        ({"object": "contacts", "fields": ["nothing"]}, 422),
        ({"object": "contacts", "fields": [5]}, 422),
        ({"object": "contacts", "filter": {"field": "nothing"}}, 400),
        ({"object": "contacts", "sort": "nothing"}, 400),
        ({"object": "contacts", "extra": 1}, 422),
    ):
        assert owner.post("exports", wrong).status_code == status, wrong
    assert call(cast.member).post("exports", {"object": "contacts"}).status_code == 403
    assert owner.get("exports").json()["data"] == []
