"""A streaming standby takes over from a primary that was killed, under load."""

from __future__ import annotations

import shutil
import threading
import time
from contextlib import ExitStack

import psutil
import pytest
import requests
from django.db import OperationalError, connections, transaction

from console import database, postgres
from console.database.base import DatabaseWrapper
from console.database.failures import Failure, classify
from tests.chaos.load import Load, judge
from tests.console.processes import KEYS, new_folder
from tests.sdk.clients import MARKS
from tests.servers import AT_ONCE, Server
from tests.standby import Standby

pytestmark = [pytest.mark.processes, *MARKS]


@pytest.fixture
def primary():
    folder = new_folder()
    server = postgres.Embedded(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def standby(primary):
    standby = Standby(primary)
    standby.start()
    yield standby
    standby.stop()


@pytest.fixture
def console(standby):
    folder = new_folder()
    settings = {
        "DATABASE_URL": standby.build_url("console_app"),
        "MIGRATION_DATABASE_URL": standby.build_url("console"),
        "WEB_WORKERS": "1",
    }
    console = Server(folder, **settings, **KEYS, **AT_ONCE)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        stack.callback(console.stop)
        console.up()
        yield console


@pytest.fixture
def wrapper(standby, django_db_blocker):
    """Yield Django's connection to the primary, or to the standby that was promoted."""
    usual = connections["default"]
    configured = usual.settings_dict | database.build_settings(standby.build_url("console"))
    connections["default"] = wrapper = DatabaseWrapper(configured, alias="default")
    with django_db_blocker.unblock():
        yield wrapper
        wrapper.close()
    connections["default"] = usual


def kill(primary):
    main = psutil.Process(primary._child.pid)
    processes = [main, *main.children(recursive=True)]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes)


def test_nothing_that_was_acknowledged_is_lost(primary, standby, console):
    load = Load(console, 2)
    times, away = [], []

    def during():
        kill(primary)
        time.sleep(1)
        away.append(requests.get(f"{console.url}/readyz", timeout=5).status_code)
        time.sleep(1)
        times.append(standby.promote())

    calls = load.run(during)
    outcome = judge("failover", calls, times[0], standby.server.url)

    assert away == [503]
    assert {call.status for call in calls} <= {200, 503}
    assert outcome.acknowledged > 10
    assert outcome.lost == outcome.present == []
    assert outcome.back_after < 1
    assert outcome.longest <= 5
    assert requests.get(f"{console.url}/readyz", timeout=5).status_code == 200


def test_a_commit_that_the_primary_took_along_may_be_saved_or_not(primary, standby, wrapper):
    """The standby that took over gives its number to another transaction."""
    with wrapper.cursor() as cursor:
        cursor.execute("CREATE TABLE written (number int)")
    standby.suspend()  # commits wait for it

    def take_over():
        kill(primary)
        standby.resume()
        standby.promote()
        for _ in range(5):
            standby.ask(standby.server, "SELECT pg_current_xact_id()")

    def commit():
        with transaction.atomic(), wrapper.cursor() as cursor:
            cursor.execute("INSERT INTO written VALUES (1)")
            timer.start()

    timer = threading.Timer(0.5, take_over)
    with pytest.raises(OperationalError) as caught:
        commit()
    timer.join()

    assert classify(caught.value) is Failure.UNKNOWN
