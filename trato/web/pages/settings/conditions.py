"""The questions when a field is seen and when it is needed: conditions made in the filter builder."""

from __future__ import annotations

from django.utils.translation import gettext as _

from trato.engine.kinds import Filter
from trato.engine.objects import Field, Object

from .frame import ask


def questions(obj: Object) -> list[Field]:
    """When a field is seen, and when it is needed."""
    about = Filter(about=(obj.plural,))
    return [
        ask("visible_when", _("Only seen when"), about, _("Without a condition it is always there.")),
        ask("required_when", _("Needed when"), about, _("Records can't be saved without it then.")),
    ]
