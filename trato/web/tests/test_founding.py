"""A workspace of one's own, made in the browser."""

import pytest
from django.test import Client

from trato.engine import access, jobs, objects
from trato.engine.models import Job
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import actor_for_user
from trato.engine.workspaces.models import Membership, Workspace

pytestmark = pytest.mark.django_db
FORM = {"name": "Mía S.L.", "language": "es", "country": "ES", "time_zone": "Europe/Madrid", "currency": "EUR"}
PAGE = "/workspaces/new"


def run_jobs(workspace):
    """What a worker would do."""
    with in_workspace(workspace.id):
        waiting = [str(row.id) for row in Job.objects.filter(state="waiting")]
    for job_id in waiting:
        jobs.run_job(str(workspace.id), job_id)


def test_a_member_makes_a_workspace_and_administers_it(signed_in, cast):
    member = signed_in(cast.member)
    assert f'href="{PAGE}"' in member.get("/w/acme/").content.decode()
    answer = member.post(PAGE, FORM)
    assert (answer.status_code, answer["Location"]) == (303, "/w/mia-sl/")
    workspace = Workspace.objects.get(slug="mia-sl")
    assert (workspace.name, workspace.country, workspace.language) == ("Mía S.L.", "ES", "es")
    assert member.get("/w/mia-sl/settings/members").status_code == 200
    with in_workspace(workspace.id):
        assert [(one.user_id, one.role.is_admin) for one in Membership.objects.select_related("role")] == [
            (cast.member.id, True)
        ]
    assert signed_in(cast.owner).get("/w/mia-sl/").status_code == 404, "nobody else is in it"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"slug": "acme"}, "slug"),
        ({"slug": "globex"}, "slug"),
        ({"name": "Кофе"}, "slug"),
        ({"slug": "x" * 51}, "slug"),
        ({"language": "xx"}, "language"),
        ({"country": "ZZ"}, "country"),
        ({"currency": "???"}, "currency"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
    ],
)
def test_wrong_input_is_named_and_makes_nothing(signed_in, cast, wrong, field):
    before = Workspace.objects.count()
    answer = signed_in(cast.member).post(PAGE, FORM | wrong)
    assert answer.status_code == 422
    assert f'href="#input-{field}"' in answer.content.decode()
    assert Workspace.objects.count() == before


def test_one_person_makes_only_so_many(signed_in, cast, settings):
    settings.TRATO_WORKSPACES_EACH = 2
    member = signed_in(cast.member)
    for number in (1, 2):
        assert member.post(PAGE, FORM | {"slug": f"mine-{number}"}).status_code == 303
    answer = member.post(PAGE, FORM | {"slug": "mine-3"})
    assert answer.status_code == 422 and "as many workspaces as one person may" in answer.content.decode()
    assert signed_in(cast.reader).post(PAGE, FORM | {"slug": "theirs"}).status_code == 303


def test_an_operator_can_keep_it_to_themselves(signed_in, cast, settings):
    settings.TRATO_WORKSPACES_EACH = 0
    member = signed_in(cast.member)
    assert PAGE not in member.get("/w/acme/").content.decode()
    assert member.get(PAGE).status_code == member.post(PAGE, FORM).status_code == 403
    assert not Workspace.objects.filter(slug="mia-sl").exists()


def test_a_stranger_signs_in_first(cast):
    for answer in (Client().get(PAGE), Client().post(PAGE, FORM)):
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def test_who_is_in_no_workspace_is_led_to_make_one(signed_in, cast):
    with in_workspace(cast.acme.id):
        Membership.objects.filter(user=cast.member).update(is_active=False)
    answer = signed_in(cast.member).get("/", follow=True)
    assert answer.request["PATH_INFO"] == PAGE and "You are in no workspace" in answer.content.decode()


def test_the_page_speaks_the_persons_language(signed_in, cast):
    type(cast.member).objects.filter(id=cast.member.id).update(language="es")
    answer = signed_in(cast.member).get(PAGE, headers={"accept-language": "ro"})
    assert '<html lang="es"' in answer.content.decode() and answer["Content-Language"] == "es"


def test_demo_data_comes_in_the_background_and_is_the_persons_own(signed_in, cast):
    member = signed_in(cast.member)
    assert member.post(PAGE, FORM | {"samples": "true"}).status_code == 303
    workspace = Workspace.objects.get(slug="mia-sl")
    run_jobs(workspace)
    workspace.refresh_from_db()
    assert workspace.is_demo, "it can be taken away again"
    with in_workspace(workspace.id):
        actor = actor_for_user(cast.member, workspace)
        owners = set(access.visible(actor, objects.get("contacts")).values_list("owner_id", flat=True))
        assert owners == {cast.member.id}
        assert Membership.objects.count() == 1, "no invented colleague can get in"
    run_jobs(workspace)
    assert "demo/remove" in member.get("/w/mia-sl/").content.decode()
