"""Queries that are built once, and statements that travel together."""

from __future__ import annotations

import threading
import time
from datetime import date

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.functional import cached_property

from accounts.kept import Insertion, Kept, Parameter, Statement, run_together
from accounts.models import Account, AuditEvent, User
from tests.factories import AccountFactory, UserFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@Kept
def find_people(account: Parameter) -> QuerySet[User]:
    return User.objects.filter(account=account).select_related("account").order_by("username")


@Kept
def find_names(names: Parameter) -> QuerySet[Account, tuple[str]]:
    return Account.objects.filter(name__any=names).order_by("name").values_list("name")


@Kept
def list_rows(account: Parameter) -> QuerySet[Account, tuple[str, date | None]]:
    return Account.objects.filter(pk=account).values_list("name", "limits_until")


def test_a_kept_query_finds_what_its_queryset_finds(django_assert_num_queries):
    first, second = AccountFactory.create_batch(2)
    people = UserFactory.create_batch(2, account=first)
    UserFactory.create(account=second)

    for _ in range(10):  # prepared in between
        with django_assert_num_queries(1):
            found = find_people(account=first.pk)
            assert [person.account for person in found] == [first, first]
        assert found == sorted(people, key=lambda person: person.username)
        assert find_names(names=[first.name, "nobody"]) == [(first.name,)]
        assert find_names(names=[]) == []
    assert list_rows(account=second.pk) == [(second.name, None)]


def test_the_first_rows_are_as_many_as_asked_for(django_assert_num_queries):
    account = AccountFactory.create()
    people = UserFactory.create_batch(3, account=account)
    expected = sorted(people, key=lambda person: person.username)

    for _ in range(10):
        for number in (0, 2, 3, 1000):
            with django_assert_num_queries(1):
                assert find_people.first(number, account=account.pk) == expected[:number]


def test_values_are_no_sql(django_assert_num_queries):
    account = AccountFactory.create()

    for name in ("'; DROP TABLE x; --", "%s", "100%", "a'b\\", "名"):
        assert find_names(names=[name, account.name]) == [(account.name,)]


def test_queries_that_run_together_keep_their_order(django_assert_num_queries):
    first, second = AccountFactory.create_batch(2)

    with django_assert_num_queries(1):
        names, people, rows = run_together(
            find_names.bind(names=[first.name]),
            find_people.bind(account=first.pk),
            list_rows.bind(account=second.pk),
        )

    assert (names, people, rows) == ([(first.name,)], [], [(second.name, None)])


def test_changes_and_rows_travel_together(django_assert_num_queries):
    account = AccountFactory.create()
    event = AuditEvent(verb="image.shared", target_id="100%")

    with django_assert_num_queries(1):
        changed, added = run_together(
            Statement("UPDATE accounts_account SET name = %s WHERE id = %s", ["new", account.pk]),
            Insertion(AuditEvent).bind([event]),
        )

    account.refresh_from_db()
    assert (account.name, changed, added) == ("new", [], [event])
    assert AuditEvent.objects.get(pk=event.pk).target_id == "100%"


@pytest.mark.django_db(transaction=True)
def test_a_query_sees_what_was_committed_while_the_one_before_waited():
    account = AccountFactory.create()

    @Kept
    def lock(pk: Parameter) -> QuerySet[Account]:
        return Account.objects.select_for_update().filter(pk=pk)

    is_locked, seen = threading.Event(), []

    def rename():
        try:
            with transaction.atomic():
                Account.objects.filter(pk=account.pk).update(name="newer")
                is_locked.set()
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.3)")
        finally:
            connection.close()

    thread = threading.Thread(target=rename)
    thread.start()
    is_locked.wait(10)
    with transaction.atomic():
        seen = run_together(lock.bind(pk=account.pk), list_rows.bind(account=account.pk))
    thread.join()

    assert [row.name for row in seen[0]] == ["newer"]
    assert seen[1] == [("newer", None)]


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_build_a_query_once(monkeypatch):
    for name in ("queryset", "compiler", "sql", "converters"):  # as since Python 3.12: no lock
        unlocked = cached_property(getattr(Kept, name).func)
        unlocked.__set_name__(Kept, name)
        monkeypatch.setattr(Kept, name, unlocked)
    account = AccountFactory.create()
    built = []

    def build(pk: Parameter) -> QuerySet[Account]:
        built.append(pk)
        time.sleep(0.1)
        return Account.objects.filter(pk=pk)

    find = Kept(build)
    found = at_once(*[lambda: find(pk=account.pk)] * 4)

    assert found == [[account]] * 4
    assert len(built) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_added_rows_have_their_keys_and_values(django_assert_num_queries, number):
    values = {
        "verb": "image.shared",
        "address": "2001:db8::1",
        "accounts": ["a", "b"],
        "detail": {"acknowledged": "%s", "list": [1, None]},
    }
    insert = Insertion(AuditEvent)

    with django_assert_num_queries(1):
        added = insert([AuditEvent(target_id=f"{n}", **values) for n in range(number)])

    stored = AuditEvent.objects.order_by("pk")
    assert list(stored) == added
    assert [event.target_id for event in stored] == [f"{n}" for n in range(number)]
    for event in stored:
        assert {name: getattr(event, name) for name in values} == values
        assert event.recipients == []
