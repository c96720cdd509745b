"""The questions when a field is seen and when it is needed: conditions made in the filter builder."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from markupsafe import Markup

from trato.engine import filters
from trato.engine.filters import BadFilter
from trato.engine.kinds import Invalid, LongText, Reader, Typed
from trato.engine.objects import Field, Object

from ...filtering import builder
from ..filters import in_form
from .frame import ask


class Condition(LongText):
    """A filter as the question of a form: its value is the tree, None for none."""

    grouped = True

    def __init__(self, request: HttpRequest, obj: Object) -> None:
        super().__init__()
        self.request, self.object = request, obj

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """The builder; what was typed and is no filter begins anew."""
        try:
            tree = filters.parse(value.get(name) if isinstance(value, Typed) else value)
        except BadFilter:
            tree = None
        places = in_form(self.request, self.object, name)
        made = builder(self.request.actor, self.object, tree, QueryDict(), name=name, **places)
        return Markup(render_to_string("parts/builder.html", {"builder": made.context()}, self.request))  # noqa: S704

    def from_form(self, data: Any, name: str, reader: Reader) -> Any:
        """The tree that was sent."""
        try:
            return filters.parse(data.get(name, ""))
        except BadFilter as problem:
            raise Invalid("filter", str(problem)) from None


def questions(request: HttpRequest, obj: Object) -> list[Field]:
    """When a field is seen, and when it is needed."""
    return [
        ask("visible_when", _("Only seen when"), Condition(request, obj), _("Without a condition it is always there.")),
        ask("required_when", _("Needed when"), Condition(request, obj), _("Records can't be saved without it then.")),
    ]
