"""Every page below the root; those of a workspace begin with /w/<slug>/."""

from django.urls import include, path, re_path, register_converter
from django.urls.converters import StringConverter

from .pages import (
    activity,
    acts,
    calendars,
    cells,
    comments,
    duplicates,
    edit,
    exports,
    favourites,
    files,
    filters,
    find,
    founding,
    history,
    home,
    imports,
    installing,
    joining,
    lists,
    looking,
    maps,
    mass,
    moving,
    notices,
    palette,
    polling,
    records,
    views,
    why,
    writes,
)
from .pages.settings import configuration, data, formulas, health, me, roles, sign_on, team, teams
from .pages.settings import duplicates as duplicate_rules
from .pages.settings import fields as own_fields
from .pages.settings import notices as notification_settings
from .pages.settings import objects as own_objects
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
    path("/duplicates", duplicates.of_record),
    path("/field/<field:name>", edit.field),
    path("/cell/<field:name>", cells.cell),
    path("/history", history.listed),
    path("/timeline", records.timeline_part),
    path("/composer/<plural:kind>", records.composer_part),
    path("/pin/<uuid:moment_id>", writes.pin),
    path("/move", moving.move),
    path("/reschedule", calendars.reschedule),
    path("/delete", writes.delete),
    path("/restore", writes.restore),
    path("/comments", comments.of_record),
    path("/comments/<uuid:comment_id>", comments.one),
    path("/comments/<uuid:comment_id>/delete", comments.delete),
    path("/comments/<uuid:comment_id>/react", comments.react),
    path("/comments/<uuid:comment_id>/versions", comments.versions),
    path("/people", comments.mentionable),
    path("/follow", comments.follow),
    path("/favourite", favourites.turn),
    path("/remind", comments.remind),
    path("/remind/<uuid:reminder_id>/delete", comments.forget),
    path("/why", why.of_record),
    path("/share", acts.shares),
    path("/share/new", acts.share),
    path("/share/<uuid:share_id>/end", acts.unshare),
    path("/<field:name>", acts.act),
]

of_settings = [
    path("", me.first),
    path("/profile", me.profile),
    path("/theme", me.theme),
    path("/notifications", notification_settings.channels),
    path("/sessions", me.session_list),
    path("/sessions/<int:session_id>/end", me.session_end),
    path("/tokens", me.token_list),
    path("/tokens/new", me.token_new),
    path("/tokens/<uuid:token_id>/revoke", me.token_revoke),
    path("/workspace", team.workspace),
    path("/members", team.members),
    path("/members/invite", team.invite),
    path("/members/<uuid:member_id>/role", team.member_role),
    path("/members/<uuid:member_id>/remove", team.member_remove),
    path("/members/invitations/<uuid:invitation_id>/again", team.invitation_again),
    path("/members/invitations/<uuid:invitation_id>/withdraw", team.invitation_withdraw),
    path("/teams", teams.teams),
    path("/teams/new", teams.team),
    path("/teams/<uuid:team_id>", teams.team),
    path("/teams/<uuid:team_id>/delete", teams.team_delete),
    path("/roles", roles.role),
    path("/roles/new", roles.role, {"new": True}),
    path("/roles/<uuid:role_id>", roles.role),
    path("/roles/<uuid:role_id>/fields/<plural:plural>", roles.fields),
    path("/roles/<uuid:role_id>/clone", roles.clone),
    path("/roles/<uuid:role_id>/delete", roles.delete),
    path("/why", why.ask_for),
    path("/sign-in", sign_on.demands),
    path("/sign-in/company", sign_on.company),
    path("/sign-in/company/remove", sign_on.remove),
    path("/configuration", configuration.page),
    path("/configuration/file", configuration.fetched),
    path("/objects", own_objects.listed),
    path("/objects/new", own_objects.new),
    path("/objects/<plural:plural>", own_objects.change),
    path("/objects/<plural:plural>/destroy", own_objects.destroy),
    re_path(r"^/objects/(?P<plural>[a-z][a-z0-9-]*)/(?P<turn>delete|restore)$", own_objects.turn),
    path("/fields", own_fields.fields),
    path("/fields/<plural:plural>", own_fields.fields),
    path("/fields/<plural:plural>/new", own_fields.field_new),
    path("/fields/<plural:plural>/formula", formulas.checked),
    path("/fields/<plural:plural>/<field:name>", own_fields.field),
    re_path(
        r"^/fields/(?P<plural>[a-z][a-z0-9_-]*)/(?P<name>[a-z][a-z0-9_]*)/(?P<turn>archive|restore)$",
        own_fields.field_turn,
    ),
    path("/duplicates", duplicate_rules.listed),
    path("/duplicates/<plural:plural>", duplicate_rules.change),
    path("/duplicates/<plural:plural>/reset", duplicate_rules.reset),
    path("/bin", data.recycle_bin),
    path("/bin/<plural:plural>", data.recycle_bin),
    path("/jobs", data.job_list),
    path("/health", health.health),
    re_path(r"^/jobs/(?P<job_id>[0-9a-f-]{36})/(?P<turn>cancel|retry)$", data.job_turn),
]

