"""The health check that needs the database."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from accounts import fingerprints
from console import health
from console.database.base import silence
from console.database.owner import as_owner
from tests.proxy import Proxy

from .processes import free_port, until

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def idle():
    """Wait for the check of another test, which would answer this one, too."""
    until(lambda: health.check.result is None or health.check.result.done())


@pytest.fixture
def unreachable(monkeypatch):
    """Point new connections at a port where nothing listens."""
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", str(free_port()))


@pytest.fixture
def frozen(client, monkeypatch):
    """Point new connections at a server that is reachable, but silent."""
    client.get("/readyz")  # the first one reads the migrations
    proxy = Proxy("postgresql://console@127.0.0.1:1/console")
    proxy.freeze()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        patch.setitem(connection.settings_dict, "PORT", str(proxy.port))
        yield
    proxy.close()
    until(lambda: not silence.is_known())


def test_ready_with_a_migrated_database(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (200, b"ready\n")


@pytest.mark.django_db(transaction=True)
def test_not_ready_while_a_migration_is_pending(client):
    latest = MigrationRecorder.Migration.objects.filter(app="images").latest("id")
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")  # until the connection is closed
    latest.delete()
    try:
        answer = client.get("/readyz")
    finally:
        latest.save()
        connection.close()

    assert (answer.status_code, answer.content) == (503, b"migrations pending\n")


@pytest.mark.django_db(transaction=True)
def test_not_ready_while_the_database_is_read_only(client, read_only):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"database is read-only\n")


@pytest.mark.django_db(transaction=True)
def test_not_ready_if_stored_secrets_cannot_be_decrypted(client, settings):
    fingerprints.agree()
    settings.ACCESS_KEY_ENCRYPTION_KEYS = ["b3RoZXItc2VydmVycy1vdGhlci1zZXJ2ZXJzLTEyMzQ="]
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"keys missing\n")


def test_not_ready_without_a_database(client, unreachable):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"database unavailable\n")


def test_not_ready_within_a_second_while_the_database_is_silent(client, frozen):
    for _ in range(4):
        started_at = time.monotonic()
        answer = client.get("/readyz")

        assert time.monotonic() - started_at < 1
        assert (answer.status_code, answer.content) == (503, b"database unavailable\n")


@pytest.mark.django_db(transaction=True)
def test_one_check_answers_all_who_ask_meanwhile(client):
    """Anybody may ask, so the database isn't asked by each."""
    client.get("/readyz")
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        first = threading.Thread(target=Client().get, args=["/readyz"])
        first.start()
        time.sleep(0.4)
        started_at = time.monotonic()
        assert client.get("/readyz").status_code == 503
        waited = time.monotonic() - started_at
        cursor.execute(WAITING)
        assert cursor.fetchone() == (1,)
        first.join()

    assert waited < 0.5
    until(lambda: client.get("/readyz").status_code == 200)


WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def test_a_session_is_not_looked_up(client, django_assert_num_queries):
    client.cookies["sessionid"] = "a" * 32

    with django_assert_num_queries(0):
        assert client.get("/readyz").status_code == 200
