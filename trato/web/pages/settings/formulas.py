"""Writing a formula: its text, what may stand in it, and what it comes to on some records while it is typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from markupsafe import Markup

from trato.engine import access, expressions, objects
from trato.engine.expressions import BadExpression
from trato.engine.kinds import LongText, Reader
from trato.engine.objects import Object
from trato.engine.workspaces.actors import Actor

from ...names import object_or_404
from .frame import administrators

LONGEST = 2_000
#: The kinds of fields that can't stand in a formula by themselves.
LINKING = ("link", "links")
#: What is put in for each function that is offered.
FUNCTIONS = (
    "if(…, …, …)",
    "if_empty(…, …)",
    "is_empty(…)",
    "concat(…, …)",
    "round(…, 2)",
    "days_between(…, today())",
    "years_between(…, today())",
    "add_days(…, 30)",
    'contains(…, "…")',
)
Group = tuple[Any, list[tuple[str, str]]]


class Expression(LongText):
    """The control of a formula's text: what is typed is checked, and tried on some records, a moment later."""

    def __init__(self, base: str, actor: Actor, obj: Object, name: str) -> None:
        super().__init__(required=True)
        self.url = f"{base}/formula?{urlencode({'name': name})}"
        self.actor, self.object, self.own = actor, obj, f"custom.{name}"

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """The text, and beside it the names that may stand in it."""
        context = {
            "attributes": {**self._attributes(name, id, invalid, described_by), "maxlength": LONGEST},
            "text": self.typed(name, value, reader),
            "url": self.url,
            "groups": list(offered(self.actor, self.object, self.own)),
            "id": id,
        }
        return Markup(render_to_string("parts/formula.html", context))  # noqa: S704  # a template escapes


def offered(actor: Actor, obj: Object, own: str = "") -> Iterator[Group]:
    """What may stand in a formula of an object: its fields, those behind its links, its related records, functions."""
    fields = access.fields(actor, obj)
    yield _("Fields"), [(each.name, str(each.label)) for each in _plain(fields.values()) if each.name != own]
    for link in fields.values():
        if link.kind.name == "link" and len(link.kind.to) == 1 and objects.is_known(link.kind.to[0]):
            behind = access.fields(actor, objects.get(link.kind.to[0])).values()
            yield link.label, [(f"{link.name}.{each.name}", f"{link.label} · {each.label}") for each in _plain(behind)]
    related = [
        (f"count({_written(f'{other.plural}.{link.name}')})", f"{other.label_plural} · {link.label}")
        for other in objects.all_objects()
        if access.may_see_any(actor, other)
        for link in other.links_to(obj.plural, actor.workspace)
    ]
    yield _("How many related records"), related
    yield _("Functions"), [(each, each) for each in FUNCTIONS]


def _plain(fields: Any) -> list[Any]:
    return [each for each in fields if expressions.works_with(each)]


def _written(path: str) -> str:
    return f"[{path}]" if "-" in path else path


@administrators
@require_POST
def checked(request: HttpRequest, plural: str) -> HttpResponse:
    """What is wrong with the formula typed, or what it comes to on the newest records. Nothing is saved."""
    obj = object_or_404(request, plural)
    text, digits = request.POST.get("option-expression", "").strip(), request.POST.get("option-digits", "")
    context: dict[str, Any] = {"problem": "", "before": "", "after": "", "kind": "", "rows": []}
    if not text:
        return render(request, "parts/formula_check.html", context)
    places = int(digits) if digits.isascii() and digits.isdigit() and int(digits) <= 6 else None
    try:
        found = expressions.preview(request.actor, obj, request.GET.get("name", "")[:60], text, places)
        context |= {"kind": found.kind.label, "rows": found.rows}
    except BadExpression as problem:
        context |= {"problem": problem.message, "before": text[: problem.at][-60:], "after": text[problem.at :][:60]}
    return render(request, "parts/formula_check.html", context)
