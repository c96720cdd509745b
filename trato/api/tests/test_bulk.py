"""Many records in one call: every line has a result, and a bad line harms no other."""

import json

from trato.engine.bulk import Writer

NDJSON = "application/x-ndjson"


def send(caller, path, *lines, **headers):
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return caller.send("POST", path, body, {"Content-Type": NDJSON} | headers)


def results(response):
    assert response.status_code == 200, response.content
    return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]


def test_every_line_has_a_result_and_a_bad_line_harms_no_other(owner):
    told = results(
        send(
            owner,
            "contacts/bulk",
            {"last_name": "Uno", "emails": ["uno@x.com"]},
            {"last_name": "Dos", "nickname": "D"},
            b"{not json",
            b"[1]",
            {"last_name": "Cinco", "birthday": "yesterday"},
            {"emails": ["seis@x.com"]},
            {"last_name": "Siete", "created_at": "2020-01-01T00:00:00Z"},
        )
    )
    assert [(one["line"], one["status"]) for one in told] == [
        (1, "created"),
        (2, "failed"),
        (3, "failed"),
        (4, "failed"),
        (5, "failed"),
        (6, "created"),
        (7, "failed"),
    ]
    assert told[6]["errors"][0]["code"] == "read_only"
    assert told[1]["errors"][0] == {"field": "nickname", "code": "unknown", "message": "There is no such field."}
    assert told[4]["errors"][0]["field"] == "birthday"
    titles = {record["title"] for record in owner.get("contacts").json()["data"]}
    assert titles == {"Uno", "seis@x.com"}
    assert owner.get(f"contacts/{told[0]['id']}").json()["emails"] == [{"address": "uno@x.com", "primary": True}]


def test_upsert_finds_records_by_the_match_fields(owner):
    made = owner.post("contacts", {"last_name": "Pérez", "emails": ["p@x.com"], "job_title": "Baker"}).json()
    told = results(
        send(
            owner,
            "contacts/bulk?op=upsert&match=emails",
            {"emails": ["P@x.com"], "job_title": "Cook"},
            {"emails": ["P@X.COM"], "job_title": "Cook"},
            {"emails": ["new@x.com"], "last_name": "New"},
        )
    )
    assert [one["status"] for one in told] == ["updated", "unchanged", "created"]
    assert told[0]["id"] == told[1]["id"] == made["id"]
    after = owner.get(f"contacts/{made['id']}").json()
    assert (after["last_name"], after["job_title"], after["version"]) == ("Pérez", "Cook", 2)


def test_update_goes_by_id_and_never_creates(owner, call, cast):
    made = owner.post("contacts", {"last_name": "Pérez"}).json()
    theirs = call(cast.stranger).post("contacts", {"last_name": "Elsewhere"}).json()
    told = results(
        send(
            owner,
            "contacts/bulk?op=update",
            {"id": made["id"], "last_name": "López"},
            {"id": theirs["id"], "last_name": "Taken"},
            {"last_name": "Nobody"},
            {"id": "x", "last_name": "Nobody"},
        )
    )
    assert [one["status"] for one in told] == ["updated", "failed", "failed", "failed"]
    assert call(cast.stranger).get(f"contacts/{theirs['id']}").json()["last_name"] == "Elsewhere"
    assert len(owner.get("contacts").json()["data"]) == 1


def test_the_same_call_with_its_key_writes_nothing_twice(owner):
    lines = [{"last_name": f"N{number}"} for number in range(3)]
    first = results(send(owner, "contacts/bulk", *lines, **{"Idempotency-Key": "night-1"}))
    again = results(send(owner, "contacts/bulk", *lines, **{"Idempotency-Key": "night-1"}))
    assert first == again
    assert owner.get("contacts", count="exact").json()["count"] == 3
    other = results(send(owner, "contacts/bulk", {"last_name": "Other"}, **{"Idempotency-Key": "night-1"}))
    assert other[0]["status"] == "failed"
    assert owner.get("contacts", count="exact").json()["count"] == 3


def test_orders_that_make_no_sense_are_refused_whole(owner, call, cast):
    assert send(owner, "contacts/bulk?op=upsert", {"last_name": "A"}).status_code == 400
    assert send(owner, "contacts/bulk?op=destroy", {"last_name": "A"}).status_code == 400
    assert send(owner, "contacts/bulk?op=upsert&match=nothing", {"last_name": "A"}).status_code == 422
    assert send(owner, "contacts/bulk", b"\n").status_code == 200
    assert owner.send("POST", "contacts/bulk", headers={"Content-Type": NDJSON}).status_code in (400, 415)
    assert owner.post("contacts/bulk", {"last_name": "A"}).status_code == 415
    assert send(call(cast.member), "contacts/bulk", {"last_name": "A"}).status_code == 403
    assert send(call(cast.owner, "contacts:create"), "contacts/bulk", {"last_name": "A"}).status_code == 403
    assert owner.get("contacts", count="exact").json()["count"] == 0


def test_more_lines_than_allowed_are_refused_before_the_first_is_written(owner, monkeypatch):
    monkeypatch.setattr("trato.api.bulk.MOST_LINES", 3)
    assert send(owner, "contacts/bulk", *[{"last_name": "A"}] * 5).status_code == 413
    assert owner.get("contacts", count="exact").json()["count"] == 0


def test_chunks_follow_each_other(owner, monkeypatch):
    monkeypatch.setattr("trato.api.bulk.CHUNK", 2)
    told = results(send(owner, "contacts/bulk", {"last_name": "A"}, b"", {"last_name": "B"}, {"last_name": "C"}, b""))
    assert [(one["line"], one["status"]) for one in told] == [(1, "created"), (3, "created"), (4, "created")]


def test_a_part_that_breaks_is_told_line_by_line_and_the_others_are_done(owner, monkeypatch):
    monkeypatch.setattr("trato.api.bulk.CHUNK", 1)
    write = Writer.write

    def breaking(self, rows):
        done = write(self, rows)
        if rows[0].line == 2:
            raise RuntimeError("broken in the middle")
        return done

    monkeypatch.setattr(Writer, "write", breaking)
    told = results(send(owner, "contacts/bulk", *[{"last_name": name} for name in ("Uno", "Dos", "Tres")]))
    assert [one["status"] for one in told] == ["created", "failed", "created"]
    assert told[1]["errors"][0]["code"] == "internal"
    assert {one["title"] for one in owner.get("contacts").json()["data"]} == {"Uno", "Tres"}


def test_a_whole_bulk_call_is_undone_by_its_batch(owner):
    sent = send(owner, "contacts/bulk", {"last_name": "Uno"}, {"last_name": "Dos"})
    assert len(results(sent)) == 2
    assert owner.post(f"undo/{sent['Trato-Batch']}").status_code == 200
    assert owner.get("contacts", count="exact").json()["count"] == 0
