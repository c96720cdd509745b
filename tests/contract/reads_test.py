"""Lists, filters, orders, pages and search of every object."""

from __future__ import annotations

import pytest

from tests.contract.samples import another, fitted, full, least, make, sample, values_of
from trato.engine import access, actions, filters, history, paging, search


@pytest.fixture
def four(owner, obj):
    """Three full records and one with the least."""
    records = [make(owner, obj, n) for n in range(3)]
    return [*records, actions.create(owner, obj, least(owner, obj, "Zz last"))]


def matching(actor, obj, tree):
    """The ids a filter leaves, of the records it is asked over."""
    return set(filters.narrow(actor, obj, access.visible(actor, obj), tree).values_list("id", flat=True))


def operand(actor, field, op):
    """Something to compare a field with by an operator."""
    three = values_of(field.kind)
    three = three and [fitted(field.kind, value) for value in three]
    if op in ("empty", "filled"):
        return None
    if op == "within":
        return "this_year"
    if op in ("contains", "not_contains", "starts", "ends"):
        return "a%_\\'"
    one = three[1] if three else sample(actor, field, 1)
    if field.kind.many:
        one = one[0]
    if op == "between":
        return [three[0], three[2]]
    return [one] if op in ("in", "not_in", "has_any", "has_none") else one


def test_every_operator_of_every_field_runs(owner, obj, four):
    for field in obj.builtin.values():
        for op in field.kind.operators:
            tree = {"field": field.name, "op": op, "value": operand(owner, field, op)}
            found, everything = matching(owner, obj, tree), matching(owner, obj, None)
            assert matching(owner, obj, {"not": tree}) == everything - found, tree


def test_opposites_share_all_records_between_them(owner, obj, four):
    pairs = [
        ("empty", "filled"),
        ("is", "is_not"),
        ("in", "not_in"),
        ("contains", "not_contains"),
        ("has_any", "has_none"),
    ]
    for field in obj.builtin.values():
        for op, opposite in pairs:
            if op in field.kind.operators and opposite in field.kind.operators:
                value = operand(owner, field, op)
                everything = matching(owner, obj, None)
                found = matching(owner, obj, {"field": field.name, "op": op, "value": value})
                other = matching(owner, obj, {"field": field.name, "op": opposite, "value": value})
                assert found | other == everything
                assert not found & other, (field.name, op)


def test_a_record_is_found_by_each_of_its_values(owner, obj, four):
    for field in obj.builtin.values():
        value = field.kind.dump(field.read_from(four[0]))
        if field.kind.is_empty(field.read_from(four[0])):
            continue
        op = "has" if field.kind.many else "is"
        if op in field.kind.operators:
            found = matching(
                owner, obj, {"field": field.name, "op": op, "value": value[0] if field.kind.many else value}
            )
            assert four[0].id in found, field.name
        assert four[0].id in matching(owner, obj, {"field": field.name, "op": "filled"}), field.name


def test_nonsense_is_refused_with_where_and_why(owner, obj):
    bad = [
        {"field": "no_such_field", "op": "is", "value": 1},
        {"field": "title", "op": "no_such_op", "value": 1},
        {"field": "title"},
        {"op": "is", "value": 1},
        {"field": 7},
        {"and": 5},
        {"or": [5]},
        {"not": []},
        {"related": 5},
        {"related": "nothing.at_all"},
        {"field": "title", "op": "is", "value": {"$ne": 1}},
        {"field": "title", "op": "is", "value": "\0"},
        {"field": "title", "op": "in", "value": []},
        {"field": "title", "op": ["is"], "value": "x"},
        {"field": "custom.none", "op": "is", "value": "x"},
        {"field": "title__startswith", "op": "is", "value": "x"},
        {"field": "id", "op": "is", "value": "x"},
        {"field": "id", "op": "lt", "value": "x"},
        {"field": "owner.password", "op": "is", "value": "x"},
        {"field": "title", "op": "is", "value": "x", "extra": 1},
    ]
    for tree in bad:
        with pytest.raises(filters.BadFilter) as refused:
            matching(owner, obj, tree)
        assert refused.value.message, tree


