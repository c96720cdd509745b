"""Every page below the root; those of a workspace begin with /w/<slug>/."""

from django.urls import include, path, re_path, register_converter
from django.urls.converters import StringConverter

from .pages import edit, home, lists, records, writes
from .panels import module_pages


class PluralConverter(StringConverter):
    """An object's registered name; names of pages come before it, so no object may be called as one."""

    regex = "[a-z][a-z0-9_-]{0,63}"


class FieldConverter(StringConverter):
    """A field's name, custom ones as custom.<name>."""

    regex = "[a-z][a-z0-9_]*(?:[.][a-z0-9_]+)?"


register_converter(PluralConverter, "plural")
register_converter(FieldConverter, "field")

of_record = [
    path("", records.record),
    path("/edit", edit.change),
    path("/field/<field:name>", edit.field),
    path("/timeline", records.timeline_part),
    path("/composer/<plural:kind>", records.composer_part),
    path("/pin/<uuid:moment_id>", writes.pin),
    path("/delete", writes.delete),
    path("/restore", writes.restore),
]

of_workspace = [
    path("", home.my_day),
    path("undo/<uuid:batch_id>", writes.take_back),
    *module_pages(),
    path("<plural:plural>/", lists.listed),
    path("<plural:plural>/new", edit.create),
    path("<plural:plural>/look-alikes", edit.look_alikes),
    path("<plural:plural>/bulk", writes.bulk),
    path("<plural:plural>/<uuid:record_id>", include(of_record)),
]

urlpatterns = [
    path("", home.root, name="root"),
    re_path(r"^w/[-a-zA-Z0-9_]+/", include(of_workspace)),
    re_path(r"^w/[-a-zA-Z0-9_]+(?:/[a-z][a-z0-9_-]*)?$", home.with_slash),
]
