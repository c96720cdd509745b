"""Records made and read with what is part of them, and what is frozen, over HTTP."""

LINES = [{"name": "Screws", "amount": 3}, {"name": "Nails", "amount": 4, "mark": "x"}]


def made(caller, **more):
    answer = caller.post("bills", {"name": "B", "bill-lines": LINES, **more})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_record_is_made_with_its_parts_and_read_with_them(owner):
    bill = made(owner)
    assert bill["total"] == 7
    whole = owner.get(f"bills/{bill['id']}", include="bill-lines").json()
    assert [(line["name"], line["amount"], line["position"]) for line in whole["bill-lines"]] == [
        ("Screws", 3, 1),
        ("Nails", 4, 2),
    ]
    assert whole["bill-lines"][0]["bill"]["id"] == bill["id"]
    assert "bill-lines" not in owner.get(f"bills/{bill['id']}").json()
    made(owner)
    rows = owner.get("bills", include="bill-lines").json()["data"]
    assert [len(row["bill-lines"]) for row in rows] == [2, 2]
    assert owner.get("bill-lines", include="bill").json()["data"][0]["bill"]["total"] == 7
    assert owner.delete(f"bills/{bill['id']}").status_code == 204
    gone = owner.get(f"bills/{bill['id']}", include="bill-lines", deleted="true").json()
    assert len(gone["bill-lines"]) == 2


def test_one_wrong_part_makes_nothing_and_says_which(owner):
    answer = owner.post("bills", {"name": "B", "bill-lines": [LINES[0], {"name": "x", "amount": "many"}]})
    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("bill-lines/1/amount", "number")]
    for wrong in ("x", {"name": "x"}, [7], [LINES[0]] * 501):
        assert owner.post("bills", {"name": "B", "bill-lines": wrong}).status_code == 422
    assert owner.get("bills").json()["data"] == owner.get("bill-lines").json()["data"] == []


def test_whoever_only_makes_records_makes_their_parts_too(cast, call, set_role):
    set_role(cast.member, {"objects": {"*": {"see": "all", "change": "none", "create": True}}})
    member = call(cast.member)
    bill = made(member, owner=str(cast.manager.id))
    assert bill["total"] == 7
    assert member.post("bill-lines", {"bill": bill["id"], "name": "x", "amount": 1}).status_code == 403


def test_parts_are_read_with_the_rights_of_their_whole(cast, owner, call):
    bill = made(owner)
    limited = call(cast.limited)
    assert limited.get("bill-lines").json()["data"] == []
    line = owner.get("bill-lines").json()["data"][0]
    assert limited.get(f"bill-lines/{line['id']}").status_code == 404
    assert limited.get(f"bills/{bill['id']}", include="bill-lines").status_code == 404


def test_what_is_frozen_answers_why(owner):
    bill = made(owner)
    line = owner.get("bill-lines").json()["data"][0]
    assert owner.post(f"bills/{bill['id']}/send", {}).status_code == 200
    attempts = [
        owner.patch(f"bills/{bill['id']}", {"name": "x"}),
        owner.delete(f"bills/{bill['id']}"),
        owner.patch(f"bill-lines/{line['id']}", {"amount": 9}),
        owner.delete(f"bill-lines/{line['id']}"),
        owner.post("bill-lines", {"bill": bill["id"], "name": "x", "amount": 1}),
    ]
    for answer in attempts:
        assert answer.status_code == 422
        assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("", "frozen")]
    assert owner.patch(f"bills/{bill['id']}", {"paid": True}).json()["paid"] is True
    assert owner.get(f"bill-lines/{line['id']}").json()["amount"] == line["amount"]


def test_the_document_tells_of_parts(owner):
    schemas = owner.get("openapi.json").json()["components"]["schemas"]
    assert schemas["bills-new"]["properties"]["bill-lines"]["items"] == {"$ref": "#/components/schemas/bill-lines-part"}
    assert "bill" not in schemas["bill-lines-part"]["properties"]
    assert "name" in schemas["bill-lines-part"]["required"]
    assert "bill-lines" not in schemas["bills-change"]["properties"]
    assert schemas["bills"]["properties"]["bill-lines"]["items"] == {"$ref": "#/components/schemas/bill-lines"}
    known = {one["name"]: one for one in owner.get("objects").json()["data"]}
    assert (known["bill-lines"]["part_of"], known["bills"]["part_of"]) == ("bills", None)
