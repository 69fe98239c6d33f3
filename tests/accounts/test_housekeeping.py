from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts import housekeeping, sealing
from accounts.models import Attempt, ClientToken, RefusalTally, Seal, Session

from ..factories import UserFactory
from .trail import add_events

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Wait for the transactions of other tests."""
    monkeypatch.setattr(sealing, "PATIENCE", 60)


def test_each_job_does_its_work():
    now = timezone.now()
    user = UserFactory.create()
    add_events(1)
    for name, hours in (("old", 25), ("new", 1)):
        at = now - timedelta(hours=hours)
        Session.objects.create(
            session_key=name, expire_date=at if name == "old" else now + timedelta(1)
        )
        Attempt.objects.create(key=name, started_at=at, spent=1)
        ClientToken.objects.create(user=user, scope="bj", token=name, seen_at=at)

    RefusalTally.objects.create(
        key="old", started_at=now - timedelta(minutes=2), number=1, before=0, event={}
    )

    housekeeping.run_due(housekeeping.build_jobs())

    assert not RefusalTally.objects.exists()
    assert Seal.objects.count() == 1
    assert [row.session_key for row in Session.objects.all()] == ["new"]
    assert [row.key for row in Attempt.objects.all()] == ["new"]
    assert [row.token for row in ClientToken.objects.all()] == ["new"]


def test_a_job_runs_again_only_when_it_is_due():
    jobs = housekeeping.build_jobs()
    housekeeping.run_due(jobs)
    add_events(1)
    housekeeping.run_due(jobs)

    assert not Seal.objects.exists()


def test_a_job_that_takes_long_rests_longer():
    slow = housekeeping.Job(lambda: time.sleep(0.1), 1)

    housekeeping.run_due([slow])

    assert slow.due_at - time.monotonic() > 4


def test_a_job_that_fails_does_not_stop_the_others(log_lines):
    def fail():
        raise OperationalError("The disk is full.\nCONTEXT")

    done = []
    jobs = [housekeeping.Job(fail, 10), housekeeping.Job(lambda: done.append(1), 10)]
    housekeeping.run_due(jobs)

    assert done == [1]
    assert "The disk is full." in log_lines.getvalue()


def test_a_job_runs_in_one_process_at_a_time(run_in_thread):
    with housekeeping.alone("clear") as first:
        assert first
        assert run_in_thread(try_alone) is False
    assert try_alone() is True


def try_alone():
    with housekeeping.alone("clear") as is_alone:
        return is_alone


@pytest.fixture
def run_in_thread():
    def run(function):
        def close_after():
            try:
                return function()
            finally:
                connection.close()

        with ThreadPoolExecutor() as pool:
            return pool.submit(close_after).result()

    return run


def test_the_newest_seal_is_logged(log_lines):
    add_events(1)
    sealing.seal()
    housekeeping.log_head()

    assert "audit_head" in log_lines.getvalue()


@pytest.mark.parametrize("keys", [[], ["b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXkhISE="]])
def test_a_trail_that_is_not_sealed_is_reported_at_once_and_not_each_time(
    log_lines, settings, keys
):
    add_events(1)
    sealing.seal()
    settings.AUDIT_SIGNING_KEYS = keys
    add_events(1)
    jobs = housekeeping.build_jobs()
    for _ in range(3):
        housekeeping.run_due(jobs)
        jobs[0].due_at = 0

    assert log_lines.getvalue().count("audit_not_sealed") == 1
    assert Seal.objects.count() == 1
