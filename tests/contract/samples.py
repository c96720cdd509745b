"""Values for any field of any object, and whole records made of them.

`values_of(kind)` gives three different values in ascending order, as JSON: from the world, not from the code. Where an
object's rules ask for more than its kinds, its module says so in `tests/samples.py`: `VALUES` has by plural and field
three values, a function of the actor and the number, or None for what is left out; "" has what even the least record
needs, and "link." what the target of a link needs, or None where it has to fit another link.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from typing import Any

from django.apps import apps

from trato.engine import access, actions, custom, objects
from trato.engine.kinds import KINDS, Kind
from trato.engine.models import Record
from trato.engine.objects import Field, Object
from trato.engine.workspaces.actors import Actor

_numbers = count(1)  # names of targets are different, since they may have to be unique
STREETS = ["Calle Mayor 1", "Calle Mayor 2", "Calle Mayor 3"]


def _emails(n: int) -> list[dict[str, Any]]:
    return [{"address": f"ana{n}@example.com", "primary": True}]


#: Three values of every kind, rising where the kind can be sorted.
SAMPLES: dict[str, list[Any]] = {
    "text": ["amber", "hazel", "olive"],
    "longtext": ["Amber\nsecond line", "Hazel\nsecond line", "Olive\nsecond line"],
    "richtext": ["<p>amber</p>", "<p>hazel</p>", "<p>olive</p>"],
    "number": [-3, 0, 12],
    "percent": [0, 12.5, 99],
    "money": [
        {"amount": "-1.50", "currency": "EUR"},
        {"amount": "0.00", "currency": "EUR"},
        {"amount": "1234.56", "currency": "EUR"},
    ],
    "date": ["1969-07-20", "2000-02-29", "2026-12-31"],
    "datetime": ["1969-07-20T20:17:40Z", "2000-02-29T12:00:00Z", "2026-12-31T23:59:59Z"],
    "bool": [False, True, True],
    "email": ["ana@example.com", "bea@example.com", "eva@example.com"],
    "emails": [_emails(1), _emails(2), _emails(3)],
    "phone": ["+34600123456", "+34600123457", "+34600123458"],
    "phones": [[{"number": f"+3460012345{n}", "primary": True}] for n in (6, 7, 8)],
    "url": ["https://a.example/", "https://b.example/", "https://c.example/"],
    "address": [{"line1": line, "postcode": "28013", "city": "Madrid", "country": "ES"} for line in STREETS],
    "addresses": [[{"line1": line, "postcode": "28013", "country": "ES", "primary": True}] for line in STREETS],
    "handles": [[{"network": "github", "handle": name, "primary": True}] for name in ("ana", "bea", "eva")],
    "person_name": ["Ana García", "Bea García", "Eva García"],
    "tags": [["red"], ["blue", "red"], ["vip"]],
    "json": [{"a": 1}, {"a": [1, "two", None]}, {"b": True}],
    "country": ["DE", "ES", "RO"],
    "language": ["de", "es", "ro"],
    "timezone": ["America/New_York", "Asia/Tokyo", "Europe/Madrid"],
    "currency": ["CHF", "EUR", "USD"],
    "rrule": ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO", "FREQ=YEARLY"],
}
#: What the kinds that need options are given when an administrator adds them.
OPTIONS: dict[str, dict[str, Any]] = {
    "choice": {"choices": [{"value": value} for value in ("one", "two", "zoo")]},
    "choices": {"choices": [{"value": value} for value in ("one", "two", "zoo")]},
    "link": {"to": ["crates"]},
    "links": {"to": ["crates", "things"]},
}
#: The object an administrator adds.
OWN = "buildings"
#: Files are uploaded, formulas worked out: neither is simply given.
CUSTOM_KINDS = [name for name in KINDS if name not in ("file", "formula")]


def own_object(actor: Actor) -> Object:
    """The object an administrator added to the actor's workspace, made where it isn't there yet."""
    if not objects.is_known(OWN):
        custom.add_object(actor, {"plural": OWN, "label": "Building", "label_plural": "Buildings"})
    return objects.get(OWN)


def fitting(obj: Object, field: Field) -> dict[str, Any] | None:
    """What a target of this link has to hold, beside the least; None where no other target fits the record."""
    return _said().get(obj.plural, {}).get(f"{field.name}.", {})


def values_of(kind: Kind) -> list[Any] | None:
    """Three values of a kind that needs no other record; None for links, people and files."""
    if kind.name in ("choice", "choices"):
        offered = list(kind.offer.labels)
        three = [offered[min(n, len(offered) - 1)] for n in range(3)]
        return three if kind.name == "choice" else [[value] for value in three]
    return SAMPLES.get(kind.name)


@cache
def _said() -> dict[str, dict[str, Any]]:
    """What modules say of their objects' values."""
    places = [f"{config.name}.tests.samples" for config in apps.get_app_configs() if config.label != "toys"]
    found: dict[str, dict[str, Any]] = {}
    for place in places:
        if find_spec(place.removesuffix(".samples")) and find_spec(place):
            found |= import_module(place).VALUES
    return found


