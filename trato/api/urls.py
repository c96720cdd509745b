"""Every address below /api/v1/. Words of our own come first: no object is called like them (``reserved``)."""

from django.urls import path

from . import (
    about,
    beside,
    bulk,
    configuration,
    custom_fields,
    custom_objects,
    docs,
    duplicates,
    exports,
    imports,
    mass,
    records,
    together,
    uploads,
    views,
)
from .endpoint import Endpoint, nothing

app_name = "api"

urlpatterns = [
    path("openapi.json", docs.openapi, name="openapi"),
    path("docs", docs.page, name="docs"),
    path("me", Endpoint(GET=about.me), name="me"),
    path("objects", Endpoint(GET=about.known_objects), name="objects"),
    path("objects/<slug:plural>", Endpoint(GET=about.known_object), name="object"),
    path("notifications", Endpoint(GET=together.notifications), name="notifications"),
    path("notifications/read", Endpoint(POST=together.read_all), name="notifications-read"),
    path(
        "notifications/settings",
        Endpoint(GET=together.wishes_of, PATCH=together.change_wishes),
        name="notification-settings",
    ),
    path("notifications/<str:notification_id>", Endpoint(PATCH=together.change_notification), name="notification"),
    path("users", Endpoint(GET=about.people), name="users"),
    path("teams", Endpoint(GET=about.teams), name="teams"),
    path("search", Endpoint(GET=about.found), name="search"),
    path("undo/<str:batch_id>", Endpoint(POST=beside.undo_batch), name="undo"),
    path("jobs/<str:job_id>", Endpoint(GET=mass.read_job), name="job"),
    path("jobs/<str:job_id>/cancel", Endpoint(POST=mass.cancel_job), name="job-cancel"),
    path("imports", Endpoint(GET=imports.listed, POST=imports.create), name="imports"),
    path("imports/<str:run_id>", Endpoint(GET=imports.read), name="import"),
    path("imports/<str:run_id>/start", Endpoint(POST=imports.start), name="import-start"),
    path("imports/<str:run_id>/cancel", Endpoint(POST=imports.cancel), name="import-cancel"),
    path("imports/<str:run_id>/undo", Endpoint(POST=imports.undo), name="import-undo"),
    path("imports/<str:run_id>/problems", Endpoint(GET=imports.problems), name="import-problems"),
    path("exports", Endpoint(GET=exports.listed, POST=exports.create), name="exports"),
    path("exports/<str:run_id>", Endpoint(GET=exports.read), name="export"),
    path("exports/<str:run_id>/file", Endpoint(GET=exports.fetch), name="export-file"),
    path("exports/<str:run_id>/cancel", Endpoint(POST=exports.cancel), name="export-cancel"),
    path("views", Endpoint(GET=views.listed, POST=views.create), name="views"),
    path("views/<str:view_id>", Endpoint(GET=views.read, PATCH=views.change, DELETE=views.delete), name="view"),
    path("uploads", Endpoint(POST=uploads.upload), name="uploads"),
    path("uploads/<str:file_id>", Endpoint(GET=uploads.download), name="upload"),
    path("configuration", Endpoint(GET=configuration.read, POST=configuration.write), name="configuration"),
    path("configuration/compare", Endpoint(POST=configuration.compare), name="configuration-compare"),
    path(
        "custom-objects",
        Endpoint(GET=custom_objects.listed, POST=custom_objects.add),
        name="custom-objects",
    ),
    path(
        "custom-objects/<slug:plural>",
        Endpoint(PATCH=custom_objects.change, DELETE=custom_objects.delete),
        name="custom-object",
    ),
    path("custom-objects/<slug:plural>/destroy", Endpoint(POST=custom_objects.destroy), name="custom-object-destroy"),
    path(
        "custom-fields/<slug:plural>", Endpoint(GET=custom_fields.listed, POST=custom_fields.add), name="custom-fields"
    ),
    path(
        "custom-fields/<slug:plural>/<slug:name>",
        Endpoint(PATCH=custom_fields.change, DELETE=custom_fields.archive),
        name="custom-field",
    ),
    path("<slug:plural>", Endpoint(GET=records.listed, POST=records.create), name="list"),
    path("<slug:plural>/duplicates", Endpoint(GET=duplicates.listed), name="duplicates"),
    path("<slug:plural>/duplicates/scan", Endpoint(POST=duplicates.look), name="duplicates-scan"),
    path("<slug:plural>/duplicates/<str:pair_id>", Endpoint(PATCH=duplicates.decide), name="duplicate"),
    path("<slug:plural>/change", Endpoint(POST=mass.change), name="change"),
    path("<slug:plural>/bulk", Endpoint(keyed=False, POST=bulk.bulk), name="bulk"),
    path(
        "<slug:plural>/<str:record_id>",
        Endpoint(GET=records.read, PATCH=records.change, DELETE=records.delete),
        name="record",
    ),
    path("<slug:plural>/<str:record_id>/history", Endpoint(GET=beside.history_of), name="history"),
    path("<slug:plural>/<str:record_id>/timeline", Endpoint(GET=beside.timeline_of), name="timeline"),
    path(
        "<slug:plural>/<str:record_id>/comments",
        Endpoint(GET=together.comments_of, POST=together.comment),
        name="comments",
    ),
    path(
        "<slug:plural>/<str:record_id>/comments/<str:comment_id>",
        Endpoint(PATCH=together.change_comment, DELETE=together.delete_comment),
        name="comment",
    ),
    path(
        "<slug:plural>/<str:record_id>/comments/<str:comment_id>/reactions",
        Endpoint(POST=together.react),
        name="reactions",
    ),
    path(
        "<slug:plural>/<str:record_id>/follow",
        Endpoint(GET=together.follow, PUT=together.set_follow, DELETE=together.unfollow),
        name="follow",
    ),
    path(
        "<slug:plural>/<str:record_id>/reminders",
        Endpoint(GET=together.reminders_of, POST=together.remind),
        name="reminders",
    ),
    path(
        "<slug:plural>/<str:record_id>/reminders/<str:reminder_id>",
        Endpoint(DELETE=together.forget),
        name="reminder",
    ),
    path("<slug:plural>/<str:record_id>/shares", Endpoint(GET=beside.shares_of, POST=beside.share), name="shares"),
    path("<slug:plural>/<str:record_id>/shares/<str:share_id>", Endpoint(DELETE=beside.unshare), name="share"),
    path("<slug:plural>/<str:record_id>/<str:name>", Endpoint(POST=records.act), name="action"),
    path("", nothing),
    path("<path:rest>", nothing),
]
