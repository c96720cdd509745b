"""The pages of the forecast: the forecast itself, what changed since, the outlook, and how deals come through."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from trato.web.panels import destination

from ..queries.commissions import may_look
from ..queries.figures import may_forecast
from . import changes, commissions, conversion, forecast, outlook

destination(group=_("Sales"), label=_("Forecast"), icon="chart-histogram", place="forecast", may=may_forecast)

destination(
    group=_("Sales"),
    label=_("Commissions"),
    icon="businessplan",
    place="commissions",
    may=may_look,
)

urlpatterns = [
    path("commissions", commissions.page),
    path("commissions/close", commissions.close),
    path("commissions/reopen", commissions.reopen),
    path("forecast", forecast.page),
    path("forecast/months", forecast.months),
    path("forecast/changes", changes.page),
    path("forecast/outlook", outlook.page),
    path("forecast/conversion", conversion.page),
]
