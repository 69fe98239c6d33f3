"""Connections to a server that does not respond, with real processes."""

from __future__ import annotations

import os
import signal

import psycopg
import pytest

from console.database.base import Connection, DatabaseWrapper

pytestmark = pytest.mark.xdist_group("embedded server")


@pytest.fixture
def frozen(server):
    """Yield a connection whose server process is stopped."""
    connection = Connection.connect(server.url)
    backend = connection.info.backend_pid
    os.kill(backend, signal.SIGSTOP)
    yield connection
    os.kill(backend, signal.SIGCONT)
    connection.close()


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
