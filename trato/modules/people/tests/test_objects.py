"""What accounts, contacts, relationships and activities are called, and which values they refuse."""

from datetime import UTC, datetime

import pytest

from tests.cast import As, Cast
from trato.engine import access, actions, duplicates, objects, search, undo
from trato.engine.bulk.writer import Row, Writer
from trato.engine.models import HistoryEntry, Key
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.ids import uuid7

from .kit import Make, ref

pytestmark = pytest.mark.django_db
Refused = actions.Refused


@pytest.mark.parametrize(
    ("values", "title"),
    [
        (
            {"first_name": "Ana", "middle_name": "María", "last_name": "García", "salutation": "Dra."},
            "Ana María García",
        ),
        ({"first_name": "John", "last_name": "King", "suffix": "Jr."}, "John King Jr."),
        # CLDR person names, nameOrderLocales: surname first in Hungarian and Japanese.
        ({"first_name": "Béla", "last_name": "Bartók", "language": "hu"}, "Bartók Béla"),
        ({"first_name": "太郎", "last_name": "山田", "language": "ja"}, "山田太郎"),
        ({"first_name": "Mai", "middle_name": "Thi", "last_name": "Nguyen", "language": "vi"}, "Nguyen Thi Mai"),
        ({"last_name": "García"}, "García"),
        (
            {
                "emails": [{"address": "one@x.example"}, {"address": "two@x.example", "primary": True}],
                "phones": ["+34600123456"],
            },
            "two@x.example",
        ),
        ({"phones": [{"number": "600 12 34 56"}]}, "+34600123456"),
    ],
)
def test_a_contact_is_called_by_name_then_by_mail_then_by_phone(make: Make, values: dict, title: str) -> None:
    assert make("contacts", **values).title == title


def test_a_contact_that_can_be_neither_named_nor_reached_is_refused(make: Make, owner: Actor) -> None:
    with pytest.raises(Refused) as refused:
        make("contacts", job_title="Buyer")
    assert refused.value.problems[0].field == "last_name"
    ana = make("contacts", first_name="Ana")
    with pytest.raises(Refused):
        actions.update(owner, objects.get("contacts"), ana.id, {"first_name": ""})
    assert access.get(owner, objects.get("contacts"), ana.id).first_name == "Ana"


def test_a_name_follows_its_parts(make: Make, owner: Actor) -> None:
    ana = make("contacts", first_name="Ana", emails=["ana@x.example"])
    assert actions.update(owner, objects.get("contacts"), ana.id, {"last_name": "Ruiz"}).title == "Ana Ruiz"
    assert actions.update(owner, objects.get("contacts"), ana.id, {"language": "hu"}).title == "Ruiz Ana"
    away = {"first_name": "", "last_name": ""}
    assert actions.update(owner, objects.get("contacts"), ana.id, away).title == "ana@x.example"


REACH = {
    "emails": [{"address": "ana@lumbre.example", "label": "work"}, {"address": "home@garcia.example", "primary": True}],
    "phones": ["+34600123456", {"number": "+442079460123", "label": "work"}],
    "addresses": [
        {"line1": "Calle Mayor 1", "city": "Móstoles", "postcode": "28931", "region": "ES-MD", "country": "ES"},
        {"line1": "1 Mill Lane", "city": "Leeds", "country": "GB"},
    ],
    "handles": [{"network": "mastodon", "handle": "anagarcia"}, {"network": "linkedin", "handle": "ana-g-ruiz"}],
    "tags": ["Wholesale", "organic"],
}


@pytest.mark.parametrize("plural", ["contacts", "accounts"])
def test_several_ways_to_reach_somebody_and_one_of_each_is_primary(make: Make, plural: str) -> None:
    named = {"contacts": {"first_name": "Ana"}, "accounts": {"name": "Lumbre"}}[plural]
    record = make(plural, **named, **REACH)
    for name in ("emails", "phones", "addresses", "handles"):
        items = getattr(record, name)
        assert [item["primary"] for item in items].count(True) == 1 and len(items) == 2
    assert [item["address"] for item in record.emails if item["primary"]] == ["home@garcia.example"]
    assert record.phones[0]["number"] == "+34600123456"


