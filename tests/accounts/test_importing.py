"""Importing accounts and people."""

from __future__ import annotations

import pytest
from django.utils import timezone
from django.utils.translation import override

from accounts import importing
from accounts.actors import SYSTEM
from accounts.importing import Row
from accounts.models import Account, AuditEvent, Role, User

from ..factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db

TWO_DEPARTMENTS = b"""account,ucAccount,accountId,username,role
payments,uc-pay,,mei,admin
payments,,,lin,viewer
search,,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,,
"""


def run(data, **options):
    return importing.import_rows(importing.read_file(data), by=SYSTEM, **options)


def verdicts(results):
    return [result.verdict for result in results]


def test_accounts_and_people_are_added():
    results = run(TWO_DEPARTMENTS)

    assert verdicts(results) == ["New account and person", "New person", "New account"]
    accounts = Account.objects.values_list("name", "uc_account")
    assert list(accounts) == [("payments", "uc-pay"), ("search", "uc-search")]
    assert Account.objects.get(name="search").account_id == "a" * 32
    people = User.objects.values_list("username", "account__name", "role")
    assert set(people) == {("mei", "payments", "admin"), ("lin", "payments", "viewer")}


def test_each_new_person_gets_an_invitation():
    results = run(TWO_DEPARTMENTS)

    assert [result.invitation[:12] for result in results] == ["/invitation/", "/invitation/", ""]
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", "target_name")
    assert list(verbs) == [
        ("record.added", "payments"),
        ("person.added", "mei"),
        ("person.invited", "mei"),
        ("person.added", "lin"),
        ("person.invited", "lin"),
        ("record.added", "search"),
    ]


def test_a_preview_tells_the_same_and_adds_nothing():
    results = importing.preview(importing.read_file(TWO_DEPARTMENTS), by=SYSTEM)

    assert verdicts(results) == ["New account and person", "New person", "New account"]
    assert not Account.objects.exists()
    assert not User.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_file_can_be_imported_again_after_it_has_grown():
    run(TWO_DEPARTMENTS)

    results = run(TWO_DEPARTMENTS + b"search,,,wei,\n")

    assert verdicts(results) == ["Already there"] * 3 + ["New person"]
    assert [bool(result.invitation) for result in results] == [False, False, False, True]


def test_if_one_row_is_refused_nothing_is_imported():
    results = run(b"account,username\npayments,mei\nsea rch,lin\n")

    assert [bool(result.problem) for result in results] == [False, True]
    assert not Account.objects.exists()
    assert not AuditEvent.objects.exists()


def test_if_the_rows_do_something_else_than_was_shown_nothing_is_imported():
    AccountFactory.create(name="payments")

    results = run(b"account,username\npayments,mei\n", shown=["both"])

    assert verdicts(results) == ["New person"]
    assert not User.objects.exists()


@pytest.fixture
def existing():
    account = AccountFactory.create(name="payments", uc_account="uc-pay", account_id="b" * 32)
    UserFactory.create(username="mei", account=account, role=Role.VIEWER)
    UserFactory.create(username="wei")
    AccountFactory.create(name="old", closed_at=timezone.now())


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (Row(), "This row names no account."),
        (Row(account="Payments"), "An account with this name already exists."),
        (Row(account="uc-pay"), "Another account already uses this name."),
        (
            Row(account="search", uc_account="uc-pay"),
            "Account with this Cloud account already exists.",
        ),
        (
            Row(account="payments", uc_account="uc-x"),
            "The account exists with another identifier: uc-pay.",
        ),
        (
            Row(account="payments", account_id="c" * 32),
            f"The account exists with another identifier: {'b' * 32}.",
        ),
        (Row(account="search", account_id="B"), "Use 32 lower-case hex digits."),
        (Row(account="payments", username="wei"), "wei is a person of another account."),
        (
            Row(account="payments", username="mei", role="admin"),
            "mei exists with another role. Change it on the page of the person.",
        ),
        (
            Row(account="payments", username="lin", role="boss"),
            "The role must be viewer, sharer or admin.",
        ),
        (Row(account="old", username="lin"), "This account is closed."),
        (Row(account="payments", username="mei", role="Viewer"), "Already there"),
        (Row(account="payments", uc_account="uc-pay", account_id="b" * 32), "Already there"),
    ],
)
def test_the_verdict_on_a_row(existing, row, verdict):
    (result,) = importing.preview([row], by=SYSTEM)

    assert result.verdict.startswith(verdict)


def test_roles_are_read_in_the_readers_language():
    with override("zh-hans"):
        label = str(Role.SHARER.label)
        importing.import_rows([Row(account="payments", username="mei", role=label)], by=SYSTEM)

    assert User.objects.get().role == "sharer"


@pytest.mark.parametrize(
    "headings",
    ["account,username", "Baidu account;Username", "账号,用户名", "phone,account,username"],
)
def test_the_headings_are_found(headings):
    delimiter = ";" if ";" in headings else ","
    cells = ["1"] * headings.count("phone") + ["payments", "mei"]

    rows = importing.read_file(f"{headings}\n{delimiter.join(cells)}\n".encode())

    assert rows == [Row(account="payments", username="mei")]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The first row must have headings, one of them: account."),
        (b"payments,mei\n", "The first row must have headings, one of them: account."),
        (b"account,username\n", "There are no rows below the headings."),
        (b"account\n" + b"a\n" * 501, "Import at most 500 rows at once. This file has 501."),
    ],
)
def test_a_file_without_rows_is_refused(data, sentence):
    with pytest.raises(importing.Refused) as refusal:
        importing.read_file(data)

    assert str(refusal.value) == sentence
