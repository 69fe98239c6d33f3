"""A streaming standby takes over from a primary that was killed, under load."""

from __future__ import annotations

import threading

import pytest
import requests
from django.db import OperationalError, connections, transaction

from console import database
from console.database.base import DatabaseWrapper
from console.database.failures import Failure, classify
from tests.chaos.failover import fail_over, kill, paired, running
from tests.sdk.clients import MARKS

pytestmark = [pytest.mark.processes, *MARKS]


@pytest.fixture
def pair():
    with paired() as pair:
        yield pair


@pytest.fixture
def primary(pair):
    return pair[0]


@pytest.fixture
def standby(pair):
    return pair[1]


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


def test_nothing_that_was_acknowledged_is_lost(primary, standby):
    with running(standby) as console:
        outcome, away = fail_over(primary, standby, console)
        back = requests.get(f"{console.url}/readyz", timeout=5).status_code

    assert (away, back) == (503, 200)
    assert {call.status for call in outcome.calls} <= {200, 503}
    assert outcome.acknowledged
    assert outcome.lost == outcome.present == []


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
