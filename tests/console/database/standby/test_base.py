"""Connections to a standby."""

from __future__ import annotations

import os
import signal

import pytest
from django.db import OperationalError, connections

from console import database
from console.database.standby.base import DatabaseWrapper

pytestmark = pytest.mark.xdist_group("embedded server")


@pytest.fixture
def wrapper(server, django_db_blocker):
    usual = connections["default"]
    configured = usual.settings_dict | database.build_standby_settings(server.url)
    connections["default"] = wrapper = DatabaseWrapper(configured, alias="default")
    with django_db_blocker.unblock():
        yield wrapper
        wrapper.close()
    connections["default"] = usual


def test_a_frozen_standby_ends_the_wait_and_the_connection(wrapper):
    with wrapper.cursor() as cursor:
        backend = wrapper.connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        try:
            with pytest.raises(OperationalError):
                cursor.execute("SELECT 1")
        finally:
            os.kill(backend, signal.SIGCONT)

    assert wrapper.connection.closed
    assert wrapper.errors_occurred


def test_a_url_without_options_stays_so():
    url = "postgresql://u@n1,n2/db?options=&load_balance_hosts=random"
    options = database.build_standby_settings(url)["OPTIONS"]

    assert (options["options"], options["load_balance_hosts"]) == ("", "random")
