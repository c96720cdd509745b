"""What sales adds to the generic pages, and the page that says how far win chances hold."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from trato.web.panels import destination

from ..queries.learning import may_see_chances
from . import chances, deals, forms, leads, today

__all__ = ["deals", "leads", "today"]

destination(group=_("Sales"), label=_("Win chances"), icon="target-arrow", place="sales/chances", may=may_see_chances)

urlpatterns = [
    path("sales/chances", chances.page_of_chances),
    path("sales/chances/learn", chances.learn_now),
    path("sales/forms/<uuid:record_id>/address", forms.make_address),
    path("sales/forms/<uuid:record_id>/close", forms.close_addresses),
]