@pytest.mark.parametrize("plural", ["contacts", "accounts"])
@pytest.mark.parametrize(
    "words",
    [
        "ana@lumbre.example",
        "lumbre",  # the domain
        "garcia.exam",
        "home",  # the part before the @
        "600 12 34 56",  # as it is dialled in Spain
        "+34 600 123 456",
        "0034600123456",
        "020 7946 0123",  # as it is dialled in Britain
        "+44 20 7946 0123",
        "mostoles",  # without its accent
        "leeds",
        "28931",
        "anagarcia",
        "wholesale",
        "ana lumbre mostoles",
    ],
)
def test_somebody_is_found_by_every_way_to_reach_them(make: Make, owner: Actor, plural: str, words: str) -> None:
    names = {"contacts": {"first_name": "Ana"}, "accounts": {"name": "Ana Bakery"}}
    found = make(plural, **names[plural], **REACH)
    make(plural, **{"contacts": {"first_name": "Eva"}, "accounts": {"name": "Other"}}[plural], emails=["x@y.example"])
    assert [hit.id for hit in search.find(owner, words, [objects.get(plural)])] == [found.id]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"emails": ["HOME@Garcia.example"]}, "E-mails"),
        ({"phones": ["020 7946 0123"]}, None),  # a Spanish number it is not
        ({"phones": ["600123456"]}, "Phones"),
        ({"phones": ["+44 20 7946 0123"]}, "Phones"),
        ({"handles": [{"network": "mastodon", "handle": "@AnaGarcia"}]}, "Social"),
        (
            {"addresses": [{"line1": "calle mayor 1", "postcode": "28931", "city": "Mostoles", "country": "ES"}]},
            "Addresses",
        ),
        ({"emails": ["nobody@x.example"]}, None),
    ],
)
def test_all_ways_to_reach_somebody_tell_duplicates(make: Make, owner: Actor, typed: dict, why: str | None) -> None:
    ana = make("contacts", first_name="Ana", **REACH)
    contacts = objects.get("contacts")
    reader = access.reader(owner)
    try:
        values = {name: contacts.builtin[name].kind.clean(value, reader) for name, value in typed.items()}
    except Exception:
        assert why is None
        return
    found = duplicates.like(owner, contacts, values)
    assert [(one.id, one.why) for one in found] == ([(ana.id, (why,))] if why else [])


def test_accounts_are_also_told_by_website_and_tax_number(make: Make, owner: Actor) -> None:
    make("accounts", name="Lumbre", website="https://www.lumbre.example/en", tax_number="ES B58378431")
    accounts = objects.get("accounts")
    for values in ({"website": "https://www.lumbre.example/en"}, {"tax_number": "ES B58378431"}):
        assert [one.title for one in duplicates.like(owner, accounts, values)] == ["Lumbre"], values


def test_who_may_not_see_a_record_is_not_warned_of_it(make: Make, cast: Cast, as_: As, owner: Actor) -> None:
    make("contacts", first_name="Ana", emails=["ana@x.example"])
    with as_(cast.limited) as limited:
        typed = {"emails": [{"address": "ana@x.example", "primary": True}]}
        assert duplicates.like(limited, objects.get("contacts"), typed) == []


def test_a_wrong_check_digit_of_a_european_tax_number_is_refused(make: Make) -> None:
    with pytest.raises(Refused) as refused:
        make("accounts", name="Lumbre", tax_number="ESB58378432")
    assert refused.value.problems[0].field == "tax_number"
    assert make("accounts", name="Lumbre", tax_number="12-3456789").tax_number == "12-3456789"


# Hierarchies


def test_an_account_is_part_of_another_but_never_of_itself(make: Make, owner: Actor) -> None:
    accounts = objects.get("accounts")
    group = make("accounts", name="Group")
    branch = make("accounts", name="Branch", parent=group.id)
    shop = make("accounts", name="Shop", parent=branch.id)
    for below in (group, branch, shop):
        with pytest.raises(Refused) as refused:
            actions.update(owner, accounts, group.id, {"parent": below.id})
        assert [problem.field for problem in refused.value.problems] == ["parent"]
    assert access.get(owner, accounts, group.id).parent_id is None
    assert actions.update(owner, accounts, shop.id, {"parent": group.id}).parent_id == group.id


