"""What a silent server costs, with real processes."""

from __future__ import annotations

import os
import signal

import psycopg
import pytest

from console.database.base import Connection, DatabaseWrapper

pytestmark = pytest.mark.xdist_group("embedded server")


@pytest.fixture
def frozen(server):
    """A connection to a server whose process for it does nothing any more."""
    connection = Connection.connect(server.url)
    backend = connection.info.backend_pid
    os.kill(backend, signal.SIGSTOP)
    yield connection
    os.kill(backend, signal.SIGCONT)
    connection.close()


def test_frozen_server_does_not_hold_a_query(frozen):
    frozen.longest_wait = 0.2

    with pytest.raises(psycopg.OperationalError):
        frozen.execute("SELECT 1")

    assert frozen.closed


def test_connection_to_a_frozen_server_is_not_usable(frozen, monkeypatch):
    monkeypatch.setattr("console.database.base.USABLE_WITHIN", 0.2)
    wrapper = DatabaseWrapper({}, alias="frozen")
    wrapper.connection = frozen

    assert not wrapper.is_usable()


def test_usable_connection_may_take_longer_for_a_query(server, monkeypatch):
    monkeypatch.setattr("console.database.base.USABLE_WITHIN", 0.2)
    wrapper = DatabaseWrapper({}, alias="usable")
    wrapper.connection = Connection.connect(server.url)

    assert wrapper.is_usable()
    assert wrapper.connection.execute("SELECT 42 FROM pg_sleep(0.3)").fetchone() == (42,)
    wrapper.connection.close()