def pages(actor, obj, order, columns, limit):
    """All pages forwards, then back again from the last one."""
    rows = access.visible(actor, obj)
    forwards, cursor = [], ""
    while cursor is not None:
        page = paging.page(rows, order, columns, limit, cursor)
        forwards.append([row["id"] for row in page.rows])
        last, cursor = page, page.next
    backwards, cursor = [forwards[-1]], last.previous
    while cursor is not None:
        page = paging.page(rows, order, columns, limit, cursor)
        backwards.append([row["id"] for row in page.rows])
        cursor = page.previous
    return forwards, backwards[::-1]


def expected(actor, obj, field, descending):
    """The ids in order, worked out in Python: empty last, then by value, then by id."""
    rows = list(access.visible(actor, obj))
    titles = access.titles(actor, access.refs_in([field], _dicts(rows, field)))

    def key(row):
        value = field.read_from(row)
        if field.kind.name in ("link", "user"):
            title = titles.get(field.kind.ref(value)) if value else None
            return title if field.kind.name == "user" or title is None else title.lower()
        if field.kind.name == "money":
            return value and value.amount
        return value.lower() if field.name == "title" else value

    filled = [row for row in rows if not field.kind.is_empty(field.read_from(row))]
    empty = [row for row in rows if field.kind.is_empty(field.read_from(row))]
    filled.sort(key=lambda row: (key(row), row.id), reverse=descending)
    empty.sort(key=lambda row: row.id, reverse=descending)
    return [row.id for row in filled + empty]


def _dicts(rows, field):
    return [{column: getattr(row, column) for column in field.columns} for row in rows]


@pytest.mark.parametrize("descending", [False, True])
def test_lists_are_in_order_and_pages_fit_together(owner, obj, four, descending):
    for n in range(2):
        nobody = {} if obj.within else {"owner": None}
        actions.create(owner, obj, least(owner, obj, f"Zz again {n}") | nobody)
    for field in [None, *obj.builtin.values()]:
        if field is not None and not field.sortable:
            continue
        order = paging.Order(field.name if field else "id", descending, field)
        assert paging.order_of(obj.builtin, obj, order.text) == order
        ids = sorted(access.visible(owner, obj).values_list("id", flat=True), reverse=descending)
        wanted = ids if field is None else expected(owner, obj, field, descending)
        forwards, backwards = pages(owner, obj, order, ["title"], 2)
        assert [row for page in forwards for row in page] == wanted, order.text
        assert [row for page in backwards for row in page] == wanted, order.text


def test_orders_and_cursors_that_do_not_exist_are_refused(owner, obj, four):
    for text in ("nothing", "-nothing", "search", "custom", "owner__password", "-", "id,title"):
        with pytest.raises(paging.BadPage):
            paging.order_of(obj.builtin, obj, text)
    order = paging.order_of(obj.builtin, obj, "updated_at")
    for cursor in ("x", "=", "é", "AAAA", paging.encode(0, "nonsense", four[0].id), paging.encode(7, None, four[0].id)):
        with pytest.raises(paging.BadPage):
            paging.page(access.visible(owner, obj), order, ["title"], 2, cursor)


def test_search_finds_a_record_by_its_title(owner, obj):
    record = actions.create(owner, obj, full(owner, obj, 0))
    if obj.named_by and not record.title:
        pytest.skip("is called as what it links to")
    words = record.title.split()
    for text in (record.title, record.title.upper(), words[0][: max(3, len(words[0]) - 1)]):
        assert record.id in [hit.id for hit in search.find(owner, text, [obj])], text
    actions.delete(owner, obj, record.id)
    assert record.id not in [hit.id for hit in search.find(owner, record.title, [obj])]


def test_provenance_names_the_last_writer_of_each_value(owner, obj):
    record = make(owner, obj, 0)
    given = another(owner, obj, record)
    [name] = given
    actions.update(owner.via("api", "file:x.csv"), obj, record.id, given)
    found = history.provenance(owner, obj, history.lately(owner, obj, record.id))
    assert (found[name].face, found[name].source) == ("api", "file:x.csv")
    followed = {name, *found[name].changes, "title"}
    assert all(entry.face == "web" for each, entry in found.items() if each not in followed)
