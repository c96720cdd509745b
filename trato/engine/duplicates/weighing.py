"""By what two records of an object are held to be the same: its declaration, and what an administrator made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from ..kinds import Kind
from ..objects import Comparison, Field, Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .models import DuplicateRules
from .scoring import Scorer

#: The most and the least points a comparison can say, and the threshold.
MOST = 40
#: How fields of these kinds are compared; text and the rest by words, or wholly.
BY_KIND = {
    "emails": "keys",
    "email": "keys",
    "phones": "keys",
    "phone": "keys",
    "handles": "keys",
    "url": "site",
    "date": "day",
    "addresses": "place",
    "address": "place",
    "text": "words",
    "person_name": "words",
}
#: Kinds that say nothing of who a record is.
NEVER = frozenset({"tags", "json", "file", "longtext", "richtext", "datetime", "bool", "rrule", "links", "user"})


@dataclass(frozen=True)
class Rules:
    """The comparisons of an object in a workspace, and the points from which two records are held to be one."""

    comparisons: tuple[Comparison, ...]
    threshold: float

    def scorer(self, fields: Mapping[str, Field]) -> Scorer:
        """What compares by these rules, as far as the fields they name are among these."""
        return Scorer(self.comparisons, fields, self.threshold)


def declared(obj: Object) -> Rules:
    """What the object says of itself; one that says nothing is told by its look-up values."""
    own = obj.likeness or tuple(
        Comparison(how_of(obj.builtin[name].kind), (name,), obj.likeness_from + 1, -1) for name in obj.duplicate_keys
    )
    return Rules(own, obj.likeness_from)


def how_of(kind: Kind) -> str:
    """How values of a kind are compared, where nobody says otherwise."""
    return BY_KIND.get(kind.name, "exact")


def of(obj: Object) -> Rules:
    """The rules in force in the workspace (inside ``in_workspace``)."""
    row = DuplicateRules.objects.filter(object=obj.plural).first()
    if row is None:
        return declared(obj)
    return Rules(
        tuple(Comparison(**said | {"fields": tuple(said["fields"])}) for said in row.comparisons), row.threshold
    )


def offered(actor: Actor, obj: Object) -> list[Comparison]:
    """The comparisons an administrator can weigh: those in force, those declared, and one for every other field that
    may tell who a record is, at no points.
    """
    known = obj.fields(actor.workspace)
    listed = [each for each in of(obj).comparisons if all(name in known for name in each.fields)]
    named = {name for each in listed for name in each.fields}
    listed += [each for each in declared(obj).comparisons if named.isdisjoint(each.fields)]
    named |= {name for each in listed for name in each.fields}
    own = [
        Comparison(how_of(field.kind), (name,), 0)
        for name, field in known.items()
        if field.custom and name not in named and field.kind.name not in NEVER
    ]
    return listed + own


def change(actor: Actor, obj: Object, points: Mapping[str, tuple[float, float]], threshold: float) -> None:
    """Weigh the comparisons anew: points where the same and where different, by first field. Raises Refused,
    PermissionError for who administers nothing.
    """
    if not actor.rights.admin:
        raise PermissionError("Only administrators change rules.")
    problems = []
    if not 1 <= threshold <= MOST * 2:
        problems.append(Problem("threshold", "range", _("Choose 1 to %(n)s points.") % {"n": MOST * 2}))
    for name, (same, different) in points.items():
        if not 0 <= same <= MOST or not -MOST <= different <= 0:
            words = _("The same tells 0 to %(n)s points, different −%(n)s to 0.")
            problems.append(Problem(name, "range", words % {"n": MOST}))
    if problems:
        raise Refused(problems)
    weighed = [_weighed(each, points.get(each.fields[0])) for each in offered(actor, obj)]
    kept = [
        {"how": c.how, "fields": list(c.fields), "same": c.same, "different": c.different, "shared": c.shared}
        for c in weighed
    ]
    DuplicateRules.objects.update_or_create(
        object=obj.plural, defaults={"comparisons": kept, "threshold": float(threshold)}
    )


def _weighed(comparison: Comparison, points: tuple[float, float] | None) -> Comparison:
    return comparison if points is None else replace(comparison, same=float(points[0]), different=float(points[1]))


def reset(actor: Actor, obj: Object) -> None:
    """Back to what the object declares; raises PermissionError for who administers nothing."""
    if not actor.rights.admin:
        raise PermissionError("Only administrators change rules.")
    DuplicateRules.objects.filter(object=obj.plural).delete()
