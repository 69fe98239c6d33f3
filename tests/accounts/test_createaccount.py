from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, AuditEvent, User

pytestmark = pytest.mark.django_db


def createaccount(monkeypatch, *arguments, password=None):
    out = io.StringIO()
    if password is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        arguments = (*arguments, "--password-stdin")
    call_command("createaccount", *arguments, "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def test_everything_given(monkeypatch):
    facts = createaccount(
        monkeypatch,
        "payments",
        "--account-id=" + "ab" * 16,
        "--uc-account=baidu-payments",
        "--username=mei",
        password="correct-horse-battery",
    )

    assert facts == {
        "accountId": "ab" * 16,
        "account": "payments",
        "ucAccount": "baidu-payments",
        "username": "mei",
    }
    user = User.objects.get(username="mei")
    assert user.account.account_id == "ab" * 16
    assert user.check_password("correct-horse-battery")


def test_a_name_is_enough(monkeypatch):
    facts = createaccount(monkeypatch, "payments", password="correct-horse-battery")

    account = Account.objects.get()
    assert facts == {
        "accountId": account.account_id,
        "account": "payments",
        "ucAccount": "uc-payments",
        "username": "payments",
    }
    assert AuditEvent.objects.get().target_id == account.account_id


def test_without_a_password_nobody_can_sign_in(monkeypatch):
    createaccount(monkeypatch, "payments")

    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize(
    ("arguments", "password"),
    [
        (["taken"], None),
        (["TAKEN"], None),
        (["new", "--uc-account=uc-taken"], None),
        (["new", "--uc-account=taken"], None),
        (["uc-taken"], None),
        (["new", "--username=taken"], None),
        (["new", "--account-id=" + "AB" * 16], None),
        (["two words"], None),
        (["a,b"], None),
        (["ab" * 16], None),
        ([""], None),
        (["new"], "short"),
        (["new"], "password123"),
        (["new"], ""),
        (["new"], "correct-horse\0battery"),
        (["new"], "correct-horse\udcffbattery"),
    ],
)
def test_what_cannot_be_leaves_nothing_behind(monkeypatch, arguments, password):
    createaccount(monkeypatch, "taken")

    with pytest.raises(CommandError):
        createaccount(monkeypatch, *arguments, password=password)

    assert [account.name for account in Account.objects.all()] == ["taken"]
    assert [user.username for user in User.objects.all()] == ["taken"]
