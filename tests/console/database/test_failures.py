"""Failures of the database by kind, as PostgreSQL reports them."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from console.database.failures import Failure, Unknown, classify, describe, is_passing
from tests.factories import AccountFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

LOCK = "SELECT FROM accounts_account WHERE id = %s FOR UPDATE"


def execute(*statements):
    """Run the statements in one transaction. Return its failure, or None."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement, *parameters in statements:
                cursor.execute(statement, parameters)
    except DatabaseError as error:
        return error
    return None


def test_a_lock_that_is_not_had_in_time_means_busy():
    account = AccountFactory.create()
    impatient = "SET LOCAL lock_timeout = '100ms'"

    errors = at_once(
        *[lambda: execute([impatient], [LOCK, account.pk], ["SELECT pg_sleep(1)"])] * 2
    )

    (error,) = filter(None, errors)
    assert classify(error) is Failure.BUSY
    assert describe(error) == "busy: canceling statement due to lock timeout"


def test_a_deadlock_means_busy():
    one, two = (AccountFactory.create().pk for _ in range(2))
    pause = ["SELECT pg_sleep(0.3)"]

    errors = at_once(
        lambda: execute([LOCK, one], pause, [LOCK, two]),
        lambda: execute([LOCK, two], pause, [LOCK, one]),
    )

    (error,) = filter(None, errors)
    assert classify(error) is Failure.BUSY


def test_a_statement_that_takes_too_long_means_busy():
    error = execute(["SET LOCAL statement_timeout = '50ms'"], ["SELECT pg_sleep(5)"])

    assert classify(error) is Failure.BUSY


def test_a_connection_that_is_ended_means_unavailable():
    error = execute(["SET LOCAL ROLE NONE"], ["SELECT pg_terminate_backend(pg_backend_pid())"])

    assert classify(error) is Failure.SILENT
    assert describe(error).startswith("unavailable: ")
    assert "\n" not in describe(error)


def test_a_closed_connection_means_unavailable():
    assert classify(InterfaceError("connection already closed")) is Failure.SILENT


def test_a_commit_without_a_response_means_unknown():
    error = OperationalError()
    error.__cause__ = Unknown()

    assert classify(error) is Failure.UNKNOWN


def test_a_change_in_a_read_only_database_passes():
    error = execute(["SET TRANSACTION READ ONLY"], ["DELETE FROM accounts_account"])

    assert is_passing(error)
    assert classify(error) is Failure.READ_ONLY
    assert describe(error) == "read-only: cannot execute DELETE in a read-only transaction"


def test_a_mistake_in_a_statement_does_not_pass():
    assert not is_passing(execute(["SELECT FROM nothing"]))
    assert not is_passing(ValueError())
    assert not is_passing(None)
