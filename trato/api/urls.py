"""Every address below /api/v1/."""

from django.urls import path

from . import records
from .endpoint import Endpoint

app_name = "api"

urlpatterns = [
    path("<slug:plural>", Endpoint(GET=records.listed, POST=records.create), name="list"),
    path(
        "<slug:plural>/<str:record_id>",
        Endpoint(GET=records.read, PATCH=records.change, DELETE=records.delete),
        name="record",
    ),
    path("<slug:plural>/<str:record_id>/<str:name>", Endpoint(POST=records.act), name="action"),
]
