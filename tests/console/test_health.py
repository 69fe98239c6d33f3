"""The health checks of monitoring systems."""

from __future__ import annotations

import pytest
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from console import database
from console.database.base import DatabaseWrapper

from .processes import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def unreachable():
    """Point Django's connection at a port where nothing listens."""
    url = f"postgresql://console@127.0.0.1:{free_port()}/console"
    reachable = connections["default"]
    configured = reachable.settings_dict | database.build_settings(url)
    connections["default"] = DatabaseWrapper(configured, alias="default")
    yield
    connections["default"] = reachable


def test_ready_with_a_migrated_database(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (200, b"ready\n")


def test_not_ready_while_a_migration_is_pending(client):
    MigrationRecorder.Migration.objects.filter(app="images").latest("id").delete()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"migrations pending\n")


def test_not_ready_without_a_database(client, unreachable):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"database unavailable\n")


def test_alive_without_a_database(client, unreachable):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")
