"""What outreach adds to the generic pages, the page for calls one after the other, and the page to unsubscribe on."""

from django.urls import path

from . import calling, promises, unsubscribing

__all__ = ["calling", "promises", "unsubscribing"]

urlpatterns = [
    path("calling/<uuid:list_id>", calling.page_of_calls),
    path("calling/<uuid:list_id>/script", calling.script),
    path("calling/<uuid:list_id>/next", calling.another),
    path("calling/<uuid:list_id>/keep", calling.keep),
    path("outreach/promises", promises.page_of_rates),
]
