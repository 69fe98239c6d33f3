"""The clock of the suite: the date of the run, or the real time in tests of processes."""

from __future__ import annotations

import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest


def test_the_clock_runs_from_the_date_of_the_run(request):
    started = datetime.fromisoformat(request.config.option.date)

    assert timedelta() <= datetime.now(UTC) - started < timedelta(hours=2)


@pytest.mark.processes
def test_the_clock_agrees_with_other_processes():
    their_time = float(subprocess.check_output(["date", "+%s.%N"]))  # noqa: S607

    assert abs(time.time() - their_time) < 10