def sample(actor: Actor, field: Field, n: int, obj: Object | None = None) -> Any:
    """The n-th of three values of a field, with a new target where it is a link; None for what can't be made."""
    said = _said().get(obj.plural, {}) if obj else {}
    if field.name in said:
        told = said[field.name]
        return told(actor, n) if callable(told) else told and told[n]
    kind = field.kind
    if kind.name == "user":
        return str(actor.user_id)
    if kind.name in ("link", "links"):
        ref = target(actor, field, n)
        return [ref] if kind.name == "links" else ref
    if kind.name == "file":
        return stored_file(actor, f"file {n}.txt")
    three = values_of(kind)
    return None if three is None else fitted(kind, three[n])


def fitted(kind: Kind, value: Any) -> Any:
    """The value within the limits of its field."""
    least = getattr(kind, "minimum", None)
    low = min(SAMPLES["number"])
    return value + least - low if kind.name == "number" and least is not None and least > low else value


def target(actor: Actor, field: Field, n: int) -> str:
    """The ref of a new record a link field may point at."""
    plurals = [plural for plural in field.kind.to if plural != "users"] or ["crates"]
    other = objects.get(plurals[0])
    named = least(actor, other, f"target {n} of {field.key} {next(_numbers)}")
    unseen = other.builtin.keys() - access.fields(actor, other).keys()  # where a role hides fields called so everywhere
    values = {name: value for name, value in named.items() if name not in unseen}
    return other.ref(actions.create(actor, other, values).id)


def stored_file(actor: Actor, name: str) -> dict[str, Any]:
    """A file kept in the store, as the value of a file field."""
    import io

    from trato.engine import files

    return files.described(files.store(actor, name, io.BytesIO(name.encode())))


def name_of(obj: Object, values: dict[str, Any], text: str) -> dict[str, Any]:
    """The values, with the field that gives the title saying ``text``."""
    for name in ("name", "subject", "last_name", *obj.title_from):
        field = obj.builtin.get(name)
        if field and not field.readonly and field.kind.name in ("text", "richtext", "longtext"):
            return values | {name: f"<p>{text}</p>" if field.kind.name == "richtext" else text}
    return values


def least(actor: Actor, obj: Object, text: str) -> dict[str, Any]:
    """The smallest record of an object: what it requires, and a name."""
    needed = {
        name: sample(actor, field, 0, obj)
        for name, field in obj.builtin.items()
        if field.required and not field.readonly and field.default in (None, "", [])
    }
    more = {name: told(actor, 0) if callable(told) else told for name, told in _more(obj).items()}
    return name_of(obj, needed | more, text)


def _more(obj: Object) -> dict[str, Any]:
    return _said().get(obj.plural, {}).get("", {})


def full(actor: Actor, obj: Object, n: int) -> dict[str, Any]:
    """A record with every field set to its n-th sample."""
    given = {name: sample(actor, field, n, obj) for name, field in obj.builtin.items() if not field.readonly}
    return name_of(obj, {name: value for name, value in given.items() if value is not None}, f"Record {n}")


def another(actor: Actor, obj: Object, record: Record) -> dict[str, Any]:
    """A change of a record made of the first samples, by a field that says nothing of others."""
    if "owner" in obj.builtin:
        return {"owner": None if record.owner_id else str(actor.user_id)}
    reader = access.reader(actor)
    for n in (1, 2):
        for name, field in obj.builtin.items():
            if fitting(obj, field) is None:
                continue
            value = None if field.readonly or name == obj.within else sample(actor, field, n, obj)
            held = field.kind.dump(field.read_from(record))
            if value is not None and field.kind.dump(field.kind.clean(value, reader)) != held:
                return {name: value}
    raise AssertionError(f"{obj.plural} has no field to change")


def make(actor: Actor, obj: Object, n: int = 0, **values: Any) -> Record:
    """A record with every field set, and some of them as given."""
    return actions.create(actor, obj, full(actor, obj, n) | values)
