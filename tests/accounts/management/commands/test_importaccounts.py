"""`manage.py importaccounts`."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, AuditEvent, User

from ....factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "departments.csv"
    file.write_text("account,username,role\npayments,mei,admin\nsearch,lin,viewer\n")
    return file


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("importaccounts", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_prints_the_preview_and_the_invitations(file, client):
    output, preview = run(file, "--yes", "--url=http://testserver")

    assert preview == (
        "1. payments mei: New account and person\n2. search lin: New account and person\n"
    )
    people = [line.split("\t") for line in output.splitlines()]
    assert [name for name, _ in people] == ["mei", "lin"]
    assert "<b>lin</b>" in client.get(people[1][1], follow=True).content.decode()
    assert len(set(AuditEvent.objects.values_list("request_id", flat=True)) - {""}) == 1


def test_it_asks_first(file, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))

    with pytest.raises(CommandError, match=r"^Nothing was changed\.$"):
        run(file)

    assert not Account.objects.exists()


def test_a_wrong_row_stops_it(file):
    UserFactory.create(username="lin")

    with pytest.raises(CommandError, match=r"^Nothing was imported\. Rows to correct: 1\.$"):
        run(file, "--yes")

    assert not User.objects.filter(username="mei").exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("missing.csv", "No such file or directory"), ("wrong.csv", "The first row must have")],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path, name, sentence):
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")

    with pytest.raises(CommandError, match=sentence):
        run(tmp_path / name, "--yes")
