"""Connections to a server that does not respond, and commits whose response is lost."""

from __future__ import annotations

import os
import select
import signal
import threading
import time

import psycopg
import pytest
from django.db import OperationalError, ProgrammingError, connections, transaction
from psycopg.sql import SQL, Literal

from console import database
from console.database import base
from console.database.base import Connection, DatabaseWrapper
from console.database.failures import Failure, classify
from tests.proxy import Proxy

pytestmark = pytest.mark.xdist_group("embedded server")


@pytest.fixture
def frozen(server):
    """Yield a connection whose server process is stopped, for half a minute at most."""
    connection = Connection.connect(server.url)
    backend = connection.info.backend_pid
    go_on = threading.Timer(30, os.kill, [backend, signal.SIGCONT])
    go_on.start()
    os.kill(backend, signal.SIGSTOP)
    yield connection
    go_on.cancel()
    os.kill(backend, signal.SIGCONT)
    connection.close()


@pytest.fixture
def proxy(server):
    """Yield a proxy in front of a server with one empty table."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS written (number int)")
        connection.execute("TRUNCATE written")
    proxy = Proxy(server.url)
    yield proxy
    proxy.close()


@pytest.fixture
def wrapper(proxy, django_db_blocker):
    """Yield Django's connection, through the proxy."""
    usual = connections["default"]
    configured = usual.settings_dict | database.build_settings(proxy.url)
    connections["default"] = wrapper = DatabaseWrapper(configured, alias="default")
    with django_db_blocker.unblock():
        yield wrapper
        wrapper.close()
    connections["default"] = usual


def write(wrapper, number=1):
    """Add a row in a transaction, as a verb does."""
    with transaction.atomic(), wrapper.cursor() as cursor:
        cursor.execute("INSERT INTO written VALUES (%s)", [number])


def count_rows(server):
    with psycopg.connect(server.url) as connection:
        return connection.execute("SELECT FROM written").rowcount


def test_a_query_to_a_frozen_server_times_out(frozen):
    frozen.longest_wait = 0.2

    with pytest.raises(psycopg.OperationalError):
        frozen.execute("SELECT 1")

    assert frozen.closed


def test_a_connection_to_a_frozen_server_is_not_usable(frozen, monkeypatch):
    monkeypatch.setattr("console.database.base.USABLE_WITHIN", 0.2)
    wrapper = DatabaseWrapper({}, alias="frozen")
    wrapper.connection = frozen

    assert not wrapper.is_usable()


def test_a_query_may_take_longer_than_the_usability_check(server, monkeypatch):
    monkeypatch.setattr("console.database.base.USABLE_WITHIN", 0.2)
    wrapper = DatabaseWrapper({}, alias="usable")
    wrapper.connection = Connection.connect(server.url)

    assert wrapper.is_usable()
    assert wrapper.connection.execute("SELECT 42 FROM pg_sleep(0.3)").fetchone() == (42,)
    wrapper.connection.close()


def ask_about(server, wrapper, question):
    """Return what PostgreSQL says of the connection's process, asked on another connection."""
    with psycopg.connect(server.url) as own:
        query = SQL("SELECT {} FROM pg_stat_activity WHERE pid = %s").format(SQL(question))
        (row,) = own.execute(query, [wrapper.connection.info.backend_pid])
        return row[0]


def test_a_connection_that_was_just_checked_is_not_checked_again(
    server, proxy, wrapper, monkeypatch
):
    monkeypatch.setattr(base, "CHECKED_AFTER", 60)
    wrapper.ensure_connection()
    assert wrapper.is_usable()
    assert ask_about(server, wrapper, "query") == "SHOW transaction_read_only"
    write(wrapper)

    assert wrapper.is_usable()
    assert ask_about(server, wrapper, "query") == "COMMIT"

    wrapper.errors_occurred = True
    assert wrapper.is_usable()
    assert ask_about(server, wrapper, "query") == "SHOW transaction_read_only"


def test_an_ended_session_is_not_usable_however_lately_it_was_checked(
    server, proxy, wrapper, monkeypatch
):
    monkeypatch.setattr(base, "CHECKED_AFTER", 60)
    wrapper.ensure_connection()
    assert wrapper.is_usable()

    assert ask_about(server, wrapper, "pg_terminate_backend(pid, 5000)")
    arrivals = select.poll()
    arrivals.register(wrapper.connection.fileno(), select.POLLIN)
    assert arrivals.poll(10_000)

    assert not wrapper.is_usable()


def test_a_commit_whose_response_is_lost_has_succeeded(server, proxy, wrapper):
    write(wrapper)
    proxy.lose_answers(1)
    write(wrapper)

    assert (proxy.lost, count_rows(server)) == (1, 2)
    write(wrapper)  # on the new connection
    assert count_rows(server) == 3


