"""How Django connects: what a URL becomes, and what a silent server costs."""

from __future__ import annotations

import os
import signal

import psycopg
import pytest

from console import database
from console.database.base import Connection, DatabaseWrapper

pytestmark = pytest.mark.xdist_group("embedded server")


def test_url_with_several_hosts():
    url = "postgresql://u:p%40ss@n1:5433,n2,n3/db?target_session_attrs=read-write&sslmode=require"
    settings = database.settings_for(url)

    assert [settings[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "db",
        "u",
        "p@ss",
        "n1,n2,n3",
        "5433,,",
    ]
    assert settings["OPTIONS"]["target_session_attrs"] == "read-write"
    assert settings["OPTIONS"]["sslmode"] == "require"


def test_timeouts_are_startup_options_unless_the_url_has_its_own():
    plain = database.settings_for("postgresql:///db")["OPTIONS"]
    pgbouncer = database.settings_for("postgresql:///db?options=&connect_timeout=9")["OPTIONS"]

    assert "statement_timeout=10s" in plain["options"]
    assert (pgbouncer["options"], pgbouncer["connect_timeout"]) == ("", "9")


@pytest.mark.parametrize("url", ["mysql://u:hidden@h/db", "hidden"])
def test_bad_url_is_told_without_the_password(url):
    with pytest.raises(ValueError, match="DATABASE_URL is not a PostgreSQL URL") as told:
        database.settings_for(url)

    assert "hidden" not in str(told.value)
    assert told.value.__suppress_context__


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