def test_an_account_in_the_recycle_bin_still_bars_a_circle(make: Make, owner: Actor) -> None:
    accounts = objects.get("accounts")
    group = make("accounts", name="Group")
    branch = make("accounts", name="Branch", parent=group.id)
    shop = make("accounts", name="Shop", parent=branch.id)
    actions.delete(owner, accounts, branch.id)
    with pytest.raises(Refused):
        actions.update(owner, accounts, group.id, {"parent": shop.id})


def test_accounts_are_twenty_levels_deep_at_most(make: Make) -> None:
    parent = make("accounts", name="Level 1")
    for level in range(2, 21):
        parent = make("accounts", name=f"Level {level}", parent=parent.id)
    with pytest.raises(Refused) as refused:
        make("accounts", name="Level 21", parent=parent.id)
    assert "20" in refused.value.problems[0].message


def test_one_import_can_not_make_a_circle_between_its_rows(make: Make, owner: Actor) -> None:
    one, two = make("accounts", name="One"), make("accounts", name="Two")
    writer = Writer(owner, objects.get("accounts"), uuid7(), match=["id"])
    rows = [Row(1, {"parent": two.id}, one.id), Row(2, {"parent": one.id}, two.id)]
    outcomes = writer.write(rows)
    assert [outcome.result for outcome in outcomes] == ["updated", "failed"]
    assert outcomes[1].problems[0].field == "parent"


def test_taking_a_move_back_can_not_make_a_circle(make: Make, owner: Actor) -> None:
    accounts = objects.get("accounts")
    one = make("accounts", name="One")
    two = make("accounts", name="Two", parent=one.id)
    actions.update(owner, accounts, two.id, {"parent": None})
    batch = HistoryEntry.objects.filter(record_id=two.id, action="updated").latest("id").batch_id
    actions.update(owner, accounts, one.id, {"parent": two.id})
    with pytest.raises(Refused):
        undo.undo(owner, batch)
    assert access.get(owner, accounts, two.id).parent_id is None


# Relationships


def test_a_new_workspace_has_the_usual_relationship_types(owner: Actor) -> None:
    rows = access.visible(owner, objects.get("relationship-types")).values_list("name", "reverse_name", "is_membership")
    assert ("works at", "employs", False) in rows and ("member of", "has member", True) in rows


def test_a_relationship_type_of_ones_own_has_a_name_of_its_own(make: Make) -> None:
    make("relationship-types", name="advises", reverse_name="is advised by")
    with pytest.raises(Refused) as refused:
        make("relationship-types", name="advises", reverse_name="is helped by")
    assert [(p.field, p.code) for p in refused.value.problems] == [("name", "unique")]


def test_any_two_parties_are_related_but_nobody_to_themselves(make: Make, tie: Make) -> None:
    ana, eva = make("contacts", first_name="Ana"), make("contacts", first_name="Eva")
    lumbre, casa = make("accounts", name="Lumbre"), make("accounts", name="Casa")
    for source, target in ((ana, eva), (ana, lumbre), (lumbre, ana), (lumbre, casa)):
        assert tie(source, "partner of", target).source == ref(source)
    with pytest.raises(Refused) as refused:
        tie(ana, "partner of", ana)
    assert refused.value.problems[0].field == "target"
    note = make("notes", body="Hello")
    with pytest.raises(Refused):
        tie(ana, "works at", note)


def test_a_relationship_does_not_end_before_it_began(make: Make, tie: Make) -> None:
    ana, lumbre = make("contacts", first_name="Ana"), make("accounts", name="Lumbre")
    with pytest.raises(Refused) as refused:
        tie(ana, "works at", lumbre, since="2026-05-02", until="2026-05-01")
    assert refused.value.problems[0].field == "until"
    assert tie(ana, "works at", lumbre, since="2026-05-01", until="2026-05-01").id


