from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command

from accounts import sealing
from accounts.models import Seal

from ...trail import add_events

KEY = "b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXkhISE="


@pytest.mark.django_db(transaction=True)
def test_each_job_can_run_once(monkeypatch):
    monkeypatch.setattr(sealing, "PATIENCE", 60)
    add_events(1)
    call_command("housekeep", once=True)

    assert Seal.objects.count() == 1


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_on_a_signal(number):
    run = subprocess.Popen(
        [sys.executable, "manage.py", "housekeep"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"SECRET_KEY": "x", "AUDIT_SIGNING_KEYS": KEY, "LOG_FORMAT": "json"},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    # The database has no tables, so each job logs a line: then it is running.
    assert "housekeeping_failed" in run.stderr.readline()
    run.send_signal(number)
    _, rest = run.communicate(timeout=30)

    assert run.returncode == 0
    assert "Traceback" not in rest
