"""``trato import`` and ``trato export``, as a person at a terminal meets them."""

import argparse
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from trato.engine.models import ImportRun
from trato.engine.postgres.scope import in_workspace
from trato.modules.people.models import Contact
from trato.site.cli.exchange import export_file, import_file
from trato.site.problem import Problem

PEOPLE = "First name,Last name,E-mail\nAna,García,ana@x.com\nLuis,Pérez,nope\n"


@pytest.fixture(autouse=True)
def files_of_this_test(settings, tmp_path, cast):
    settings.MEDIA_ROOT = tmp_path / "store"


def bring(path, **given):
    asked = {"objects": "contacts", "workspace": "acme", "user": None, "match": None, "on_match": "update"}
    asked |= {"numbers": None, "dates": None, "country": None}
    return import_file(
        argparse.Namespace(file=str(path), **(asked | {"dry_run": False, "no_new_links": False} | given))
    )


def take(path, **given):
    asked = {"objects": "contacts", "workspace": "acme", "user": None, "format": None}
    return export_file(argparse.Namespace(file=str(path), **(asked | given)))


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return path


def contacts(cast):
    with in_workspace(cast.acme.id):
        return sorted(Contact.objects.filter(deleted_at=None).values_list("title", flat=True))


def test_import_says_what_became_of_the_rows_and_where_the_failed_ones_are(cast, people, tmp_path, capsys):
    assert bring(people, match="email") == 0
    said = capsys.readouterr()
    assert said.out == "created=1 updated=0 unchanged=0 skipped=0 failed=1\n"
    assert "E-mail -> emails" in said.err
    assert "people.failed.csv" in said.err
    failed = (tmp_path / "people.failed.csv").read_text(encoding="utf-8-sig").splitlines()
    assert failed[1] == 'Luis,Pérez,nope,3,"E-mails: Write an e-mail address, like ana@example.com."'
    assert contacts(cast) == ["Ana García"]

    assert bring(people, match="email") == 0
    assert capsys.readouterr().out == "created=0 updated=0 unchanged=1 skipped=0 failed=1\n"


def test_accounts_a_file_names_are_made_unless_told_otherwise(cast, tmp_path, capsys):
    path = tmp_path / "staff.csv"
    path.write_text("First name,E-mail,Company\nAna,ana@x.com,Globex\n")
    assert bring(path, no_new_links=True) == 0
    assert capsys.readouterr().out == "created=0 updated=0 unchanged=0 skipped=0 failed=1\n"
    assert bring(path) == 0
    assert capsys.readouterr().out == "created=1 updated=0 unchanged=0 skipped=0 failed=0\n"
    with in_workspace(cast.acme.id):
        assert Contact.objects.get().account.title == "Globex"


def test_a_dry_run_changes_nothing(cast, people, capsys):
    assert bring(people, dry_run=True) == 0
    said = capsys.readouterr()
    assert said.out == "created=1 updated=0 unchanged=0 skipped=0 failed=1\n"
    assert "line 3: E-mails: Write an e-mail address" in said.err
    assert contacts(cast) == []
    with in_workspace(cast.acme.id):
        assert not ImportRun.objects.exists()


def test_an_unusable_file_is_2_and_a_wrong_name_a_clear_problem(cast, people, tmp_path, capsys):
    empty = tmp_path / "empty.csv"
    empty.touch()
    assert bring(empty) == 2
    assert "Nothing was imported." in capsys.readouterr().err
    assert bring(people, match="phone") == 2  # no column goes to it
    for wrong in (
        {"objects": "nope"},
        {"workspace": "nope"},
        {"user": "nobody@x.com"},
        {"user": "member@acme.example"},
    ):
        with pytest.raises(Problem):
            bring(people, **wrong)
    with pytest.raises(Problem, match="no file"):
        bring(tmp_path / "nowhere.csv")
    assert contacts(cast) == []


def test_an_interrupted_import_of_the_same_file_is_gone_on_with(cast, people, capsys, monkeypatch):
    from trato.engine.imports import work

    monkeypatch.setattr(work, "CHUNK", 1)
    carry_out = work.carry_out

    def killed(*args):
        def die(done, total):
            raise KeyboardInterrupt

        carry_out(*args[:3], die)

    monkeypatch.setattr(work, "carry_out", killed)
    with pytest.raises(KeyboardInterrupt):
        bring(people)
    monkeypatch.setattr(work, "carry_out", carry_out)
    assert bring(people) == 0
    said = capsys.readouterr()
    assert "going on at row 2" in said.err
    assert said.out == "created=1 updated=0 unchanged=0 skipped=0 failed=1\n"
    assert contacts(cast) == ["Ana García"]


def test_export_writes_whole_files_only(cast, people, tmp_path, capsys):
    bring(people)
    capsys.readouterr()
    take(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()[1].split(",")[1] == "Ana García"
    assert "1 contacts written." in capsys.readouterr().err
    take(tmp_path / "out.vcf")
    assert "FN:Ana García" in (tmp_path / "out.vcf").read_text()
    with pytest.raises(Problem, match="format"):
        take(tmp_path / "out.pdf")
    with pytest.raises(Problem):
        take(tmp_path / "secret.csv", user="member@acme.example")  # may not export
    assert sorted(path.name for path in tmp_path.glob("*out*")) == ["out.csv", "out.vcf"]


def test_export_never_takes_the_place_of_a_device_or_a_pipe(cast, people, tmp_path):
    bring(people)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as other:
        read = other.submit(pipe.read_bytes)
        take(pipe, format="csv")
        assert "Ana García".encode() in read.result(10)
    assert pipe.is_fifo()
