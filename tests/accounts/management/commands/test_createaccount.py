"""Creating an account from the command line."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from accounts import keys
from accounts.models import AccessKey, Account, AuditEvent, User

pytestmark = pytest.mark.django_db


def createaccount(monkeypatch, *arguments, password=None):
    out = io.StringIO()
    if password is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        arguments = (*arguments, "--password-stdin")
    call_command("createaccount", *arguments, "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def test_every_option_is_used(monkeypatch):
    facts = createaccount(
        monkeypatch,
        "payments",
        "--account-id=" + "ab" * 16,
        "--uc-account=baidu-payments",
        "--username=mei",
        password="correct-horse-battery",
    )

    key = AccessKey.objects.get()
    assert facts == {
        "accountId": "ab" * 16,
        "account": "payments",
        "ucAccount": "baidu-payments",
        "username": "mei",
        "accessKeyId": key.key_id,
        "secretAccessKey": keys.decrypt_secret(key),
    }
    user = User.objects.get(username="mei")
    assert user.account.account_id == "ab" * 16
    assert user.check_password("correct-horse-battery")


def test_a_name_is_enough(monkeypatch):
    facts = createaccount(monkeypatch, "payments", password="correct-horse-battery")

    account = Account.objects.get()
    assert {name: facts[name] for name in ("accountId", "account", "ucAccount", "username")} == {
        "accountId": account.account_id,
        "account": "payments",
        "ucAccount": "uc-payments",
        "username": "payments",
    }
    key_event, person_event, account_event = AuditEvent.objects.all()
    assert (account_event.verb, account_event.target_id) == ("record.added", account.account_id)
    assert (person_event.verb, person_event.target_name) == ("person.added", "payments")
    assert (key_event.verb, key_event.target_id) == ("access-key.created", facts["accessKeyId"])
    assert key_event.accounts == [account.account_id]


def test_the_access_key_can_be_used(monkeypatch):
    facts = createaccount(monkeypatch, "payments")

    key = keys.find_usable(facts["accessKeyId"])

    assert key.user.account.name == "payments"
    assert key.description == "Created with the account"


def test_the_text_output_contains_the_secret_once():
    out = io.StringIO()
    call_command("createaccount", "payments", stdout=out, stderr=io.StringIO())

    key = AccessKey.objects.get()
    assert f"\naccessKeyId: {key.key_id}\n" in out.getvalue()
    assert out.getvalue().count(keys.decrypt_secret(key)) == 1


def test_without_an_encryption_key_nothing_is_created(monkeypatch, settings):
    settings.ACCESS_KEY_ENCRYPTION_KEYS = []

    with pytest.raises(CommandError, match=r"^Set ACCESS_KEY_ENCRYPTION_KEYS\.$"):
        createaccount(monkeypatch, "payments")

    assert not Account.objects.exists()


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
def test_invalid_input_creates_nothing(monkeypatch, arguments, password):
    createaccount(monkeypatch, "taken")

    with pytest.raises(CommandError):
        createaccount(monkeypatch, *arguments, password=password)

    assert [account.name for account in Account.objects.all()] == ["taken"]
    assert [user.username for user in User.objects.all()] == ["taken"]
    assert AccessKey.objects.count() == 1


def test_an_invitation_can_be_printed_instead_of_a_password(monkeypatch, client):
    facts = createaccount(monkeypatch, "payments", "--invite", "--url=http://testserver")

    assert client.get(facts["invitation"], follow=True).status_code == 200
    assert not User.objects.get().has_usable_password()