def test_a_commit_that_was_not_received_has_failed(server, proxy, wrapper):
    """The connection is cut when the commit is sent: the server rolls back."""
    wrapper.ensure_connection()
    proxy.lose_commits(1)

    with pytest.raises(OperationalError) as caught:
        write(wrapper)

    assert classify(caught.value) is Failure.SILENT
    assert count_rows(server) == 0


def test_a_commit_that_nobody_knows_about_is_unknown(server, proxy, wrapper, monkeypatch):
    monkeypatch.setattr(base, "SETTLED_WITHIN", 0.5)
    wrapper.ensure_connection()
    proxy.lose_answers(1)
    proxy.refuse()

    with pytest.raises(OperationalError) as caught:
        write(wrapper)

    assert classify(caught.value) is Failure.UNKNOWN
    assert count_rows(server) == 1


def test_a_killed_server_process_fails_its_transaction_only(server, proxy, wrapper):
    @transaction.atomic
    def write_and_kill():
        write(wrapper)
        os.kill(wrapper.connection.info.backend_pid, signal.SIGKILL)

    with pytest.raises(OperationalError) as caught:
        write_and_kill()

    assert classify(caught.value) is Failure.SILENT
    deadline = time.monotonic() + 10
    while not server.is_answering():
        assert time.monotonic() < deadline
    assert count_rows(server) == 0
    wrapper.close()
    write(wrapper)


def test_requests_wait_less_if_they_waited_for_their_thread(django_db_blocker):
    waits = []

    def run(waited):
        base.limit_waits(time.monotonic() - waited)
        waits.append((connections["default"].longest_wait, connections["default"].longest_lock))

    for waited in (0, 1.5, 60):
        thread = threading.Thread(target=run, args=[waited])
        thread.start()
        thread.join()

    assert waits == [
        (pytest.approx(4, abs=0.2), 3),
        (pytest.approx(2.5, abs=0.2), pytest.approx(2, abs=0.2)),
        (1.5, 0.2),
    ]


def get_setting(wrapper, name):
    with wrapper.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]


def test_the_waits_for_locks_follow_each_request(proxy, wrapper):
    assert get_setting(wrapper, "lock_timeout") == "3s"
    for seconds, shown in ((0.2, "200ms"), (1.234, "1234ms"), (3.0, "3s")):
        wrapper.longest_lock = seconds
        assert wrapper.is_usable()
        assert get_setting(wrapper, "lock_timeout") == shown


def test_a_new_connection_has_the_limit_of_its_request(proxy, wrapper):
    wrapper.longest_wait, wrapper.longest_lock = 4, 0.2

    assert get_setting(wrapper, "lock_timeout") == "200ms"


def test_a_statement_of_a_request_has_less_time(proxy, wrapper):
    assert get_setting(wrapper, "statement_timeout") == "10s"
    wrapper.close()
    wrapper.longest_wait = 4
    assert get_setting(wrapper, "statement_timeout") == "3500ms"


def test_without_startup_options_a_request_sets_nothing(proxy, wrapper):
    wrapper.settings_dict["OPTIONS"] = wrapper.settings_dict["OPTIONS"] | {"options": ""}
    wrapper.longest_wait, wrapper.longest_lock = 4, 0.2

    assert wrapper.get_connection_params()["options"] == ""
    assert get_setting(wrapper, "lock_timeout") == "0"
    wrapper.longest_lock = 3
    assert wrapper.is_usable()
    assert get_setting(wrapper, "lock_timeout") == "0"


def test_a_transaction_begins_with_its_first_statement(server, proxy, wrapper):
    @transaction.atomic
    def write_and_fail():
        write(wrapper)  # inside, with a savepoint
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert count_rows(server) == 0

    with transaction.atomic(), wrapper.cursor() as cursor:
        cursor.execute(SQL("INSERT INTO written VALUES ({})").format(Literal(1)))
        assert cursor.rowcount == 1
        cursor.execute("SELECT number, '%' FROM written")
        assert cursor.fetchall() == [(1, "%")]
        assert count_rows(server) == 0
    assert count_rows(server) == 1


@pytest.mark.parametrize("statement", ["INSERT INTO missing VALUES (1)", "SELEC 1"])
def test_a_transaction_whose_first_statement_fails_changes_nothing(
    server, proxy, wrapper, statement
):
    for _ in range(2):
        with pytest.raises(ProgrammingError), transaction.atomic(), wrapper.cursor() as cursor:
            cursor.execute(statement)
    write(wrapper)

    assert count_rows(server) == 1


def test_the_first_statement_may_set_what_the_transaction_is(proxy, wrapper):
    with transaction.atomic(), wrapper.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;")
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
    with transaction.atomic():
        assert get_setting(wrapper, "transaction_isolation") == "read committed"


def test_statements_are_prepared_outside_of_shared_sessions(proxy, wrapper):
    for _ in range(10):
        with wrapper.preparing_cursor() as cursor:
            cursor.execute("SELECT %s::int", [1])
            assert cursor.fetchone() == (1,)

    with wrapper.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (1,)
