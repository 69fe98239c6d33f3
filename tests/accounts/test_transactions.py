"""Changes that deadlock with each other are repeated."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts.models import Account, Attempt
from accounts.transactions import run_in_transaction

from ..factories import AccountFactory
from ..threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


class Renaming:
    """Rename accounts in this order. Before the second, wait for another to have the first."""

    def __init__(self, accounts, barrier, name):
        self.accounts = accounts
        self.barrier = barrier
        self.name = name
        self.tries = 0

    def __call__(self):
        self.tries += 1
        for account in self.accounts:
            Account.objects.filter(pk=account.pk).update(name=f"{self.name}-{account.pk}")
            if self.tries == 1 and account == self.accounts[0]:
                self.barrier.wait(timeout=10)


@pytest.fixture
def renamings():
    """Return two changes that deadlock when both run at once."""
    one, two = AccountFactory.create(), AccountFactory.create()
    barrier = threading.Barrier(2)
    return Renaming([one, two], barrier, "first"), Renaming([two, one], barrier, "second")


def test_after_a_deadlock_both_changes_are_made(renamings):
    first, second = renamings

    at_once(lambda: run_in_transaction(first), lambda: run_in_transaction(second))

    assert max(first.tries, second.tries) == 2
    names = Account.objects.values_list("name", flat=True)
    assert len({name.partition("-")[0] for name in names}) == 1  # of the later one


def test_inside_another_transaction_nothing_is_repeated(renamings):
    first, second = renamings

    def run_inside():
        with transaction.atomic():
            run_in_transaction(second)

    def catch(run):
        try:
            run()
        except OperationalError as error:
            return error
        return None

    errors = at_once(lambda: catch(transaction.atomic(first)), lambda: catch(run_inside))

    assert (first.tries, second.tries) == (1, 1)
    assert len(list(filter(None, errors))) == 1


def test_it_gives_up_after_three_tries():
    tries = []

    def fail():
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE serialization_failure; END $$")

    with pytest.raises(OperationalError):
        run_in_transaction(fail)

    assert len(tries) == 3


def test_another_failure_is_not_repeated():
    tries = []

    def fail():
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '10ms'")
            cursor.execute("SELECT pg_sleep(1)")

    with pytest.raises(OperationalError):
        run_in_transaction(fail)

    assert len(tries) == 1


def test_what_failed_is_rolled_back():
    tries = []

    def fail_once():
        Account.objects.create(name="new", uc_account="uc-new")
        tries.append(1)
        if len(tries) == 1:
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE serialization_failure; END $$")

    run_in_transaction(fail_once)

    assert Account.objects.filter(name="new").count() == 1


def add_by_copy(cursor):
    with cursor.copy("COPY accounts_attempt (key, started_at, spent) FROM STDIN") as rows:
        rows.write_row(["a", timezone.now(), 1])


ADD = "INSERT INTO accounts_attempt (key, started_at, spent) VALUES (%s, now(), 1)"
FIRST = {
    "many": lambda cursor: cursor.executemany(ADD, [["a"], ["b"]]),
    "copied": add_by_copy,
    "commented": lambda cursor: cursor.execute(f"{ADD} -- the first", ["a"]),
}


@pytest.mark.parametrize("add", FIRST.values(), ids=FIRST)
def test_any_first_statement_is_in_the_transaction(add):
    def add_and_fail():
        with connection.cursor() as cursor:
            add(cursor)
        assert Attempt.objects.exists()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        transaction.atomic(add_and_fail)()

    assert not Attempt.objects.exists()