of_workspace = [
    path("", home.my_day),
    path("alive", home.alive),
    path("demo/remove", home.remove_demo),
    path("live/since", polling.since),
    path("looking", looking.begin),
    path("looking/end", looking.end),
    path("notifications", notices.listed),
    path("notifications/bell", notices.bell),
    path("notifications/read", notices.mark_all),
    path("notifications/<uuid:notification_id>", notices.opened),
    path("notifications/<uuid:notification_id>/mark", notices.mark),
    path("notifications/<uuid:notification_id>/snooze", notices.snooze),
    path("search", find.results),
    path("manifest.webmanifest", installing.manifest),
    path("pick", find.pick),
    path("palette", palette.commands),
    path("favourites", favourites.listed),
    path("welcome", home.choose_persona),
    path("welcome/hide", home.hide_steps),
    path("changes/<uuid:job_id>", mass.run),
    path("changes/<uuid:job_id>/cancel", mass.cancel),
    path("undo/<uuid:batch_id>", writes.take_back),
    path("activity", activity.listed),
    path("activity/<uuid:batch_id>", activity.opened),
    path("activity/jobs/<uuid:job_id>/cancel", writes.stop_undo),
    path("download/<uuid:file_id>", files.download),
    path("settings", include(of_settings)),
    path("import", imports.upload),
    path("import/<uuid:run_id>", imports.one),
    path("import/<uuid:run_id>/cancel", imports.cancel),
    path("import/<uuid:run_id>/undo", imports.undo),
    path("import/<uuid:run_id>/problems.csv", imports.problems_file),
    path("export", exports.whole),
    *module_pages(),
    path("<plural:plural>/", lists.listed),
    path("<plural:plural>/filter", filters.built),
    path("<plural:plural>/filter/fields", filters.fields),
    path("<plural:plural>/look", views.look),
    path("<plural:plural>/views", views.create),
    path("<plural:plural>/views/<uuid:view_id>", views.change),
    path("<plural:plural>/views/<uuid:view_id>/save", views.save),
    path("<plural:plural>/views/<uuid:view_id>/delete", views.delete),
    re_path(
        r"^(?P<plural>[a-z][a-z0-9_-]{0,63})/views/(?P<view_id>[0-9a-f-]{36})/(?P<what>pin|unpin|open|close)$",
        views.turn,
    ),
    path("<plural:plural>/new", edit.create),
    path("<plural:plural>/look-alikes", edit.look_alikes),
    path("<plural:plural>/duplicates", duplicates.queue),
    path("<plural:plural>/duplicates/scan", duplicates.look),
    path("<plural:plural>/duplicates/scan/stop", duplicates.stop),
    path("<plural:plural>/duplicates/decide", duplicates.decide),
    path("<plural:plural>/merge", duplicates.merge),
    path("<plural:plural>/bulk", mass.bulk),
    path("<plural:plural>/paste", cells.paste),
    path("<plural:plural>/gate", moving.gate),
    path("<plural:plural>/locate", maps.locate),
    path("<plural:plural>/export", exports.streamed),
    path("<plural:plural>/<uuid:record_id>", include(of_record)),
]

urlpatterns = [
    path("", home.root, name="root"),
    path("join/<str:text>", joining.join),
    path("unsubscribe/<str:token>", notices.leave),
    path("workspaces/new", founding.new),
    re_path(r"^w/[-a-zA-Z0-9_]+/", include(of_workspace)),
    re_path(r"^w/[-a-zA-Z0-9_]+(?:/[a-z][a-z0-9_-]*)?$", home.with_slash),
]