def test_a_relationship_is_called_by_both_and_follows_their_names(make: Make, tie: Make, owner: Actor) -> None:
    ana, lumbre = make("contacts", first_name="Ana"), make("accounts", name="Lumbre")
    works = tie(ana, "works at", lumbre)
    assert access.titles(owner, [ref(works)]) == {ref(works): "Ana works at Lumbre"}
    actions.update(owner, objects.get("contacts"), ana.id, {"first_name": "Anna"})
    assert access.title(owner, objects.get("relationships"), works) == "Anna works at Lumbre"


def test_a_relationship_does_not_tell_a_name_that_may_not_be_seen(make: Make, tie: Make, cast: Cast, as_: As) -> None:
    ana = make("contacts", first_name="Ana")
    casa = make("accounts", name="Casa", owner=cast.limited.id)
    works = tie(ana, "works at", casa, owner=cast.limited.id)
    with as_(cast.limited) as limited:
        title = access.titles(limited, [ref(works)])[ref(works)]
    assert "Ana" not in title and "Casa" in title


# Activities


def test_a_note_keeps_no_script(make: Make) -> None:
    hostile = (
        '<p onclick="x()">Hi <script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:x">a</a></p>'
    )
    note = make("notes", body=hostile)
    assert all(word not in note.body for word in ("script", "onerror", "onclick", "alert"))
    assert note.title.startswith("Hi")


def test_a_note_is_called_by_its_subject_or_by_its_first_words(make: Make) -> None:
    assert make("notes", subject="Tasting", body="<p>Went well.</p>").title == "Tasting"
    assert make("notes", body="<p>Went <b>well</b>.</p>").title == "Went well."


def test_a_meeting_does_not_end_before_it_begins(make: Make) -> None:
    with pytest.raises(Refused) as refused:
        make("meetings", subject="Tasting", happened_at="2026-05-01T10:00:00Z", ends_at="2026-05-01T09:00:00Z")
    assert refused.value.problems[0].field == "ends_at"


def test_an_activity_is_about_any_number_of_records(make: Make, owner: Actor) -> None:
    people = [make("contacts", first_name=f"Ana {n}") for n in range(5)]
    call = make("calls", subject="Reorder", about=[ref(one) for one in people], number="600 12 34 56", minutes=5)
    assert call.number == "+34600123456"
    tree = {"field": "about", "op": "has", "value": ref(people[3])}
    from trato.engine import filters

    calls = objects.get("calls")
    assert [row.id for row in filters.narrow(owner, calls, access.visible(owner, calls), tree)] == [call.id]
    with pytest.raises(Refused):
        make("calls", subject="Reorder", about=[f"contacts/{uuid7()}"])


def test_keys_leave_with_their_record_and_come_back(make: Make, owner: Actor) -> None:
    contacts = objects.get("contacts")
    ana = make("contacts", first_name="Ana", **REACH)
    before = set(Key.objects.filter(record_id=ana.id).values_list("key", flat=True))
    assert {"email:home@garcia.example", "phone:+34600123456", "tag:organic"} <= before
    actions.delete(owner, contacts, ana.id)
    assert not Key.objects.filter(record_id=ana.id).exists()
    actions.restore(owner, contacts, ana.id)
    assert set(Key.objects.filter(record_id=ana.id).values_list("key", flat=True)) == before


def test_country_region_and_language_are_of_the_standards(make: Make) -> None:
    for wrong in ({"language": "xx"}, {"time_zone": "Mars/Olympus"}, {"addresses": [{"city": "X", "country": "ZZ"}]}):
        with pytest.raises(Refused) as refused:
            make("contacts", first_name="Ana", **wrong)
        assert refused.value.problems[0].field in wrong
    with pytest.raises(Refused):
        make("contacts", first_name="Ana", addresses=[{"city": "X", "country": "ES", "region": "GB-LND"}])
    ana = make("contacts", first_name="Ana", birthday="1990-02-28", language="es", time_zone="Europe/Madrid")
    assert (ana.birthday.isoformat(), ana.time_zone) == ("1990-02-28", "Europe/Madrid")
    assert ana.created_at <= datetime.now(UTC)
